"""Legacy spellings that `fmt` brings up to date, as Terraform does.

- `"${expression}"` alone as an argument of a block becomes the expression;
- `type = "string"` and the like in a variable becomes a type constraint, `list` alone `list(any)`;
- labels of blocks are quoted, and comments between them are dropped.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence

from kvmform.lang.ast import Block, Body
from kvmform.lang.format.pieces import COMMENT, Piece
from kvmform.lang.format.quoting import quoted
from kvmform.lang.format.spacing import CLOSING, OPENING
from kvmform.lang.syntax.tokens import (
    END_SEQUENCE,
    END_TEMPLATE,
    IDENTIFIER,
    INTERPOLATION,
    LITERAL,
    NEWLINE,
    QUOTE,
)

__all__ = ["rewrite"]

_WRAPPED = (QUOTE, INTERPOLATION, END_SEQUENCE, END_TEMPLATE)
_QUOTED_TYPES = {"string": "string", "list": "list(string)", "map": "map(string)"}
"""The types that Terraform 0.11 had. Their elements were strings: there was no `any`."""
_BARE_COLLECTIONS = frozenset({"list", "map", "set"})

_Edit = tuple[int, int, Sequence[Piece]]
"""Pieces from one index up to, and without, another, and what takes their place."""


def rewrite(pieces: Sequence[Piece], body: Body) -> list[Piece]:
    """The pieces with every legacy spelling replaced; `body` is what was parsed from the same text."""
    starts = [piece.start for piece in pieces]
    result: list[Piece] = []
    at = 0
    for first, last, instead in sorted(_edits(pieces, starts, body, ""), key=lambda edit: edit[0]):
        result += pieces[at:first]
        result += instead
        at = last
    result += pieces[at:]
    return result


def _edits(pieces: Sequence[Piece], starts: Sequence[int], body: Body, within: str) -> Iterator[_Edit]:
    """The edits in a body; `within` is the types of the blocks around it, as a path."""
    for name, attribute in body.attributes.items():
        first = bisect.bisect_left(starts, attribute.expression.start)
        last = bisect.bisect_left(starts, attribute.expression.end)
        given = pieces[first:last]
        instead = _type(given) if within == "/variable" and name == "type" else _unwrapped(given)
        if instead is not given and _stays_whole([*instead, pieces[last]]):
            yield first, last, instead
    for block in body.blocks:
        yield from _labels(starts, block)
        yield from _edits(pieces, starts, block.body, f"{within}/{block.type}")


def _labels(starts: Sequence[int], block: Block) -> Iterator[_Edit]:
    if block.labels:
        first = bisect.bisect_left(starts, block.type_range.end)
        last = bisect.bisect_left(starts, block.labels[-1].end)
        labels: list[Piece] = []
        for label in block.labels:
            labels += _string(quoted(label.value))
        yield first, last, labels


def _string(inner: str) -> list[Piece]:
    literal = [Piece(LITERAL, inner, -1)] if inner else []
    return [Piece(QUOTE, '"', -1), *literal, Piece(END_TEMPLATE, '"', -1)]


def _type(given: Sequence[Piece]) -> Sequence[Piece]:
    """A type constraint instead of what stands there."""
    kinds = [piece.kind for piece in given]
    if kinds == [IDENTIFIER] and given[0].text in _BARE_COLLECTIONS:
        return [Piece(IDENTIFIER, f"{given[0].text}(any)", -1)]
    if kinds == [QUOTE, LITERAL, END_TEMPLATE] and given[1].text in _QUOTED_TYPES:
        return [Piece(IDENTIFIER, _QUOTED_TYPES[given[1].text], -1)]
    return given


def _unwrapped(given: Sequence[Piece]) -> Sequence[Piece]:
    """The expression in a template that is nothing but one interpolation; else the same pieces."""
    if len(given) < 5 or (given[0].kind, given[1].kind, given[-2].kind, given[-1].kind) != _WRAPPED:
        return given
    inside = given[2:-2]
    if not _is_one_expression(inside):
        return given
    trimmed = _without_newlines_around(inside)
    several_lines = any(piece.kind == NEWLINE for piece in trimmed)
    if several_lines and not (trimmed[0].kind == "(" and trimmed[-1].kind == ")"):
        return [Piece("(", "(", -1), *trimmed, Piece(")", ")", -1)]
    return trimmed


def _is_one_expression(inside: Sequence[Piece]) -> bool:
    """Whether no other sequence and no literal text is there, outside of nested strings."""
    depth = 0
    for piece in inside:
        if piece.kind == QUOTE:
            depth += 1
        elif piece.kind == END_TEMPLATE and piece.text == '"':
            depth -= 1
        elif depth == 0 and piece.kind in {INTERPOLATION, END_SEQUENCE, LITERAL}:
            return False
    return True


def _stays_whole(pieces: Sequence[Piece]) -> bool:
    """Whether nothing comes behind the first line end outside of brackets; the last piece is what follows the argument.

    Terraform doesn't ask: `"${a # why?⏎ + b}"` becomes `a # why?⏎ + b`, which is no longer valid.
    """
    depth = 0
    ended = False
    for piece in pieces:
        if ended and piece.kind not in {COMMENT, NEWLINE}:
            return False
        ended = ended or (depth == 0 and piece.ends_line)
        depth += (piece.kind in OPENING) - (piece.kind in CLOSING)
    return True


def _without_newlines_around(pieces: Sequence[Piece]) -> Sequence[Piece]:
    first, last = 0, len(pieces)
    while first < last and pieces[first].kind == NEWLINE:
        first += 1
    while last > first and pieces[last - 1].kind == NEWLINE:
        last -= 1
    return pieces[first:last]
