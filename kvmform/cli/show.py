"""`kvmform show`."""

from __future__ import annotations

import json as format_
from pathlib import Path
from typing import Annotated

from kvmform.cli import flags
from kvmform.cli.flags import Argument
from kvmform.cli.session import open_view, reporting, surroundings

__all__ = ["show"]


def show(
    path: Annotated[Path | None, Argument("[PATH]", help="A saved plan, or a state file.")] = None,
    *,
    json: flags.Json = False,
    no_color: flags.NoColor = False,
) -> None:
    """Show the state, or a saved plan."""
    view = open_view(json=False, no_color=no_color)
    with reporting(view):
        import zipfile

        if path is not None and zipfile.is_zipfile(path):
            _show_plan(path, json=json, no_color=no_color)
        else:
            _show_state(path, json=json)


def _show_plan(path: Path, *, json: bool, no_color: bool) -> None:
    from kvmform.plan.planfile import read_plan
    from kvmform.view.plan_json import plan_document
    from kvmform.workspace import Workspace

    saved = read_plan(path)
    if not json:
        open_view(json=False, no_color=no_color).plan(saved.plan)
        return
    with Workspace(surroundings(lock=False), saved) as workspace:
        print(format_.dumps(plan_document(saved.plan, workspace.root)))


def _show_state(path: Path | None, *, json: bool) -> None:
    from kvmform.view.state_json import state_document
    from kvmform.view.state_text import state_text
    from kvmform.workspace import Workspace

    with Workspace(surroundings(state=path and path.absolute(), lock=False)) as workspace:
        found = workspace.state
    print(format_.dumps(state_document(found)) if json else state_text(found))
