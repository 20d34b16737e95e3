"""`kvmform force-unlock`."""

from __future__ import annotations

from typing import Annotated

from kvmform.cli import flags
from kvmform.cli.exit import ERROR, OK
from kvmform.cli.flags import Argument, Flag
from kvmform.cli.prompts import Approval
from kvmform.cli.session import open_view, own_product, reporting, surroundings

__all__ = ["force_unlock"]

_DETAIL = """{product} will remove the lock on the remote state.
This will allow local {product} commands to modify this state, even though it
may still be in use. Only 'yes' will be accepted to confirm."""
_UNLOCKED = """{product} state has been successfully unlocked!

The state has been unlocked, and {product} commands should now be able to
obtain a new lock on the remote state."""


def force_unlock(
    lock_id: Annotated[str, Argument("LOCK_ID", help="As the message about the lock has it.")],
    *,
    force: Annotated[bool, Flag("-force", help="Don't ask.")] = False,
    no_color: flags.NoColor = False,
) -> int:
    """Take a lock from a holder that is gone. A lock on a local state ends with its holder by itself."""
    view, says = open_view(json=False, no_color=no_color), own_product().says
    with reporting(view):
        from kvmform.workspace import Workspace

        with Workspace(surroundings(may_be_empty=True)) as workspace:
            question, instead = "Do you really want to force-unlock?", "force-unlock -force to go on without"
            if not Approval(force, can_ask=True).of(view, question, says(_DETAIL), instead=instead):
                view.say("force-unlock cancelled.")
                return ERROR
            workspace.force_unlock(lock_id)
        view.say(says(_UNLOCKED))
    return OK
