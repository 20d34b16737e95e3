"""A string as one writes it in quotes."""

from __future__ import annotations

import re

__all__ = ["quoted"]

_SIMPLE = {"\n": r"\n", "\r": r"\r", "\t": r"\t", '"': r"\"", "\\": r"\\"}
_SPECIAL = re.compile(r'[\n\r\t"\\]|[$%](?=\{)|[^\x20-\x7e]')


def quoted(text: str) -> str:
    """What stands between the quotes of a string that means `text`."""
    return _SPECIAL.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    character = found[0]
    if character in _SIMPLE:
        return _SIMPLE[character]
    if character in "$%":
        return character * 2
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
