"""Text to tokens.

One compiled regular expression reads a token at a time; a stack of the open brackets says
whether a newline ends something (in a body and in `{ }`) or is just blank (in `( )`,
`[ ]`, `${ }` and `{ for … }`), so the parser never thinks about newlines. Quoted strings and
heredocs with `${` or `%{` in them become a run of tokens, from QUOTE or HEREDOC to
END_TEMPLATE; what cannot be read becomes an INVALID token, which the parser reports when it
meets it.

Source of the rules: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md, "Lexical Elements".
"""

from __future__ import annotations

import re
from enum import Enum, auto

from kvmform.diagnostics import Source
from kvmform.lang.syntax.brackets import Brackets
from kvmform.lang.syntax.escapes import (
    BLANK,
    HEREDOC_LITERAL,
    LINE_LITERAL,
    QUOTED_LITERAL,
    InvalidEscapeError,
    decode_line,
    decode_quoted,
    normalize,
)
from kvmform.lang.syntax.malformed import (
    UNCLOSED_COMMENT,
    UNCLOSED_STRING,
    explain_character,
    unclosed_heredoc,
)
from kvmform.lang.syntax.tokens import (
    END,
    END_SEQUENCE,
    END_TEMPLATE,
    HEREDOC,
    IDENTIFIER,
    INVALID,
    LITERAL,
    QUOTE,
    STRING,
    Tokens,
    identifier_end,
)
from kvmform.struct import Struct

__all__ = ["Mode", "tokenize"]


class Mode(Enum):
    """What kind of text it is."""

    BODY = auto()
    EXPRESSION = auto()
    TEMPLATE = auto()


def tokenize(source: Source, mode: Mode = Mode.BODY, start: int = 0) -> Tokens:
    """Read the text of `source` from offset `start` to its end; the last token is END."""
    lexer = _Lexer(source.text)
    match mode:
        case Mode.BODY:
            lexer.scan(start)
        case Mode.EXPRESSION:
            lexer.brackets.open("(")
            lexer.scan(start)
        case Mode.TEMPLATE:
            lexer.templates.append(_OpenTemplate(None, 0))
            lexer.scan(lexer.template_text(start))
    return lexer.tokens


_TOKEN = re.compile(
    r"""[ \t]*+(?:
      (?P<identifier> [A-Za-z_][A-Za-z0-9_-]*+ (?![^\x00-\x7f]) )
    | (?P<newline>    (?: (?:\#|//)[^\n]*+ )?+ \r?\n (?: [ \t]*+ (?: (?:\#|//)[^\n]*+ )?+ \r?\n )*+ )
    | (?P<string>     "[^"\\$%\r\n]*+" )
    | (?P<comment>    (?:\#|//)[^\n]*+ | /\*(?s:.*?)\*/ )
    | (?P<unclosed>   /\* )
    | (?P<heredoc>    <<(?P<flush>-?)(?P<marker>[^\W\d][\w-]*+)\r?\n )
    | (?P<strip>      ~\} )
    | (?P<operator>   [=!<>]= | => | && | \|\| | \.\.\. | :: | [=.,?:*/+!<>%-] )
    | (?P<number>     [0-9](?:\.*(?:[0-9]|[eE][+-]?[0-9]))*+ )
    | (?P<open>       [\[({] )
    | (?P<close>      [\])}] )
    | (?P<quote>      " )
    | (?P<end>        \Z )
    | (?P<other>      (?s:.) )
    )""",
    re.VERBOSE,
)
_ARGUMENT_OR_BLOCK_NEXT = r"\s*(?:[\w-]+[ \t]*=(?!=)|[\w-]+(?:[ \t]+(?:[\w-]+|\"[^\"\n]*\"))*[ \t]*\{|\})"
_BEFORE_BLOCK = frozenset({IDENTIFIER, STRING, END_TEMPLATE, INVALID})
"""What can come before the brace of a block, as its type or its last label."""


class _OpenTemplate(Struct):
    """A template that is being read: its closing marker, and how many brackets are open round it.

    The marker of a quoted string is a quote; a template file has None.
    """

    marker: str | None
    depth: int
    start: int = 0


