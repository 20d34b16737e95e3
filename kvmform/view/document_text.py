"""The text of a JSON document: numbers with all their digits, and ASCII alone, which every locale can write."""

from __future__ import annotations

import re
from typing import Any

from kvmform.state.json_text import json_text

__all__ = ["document_text"]


def document_text(document: Any, *, indented: bool = False) -> str:
    """The text, on one line unless `indented`."""
    text = json_text(document, indented=indented)
    # What is not ASCII stands only within strings.
    return text if text.isascii() else re.sub(r"[^\x00-\x7f]", _escaped, text)


def _escaped(found: re.Match[str]) -> str:
    from json import dumps

    return dumps(found[0])[1:-1]
