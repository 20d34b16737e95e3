"""The door: a configuration file to its canonical form, byte for byte Terraform's.

Three steps, each over all tokens once: legacy spellings are rewritten, blanks between tokens are
set by rules, and lines are indented and aligned. Nothing else changes: comments, newlines and
the text of strings stay as they are. So what is parsed from the result is what was parsed before.

Source: what `terraform fmt` 1.11 does.
"""

from __future__ import annotations

from kvmform.diagnostics import DiagnosticError, Source
from kvmform.lang.ast import Body
from kvmform.lang.format.layout import lay_out
from kvmform.lang.format.pieces import Piece, read_pieces
from kvmform.lang.format.rewriting import rewrite
from kvmform.lang.parse import parse_config

__all__ = ["canonical_form", "canonical_layout"]

_BYTE_ORDER_MARK = "\ufeff"


def canonical_form(text: str, filename: str) -> str:
    """The canonical form of a configuration file; a byte order mark is dropped.

    Raises:
        DiagnosticError: with every syntax error of the file.
    """
    text = text.removeprefix(_BYTE_ORDER_MARK)
    body, problems = parse_config(text, filename)
    if problems:
        raise DiagnosticError(*problems)
    return canonical_layout(text, filename, body)


def canonical_layout(text: str, filename: str, body: Body | None = None) -> str:
    """The text with its blanks as in the canonical form; with its `body`, legacy spellings are rewritten too."""
    pieces = read_pieces(Source(filename, text))
    if body is not None:
        pieces = rewrite(pieces, body)
    lay_out(pieces)
    return "".join([_written(piece) for piece in pieces])


def _written(piece: Piece) -> str:
    return " " * piece.blanks + piece.text if piece.blanks else piece.text
