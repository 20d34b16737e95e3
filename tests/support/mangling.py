"""Valid configurations with their blanks, newlines and comments mangled: the same to the parser, ugly to the eye."""

from __future__ import annotations

from random import Random

from kvmform.diagnostics import Source
from kvmform.lang.format.pieces import COMMENT, Piece, read_pieces
from kvmform.lang.syntax.tokens import END_SEQUENCE, END_TEMPLATE, HEREDOC, IDENTIFIER, LITERAL, NEWLINE, NUMBER, QUOTE

__all__ = ["mangled"]

_TEXT = frozenset({LITERAL, QUOTE, HEREDOC, END_SEQUENCE})
"""After these comes the text of a template, in which blanks count."""
_HUG = frozenset("()[]{},")
_IN_BRACKETS = ("\n", "\n\n", "\r\n", " # why\n", "/* why */", "// é ö\n")
_BETWEEN_ITEMS = ("\n", "   \n", "# alone\n", "  // alone\n", "/* alone */")
_BEFORE_NEWLINE = (" # behind", "// ünï", "/* behind */", "  /* 日本 */", "\t")


def mangled(text: str, random: Random) -> str:
    """The text with other blanks between its tokens, and more newlines and comments where they mean nothing."""
    result: list[str] = []
    opened: list[str] = []
    before: Piece | None = None
    for piece in read_pieces(Source("mangled.tf", text)):
        result += [_between(before, piece, opened, random), piece.text]
        if piece.kind in {"(", "[", "{", "${", "%{"}:
            opened.append(piece.kind)
        elif piece.kind in {")", "]", "}", END_SEQUENCE}:
            opened.pop()
        before = piece
    whole = "".join(result)
    if "<<" not in whole and random.random() < 0.1:
        whole = whole.rstrip("\n")
    return whole.replace("\r\n", "\n").replace("\n", "\r\n") if random.random() < 0.05 else whole


def _between(before: Piece | None, after: Piece, opened: list[str], random: Random) -> str:
    """What stands between two pieces."""
    if after.kind in {LITERAL, END_TEMPLATE} or (
        before is not None and (before.kind in _TEXT or _ends_heredoc(before))
    ):
        return ""
    if opened and opened[-1] != "{" and before is not None and random.random() < 0.05:
        return random.choice(_IN_BRACKETS)
    if not opened and before is not None and before.kind == NEWLINE and random.random() < 0.05:
        return random.choice(_BETWEEN_ITEMS)
    blank = random.choice(("", "", " ", " ", "   ", "\t"))
    if after.kind == NEWLINE and random.random() < 0.1:
        return blank + random.choice(_BEFORE_NEWLINE)
    return blank or (" " if before is not None and _would_merge(before, after) else "")


def _ends_heredoc(piece: Piece) -> bool:
    return piece.kind == END_TEMPLATE and piece.text != '"'


def _would_merge(before: Piece, after: Piece) -> bool:
    if before.kind in {NEWLINE, COMMENT} or after.kind in {NEWLINE, COMMENT}:
        return False
    words = {before.kind, after.kind} <= {IDENTIFIER, NUMBER}
    return words or not (before.text in _HUG or after.text in _HUG)
