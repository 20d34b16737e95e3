"""Blocks as lines: their attributes, aligned, and the blocks in them."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.view.columns import cell_width
from kvmform.view.differences import Body, Hidden, Mark, Node, Pending
from kvmform.view.drawing.page import Page
from kvmform.view.drawing.values import IMPORTANT, entry_lines, padded, unknown_text, warning_lines
from kvmform.view.escapes import name_text

__all__ = ["body_lines"]


def body_lines(node: Node, depth: int, page: Page) -> list[str]:
    """The lines from the opening brace of a block to its closing one."""
    if isinstance(node, Pending):
        before = body_lines(node.before, depth, page.without_null()) if node.before is not None else [""]
        return [*before[:-1], f"{before[-1]}{unknown_text(node, page)}"]
    if isinstance(node, Hidden):
        margin = page.margin(depth)
        return [
            f"{{{page.note(node)}",
            f"{margin}  # At least one attribute in this block is (or was) sensitive,",
            f"{margin}  # so its contents will not be displayed.",
            f"{margin}}}",
        ]
    assert isinstance(node, Body), node
    if not node.attributes and not node.blocks:
        return [f"{{}}{page.note(node)}"]
    return [
        f"{{{page.note(node)}",
        *_attribute_lines(node, depth + 1, page),
        *_block_lines(node, depth + 1, page),
        f"{page.margin(depth)}}}",
    ]


def _attribute_lines(body: Body, depth: int, page: Page) -> Iterator[str]:
    names = {name: name_text(name) for name in body.attributes}
    width = max(map(cell_width, names.values()), default=0)
    hidden = 0
    for name, node in body.attributes.items():
        if name in IMPORTANT:
            yield from entry_lines(f"{padded(names[name], width)} = ", node, depth, page.entire())
        elif node.mark is Mark.SAME and not page.whole:
            hidden += 1
        else:
            yield from entry_lines(f"{padded(names[name], width)} = ", node, depth, page)
    if hidden:
        yield page.hidden(hidden, "attribute", depth)


def _block_lines(body: Body, depth: int, page: Page) -> Iterator[str]:
    hidden = 0
    for name, nodes in body.blocks.items():
        shown = [node for node in nodes if node.mark is not Mark.SAME or page.whole]
        hidden += len(nodes) - len(shown)
        if shown and body.attributes:
            yield ""
        for node in shown:
            yield from warning_lines(node, depth, page, "block")
            first, *rest = body_lines(node, depth, page)
            yield f"{page.margin(depth, node.mark)}{name_text(name)} {first}"
            yield from rest
    if hidden:
        yield ""
        yield page.hidden(hidden, "block", depth)
