r"""What stands between quotes, or in a heredoc, to the text it means.

Quoted strings know `\n \r \t \" \\ \uNNNN \UNNNNNNNN`; every template knows `$${` and `%%{`.
"""

from __future__ import annotations

import re

from kvmform.lang.syntax.malformed import Malformed

__all__ = [
    "BLANK",
    "HEREDOC_LITERAL",
    "LINE_LITERAL",
    "QUOTED_LITERAL",
    "InvalidEscapeError",
    "decode_line",
    "decode_quoted",
    "normalize",
]

BLANK = "".join(map(chr, (*range(9, 14), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F)))
"""White space as Go's `unicode.IsSpace` has it, which strip markers and heredocs go by."""
BLANK += "\u205f\u3000"

_NO_SEQUENCE = r"\$\$\{|%%\{|[$%](?!\{)"

QUOTED_LITERAL = re.compile(rf'(?:[^"\\$%\r\n]|\\[^\r\n]|{_NO_SEQUENCE})*+')
"""As much of a quoted string as is literal."""

LINE_LITERAL = re.compile(rf"((?:[^$%\n]|{_NO_SEQUENCE})*+)(\n?)")
"""As much of a template file's line as is literal, and its newline."""

HEREDOC_LITERAL = re.compile(rf"((?:[^$%\r\n]|\r(?=\n)|{_NO_SEQUENCE})*+)(\n?)")
"""The same of a heredoc, which can't have a carriage return elsewhere than at the end of a line."""

_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{0,4}|U[0-9A-Fa-f]{0,8}|.)|\$\$\{|%%\{")
_DOUBLED = re.compile(r"([$%])\1\{")
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_DIGITS = {"u": ("four", 5), "U": ("eight", 9)}


class InvalidEscapeError(Exception):
    """A backslash sequence that means nothing; `start` and `end` are offsets in the literal."""

    def __init__(self, start: int, end: int, malformed: Malformed) -> None:
        super().__init__(malformed.summary)
        self.start = start
        self.end = end
        self.malformed = malformed


def normalize(text: str) -> str:
    """Bring text to Unicode normal form C, in which all strings of the language are."""
    if text.isascii():
        return text
    import unicodedata

    return unicodedata.normalize("NFC", text)


def decode_quoted(raw: str) -> str:
    """Decode the literal part of a quoted string.

    Raises:
        InvalidEscapeError: one of its backslash sequences means nothing.
    """
    if "\\" in raw:
        return normalize(_ESCAPE.sub(_unescape, raw))
    return decode_line(raw)


def decode_line(raw: str) -> str:
    """Decode a literal in which a backslash is just that: in heredocs and template files."""
    return normalize(_DOUBLED.sub(r"\1{", raw) if "{" in raw else raw)


def _unescape(found: re.Match[str]) -> str:
    selector = found[1]
    if selector is None:
        return found[0][1:]
    if selector in _SIMPLE:
        return _SIMPLE[selector]
    if selector[0] in _DIGITS:
        return _character(found)
    hint = r' Write "\\" for a backslash.' if selector != "$" else ' Write "$${" for a literal "${".'
    raise _invalid(found, rf'"{found[0]}" is not an escape sequence: \n, \r, \t, \", \\, \u and \U are.{hint}')


def _character(found: re.Match[str]) -> str:
    words, length = _DIGITS[found[1][0]]
    if len(found[1]) != length:
        raise _invalid(found, f'"\\{found[1][0]}" must be followed by {words} hexadecimal digits.')
    code = int(found[1][1:], 16)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise _invalid(found, f"U+{code:04X} is not a character. Use the number of a Unicode character.")
    return chr(code)


def _invalid(found: re.Match[str], detail: str) -> InvalidEscapeError:
    return InvalidEscapeError(found.start(), found.end(), Malformed("Invalid escape sequence", detail))
