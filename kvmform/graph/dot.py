"""A graph as a picture, in the DOT language and in the style of ``terraform graph``.

The language: https://graphviz.org/doc/info/lang.html.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

from kvmform.graph.dag import Graph

__all__ = ["to_dot", "to_plain_dot"]

N = TypeVar("N", bound=Hashable)


def _in_no_cluster(_node: object) -> str:
    return ""


def to_dot(
    graph: Graph[N],
    label: Callable[[N], str] = str,
    *,
    name: Callable[[N], str] = str,
    cluster: Callable[[N], str] = _in_no_cluster,
) -> str:
    """The whole picture as text that ends with a newline.

    `name` is unique per node, `label` is what the picture shows. `cluster` is the title of
    the frame that a node is drawn in (a module's address), or empty for none. Nodes,
    frames and edges come in the graph's order.
    """
    frames: dict[str, list[str]] = {"": []}
    for node in graph:
        statement = f"{_quoted(name(node))} [label={_quoted(label(node))}];"
        frames.setdefault(cluster(node), []).append(statement)
    lines = ["digraph G {", '  rankdir = "RL";', '  node [shape = rect, fontname = "sans-serif"];']
    lines.extend(f"  {statement}" for statement in frames.pop(""))
    for title, statements in frames.items():
        lines.append(f"  subgraph {_quoted(f'cluster_{title}')} {{")
        lines.extend([f"    label = {_quoted(title)}", '    fontname = "sans-serif"'])
        lines.extend(f"    {statement}" for statement in statements)
        lines.append("  }")
    lines.extend(f"  {_quoted(name(node))} -> {_quoted(name(dependency))};" for node, dependency in graph.edges())
    lines.append("}\n")
    return "\n".join(lines)


def to_plain_dot(
    graph: Graph[N], name: Callable[[N], str], label: Callable[[N], str], *, shape: Callable[[N], str]
) -> str:
    """The whole picture in the style of `terraform graph -type=plan`: each node that has a shape, and each edge."""
    lines = ["digraph {", '\tcompound = "true"', '\tnewrank = "true"', '\tsubgraph "root" {']
    lines += [
        f'\t\t{_quoted(name(node))} [label = {_quoted(label(node))}, shape = "{shape(node)}"]'
        for node in graph
        if shape(node)
    ]
    lines += [f"\t\t{_quoted(name(node))} -> {_quoted(name(dependency))}" for node, dependency in graph.edges()]
    return "\n".join([*lines, "\t}", "}\n"])


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