class _Lexer:
    """Reads one text; lives as long as that takes."""

    __slots__ = ("brackets", "templates", "text", "tokens")

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = Tokens()
        self.brackets = Brackets()
        self.templates: list[_OpenTemplate] = []

    def scan(self, at: int) -> None:
        """Read tokens from offset `at` to the end of the text."""
        next_at: int | None = at
        while next_at is not None:
            next_at = self._scan_plain(next_at)

    def _scan_plain(self, at: int) -> int | None:
        """Read tokens up to one after which the expression can't just go on; tell where to go on, if at all."""
        text, tokens, brackets = self.text, self.tokens, self.brackets
        add_kind, add_value = tokens.kinds.append, tokens.values.append
        add_start, add_end = tokens.starts.append, tokens.ends.append
        newline_counts = brackets.newline_counts
        for found in _TOKEN.finditer(text, at):
            kind = found.lastgroup or ""
            start, end = found.span(kind)
            value: str | None = None
            if kind == "identifier" or kind == "number":  # noqa: PLR1714 this is the hottest line
                value = text[start:end]
            elif kind == "operator":
                kind = value = text[start:end]
            elif kind == "newline":
                if not newline_counts:
                    continue
            elif kind == "string":
                value = normalize(text[start + 1 : end - 1])
            elif kind == "open":
                kind = value = text[start]
                if kind == "{":
                    is_block = brackets.in_body and bool(tokens.kinds) and tokens.kinds[-1] in _BEFORE_BLOCK
                    brackets.open_brace(text, end, is_block=is_block)
                else:
                    brackets.open(kind)
                newline_counts = brackets.newline_counts
            elif kind == "close" and brackets.close(text[start]):
                kind = value = text[start]
                newline_counts = brackets.newline_counts
            elif kind == "end":
                break
            else:
                return self._rare(kind, found)
            add_kind(kind)
            add_value(value)
            add_start(start)
            add_end(end)
        tokens.add(END, None, len(text), len(text))
        return None

    def _rare(self, kind: str, found: re.Match[str]) -> int:
        start, end = found.span(kind)
        match kind:
            case "close" | "strip":
                return self._close(found[kind], start, end)
            case "quote":
                return self._open_quote(start, end)
            case "heredoc":
                self.tokens.add(HEREDOC, found["flush"], start, found.end("marker"))
                self.templates.append(_OpenTemplate(found["marker"], len(self.brackets), start))
                return self.template_text(end, line_start=True)
            case "comment":
                return end
            case "unclosed":
                self.tokens.add(INVALID, UNCLOSED_COMMENT, start, end)
                return len(self.text)
            case _:
                return self._word(start)

    def _close(self, bracket: str, start: int, end: int) -> int:
        """Read a closing bracket that ends a sequence, or doesn't fit; tell where to go on."""
        if bracket == "~}" and not self.brackets.in_sequence:
            self.tokens.add(INVALID, explain_character("~"), start, start + 1)
            return start + 1
        if bracket in {")", "]"} or not self.brackets.close_brace():
            self.tokens.add(bracket, bracket, start, end)
            return end
        self.tokens.add(END_SEQUENCE, bracket[:-1], start, end)
        return self._quoted_text(end) if self.templates[-1].marker == '"' else self.template_text(end)

    def _open_quote(self, start: int, after: int) -> int:
        end = self._literal_end(after)
        if self.text.startswith('"', end):
            self._literal(STRING, start, after, end)
            return end + 1
        self.tokens.add(QUOTE, '"', start, after)
        self.templates.append(_OpenTemplate('"', len(self.brackets), start))
        return self._quoted_text(after)

    def _quoted_text(self, at: int) -> int:
        """Read literal text up to what ends it; tell where to go on."""
        end = self._literal_end(at)
        if end > at:
            self._literal(LITERAL, at, at, end)
        match self.text[end : end + 1]:
            case '"':
                self.tokens.add(END_TEMPLATE, '"', end, end + 1)
                self.templates.pop()
                return end + 1
            case "$" | "%":
                return self._open_sequence(end)
            case _:
                return self._unclosed_string(end)

    def _literal_end(self, at: int) -> int:
        found = QUOTED_LITERAL.match(self.text, at)
        return found.end() if found else at

    def _literal(self, kind: str, start: int, first: int, last: int) -> None:
        try:
            value = decode_quoted(self.text[first:last])
        except InvalidEscapeError as problem:
            self.tokens.add(INVALID, problem.malformed, first + problem.start, first + problem.end)
        else:
            self.tokens.add(kind, value, start, last + (kind == STRING))

    def _open_sequence(self, at: int) -> int:
        end = at + 3 if self.text.startswith("~", at + 2) else at + 2
        self.tokens.add(self.text[at : at + 2], self.text[at + 2 : end], at, end)
        self.brackets.open("${")
        return end

    def template_text(self, at: int, *, line_start: bool = False) -> int:
        """Read lines of a heredoc or a template file up to a sequence or its end; tell where to go on."""
        text, template = self.text, self.templates[-1]
        literal = LINE_LITERAL if template.marker is None else HEREDOC_LITERAL
        while at < len(text):
            found = literal.match(text, at)
            assert found is not None  # it may be empty
            line, end = found[1], found.end()
            if line_start and found[2] and line.strip(BLANK) == template.marker:
                end = at + len(line.removesuffix("\r"))
                self.tokens.add(END_TEMPLATE, template.marker, at, end)
                self.templates.pop()
                return end
            if end > at:
                self.tokens.add(LITERAL, decode_line(found[0]), at, end)
            if not found[2] and text.startswith("\r", end):
                self.tokens.add(INVALID, explain_character("\r"), end, len(text))
                return len(text)
            if not found[2] and end < len(text):
                return self._open_sequence(end)
            line_start, at = True, end
        if template.marker is not None:
            self.tokens.add(INVALID, unclosed_heredoc(template.marker), template.start, template.start + 2)
        return at

    def _unclosed_string(self, at: int) -> int:
        """Report a string that its line doesn't end; tell where to go on.

        If an argument or a block begins on the next line, a quote was forgotten, and reading
        goes on there. Else somebody wrote a string of several lines: it is skipped.
        """
        end = at + (self.text.startswith("\\", at))
        self.tokens.add(INVALID, UNCLOSED_STRING, self.templates[-1].start, end)
        if any(template.marker != '"' for template in self.templates):
            return len(self.text)
        self.brackets.give_up(self.templates[0].depth)
        self.templates.clear()
        if re.compile(_ARGUMENT_OR_BLOCK_NEXT).match(self.text, end):
            self.brackets.give_up_to_newline()
            return end
        closing = self.text.find('"', end)
        return closing + 1 if closing >= 0 else len(self.text)

    def _word(self, start: int) -> int:
        """Read an identifier with letters beyond ASCII, or what is nothing at all."""
        text = self.text
        end = identifier_end(text, start)
        if end > start:
            self.tokens.add(IDENTIFIER, text[start:end], start, end)
            return end
        self.tokens.add(INVALID, explain_character(text[start]), start, start + 1)
        return start + 1
