"""Diagnostics: what went wrong, where, why, and what to do about it.

A :class:`Diagnostic` is a value. Functions that can go on after a problem collect
several; those that cannot raise one :class:`DiagnosticError`, the only exception
family of kvmform. Nothing of the project is imported here.
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

from kvmform.struct import Struct, field, replace

__all__ = [
    "Diagnostic",
    "DiagnosticError",
    "Diagnostics",
    "FunctionCall",
    "Position",
    "Severity",
    "Source",
    "SourceRange",
    "error",
    "warning",
]


class Severity(StrEnum):
    """How bad it is: an error stops the command, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


class Source:
    """One text that was parsed: its name as shown to users, and its characters.

    Offsets are in code points, from 0. Lines and columns are counted from 1; a column is what
    people see as one character, which can be several code points, as in Terraform's messages.
    """

    __slots__ = ("_line_bytes", "_line_starts", "filename", "text")

    def __init__(self, filename: str, text: str) -> None:
        self.filename = filename
        self.text = text
        self._line_starts: list[int] | None = None
        self._line_bytes: list[int] | None = None

    def position(self, offset: int) -> Position:
        """Where in the text a code-point offset is."""
        starts = self._starts()
        line = bisect.bisect_right(starts, offset)
        before = self.text[starts[line - 1] : offset]
        return Position(line, _width(before) + 1, self._byte(line, before))

    def first_byte(self, number: int) -> int:
        """The byte at which a line begins."""
        return self.position(self._starts()[number - 1]).byte

    def line(self, number: int) -> str:
        """Text of one line, without its end; empty beyond the last one."""
        starts = self._starts()
        if number > len(starts):
            return ""
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")

    def range(self, start: int, end: int) -> SourceRange:
        """The part of the text from one offset up to, and without, another."""
        return SourceRange(self, start, end)

    def _byte(self, line: int, before: str) -> int:
        """How many bytes there are up to what stands before a place in a line."""
        starts = self._starts()
        if self._line_bytes is None:
            ends = [*starts[1:], len(self.text)]
            sizes = [_bytes(self.text[start:end]) for start, end in zip(starts, ends, strict=True)]
            self._line_bytes = [0, *itertools.accumulate(sizes)]
        return self._line_bytes[line - 1] + _bytes(before)

    def _starts(self) -> list[int]:
        if self._line_starts is None:
            starts = [0]
            find = self.text.find
            at = find("\n")
            while at >= 0:
                starts.append(at + 1)
                at = find("\n", at + 1)
            self._line_starts = starts
        return self._line_starts

    def __repr__(self) -> str:
        return f"Source({self.filename!r})"


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode(errors="surrogatepass"))


def _width(text: str) -> int:
    """How many characters people see in a text: its grapheme clusters."""
    if text.isascii():
        return len(text)
    import regex

    return len(regex.findall(r"\X", text))


class Position(Struct):
    """A place in a text: line and column from 1, byte from 0 (Terraform's JSON form)."""

    line: int
    column: int
    byte: int


class SourceRange(Struct):
    """Part of a source; `start` and `end` are code-point offsets, `end` excluded."""

    source: Source = field(repr=False)
    start: int
    end: int

    @property
    def filename(self) -> str:
        """Name of the file as shown to users."""
        return self.source.filename

    @property
    def first(self) -> Position:
        """Where the range begins."""
        return self.source.position(self.start)

    @property
    def last(self) -> Position:
        """Where the range ends (the place behind its last character)."""
        return self.source.position(self.end)

    @property
    def text(self) -> str:
        """The characters in the range."""
        return self.source.text[self.start : self.end]

    def __str__(self) -> str:
        first = self.first
        return f"{self.filename}:{first.line},{first.column}"


class FunctionCall(Struct):
    """The function whose call failed: its name as written, and what it takes.

    `signature` has Terraform's JSON form: `name`, `params` (each with `name` and `type`),
    `variadic_param` where there is one, `return_type`.
    """

    called_as: str
    signature: Mapping[str, Any] = field(compare=False)


class Diagnostic(Struct):
    """One problem, in the form that every view renders.

    `summary` is short and without a full stop; `detail` is full sentences that say what,
    why, and what to do; `subject` is the part of a file that is wrong, and `context` what else
    of the file is shown round it; `address` the resource instance concerned, as text; `values`
    the references of the failing expression with their values, as (reference, statement)
    pairs, for example `("var.size", 'is "small"')`; `function` the call that failed, if it
    was one.
    """

    severity: Severity
    summary: str
    detail: str = ""
    subject: SourceRange | None = None
    context: SourceRange | None = None
    address: str | None = None
    values: tuple[tuple[str, str], ...] = ()
    function: FunctionCall | None = None

    def at(self, subject: SourceRange | None) -> Diagnostic:
        """The same diagnostic with this subject, unless it has one of its own."""
        return self if self.subject is not None or subject is None else replace(self, subject=subject)

    def as_warning(self) -> Diagnostic:
        """The same, as something that stops nothing."""
        return replace(self, severity=Severity.WARNING)

    def about(self, address: str) -> Diagnostic:
        """The same diagnostic for this resource address, unless it names one already."""
        return self if self.address is not None else replace(self, address=address)


def error(
    summary: str,
    detail: str = "",
    subject: SourceRange | None = None,
    *,
    address: str | None = None,
    context: SourceRange | None = None,
    function: FunctionCall | None = None,
) -> Diagnostic:
    """Make an error."""
    return Diagnostic(Severity.ERROR, summary, detail, subject, context, address, function=function)


def warning(
    summary: str,
    detail: str = "",
    subject: SourceRange | None = None,
    *,
    address: str | None = None,
) -> Diagnostic:
    """Make a warning."""
    return Diagnostic(Severity.WARNING, summary, detail, subject, address=address)


class DiagnosticError(Exception):
    """Raised where work cannot go on; carries every problem found so far."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("; ".join(d.summary for d in diagnostics))
        self.diagnostics = diagnostics

    @classmethod
    def of(cls, summary: str, detail: str = "", subject: SourceRange | None = None) -> DiagnosticError:
        """One error, ready to be raised."""
        return cls(error(summary, detail, subject))


class Diagnostics:
    """Collects problems, so that all of them are told at once."""

    __slots__ = ("_items",)

    def __init__(self, items: Iterable[Diagnostic] = ()) -> None:
        self._items = dict.fromkeys(items)

    def add(self, *diagnostics: Diagnostic) -> None:
        """Add problems; one that is there already is not added again."""
        self._items.update(dict.fromkeys(diagnostics))

    def caught(self, problem: DiagnosticError) -> None:
        """Add what an exception carries."""
        self.add(*problem.diagnostics)

    @property
    def has_errors(self) -> bool:
        """Whether any of them is an error."""
        return any(d.severity is Severity.ERROR for d in self._items)

    def raise_errors(self) -> None:
        """Raise all of them if any is an error.

        Raises:
            DiagnosticError: with warnings included, so that none is lost.
        """
        if self.has_errors:
            raise DiagnosticError(*self._items)

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)
