"""Text that comes from elsewhere, so that no terminal takes any of it for a command."""

from __future__ import annotations

import re

__all__ = ["harmless", "name_text", "quoted"]

_ESCAPES = {"\a": r"\a", "\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\v": r"\v"}
_ESCAPES |= {'"': r"\"", "\\": r"\\"}
_SPECIAL = re.compile(r'["\\]|[^\x20-\x7e]')
_UNPRINTABLE = re.compile(r"[^\t\x20-\x7e]")
_IDENTIFIER = re.compile(r"[^\W\d][\w-]*")


def quoted(text: str) -> str:
    """A string in quotes, with everything escaped that can't be seen, as Terraform has it (Go's `%q`)."""
    return f'"{_SPECIAL.sub(_escaped, text)}"'


def harmless(text: str) -> str:
    """A line as it is, but for characters that can't be seen: those are escaped."""
    return text if text.isascii() and text.isprintable() else _UNPRINTABLE.sub(_escaped, text)


def name_text(name: str) -> str:
    """The name of an attribute: in quotes where it isn't an identifier."""
    return name if _IDENTIFIER.fullmatch(name) else quoted(name)


def _escaped(found: re.Match[str]) -> str:
    character = found[0]
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
