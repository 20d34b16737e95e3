"""`kvmform get`."""

from __future__ import annotations

from typing import Annotated

from kvmform.cli import flags
from kvmform.cli.flags import Flag
from kvmform.cli.prompts import at_terminal
from kvmform.cli.session import open_view, reporting, surroundings

__all__ = ["get"]


def get(
    *,
    update: Annotated[bool, Flag("-update", help="Fetch modules again, in the newest version allowed.")] = False,
    no_color: flags.NoColor = False,
    test_directory: Annotated[str, Flag("-test-directory", hidden=True)] = "tests",
) -> None:
    """Install the modules that the configuration calls, as init does."""
    del test_directory
    view = open_view(json=False, no_color=no_color)
    with reporting(view):
        from kvmform.workspace import Workspace

        with Workspace(surroundings(ask=at_terminal())) as workspace:
            workspace.install_modules(lambda event: view.say(str(event)), upgrade=update)
