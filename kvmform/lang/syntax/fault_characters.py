"""Characters that are in no text of the language, told once or a few times for a whole file.

Source: `checkInvalidTokens` of https://github.com/hashicorp/hcl (`hclsyntax/token.go`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from kvmform.diagnostics import Diagnostic, Source, error
from kvmform.lang.syntax.malformed import UNCLOSED_STRING, Malformed, explain_character
from kvmform.lang.syntax.scan import Scanned

__all__ = ["character_faults"]

_BITWISE = frozenset("&|^~")


def character_faults(source: Source, tokens: Sequence[Scanned]) -> Iterator[Diagnostic]:
    """What is wrong with characters, wherever they stand."""
    told: Counter[str] = Counter()
    for token in tokens:
        malformed = _malformed(token, told)
        if malformed is not None:
            yield error(malformed.summary, malformed.detail, source.range(token.start, token.end))


def _malformed(token: Scanned, told: Counter[str]) -> Malformed | None:
    if token.kind == "newline in quotes":
        return UNCLOSED_STRING
    if token.kind != "invalid":
        return None
    character = token.text[0]
    told[character] += 1
    if character in _BITWISE:
        told["bitwise"] += 1
        return explain_character(character) if told["bitwise"] <= 4 else None
    if character in {"'", "`"}:
        # The second one closes what the first one opened.
        return explain_character(character) if told[character] in {1, 3} else None
    if character == ";":
        return explain_character(character) if told[character] == 1 else None
    return explain_character(character)
