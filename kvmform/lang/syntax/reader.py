"""The place in the tokens of a broken text, what is wrong so far, and how to get past it.

Source: the parser of https://github.com/hashicorp/hcl (`hclsyntax/parser.go`, `peeker.go`), whose
ways of going on after an error decide what else is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from kvmform.diagnostics import Diagnostic, Source, SourceRange, error
from kvmform.lang.syntax.cursor import MAXIMUM_NESTING
from kvmform.lang.syntax.scan import Scanned

__all__ = ["Reader", "Term", "TooDeepError"]

_OPENER = {"}": "{", "]": "[", ")": "(", "quote end": "quote", "heredoc end": "heredoc", "sequence end": "${"}
_OPENING = frozenset({"{", "[", "(", "quote", "heredoc", "heredoc-", "${", "%{"})
_CLOSING = {
    "}": ("{",),
    "]": ("[",),
    ")": ("(",),
    "quote end": ("quote",),
    "heredoc end": ("heredoc", "heredoc-"),
    "sequence end": ("${", "%{"),
}
_WORDS = {
    "end": "the end of the file",
    "newline": "the end of the line",
    "newline in quotes": "the end of the line",
    "quote": "a quoted string",
    "heredoc": "a heredoc",
    "heredoc-": "a heredoc",
    "quote end": "the end of the string",
}


Term = Callable[["Reader"], None]
"""Reads an operand."""


class TooDeepError(Exception):
    """Brackets are nested too deeply to go on."""


class Reader:
    """Walks over the tokens; a newline is seen where it ends something.

    `recovering` is true from the first error on that something had to be skipped for: what is
    wrong only because of that is not told.
    """

    def __init__(self, source: Source, tokens: list[Scanned], terms: Mapping[str, Term]) -> None:
        """`terms` reads an operand, by the kind of its first token."""
        self.terms = terms
        self.problems: list[Diagnostic] = []
        self.recovering = False
        self.previous = tokens[0]
        self._source = source
        self._tokens = tokens
        self._at = 0
        self._newlines = [True]

    @property
    def next(self) -> Scanned:
        """The token to be read next."""
        tokens, at = self._tokens, self._at
        if not self._newlines[-1]:
            while tokens[at].kind == "newline":
                at += 1
        return tokens[at]

    def read(self) -> Scanned:
        """Pass the next token; the last one is never passed."""
        tokens = self._tokens
        if not self._newlines[-1]:
            while tokens[self._at].kind == "newline":
                self._at += 1
        self.previous = tokens[self._at]
        if self.previous.kind != "end":
            self._at += 1
        return self.previous

    def is_word(self, word: str) -> bool:
        """Whether the next token is this identifier."""
        token = self.next
        return token.kind == "identifier" and token.text == word

    def begins_item(self) -> bool:
        """Whether an argument or a block that is open to its first line begins here, with the line."""
        tokens, at = self._tokens, self._at
        start = tokens[at].start
        if start and (self._source.text[start - 1] != "\n" or tokens[at - 1].kind != "newline"):
            return False
        at += 1
        if tokens[at].kind == "=":
            return True
        while tokens[at].kind in {"identifier", "quote", "literal", "quote end"}:
            at += 1
        return tokens[at].kind == "{" and tokens[at + 1].kind == "newline"

    @contextmanager
    def newlines(self, *, count: bool) -> Iterator[None]:
        """Let newlines count, or not, in what is read inside.

        Raises:
            TooDeepError: too many of these are inside each other.
        """
        if len(self._newlines) > 2 * MAXIMUM_NESTING:
            raise TooDeepError
        self._newlines.append(count)
        try:
            yield
        finally:
            self._newlines.pop()

    def range(self, first: Scanned, last: Scanned | None = None) -> SourceRange:
        """The place of a token, or of all from one to another."""
        return self._source.range(first.start, (last or first).end)

    def line(self, token: Scanned) -> int:
        """The line that a token begins on."""
        return self._source.position(token.start).line

    def found(self) -> str:
        """Say what the next token is."""
        token = self.next
        if token.text == "/" and self._source.text.startswith("*", token.end):
            return 'a comment that is never closed with "*/"'
        return _WORDS.get(token.kind) or f'"{token.text}"'

    def tell(self, summary: str, detail: str, place: Scanned | SourceRange, context: SourceRange | None = None) -> None:
        """Note an error."""
        at = self.range(place) if isinstance(place, Scanned) else place
        self.problems.append(error(summary, detail, at, context=context))

    def tell_once(
        self, summary: str, detail: str, place: Scanned | SourceRange, context: SourceRange | None = None
    ) -> None:
        """Note an error, unless something was skipped before."""
        if not self.recovering:
            self.tell(summary, detail, place, context)

    def skip_past(self, closer: str) -> None:
        """Go behind the token that closes what is open, over whole brackets of its kind."""
        self.recovering = True
        opener, depth = _OPENER.get(closer, ""), 0
        while (kind := self.read().kind) != "end":
            if closer == "sequence end" and kind == "%{":
                kind = "${"
            if kind == opener:
                depth += 1
            elif kind == closer:
                if not depth:
                    return
                depth -= 1

    def skip_over(self, opener: str, closer: str) -> None:
        """Go behind the next brackets of a kind."""
        while self.read().kind not in (opener, "end"):
            pass
        self.skip_past(closer)

    def skip_item(self) -> None:
        """Go behind the newline that ends the argument or block."""
        self.recovering = True
        opened: list[str] = []
        while (kind := self.read().kind) != "end":
            if kind == "newline" and not opened:
                return
            if kind in _OPENING:
                opened.append(kind)
            elif kind in _CLOSING:
                while opened and opened[-1] not in _CLOSING[kind]:
                    opened.pop()
                if opened:
                    opened.pop()
