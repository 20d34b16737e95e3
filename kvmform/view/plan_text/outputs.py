"""Output values that the plan changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kvmform.values.types import DYNAMIC
from kvmform.view.differences import ABSENT, Pair, difference
from kvmform.view.drawing import Page, entry_lines
from kvmform.view.masks import with_unknown
from kvmform.view.style import Style

__all__ = ["outputs_text"]


def outputs_text(changes: Mapping[str, Mapping[str, Any]], style: Style) -> str:
    """A line for each that is not as it was, or the lines of its value; names are aligned with those of all."""
    page = Page(style)
    width = max(map(len, changes), default=0)
    lines: list[str] = []
    for name, change in sorted(changes.items()):
        if change["actions"] == ["no-op"]:
            continue
        pair = Pair(
            ABSENT if change["actions"] == ["create"] else change["before"],
            ABSENT if change["actions"] == ["delete"] else with_unknown(change["after"], change["after_unknown"]),
            change["before_sensitive"],
            change["after_sensitive"],
        )
        lines.extend(entry_lines(f"{name:<{width}} = ", difference(pair, DYNAMIC), 0, page))
    return "\n".join(lines)
