"""The parser's place in the tokens, and how it reports what does not fit there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from kvmform.diagnostics import DiagnosticError, Source, SourceRange
from kvmform.lang.ast import Expression
from kvmform.lang.syntax.malformed import Malformed
from kvmform.lang.syntax.tokens import END, END_SEQUENCE, IDENTIFIER, INVALID, NEWLINE, Tokens

__all__ = ["MAXIMUM_NESTING", "NESTING_TOO_DEEP", "Cursor", "Term"]

NESTING_TOO_DEEP = "Nesting too deep"
"""The summary of the error for what the language allows and this parser doesn't."""

MAXIMUM_NESTING = 100
"""How deep brackets, sequences, conditionals and blocks may be nested.

It keeps the parser, which calls itself for each level, far from Python's limit of recursion.
"""


class Cursor:
    """Walks over the tokens of one text.

    Attributes:
        index: The token to be read next. The last token is END and is never passed.
        nesting: How many nested constructs the parser is in.
        terms: What can begin an operand, by the kind of its first token.
    """

    __slots__ = ("ends", "index", "kinds", "nesting", "source", "starts", "terms", "values")

    def __init__(self, source: Source, tokens: Tokens, terms: Mapping[str, Term]) -> None:
        self.source = source
        self.kinds: list[str] = tokens.kinds
        self.values: list[Any] = tokens.values
        self.starts: list[int] = tokens.starts
        self.ends: list[int] = tokens.ends
        self.index = 0
        self.nesting = 0
        self.terms = terms

    @property
    def kind(self) -> str:
        """Kind of the next token."""
        return self.kinds[self.index]

    @property
    def previous_end(self) -> int:
        """Offset behind the last token that was read."""
        return self.ends[self.index - 1]

    def is_word(self, word: str) -> bool:
        """Whether the next token is this identifier."""
        return self.values[self.index] == word and self.kinds[self.index] == IDENTIFIER

    def take(self, kind: str) -> bool:
        """Pass the next token if it is of this kind; tell whether it was."""
        if self.kinds[self.index] != kind:
            return False
        self.index += 1
        return True

    def enter(self) -> None:
        """Count one more level of nesting.

        Raises:
            DiagnosticError: there are too many.
        """
        self.nesting += 1
        if self.nesting > MAXIMUM_NESTING:
            self.fail(
                NESTING_TOO_DEEP,
                f"Expressions and blocks can be nested {MAXIMUM_NESTING} levels deep. "
                "Move the inner part into a local value.",
            )

    def range(self, first: int, last: int | None = None) -> SourceRange:
        """Place of a token, or of all from one token to another."""
        last = first if last is None else last
        end = self.ends[last] if self.kinds[last] != NEWLINE else self.starts[last] + 1
        return SourceRange(self.source, self.starts[first], end)

    def line(self, index: int) -> int:
        """Number of the line on which a token begins."""
        return self.source.position(self.starts[index]).line

    def found(self) -> str:
        """Say what the next token is."""
        index = self.index
        match self.kinds[index]:
            case "end":
                return "the end of the file"
            case "newline":
                return "the end of the line"
            case "string" | "quote":
                return "a quoted string"
            case "heredoc":
                return "a heredoc"
            case "end of template":
                return "the end of the string"
            case _:
                return f'"{self.source.text[self.starts[index] : self.ends[index]]}"'

    def fail(self, summary: str, detail: str, index: int | None = None) -> NoReturn:
        """Raise the error for the next token, or another one.

        If the token could not be read in the first place, the error says that instead.
        """
        index = self.index if index is None else index
        if self.kinds[index] == INVALID:
            malformed: Malformed = self.values[index]
            summary, detail = malformed.summary, malformed.detail
        raise DiagnosticError.of(summary, detail, self.range(index))

    def skip_item(self, first: int, *, in_block: bool) -> None:
        """After an error, go to the end of the line on which the item that began at `first` ends.

        Brackets are counted from there; the brace that closes the enclosing block is not passed.
        """
        index, kinds = first, self.kinds
        expected: list[str] = []
        while (kind := kinds[index]) != END:
            if kind in _CLOSER:
                expected.append(_CLOSER[kind])
            elif kind in _CLOSING:
                if kind in expected:
                    while expected.pop() != kind:
                        pass
                elif kind == "}" and in_block:
                    break
            elif kind == NEWLINE:
                while expected and expected[-1] != "}":
                    expected.pop()  # inside those no newline counts, so the lexer has given them up
                if not expected and index >= self.index and kinds[index + 1] != "{":
                    index += 1
                    break
            index += 1
        self.index = index


Term = Callable[[Cursor], Expression]
"""Reads an operand; the next token is its first one."""

_CLOSER = {"(": ")", "[": "]", "{": "}", "${": END_SEQUENCE, "%{": END_SEQUENCE}
_CLOSING = frozenset(_CLOSER.values())
