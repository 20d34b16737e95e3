"""What stands before each change, and the list of what that means."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from kvmform.view.style import Style

__all__ = ["Actions", "legend_lines", "symbol_text"]

Actions = tuple[str, ...]
"""The actions of a change, as the JSON form has them."""

_SYMBOLS: dict[Actions, str] = {
    ("no-op",): "   ",
    ("create",): "  +",
    ("read",): " <=",
    ("update",): "  ~",
    ("delete",): "  -",
    ("delete", "create"): "-/+",
    ("create", "delete"): "+/-",
    ("forget",): " .",
}
_MEANINGS: dict[Actions, str] = {
    ("create",): "create",
    ("update",): "update in-place",
    ("delete",): "destroy",
    ("delete", "create"): "destroy and then create replacement",
    ("create", "delete"): "create replacement and then destroy",
    ("read",): "read (data resources)",
}
_COLORS = {"+": "create", "~": "update", "-": "delete", "<=": "read", ".": "delete"}


def symbol_text(actions: Actions, style: Style) -> str:
    """The symbol of a change."""
    return re.sub(r"<=|[-+~.]", lambda found: style(_COLORS[found[0]], found[0]), _SYMBOLS[actions])


def legend_lines(used: Collection[Actions], style: Style) -> Iterator[str]:
    """What the symbols mean that are used."""
    for actions, meaning in _MEANINGS.items():
        if actions in used:
            yield f"{symbol_text(actions, style)} {meaning}"
