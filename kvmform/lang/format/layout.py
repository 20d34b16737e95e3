"""Indentation and alignment: the blanks at the start of a line, before `=` and before comments.

A line has up to three cells: what leads, an assignment that is complete on the line, and a
comment at the end. Assignments on lines that follow each other are aligned, and so are comments.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from kvmform.lang.format.pieces import COMMENT, Piece
from kvmform.lang.format.spacing import CLOSING, OPENING, is_spaced
from kvmform.lang.functions.grapheme import cluster_count
from kvmform.lang.syntax.tokens import END, HEREDOC, NEWLINE
from kvmform.struct import Struct

__all__ = ["lay_out"]

_INDENT = 2


class _Line(Struct, frozen=False):
    """The pieces of a line by cell. The literal lines of a heredoc belong to the line on which it begins."""

    lead: Sequence[Piece]
    assignment: Sequence[Piece] = ()
    comment: Sequence[Piece] = ()


def lay_out(pieces: Sequence[Piece]) -> None:
    """Set the blanks before each piece."""
    lines = _lines(pieces)
    _indent(lines)
    for line in lines:
        _space(line.lead)
        _space(line.assignment)
    _align(lines, lambda line: line.assignment, lambda line: _columns(line.lead))
    _align(lines, lambda line: line.comment, lambda line: _columns(line.lead) + _columns(line.assignment))


def _lines(pieces: Sequence[Piece]) -> list[_Line]:
    """The lines; the end of the file is on none, and keeps its blanks as in Terraform."""
    lines: list[_Line] = []
    first = 0
    for index, piece in enumerate(pieces):
        if piece.ends_line or piece.kind == END:
            on_line = pieces[first : index + piece.ends_line]
            first = index + 1
            if on_line:
                lines.append(_cells(on_line))
    return lines


def _cells(pieces: Sequence[Piece]) -> _Line:
    comment: Sequence[Piece] = ()
    if len(pieces) > 1 and pieces[-1].kind == COMMENT:
        pieces, comment = pieces[:-1], pieces[-1:]
    for index, piece in enumerate(pieces):
        if index > 0 and piece.kind == "=":
            if _net_brackets(pieces[index:]) == 0:
                return _Line(pieces[:index], pieces[index:], comment)
            break
    return _Line(pieces, (), comment)


def _net_brackets(pieces: Sequence[Piece]) -> int:
    """How many more brackets are opened than closed."""
    return sum((piece.kind in OPENING) - (piece.kind in CLOSING) for piece in pieces)


def _indent(lines: Sequence[_Line]) -> None:
    """Indent by brackets: a line that opens some, however many, indents what follows by one level.

    What a heredoc opens on its first line is not counted, in Terraform as here.
    """
    opened: list[int] = []
    for line in lines:
        first = line.lead[0]
        if first.kind == NEWLINE:
            first.blanks = 0
            continue
        net = _net_brackets(_before_heredoc(line.lead)) + _net_brackets(line.assignment)
        if net < 0:
            _close(opened, -net)
        first.blanks = _INDENT * len(opened)
        if net > 0:
            opened.append(net)


def _before_heredoc(pieces: Sequence[Piece]) -> Sequence[Piece]:
    for index, piece in enumerate(pieces):
        if piece.kind == HEREDOC:
            return pieces[:index]
    return pieces


def _close(opened: list[int], count: int) -> None:
    while count > 0 and opened:
        innermost = opened.pop()
        if count < innermost:
            opened.append(innermost - count)
        count -= innermost


def _space(cell: Sequence[Piece]) -> None:
    before: Piece | None = None
    for subject, after in pairwise(cell):
        after.blanks = 1 if is_spaced(before, subject, after) else 0
        before = subject


def _align(
    lines: Sequence[_Line], cell_of: Callable[[_Line], Sequence[Piece]], columns_before: Callable[[_Line], int]
) -> None:
    """Put one cell of lines that follow each other into one column."""
    chain: list[tuple[Piece, int]] = []
    for line in lines:
        cell = cell_of(line)
        if cell:
            chain.append((cell[0], columns_before(line)))
        elif chain:
            _close_chain(chain)
            chain = []
    _close_chain(chain)


def _close_chain(chain: Sequence[tuple[Piece, int]]) -> None:
    widest = max((columns for _, columns in chain), default=0)
    for piece, columns in chain:
        piece.blanks = widest - columns + 1


def _columns(cell: Sequence[Piece]) -> int:
    """Width of a cell in characters as people see them, with the blanks before it."""
    return sum([piece.blanks + cluster_count(piece.text) for piece in cell])
