"""Resource blocks as text, in canonical form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from kvmform.lang.format.canonical import canonical_form
from kvmform.lang.format.quoting import quoted
from kvmform.schema import Block, Object, Plain, Row
from kvmform.struct import Struct

__all__ = ["Reference", "import_text", "resource_text"]

_IDENTIFIER = re.compile(r"[^\W\d][\w-]*\Z")
_LINE = 80
"""Lists that are longer than this have a line for each item."""


class Reference(Struct):
    """An expression that stands for a value: `libvirt_pool.images.name`."""

    text: str


def resource_text(
    kind: str,
    name: str,
    rows: Mapping[str, Row | Block],
    arguments: Object,
    *,
    meta: str = "",
    notes: Iterable[str] = (),
) -> str:
    """A resource block.

    Args:
        kind: the resource type.
        name: the block's name.
        rows: the table of the type.
        arguments: what is written; values may be, or hold, a :class:`Reference`.
        meta: arguments of every resource, as `provider = libvirt.second`.
        notes: what is to be known of it beside: lines of a comment at the end of the block.
    """
    lines = [f'resource "{kind}" "{name}" {{', *([meta] if meta else []), *_body(rows, arguments)]
    comments = [f"# {note}".rstrip() for note in notes]
    lines += ["", *comments] if comments else []
    return canonical_form("\n".join([*lines, "}", ""]), "generated.tf")


def import_text(address: str, identity: str) -> str:
    """An import block."""
    lines = ["import {", f"to = {address}", f"id = {_quoted(identity)}", "}", ""]
    return canonical_form("\n".join(lines), "generated.tf")


def _body(rows: Mapping[str, Row | Block], arguments: Object) -> Iterator[str]:
    """The arguments, and the blocks behind them, in the order of the table."""
    for name, row in rows.items():
        if isinstance(row, Row) and arguments.get(name) is not None:
            value = "null # sensitive" if row.sensitive else _expression(arguments[name])
            yield f"{name} = {value}"
    is_first = not any(isinstance(rows[name], Row) for name in arguments)
    for name, row in rows.items():
        for element in (arguments.get(name) or ()) if isinstance(row, Block) else ():
            if not is_first:
                yield ""
            is_first = False
            assert isinstance(row, Block)
            inner = list(_body(row.rows, element))
            yield f"{name} {{" if inner else f"{name} {{}}"
            if inner:
                yield from inner
                yield "}"


def _expression(value: Plain) -> str:
    match value:
        case Reference(text=text):
            return text
        case bool():
            return "true" if value else "false"
        case None:
            return "null"
        case str():
            return _text(value)
        case list():
            # Behind the end of a heredoc there is no room for a comma.
            return _list([_quoted(item) if isinstance(item, str) else _expression(item) for item in value])
        case dict():
            return _object({name: _expression(item) for name, item in value.items()})
    return str(value)


def _list(items: list[str]) -> str:
    line = f"[{', '.join(items)}]"
    if len(line) <= _LINE and "\n" not in line:
        return line
    return "\n".join(["[", *(f"{item}," for item in items), "]"])


def _object(items: Mapping[str, str]) -> str:
    if not items:
        return "{}"
    named = (f"{name if _IDENTIFIER.match(name) else _quoted(name)} = {item}" for name, item in items.items())
    return "\n".join(["{", *named, "}"])


def _text(value: str) -> str:
    """In quotes; of several lines as they are, in a heredoc."""
    if "\n" not in value.rstrip("\n") or any(not (c.isprintable() or c in "\n\t") for c in value):
        return _quoted(value)
    mark = next(mark for n in range(len(value) + 1) if (mark := f"EOT{n or ''}") not in value)
    lines = re.sub(r"([$%])(?=\{)", r"\1\1", value)
    if value.endswith("\n"):
        return f"<<{mark}\n{lines}{mark}"
    return f"chomp(<<{mark}\n{lines}\n{mark}\n)"


def _quoted(value: str) -> str:
    return f'"{quoted(value)}"'
