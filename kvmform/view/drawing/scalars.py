"""Texts, numbers, truth values and null as lines.

A text of several lines is compared line by line; JSON by what it says, and XML by its elements.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from kvmform.schema import Plain
from kvmform.struct import Struct
from kvmform.values.number import format_number, number_from_float
from kvmform.values.types import DYNAMIC
from kvmform.view.differences import ABSENT, Mark, Node, Pair, Scalar, Turned, difference
from kvmform.view.drawing.page import Page
from kvmform.view.drawing.texts import heredoc_lines, is_long
from kvmform.view.escapes import quoted

__all__ = ["scalar_lines"]

_DEEPEST = 50
"""How many levels JSON may have that is compared by what it says."""

Draw = Callable[[Node, int, Page], list[str]]


class _Number(Struct):
    """A number of a JSON text, as it is written there."""

    text: str

    def __str__(self) -> str:
        return self.text


def scalar_lines(node: Scalar, depth: int, page: Page, draw: Draw) -> list[str]:
    """The lines of a scalar; `draw` draws any value."""
    before, after = node.before, node.after
    if _is_plain(before) and _is_plain(after):
        return [_line(node, page)]
    old, new = _json(before), _json(after)
    if node.mark is Mark.UPDATE and (old is ABSENT) is not (new is ABSENT):
        first = Scalar(mark=Mark.DELETE, before=before, after=ABSENT)
        then = Scalar(mark=Mark.CREATE, before=ABSENT, after=after)
        return draw(Turned(mark=Mark.UPDATE, note=node.note, before=first, after=then), depth, page)
    if old is not ABSENT or new is not ABSENT:
        return _json_lines(node, (old, new), depth, page, draw)
    if is_long(before) or is_long(after):
        return heredoc_lines(node, depth, page)
    return [_line(node, page)]


def _is_plain(value: Plain) -> bool:
    """Whether it can't be anything but one line: neither JSON nor XML, nor a text of several lines."""
    return not isinstance(value, str) or not (value.startswith(("{", "[", "<")) or "\n" in value)


def _line(node: Scalar, page: Page) -> str:
    before, after = node.before, node.after
    match node.mark:
        case Mark.CREATE | Mark.SAME:
            return f"{_scalar_text(after)}{page.note(node)}"
        case Mark.DELETE:
            return f"{_scalar_text(before)}{page.null(node) if before is not None else ''}{page.note(node)}"
    return f"{_scalar_text(before)} {page.arrow()} {_scalar_text(after)}{page.note(node)}"


def _scalar_text(value: Plain) -> str:
    """A scalar of one line."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return quoted(value)
        case float():
            return format_number(number_from_float(value))
    return str(value)


def _json(value: Plain) -> Plain:
    """What a text of JSON says, where that is an object or an array; else ABSENT."""
    if not isinstance(value, str) or not value.startswith(("{", "[")):
        return ABSENT
    try:
        said = json.loads(value, parse_int=_Number, parse_float=_Number, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return ABSENT
    return ABSENT if _is_deep(said) else said


def _is_deep(value: Plain) -> bool:
    """Whether it is nested deeper than anyone reads."""
    level = [value]
    for _ in range(_DEEPEST):
        inner = [part for part in level if isinstance(part, list | dict)]
        level = [each for part in inner for each in (part.values() if isinstance(part, dict) else part)]
        if not level:
            return False
    return True


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _json_lines(node: Scalar, said: tuple[Plain, Plain], depth: int, page: Page, draw: Draw) -> list[str]:
    """`jsonencode(…)` around what differs; where nothing does but blanks, that is said."""
    tree = difference(Pair(*said), DYNAMIC)
    on, mark, space, note = page.without_null(), Mark.SAME, "", page.note(node)
    replaces = node.note is not None and node.note.replaces
    if node.mark is Mark.UPDATE and tree.mark is Mark.SAME:
        space = " # whitespace changes force replacement" if replaces else " # whitespace changes"
        on, note = on.entire(), "" if replaces else note
    elif node.mark is Mark.UPDATE:
        mark = Mark.UPDATE
    inner = draw(tree, depth + 1, on)
    if len(inner) == 1:
        return [f"jsonencode({inner[0]}){space}{note}"]
    first, *rest = inner
    last = f"{page.margin(depth)}){page.null(node)}{note}"
    return [f"jsonencode({space}", f"{page.margin(depth + 1, mark)}{first}", *rest, last]
