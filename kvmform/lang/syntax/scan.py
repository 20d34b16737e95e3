"""Text to tokens the way HCL's own scanner makes them, for the telling of errors.

Unlike :mod:`kvmform.lang.syntax.lexer` it keeps every newline and gives up nowhere: a quoted string
goes on over the end of its line until a quote ends it, and what can't be read is a token too. So
what is told of a broken file is what Terraform tells of it.

Source: the scanner of https://github.com/hashicorp/hcl (`hclsyntax/scan_tokens.rl`).
"""

from __future__ import annotations

import re

from kvmform.lang.syntax.escapes import BLANK, HEREDOC_LITERAL, QUOTED_LITERAL
from kvmform.lang.syntax.tokens import identifier_end
from kvmform.struct import Struct

__all__ = ["Scanned", "scan"]


class Scanned(Struct):
    """One token. Operators and brackets are their own kind; a newline can be a whole comment line."""

    kind: str
    start: int
    end: int
    text: str


_NEWLINES = re.compile(r"[\r\n]+")
_TOKEN = re.compile(
    r"""[ \t]*+(?:
      (?P<newline>    \r?\n | (?:\#|//)[^\n]*+\n )
    | (?P<comment>    (?:\#|//)[^\n]*+ | /\*(?s:.*?)\*/ )
    | (?P<identifier> [A-Za-z_][A-Za-z0-9_-]*+ (?![^\x00-\x7f]) )
    | (?P<number>     [0-9](?:\.*(?:[0-9]|[eE][+-]?[0-9]))*+ )
    | (?P<heredoc>    <<-?[^\W\d][\w-]*+\r?\n )
    | (?P<operator>   [=!<>]= | => | && | \|\| | \.\.\. | :: | ~\} | [=.,?:*/+!<>%(\[)\]-] )
    | (?P<open>       \{ )
    | (?P<close>      \} )
    | (?P<quote>      " )
    | (?P<end>        \Z )
    | (?P<invalid>    (?s:.) )
    )""",
    re.VERBOSE,
)


def scan(text: str, start: int = 0) -> list[Scanned]:
    """All tokens of a configuration file, or of an expression; the last one is `end`."""
    scanner = _Scanner(text)
    scanner.run(start)
    scanner.tokens.append(Scanned("end", len(text), len(text), ""))
    return scanner.tokens


class _Scanner:
    """Reads one text; `templates` are the open ones, `returns` how many braces were open when each was left."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[Scanned] = []
        self.braces = 0
        self.returns: list[int] = []
        self.templates: list[str] = []

    def run(self, at: int) -> None:
        """Read from an offset to the end of the text."""
        while at < len(self.text):
            at = self._plain(at)

    def _add(self, kind: str, start: int, end: int) -> int:
        self.tokens.append(Scanned(kind, start, end, self.text[start:end]))
        return end

    def _plain(self, at: int) -> int:
        """Read one token outside of literal text; tell where to go on."""
        found = _TOKEN.match(self.text, at)
        assert found is not None
        kind = found.lastgroup or ""
        start, end = found.span(kind)
        match kind:
            case "end" | "comment":
                return end
            case "open":
                self.braces += 1
                return self._add("{", start, end)
            case "close":
                return self._close(start, end, "}")
            case "quote":
                self.templates.append('"')
                return self._quoted(self._add("quote", start, end))
            case "heredoc":
                self.templates.append(found["heredoc"].strip("<-\r\n"))
                flush = "heredoc-" if found["heredoc"].startswith("<<-") else "heredoc"
                return self._heredoc(self._add(flush, start, end), line_start=True)
            case "operator" if found["operator"] == "~}":
                return self._close(start, end, "sequence end")
            case "operator":
                return self._add(found["operator"], start, end)
            case "invalid" if (after := identifier_end(self.text, start)) > start:
                return self._add("identifier", start, after)
            case _:
                return self._add(kind, start, end)

    def _close(self, start: int, end: int, kind: str) -> int:
        if not self.returns or self.returns[-1] != self.braces:
            self.braces -= 1
            return self._add(kind, start, end)
        self._add("sequence end", start, end)
        self.braces -= 1
        self.returns.pop()
        return self._quoted(end) if self.templates[-1] == '"' else self._heredoc(end, line_start=False)

    def _sequence(self, at: int) -> int:
        """Begin a `${` or `%{`; tell where to go on."""
        end = at + (3 if self.text.startswith("~", at + 2) else 2)
        self.braces += 1
        self.returns.append(self.braces)
        return self._add(self.text[at : at + 2], at, end)

    def _quoted(self, at: int) -> int:
        """Read the text of a quoted string up to a sequence or its end; tell where to go on."""
        while at < len(self.text):
            found = QUOTED_LITERAL.match(self.text, at)
            if found is not None and found.end() > at:
                at = self._add("literal", at, found.end())
            match self.text[at : at + 1]:
                case '"':
                    self.templates.pop()
                    return self._add("quote end", at, at + 1)
                case "$" | "%":
                    return self._sequence(at)
                case "\r" | "\n":
                    found = _NEWLINES.match(self.text, at)
                    assert found is not None
                    at = self._add("newline in quotes", at, found.end())
                case "":
                    break
                case _:
                    at = self._add("invalid", at, at + 1)
        return at

    def _heredoc(self, at: int, *, line_start: bool) -> int:
        """Read lines of a heredoc up to a sequence or its end; tell where to go on."""
        text, marker = self.text, self.templates[-1]
        while at < len(text):
            found = HEREDOC_LITERAL.match(text, at)
            assert found is not None  # it may be empty
            line, end = found[1], found.end()
            if line_start and found[2] and line.strip(BLANK) == marker:
                self.templates.pop()
                return self._add("heredoc end", at, at + len(line.removesuffix("\r")))
            if end > at:
                self._add("line", at, end)
            if text.startswith("\r", end):
                return self._add("invalid", end, len(text))
            if not found[2] and end < len(text):
                return self._sequence(end)
            line_start, at = True, end
        return at
