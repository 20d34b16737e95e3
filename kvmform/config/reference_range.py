"""Which part of a reference a message points at: the thing that it names, without what is asked of it."""

from __future__ import annotations

import re

from kvmform.diagnostics import SourceRange

__all__ = ["first_steps"]

_WORD = r"[^\W\d][\w-]*"
_STEP = r'\s*(?:\.\s*[\w-]+|\[\s*(?:"(?:[^"\\]|\\.)*"|\d+)\s*\])'
_KEY = r'\s*\[\s*(?:"(?:[^"\\]|\\.)*"|\d+)\s*\]'


def first_steps(reference: SourceRange, count: int, *, with_key: bool = False) -> SourceRange:
    """The range of a reference's first word and `count` steps behind it, and of a key if one follows.

    Terraform's messages point at `libvirt_volume.disk[0]`, not at all of `libvirt_volume.disk[0].id`.
    """
    text = reference.text
    found = re.match(_WORD, text)
    end = found.end() if found else len(text)
    for pattern in [*[_STEP] * count, *[_KEY] * with_key]:
        found = re.compile(pattern).match(text, end)
        if found is None:
            break
        end = found.end()
    return SourceRange(reference.source, reference.start, reference.start + end)
