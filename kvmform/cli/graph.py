"""`kvmform graph`."""

from __future__ import annotations

from typing import Annotated

from kvmform.cli.flags import Flag
from kvmform.cli.session import open_view, reporting, surroundings

__all__ = ["graph"]


def graph(*, type_: Annotated[str, Flag("-type", hidden=True)] = "plan") -> None:
    """Write the dependency graph of the resources in DOT, for Graphviz."""
    del type_
    view = open_view(json=False, no_color=True)
    with reporting(view):
        from kvmform.config.dependencies import dependency_graph, reject_cycles, resource_graph
        from kvmform.graph.dot import to_dot
        from kvmform.workspace import Workspace

        with Workspace(surroundings()) as workspace:
            declarations = dependency_graph(workspace.root)
            reject_cycles(declarations, workspace.root)
            print(to_dot(resource_graph(declarations), str), end="")
