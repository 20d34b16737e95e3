"""`kvmform graph`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from kvmform.cli.flags import Flag
from kvmform.cli.session import open_view, reporting, surroundings
from kvmform.diagnostics import DiagnosticError

if TYPE_CHECKING:
    from kvmform.plan.planfile import SavedPlan

__all__ = ["graph"]

_TYPES = ("plan", "plan-refresh-only", "plan-destroy", "apply")


def graph(
    *,
    plan: Annotated[Path | None, Flag("-plan", help="The graph of this saved plan's configuration.")] = None,
    type_: Annotated[
        str, Flag("-type", help="Of all that is declared: plan, plan-refresh-only, plan-destroy or apply.")
    ] = "",
    draw_cycles: Annotated[bool, Flag("-draw-cycles", hidden=True)] = False,
    module_depth: Annotated[int, Flag("-module-depth", hidden=True)] = -1,
) -> None:
    """Write the dependency graph of the resources in DOT, for Graphviz.

    With -type or -plan it is that of variables, local values, outputs, modules and providers too: what each needs,
    which is the same for every type. Cycles are errors, so there are none to draw.
    """
    del draw_cycles, module_depth
    if type_ not in {"", *_TYPES}:
        raise DiagnosticError.of("Unsupported graph type", f'-type is one of {", ".join(_TYPES)}; "{type_}" is none.')
    view = open_view(json=False, no_color=True)
    with reporting(view):
        from kvmform.config.dependencies import dependency_graph, reject_cycles
        from kvmform.view.graph_text import declarations_picture, resources_picture
        from kvmform.workspace import Workspace

        with Workspace(surroundings(), _saved(plan) if plan is not None else None) as workspace:
            declarations = dependency_graph(workspace.root)
            reject_cycles(declarations, workspace.root)
        print((declarations_picture if type_ or plan else resources_picture)(declarations), end="")


def _saved(path: Path) -> SavedPlan:
    from kvmform.plan.planfile import read_plan

    return read_plan(path)
