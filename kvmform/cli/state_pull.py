"""`kvmform state pull`."""

from __future__ import annotations

import sys

from kvmform.cli.session import open_view, reporting, surroundings

__all__ = ["pull"]


def pull() -> None:
    """Write the state to stdout, in the form of the state file; nothing where there is none."""
    with reporting(open_view(json=False, no_color=True)):
        from kvmform.state.file import format_state
        from kvmform.workspace import Workspace

        with Workspace(surroundings(lock=False, may_be_empty=True)) as workspace:
            if workspace.has_state:
                sys.stdout.write(format_state(workspace.state).decode())
