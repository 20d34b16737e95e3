"""Markdown, as GitHub and GitLab read it, from text that comes from elsewhere: none of it is taken for mark-up.

What is special is written as a character reference, which both show as the character and never read as
mark-up: https://spec.commonmark.org/0.31.2/#entity-and-numeric-character-references
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from kvmform.view.escapes import harmless

__all__ = ["code", "folded", "prose", "row", "stretch"]

_SPECIAL = re.compile(r"""[^\w ,;'"()/.%=:+-]|(?<![^\W_])_+|_+(?![^\W_])|://|(?<=www)\.|^[-+]""", re.IGNORECASE)
"""All but what means itself; a colon, a dot or a sign does so but in a few places."""
_MENTION = "&#64;<!-- -->"
"""An at sign that mentions nobody: what makes links of names sees it apart from the name."""


def prose(text: str, longest: int = 200) -> str:
    """A text on one line, cut where it is longer than so many characters."""
    cut = text if len(text) <= longest else f"{text[:longest]}..."
    shown = _SPECIAL.sub(lambda found: "".join(f"&#{ord(each)};" for each in found[0]), harmless(cut))
    return shown.replace("&#64;", _MENTION)


def code(text: str) -> str:
    """The same in the type of programs. In a table too, where what stands between backticks ends at a bar."""
    return f"<code>{prose(text)}</code>"


def row(cells: Iterable[str]) -> str:
    """A row of a table."""
    return f"| {' | '.join(cells)} |"


def stretch(text: str, language: str) -> str:
    """Lines as they are, between fences that are longer than anything in them."""
    longest = max(map(len, re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def folded(title: str, body: str) -> str:
    """What is shown once somebody asks for it."""
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"
