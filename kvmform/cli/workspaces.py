"""`kvmform workspace` with its five verbs: several states for one configuration."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from kvmform.cli import flags
from kvmform.cli.environment import terraform_named
from kvmform.cli.flags import Argument, Flag
from kvmform.cli.session import open_view, own_product, reporting, surroundings
from kvmform.diagnostics import DiagnosticError

if TYPE_CHECKING:
    from kvmform.workspace.named import NamedWorkspaces

__all__ = ["create", "delete", "list_", "select", "show"]

_CREATED = """Created and switched to workspace "{name}"!

You're now on a new, empty workspace. Workspaces isolate their state,
so if you run "{program} plan" {product} will not see any existing state
for this configuration."""
_WAS_NOT_EMPTY = """WARNING: "{name}" was non-empty.
The resources managed by the deleted workspace may still exist,
but are no longer manageable by {product} since the state has
been deleted."""
_Name = Annotated[str, Argument("NAME", help="Of a workspace.")]


def list_(*, no_color: flags.NoColor = False) -> None:
    """List the workspaces; an asterisk is before the current one."""
    with reporting(open_view(json=False, no_color=no_color)):
        named = _named()
        lines = [f"{'*' if name == named.current else ' '} {name}" for name in named.names()]
        print("\n".join(lines), end="\n\n")


def show(*, no_color: flags.NoColor = False) -> None:
    """Show the name of the current workspace."""
    with reporting(open_view(json=False, no_color=no_color)):
        print(_named().current)


def create(
    name: _Name,
    *,
    state: Annotated[Path | None, Flag("-state", help="A state to begin with.")] = None,
    lock: flags.Lock = True,
    lock_timeout: flags.LockTimeout = "0s",
    no_color: flags.NoColor = False,
) -> None:
    """Make a workspace, and go there."""
    view = open_view(json=False, no_color=no_color)
    with reporting(view):
        _several().create(name)
        view.say(own_product().says(_CREATED, name=name))
        if state is not None:
            from kvmform.cli.state_push import state_from
            from kvmform.workspace import Workspace

            around = surroundings(lock=lock, lock_timeout=lock_timeout, may_be_empty=True)
            with Workspace(around) as workspace:
                workspace.push_state(state_from(str(state)), force=False)


def select(
    name: _Name,
    *,
    or_create: Annotated[bool, Flag("-or-create", help="Make it where it isn't there.")] = False,
    no_color: flags.NoColor = False,
) -> None:
    """Go to another workspace."""
    view = open_view(json=False, no_color=no_color)
    with reporting(view):
        named = _several()
        if or_create and name not in named.names():
            named.create(name)
            view.say(own_product().says(_CREATED, name=name))
        elif named.select(name):
            view.say(f'Switched to workspace "{name}".')


def delete(
    name: _Name,
    *,
    force: Annotated[bool, Flag("-force", help="Also one whose state records objects; they go on existing.")] = False,
    lock: flags.Lock = True,
    lock_timeout: flags.LockTimeout = "0s",
    no_color: flags.NoColor = False,
) -> None:
    """Delete a workspace with its state."""
    view = open_view(json=False, no_color=no_color)
    with reporting(view):
        named = _several()
        recorded = _recorded(named, name, lock=lock, lock_timeout=lock_timeout)
        if recorded and not force and name != named.current:
            raise _not_empty(name, recorded)
        named.delete(name)
        view.say(f'Deleted workspace "{name}"!')
        if recorded:
            view.say(own_product().says(_WAS_NOT_EMPTY, name=name))


def _recorded(named: NamedWorkspaces, name: str, *, lock: bool, lock_timeout: str) -> list[str]:
    """The addresses of what the state of a workspace records; nobody may be using it."""
    from kvmform.workspace import Workspace

    state = named.state_path(name)
    if name not in named.names() or state is None or not state.exists():
        return []
    with Workspace(surroundings(state=state, lock=lock, lock_timeout=lock_timeout, may_be_empty=True)) as workspace:
        workspace.lock("workspace-delete")
        return [str(each.address) for each in workspace.state.objects() if each.address.resource.mode == "managed"]


def _named() -> NamedWorkspaces:
    from kvmform.workspace.named import NamedWorkspaces

    directory, around = Path.cwd(), terraform_named(os.environ)
    return NamedWorkspaces(directory, directory / around.get("TF_DATA_DIR", ".terraform"), around)


def _several() -> NamedWorkspaces:
    """The same, if the backend can have more than one.

    Raises:
        DiagnosticError: it can't.
    """
    from kvmform.workspace import Workspace
    from kvmform.workspace.state_place import reject_named_workspaces

    with Workspace(surroundings(may_be_empty=True)) as workspace:
        reject_named_workspaces(workspace.backend_block)
    return _named()


def _not_empty(name: str, recorded: list[str]) -> DiagnosticError:
    listed = "\n".join(f"  - {address}" for address in recorded)
    return DiagnosticError.of(
        "Workspace is not empty",
        f'Workspace "{name}" is currently tracking the following resource instances:\n{listed}\n\nDeleting this '
        "workspace would cause kvmform to lose track of any associated remote objects, which would then require you to "
        "delete them manually outside of kvmform. You should destroy these objects with kvmform before deleting the "
        "workspace.\n\nIf you want to delete this workspace anyway, and have kvmform forget about these managed "
        "objects, use the -force option to disable this safety check.",
    )
