"""Whether there is a blank between two pieces on a line."""

from __future__ import annotations

from kvmform.lang.format.pieces import Piece
from kvmform.lang.syntax.tokens import (
    DIRECTIVE,
    END_SEQUENCE,
    END_TEMPLATE,
    HEREDOC,
    IDENTIFIER,
    INTERPOLATION,
    LITERAL,
    NEWLINE,
    NUMBER,
    QUOTE,
)

__all__ = ["CLOSING", "OPENING", "is_spaced"]

OPENING = frozenset({"{", "[", "(", DIRECTIVE, INTERPOLATION})
CLOSING = frozenset({"}", "]", ")", END_SEQUENCE})

_NEVER_AFTER = frozenset({".", "::", QUOTE, HEREDOC, LITERAL})
_NEVER_BEFORE = frozenset({".", "::", NEWLINE, ",", "..."})
_INSIDE_TEMPLATE = frozenset({LITERAL, END_TEMPLATE})
_INDEXED = frozenset({IDENTIFIER, NUMBER}) | CLOSING
_BEFORE_NEGATION = frozenset(
    {"(", "{", "[", "=", ":", ",", "?"}
    | {"+", "*", "/", "%", "-"}
    | {"==", "!=", ">", ">=", "<", "<="}
    | {"&&", "||", "!"}
)
"""What comes before a minus that negates. After anything else it subtracts: after `=>` too, as in Terraform."""


def is_spaced(before: Piece | None, subject: Piece, after: Piece) -> bool:
    """Whether a blank stands between `subject` and `after`, which follow each other on a line.

    `before` is what comes before the subject in its cell, if anything.
    """
    kind, following = subject.kind, after.kind
    if following in _NEVER_BEFORE or (kind == IDENTIFIER and following == "(") or kind in {".", "::"}:
        return False
    if kind == ",":
        return True
    if kind in _NEVER_AFTER or following in _INSIDE_TEMPLATE:
        return False
    if kind == IDENTIFIER and subject.text == "in" and before is not None and before.kind == IDENTIFIER:
        return True
    if (following == "[" and kind in _INDEXED) or kind == "!":
        return False
    if kind == "-":
        return before is not None and before.kind not in _BEFORE_NEGATION
    if kind == "{" or following == "}":
        return not (kind == "{" and following == "}")
    return _is_spaced_at_bracket(kind, following)


def _is_spaced_at_bracket(kind: str, following: str) -> bool:
    """A sequence that holds nothing but an object shows that by blanks; other brackets hug what they hold."""
    if (kind in {INTERPOLATION, DIRECTIVE} and following == "{") or (kind == "}" and following == END_SEQUENCE):
        return True
    if kind == END_SEQUENCE and following in {INTERPOLATION, DIRECTIVE}:
        return False
    return kind not in OPENING and following not in CLOSING
