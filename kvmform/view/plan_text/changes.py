"""One change: what happens to the object, why, what it costs, and what of it differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kvmform.view.differences import ABSENT, Body, Note, Notes, Pair, body_difference, rows_of
from kvmform.view.drawing import Page, body_lines
from kvmform.view.escapes import harmless
from kvmform.view.masks import with_unknown
from kvmform.view.plan_text.reasons import reason_lines
from kvmform.view.plan_text.symbols import Actions, symbol_text
from kvmform.view.style import Style

__all__ = ["change_text", "drifted_text"]

_TITLES: dict[Actions, str] = {
    ("no-op",): "will be imported",
    ("create",): "will be created",
    ("read",): "will be read during apply",
    ("update",): "will be updated in-place",
    ("delete",): "will be {destroyed}",
    ("delete", "create"): "must be {replaced}",
    ("create", "delete"): "must be {replaced}",
    ("forget",): "will no longer be managed by {product}, but {will not be destroyed}",
}
_REPLACEMENTS = {
    "replace_because_tainted": "is tainted, so must be {replaced}",
    "replace_by_request": "will be {replaced}, as requested",
    "replace_by_triggers": "will be {replaced} due to changes in replace_triggered_by",
}
_LOUD = ("destroyed", "replaced", "will not be destroyed")
_COSTS = {"reboot": "update", "replace": "delete", "data-loss": "error"}


def change_text(change: Mapping[str, Any], style: Style) -> str:
    """The whole change, from its title to the closing brace."""
    form, actions = change["change"], tuple(change["change"]["actions"])
    tree = _tree(change, _notes(form["edits"]))
    page = Page(style, whole="importing" in form)
    first, *rest = body_lines(tree, 0, page)
    # The remarks come first: programs look for "(moved from …)" right below the title.
    head = [_title(change, actions, style), *reason_lines(change, style), *_costs(form["disruption"], style)]
    return "\n".join([*head, f"{symbol_text(actions, style)} {_header(change)} {first}", *rest])


def drifted_text(change: Mapping[str, Any], style: Style) -> str:
    """An object that has changed outside, or is gone; of its attributes those that somebody changed."""
    is_gone = change["change"]["actions"] == ["delete"]
    symbol = symbol_text(("delete",) if is_gone else ("update",), style)
    notes = Notes()
    for edit in change["change"]["edits"]:
        notes.add(tuple(edit["path"]), None, removed=_is_removed(edit))
    tree = _tree(change, notes, noted_only=not is_gone)
    title = style("bold", f"  # {harmless(change['address'])}")
    first, *rest = body_lines(tree, 0, Page(style))
    what = "been deleted" if is_gone else "changed"
    return "\n".join([f"{title} has {what}", f"{symbol} {_header(change)} {first}", *rest])


def _header(change: Mapping[str, Any]) -> str:
    return f'{"data" if change["mode"] == "data" else "resource"} "{change["type"]}" "{change["name"]}"'


def _tree(change: Mapping[str, Any], notes: Notes, *, noted_only: bool = False) -> Body:
    form = change["change"]
    before = ABSENT if form["before"] is None else form["before"]
    after = ABSENT if form["after"] is None else with_unknown(form["after"], form["after_unknown"])
    pair = Pair(before, after, form["before_sensitive"], form["after_sensitive"])
    if form["actions"] == ["forget"]:
        pair = Pair(before, before, form["before_sensitive"], form["before_sensitive"])
    return body_difference(pair, rows_of(change["mode"], change["type"]), notes, noted_only=noted_only)


def _notes(edits: Iterable[Mapping[str, Any]]) -> Notes:
    notes = Notes()
    for edit in edits:
        notes.add(tuple(edit["path"]), _note(edit), removed=_is_removed(edit))
    return notes


def _is_removed(edit: Mapping[str, Any]) -> bool:
    return edit["after"] is None and not edit["after_unknown"] and isinstance(edit["path"][-1], int)


def _note(edit: Mapping[str, Any]) -> Note | None:
    disruption, reason = edit["disruption"], harmless(edit["reason"])
    if edit["replaces"]:
        return Note(f"forces replacement ({reason})" if reason else "forces replacement", replaces=True)
    if disruption == "none" and not reason:
        return None
    return Note(f"{disruption}: {reason}" if reason else disruption)


def _title(change: Mapping[str, Any], actions: Actions, style: Style) -> str:
    title = _REPLACEMENTS.get(change.get("action_reason", ""), _TITLES[actions])
    address = change["address"]
    if actions == ("no-op",) and "previous_address" in change:
        title, address = f"has moved to {style('bold', harmless(address))}", change["previous_address"]
    title = title.replace("{product}", style.product.name)
    for words in _LOUD:
        title = title.replace(f"{{{words}}}", style("delete", words))
    deposed = f" (deposed object {change['deposed']})" if "deposed" in change else ""
    blanks = " " if actions == ("forget",) else "  "
    return f"{style('bold', f'{blanks}# {harmless(address)}{deposed}')} {title}"


def _costs(disruption: str, style: Style) -> Iterator[str]:
    if disruption != "none":
        yield f"  # ({style(_COSTS.get(disruption, 'dim'), f'disruption: {disruption}')})"
