"""Texts of several lines: what of them changes, line by line.

Unlike Terraform, kvmform leaves out long runs of lines that stay, and shows XML in one form however it is written,
so that a change of one element in a user's 1,000 lines is seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from kvmform.diagnostics import DiagnosticError
from kvmform.schema import Plain
from kvmform.view.differences import Mark, Scalar
from kvmform.view.differences.sequences import pair_lines
from kvmform.view.drawing.page import Page
from kvmform.view.escapes import harmless

__all__ = ["heredoc_lines", "is_long"]

_AROUND = 3
"""How many lines that stay are shown before and after one that doesn't."""


def is_long(value: Plain) -> bool:
    """Whether a value is shown in lines: a text that has several, or is the XML of several elements."""
    return isinstance(value, str) and ("\n" in value or len(_elements(value)) > 1)


def heredoc_lines(node: Scalar, depth: int, page: Page) -> list[str]:
    """`<<-EOT`, the lines, `EOT`; of a text that changes only what is near to a change."""
    space = ""
    if node.mark is Mark.UPDATE:
        old, new = _comparable(node.before, node.after)
        body = list(_changed_lines(old, new, depth + 1, page))
        if old == new or _without_blanks(node.before) == _without_blanks(node.after):
            space = " # whitespace changes"
    else:
        lines = _own_lines(node.before if node.mark is Mark.DELETE else node.after)
        body = [f"{page.margin(depth + 1)}{harmless(line)}" for line in lines]
    return [f"<<-EOT{space}{page.note(node)}", *body, f"{page.margin(depth)}EOT{page.null(node)}"]


def _own_lines(text: str) -> list[str]:
    return text.rstrip("\n").split("\n") if "\n" in text else _elements(text)


def _comparable(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines of both texts; those of their XML, where both are that."""
    old, new = _elements(before), _elements(after)
    if old and new:
        return old, new
    return before.rstrip("\n").split("\n"), after.rstrip("\n").split("\n")


def _elements(text: str) -> list[str]:
    """XML with an element a line, and attributes in the order of their names; nothing if it isn't XML."""
    if not text.lstrip().startswith("<"):
        return []
    from kvmform.xml.document import indented_text

    try:
        return indented_text(text).split("\n")
    except DiagnosticError:
        return []


def _without_blanks(text: str) -> str:
    return "".join(text.split())


def _changed_lines(old: list[str], new: list[str], depth: int, page: Page) -> Iterator[str]:
    """Lines that go and come, and some around them; of the others how many there are."""
    runs = [(stays, list(lines)) for stays, lines in groupby(_marked(old, new), lambda line: line[0] is Mark.SAME)]
    for number, (stays, lines) in enumerate(runs):
        head, tail = (_AROUND if number else 0), (_AROUND if number < len(runs) - 1 else 0)
        hidden = len(lines) - head - tail
        drawn = [f"{page.margin(depth, mark)}{harmless(text)}" for mark, text in lines]
        if stays and hidden > 1:
            drawn[head : len(drawn) - tail] = [page.hidden(hidden, "line", depth)]
        yield from drawn


def _marked(old: list[str], new: list[str]) -> Iterator[tuple[Mark, str]]:
    for i, j in pair_lines(old, new):
        if i is not None and j is not None and old[i] == new[j]:
            yield Mark.SAME, old[i]
            continue
        if i is not None:
            yield Mark.DELETE, old[i]
        if j is not None:
            yield Mark.CREATE, new[j]
