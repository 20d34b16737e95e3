"""What cannot be read as a token, and the way out of it."""

from __future__ import annotations

from kvmform.struct import Struct

__all__ = ["UNCLOSED_COMMENT", "UNCLOSED_STRING", "Malformed", "explain_character", "unclosed_heredoc"]


class Malformed(Struct):
    """Summary and detail of the diagnostic for a piece of text."""

    summary: str
    detail: str


UNCLOSED_STRING = Malformed(
    "Invalid multi-line string",
    'This quoted string has no closing quote on its line. Close it with ", or, for text of several lines, '
    'write "\\n" where a line ends or use a heredoc (<<EOT … EOT).',
)

UNCLOSED_COMMENT = Malformed(
    "Unclosed comment",
    'This comment is never closed. End it with "*/", or begin it with "#" if it is one line.',
)

_BITWISE = "Bitwise operators are not part of the language."
_UNSUPPORTED = {
    "&": f'{_BITWISE} For a logical "and", write "&&".',
    "|": f'{_BITWISE} For a logical "or", write "||".',
    "~": f'{_BITWISE} For a logical "not", write "!".',
    "^": f'{_BITWISE} For "not equal", write "!=".',
}
_MISTAKEN = {
    "'": 'Single quotes do not enclose strings. Use double quotes ("…").',
    "`": 'The "`" character is not used. For text of several lines, use a heredoc (<<EOT … EOT).',
    ";": "Semicolons are not used. Separate arguments and blocks by newlines, and elements by commas.",
    "$": 'The "$" character is used only inside quotes, for "${…}". Write a reference without it, '
    "for example var.name.",
}
_CURLY_QUOTES = "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}\N{DOUBLE LOW-9 QUOTATION MARK}"


def explain_character(character: str) -> Malformed:
    """Say what is wrong with a character that begins no token."""
    if character in _UNSUPPORTED:
        return Malformed("Unsupported operator", _UNSUPPORTED[character])
    if character in _MISTAKEN:
        return Malformed("Invalid character", _MISTAKEN[character])
    if character in _CURLY_QUOTES:
        return Malformed(
            "Invalid character",
            f'"{character}" is a typographic quote; word processors put it there. Replace it by a straight one (").',
        )
    name = f'"{character}" (U+{ord(character):04X})' if character.isprintable() else f"U+{ord(character):04X}"
    return Malformed("Invalid character", f"The character {name} is not used in the language. Remove it.")


def unclosed_heredoc(marker: str) -> Malformed:
    """Say that a heredoc runs to the end of the file."""
    return Malformed(
        "Unterminated template string",
        f'No line after this one consists of "{marker}" alone. Add such a line, ended by a newline, after the text.',
    )
