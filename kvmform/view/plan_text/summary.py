"""The sum of a plan: how many objects come, change and go, and whom it disturbs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kvmform.plan.paths import path_text
from kvmform.schema import Disruption
from kvmform.view.columns import wrapped
from kvmform.view.escapes import harmless
from kvmform.view.style import Style

__all__ = ["summary_text"]

_TOTALS = {
    "none": "No existing guest or data is touched.",
    "live": "No guest is rebooted, no data is lost.",
    "next-boot": "No guest is rebooted; some changes take effect at the next boot. No data is lost.",
    "interrupt": "Guests keep running but may lose their network, or pause, for a moment. No data is lost.",
    "reboot": "Guests are shut down gracefully and started again. No data is lost.",
    "replace": "Objects are deleted. No user data is lost.",
    "data-loss": "DATA IS LOST: what was written to disks is deleted.",
}
_COLORS = {"data-loss": "error", "replace": "delete"}
_NAMED = 5
"""How many objects of one class are named."""
_CAUSES = 3
"""How many attributes of one object are named."""


def summary_text(changes: Iterable[Mapping[str, Any]], disruption: str, style: Style, columns: int) -> str:
    """The line `Plan: …`, which programs read, and what the plan costs: the worst class, and whom each is about."""
    changes = list(changes)
    line = _counts(changes)
    total = wrapped(f"Disruption: {disruption}. {_total(changes, disruption)}", columns)
    costs = "".join(f"  {wrapped(cost, columns - 2, indent='      ')}\n" for cost in _costs(changes))
    return f"{style('bold', 'Plan:')} {line}\n{style(_COLORS.get(disruption, 'dim'), total)}\n{costs}"


def _total(changes: list[Mapping[str, Any]], disruption: str) -> str:
    """What the worst class comes to; a guest that is to be off is not started again."""
    costly = [change["change"]["edits"] for change in changes if change["change"]["disruption"] == disruption]
    stopped = [any(list(edit["path"]) == ["running"] and edit["after"] is False for edit in edits) for edits in costly]
    if disruption != "reboot" or not any(stopped):
        return _TOTALS[disruption]
    others = "" if all(stopped) else ", and those that are to run are started again"
    return f"Guests are shut down gracefully{others}. No data is lost."


def _counts(changes: list[Mapping[str, Any]]) -> str:
    actions = [tuple(change["change"]["actions"]) for change in changes]
    replaced = actions.count(("delete", "create")) + actions.count(("create", "delete"))
    imported = sum("importing" in change["change"] for change in changes)
    line = f"{imported} to import, " if imported else ""
    added, destroyed = actions.count(("create",)) + replaced, actions.count(("delete",)) + replaced
    return f"{line}{added} to add, {actions.count(('update',))} to change, {destroyed} to destroy."


def _costs(changes: list[Mapping[str, Any]]) -> Iterator[str]:
    """A line for each class that there is, the worst first."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for change in changes:
        found.setdefault(change["change"]["disruption"], []).append(change)
    for each in sorted(Disruption, reverse=True):
        if each is not Disruption.NONE and (of_class := found.get(each.value)):
            named = [_cause(change) for change in of_class[:_NAMED]]
            more = [f"and {len(of_class) - _NAMED} more"] if len(of_class) > _NAMED else []
            yield f"{len(of_class)} {each.value}: {', '.join([*named, *more])}"


def _cause(change: Mapping[str, Any]) -> str:
    """The address, with what of the object costs as much as all of it."""
    form = change["change"]
    paths = dict.fromkeys(path_text(edit["path"]) for edit in form["edits"] if edit["disruption"] == form["disruption"])
    causes = [*list(paths)[:_CAUSES], *(["..."] if len(paths) > _CAUSES else [])]
    return harmless(f"{change['address']} ({', '.join(causes)})" if causes else change["address"])
