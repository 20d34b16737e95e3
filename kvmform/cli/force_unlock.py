"""`kvmform force-unlock`."""

from __future__ import annotations

from typing import Annotated

from kvmform.cli import flags
from kvmform.cli.flags import Argument, Flag
from kvmform.cli.session import open_view, reporting, surroundings

__all__ = ["force_unlock"]


def force_unlock(
    lock_id: Annotated[str, Argument("LOCK_ID", help="As the message about the lock has it.")],
    *,
    force: Annotated[bool, Flag("-force", help="Don't ask.")] = False,
    no_color: flags.NoColor = False,
) -> None:
    """Take a lock from a holder that is gone. A lock on a local state ends with its holder by itself."""
    del force  # A local lock is never taken away, so there is nothing to ask.
    with reporting(open_view(json=False, no_color=no_color)):
        from kvmform.workspace import Workspace

        with Workspace(surroundings(may_be_empty=True)) as workspace:
            workspace.force_unlock(lock_id)
