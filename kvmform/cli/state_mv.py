"""`kvmform state mv`."""

from __future__ import annotations

from typing import Annotated

from kvmform.address import parse_target
from kvmform.cli import flags
from kvmform.cli.flags import Argument
from kvmform.cli.session import open_view, reporting, surroundings

__all__ = ["move"]


def move(
    source: Annotated[str, Argument("SOURCE", help="A module, a resource, or one instance.")],
    destination: Annotated[str, Argument("DESTINATION", help="Its new address.")],
    *,
    dry_run: flags.DryRun = False,
    state: flags.StatePath = None,
    state_out: flags.StateOut = None,
    lock: flags.Lock = True,
    lock_timeout: flags.LockTimeout = "0s",
    backup: flags.Backup = None,
    ignore_remote_version: flags.IgnoreRemoteVersion = False,
    no_color: flags.NoColor = False,
) -> None:
    """Give what is recorded another address; the objects stay as they are. A moved block does it as well."""
    del ignore_remote_version
    view = open_view(json=False, no_color=no_color)
    with reporting(view):
        from kvmform.workspace import Workspace
        from kvmform.workspace.state_editing import move_objects

        before, after = parse_target(source), parse_target(destination)
        around = surroundings(state=state, state_out=state_out, backup=backup, lock=lock, lock_timeout=lock_timeout)
        with Workspace(around) as workspace:
            move_objects(workspace, before, after, dry_run=dry_run)
        quoted = f"{_quoted(str(before))} to {_quoted(str(after))}"
        view.say(f"Would move {quoted}" if dry_run else f"Move {quoted}\nSuccessfully moved 1 object(s).")


def _quoted(address: str) -> str:
    from json import dumps

    return dumps(address, ensure_ascii=False)
