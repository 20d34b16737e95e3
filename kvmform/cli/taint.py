"""`kvmform taint` and `kvmform untaint`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from kvmform.address import InstanceAddress, parse_instance
from kvmform.cli import flags
from kvmform.cli.flags import Argument, Flag
from kvmform.cli.session import open_view, reporting, surroundings
from kvmform.diagnostics import DiagnosticError, warning

if TYPE_CHECKING:
    from kvmform.workspace import Surroundings

__all__ = ["taint", "untaint"]

_Address = Annotated[str, Argument("ADDRESS", help="For example libvirt_domain.web[0].")]
_AllowMissing = Annotated[bool, Flag("-allow-missing", help="Say only a warning where nothing is recorded there.")]


def taint(
    address: _Address,
    *,
    allow_missing: _AllowMissing = False,
    state: flags.StatePath = None,
    state_out: flags.StateOut = None,
    backup: flags.Backup = None,
    lock: flags.Lock = True,
    lock_timeout: flags.LockTimeout = "0s",
    ignore_remote_version: flags.IgnoreRemoteVersion = False,
    no_color: flags.NoColor = False,
) -> None:
    """Have an object replaced by the next apply; `apply -replace` does it in one step."""
    del ignore_remote_version
    around = surroundings(state=state, state_out=state_out, backup=backup, lock=lock, lock_timeout=lock_timeout)
    instance = parse_instance(address)
    if instance.resource.mode != "managed":
        raise DiagnosticError.of("Not a resource", f"Resource instance {instance} cannot be tainted: it is only read.")
    _mark(around, instance, tainted=True, allow_missing=allow_missing, no_color=no_color)


def untaint(
    address: _Address,
    *,
    allow_missing: _AllowMissing = False,
    state: flags.StatePath = None,
    state_out: flags.StateOut = None,
    backup: flags.Backup = None,
    lock: flags.Lock = True,
    lock_timeout: flags.LockTimeout = "0s",
    ignore_remote_version: flags.IgnoreRemoteVersion = False,
    no_color: flags.NoColor = False,
) -> None:
    """Take an object for what it should be, which the next apply would replace."""
    del ignore_remote_version
    around = surroundings(state=state, state_out=state_out, backup=backup, lock=lock, lock_timeout=lock_timeout)
    _mark(around, parse_instance(address), tainted=False, allow_missing=allow_missing, no_color=no_color)


def _mark(
    around: Surroundings, instance: InstanceAddress, *, tainted: bool, allow_missing: bool, no_color: bool
) -> None:
    view = open_view(json=False, no_color=no_color)
    with reporting(view):
        from kvmform.workspace import Workspace
        from kvmform.workspace.state_editing import set_taint

        with Workspace(around) as workspace:
            found = set_taint(workspace, instance, tainted=tainted)
        done = "marked as tainted" if tainted else "successfully untainted"
        if found:
            view.say(f"Resource instance {instance} has been {done}.")
        elif allow_missing:
            detail = (
                f"Resource instance {instance} was not found, but this is not an error because -allow-missing was set."
            )
            view.diagnostics([warning("No such resource instance", detail)])
        else:
            raise DiagnosticError.of(
                "No such resource instance",
                f"There is no resource instance in the state with the address {instance}. If the resource "
                'configuration has just been added, you must run "kvmform apply" once to create the corresponding '
                "instance(s) before they can be tainted.",
            )
