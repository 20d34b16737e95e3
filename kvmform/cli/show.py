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
    show_sensitive: flags.ShowSensitive = False,
    no_color: flags.NoColor = False,
) -> None:
    """Show the state, or a saved plan."""
    view = open_view(json=False, no_color=no_color)
    with reporting(view):
        import zipfile

        if path is not None and zipfile.is_zipfile(path):
            _show_plan(path, json=json, show_sensitive=show_sensitive, no_color=no_color)
        else:
            _show_state(path, json=json, show_sensitive=show_sensitive)


def _show_plan(path: Path, *, json: bool, show_sensitive: bool, no_color: bool) -> None:
    from kvmform.plan.planfile import read_plan
    from kvmform.view.plan_json import plan_document
    from kvmform.view.redaction import redact_plan
    from kvmform.view.unveiled import unveiled_plan
    from kvmform.workspace import Workspace

    saved = read_plan(path)
    if not json:
        open_view(json=False, no_color=no_color).plan(unveiled_plan(saved.plan) if show_sensitive else saved.plan)
        return
    with Workspace(surroundings(lock=False), saved) as workspace:
        document = plan_document(saved.plan, workspace.root)
        print(format_.dumps(document if show_sensitive else redact_plan(document, workspace.root)))


def _show_state(path: Path | None, *, json: bool, show_sensitive: bool) -> None:
    from kvmform.view.redaction import redact_state
    from kvmform.view.state_json import state_document
    from kvmform.view.state_text import state_text
    from kvmform.view.unveiled import unveiled_state
    from kvmform.workspace import Workspace

    with Workspace(surroundings(state=path and path.absolute(), lock=False)) as workspace:
        found = workspace.state
    if json:
        document = state_document(found)
        print(format_.dumps(document if show_sensitive else redact_state(document)))
    else:
        print(state_text(unveiled_state(found) if show_sensitive else found))
