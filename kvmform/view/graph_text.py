"""What `graph` writes: the resources alone, or everything that is declared, in DOT and by Terraform's names."""

from __future__ import annotations

from kvmform.config.dependencies import Declaration, resource_graph
from kvmform.graph.dag import Graph
from kvmform.graph.dot import to_dot, to_plain_dot

__all__ = ["declarations_picture", "resources_picture"]

_SHAPES = {"managed": "box", "data": "box", "provider": "diamond", "var": "note"}


def resources_picture(declarations: Graph[Declaration]) -> str:
    """The resources, those of a module in a frame; as `terraform graph` draws them."""
    return to_dot(resource_graph(declarations), _name_in_module, name=str, cluster=_module)


def declarations_picture(declarations: Graph[Declaration]) -> str:
    """All declarations, each with what it needs at once; as `terraform graph -type=plan` draws them."""
    return to_plain_dot(declarations.transitive_reduction(), _node, str, shape=_shape)


def _shape(node: Declaration) -> str:
    return "" if node.kind == "var" and node.module else _SHAPES.get(node.kind, "")


def _module(node: Declaration) -> str:
    return ".".join(f"module.{step}" for step in node.module)


def _name_in_module(node: Declaration) -> str:
    return str(Declaration((), node.kind, node.name))


def _node(node: Declaration) -> str:
    match node.kind:
        case "validation":
            return f"[root] {node}"
        case "close":
            return f"[root] {node} (close)"
        case "var" | "provider" if not node.module:
            return f"[root] {node}"
    return f"[root] {node} (expand)"
