"""The kinds of tokens, and the lists in which they are handed over."""

from __future__ import annotations

from typing import Any

from kvmform.struct import Struct, field

__all__ = [
    "DIRECTIVE",
    "END",
    "END_SEQUENCE",
    "END_TEMPLATE",
    "HEREDOC",
    "IDENTIFIER",
    "INTERPOLATION",
    "INVALID",
    "LITERAL",
    "NEWLINE",
    "NUMBER",
    "QUOTE",
    "STRING",
    "Tokens",
    "identifier_end",
]

# Kinds of tokens. Operators and brackets are their own kind: "=", "(", "&&".
IDENTIFIER = "identifier"
NUMBER = "number"
STRING = "string"  # a quoted string without sequences; the value is what it says
QUOTE = "quote"  # the opening quote of any other string
HEREDOC = "heredoc"  # the opening line; the value is "-" for the indented kind
LITERAL = "literal"  # text in a template; in a heredoc one token for each line
INTERPOLATION = "${"  # the value is "~" if it strips blanks to its left
DIRECTIVE = "%{"  # likewise
END_SEQUENCE = "end of sequence"  # its brace; the value is "~" if it strips blanks to its right
END_TEMPLATE = "end of template"
NEWLINE = "newline"
END = "end"
INVALID = "invalid"  # the value is a Malformed


def identifier_end(text: str, start: int) -> int:
    """Where the identifier that begins at an offset ends; the offset itself if none does."""
    end = start
    while end < len(text) and (text[end] == "-" or ("_" + text[end]).isidentifier()):
        end += 1
    return end if end > start and text[start].isidentifier() else start


class Tokens(Struct, frozen=False):
    """Parallel lists with one entry for each token; offsets are in code points."""

    kinds: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)

    def add(self, kind: str, value: object, start: int, end: int) -> None:
        """Append one token."""
        self.kinds.append(kind)
        self.values.append(value)
        self.starts.append(start)
        self.ends.append(end)
