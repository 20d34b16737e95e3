"""A text as the formatter sees it: every token, comment and newline, with the blanks before it.

The parser's lexer leaves out comments, and newlines that mean nothing; here they come back from
the gaps between its tokens.
"""

from __future__ import annotations

import re

from kvmform.diagnostics import Source
from kvmform.lang.syntax.lexer import tokenize
from kvmform.lang.syntax.tokens import END_TEMPLATE, HEREDOC, LITERAL, NEWLINE, QUOTE, STRING
from kvmform.struct import Struct

__all__ = ["COMMENT", "Piece", "read_pieces"]

COMMENT = "comment"
"""The kind of a comment; one that ends its line includes the newline."""

_IN_GAP = re.compile(r"(?P<newline>\r?\n)|(?P<comment>(?:\#|//)[^\n]*+\n?|/\*(?s:.*?)\*/)")


class Piece(Struct, frozen=False, eq=False):
    """A token, comment or newline.

    `kind` is the token's (a quoted string is a QUOTE, a LITERAL and an END_TEMPLATE), COMMENT or
    NEWLINE; `blanks` is how many stand before it, and all that formatting changes.
    """

    kind: str
    text: str
    start: int
    blanks: int = 0

    @property
    def ends_line(self) -> bool:
        """Whether the next piece stands on a new line. A line of a heredoc doesn't count as one."""
        return self.kind == NEWLINE or (self.kind == COMMENT and self.text.endswith("\n"))


def read_pieces(source: Source) -> list[Piece]:
    """All pieces of a valid text, in order. The last one is the END, with the blanks before it."""
    text, tokens = source.text, tokenize(source)
    pieces: list[Piece] = []
    at = 0
    for kind, start, end in zip(tokens.kinds, tokens.starts, tokens.ends, strict=True):
        if kind == NEWLINE:
            continue
        if start > at:
            _read_gap(text, at, start, pieces)
        if kind == STRING:
            pieces.append(Piece(QUOTE, '"', start))
            if end - start > 2:
                pieces.append(Piece(LITERAL, text[start + 1 : end - 1], start + 1))
            pieces.append(Piece(END_TEMPLATE, '"', end - 1))
        else:
            at = text.index("\n", end) + 1 if kind == HEREDOC else end
            pieces.append(Piece(kind, text[start:at], start))
            continue
        at = end
    written = pieces[-2].start + len(pieces[-2].text) if len(pieces) > 1 else 0
    pieces[-1].blanks = len(text) - written
    return pieces


def _read_gap(text: str, start: int, end: int, pieces: list[Piece]) -> None:
    for found in _IN_GAP.finditer(text, start, end):
        kind = NEWLINE if found.lastgroup == "newline" else COMMENT
        pieces.append(Piece(kind, found[0], found.start()))
