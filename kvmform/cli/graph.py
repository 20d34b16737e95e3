"""`kvmform graph`."""

from __future__ import annotations

from typing import Annotated

from kvmform.cli.flags import Flag
from kvmform.cli.session import open_view, reporting, surroundings

__all__ = ["graph"]


def graph(
    *,
    plan: Annotated[str, Flag("-plan", hidden=True)] = "",
    type_: Annotated[str, Flag("-type", hidden=True)] = "plan",
    draw_cycles: Annotated[bool, Flag("-draw-cycles", hidden=True)] = False,
    module_depth: Annotated[int, Flag("-module-depth", hidden=True)] = -1,
) -> None:
    """Write the dependency graph of the resources in DOT, for Graphviz.

    It is that of the configuration, whichever of its graphs Terraform's flags ask for; in it there are no cycles.
    """
    del plan, type_, draw_cycles, module_depth
    view = open_view(json=False, no_color=True)
    with reporting(view):
        from kvmform.config.dependencies import dependency_graph, reject_cycles, resource_graph
        from kvmform.graph.dot import to_dot
        from kvmform.workspace import Workspace

        with Workspace(surroundings()) as workspace:
            declarations = dependency_graph(workspace.root)
            reject_cycles(declarations, workspace.root)
            print(to_dot(resource_graph(declarations), str), end="")
