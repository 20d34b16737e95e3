"""Why an object is changed as it is: the remarks below the title of a change."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from kvmform.view.escapes import harmless, quoted
from kvmform.view.style import Style

__all__ = ["reason_lines"]

_REASONS = {
    "delete_because_no_resource_config": "because {type}.{name} is not in configuration",
    "delete_because_no_move_target": "because {previous_address} was moved to {address}, which is not in configuration",
    "delete_because_no_module": "because {module_address} is not in configuration",
    "delete_because_count_index": "because index [{index}] is out of range for count",
    "delete_because_each_key": "because key [{index}] is not in for_each map",
    "read_because_config_unknown": "config refers to values not yet known",
    "read_because_dependency_pending": "depends on a resource or a module with changes pending",
    "read_because_check_nested": "config will be reloaded to verify a check block",
}
_REPETITIONS = {
    type(None): "because resource uses count or for_each",
    int: "because resource does not use count",
    str: "because resource does not use for_each",
}


def reason_lines(change: Mapping[str, Any], style: Style) -> Iterator[str]:
    """The remarks, each a line."""
    form, actions = change["change"], change["change"]["actions"]
    if actions == ["forget"]:
        kept = (form["before"] or {}).get("keep") is True and "action_reason" in change
        yield f" # ({'keep = true' if kept else 'destroy = false'} is set in the configuration)"
        return
    if form.get("resumes"):
        yield "  # (an earlier apply did not finish it, or it was deleted outside; this goes on from what is there)"
    if said := _reason(change):
        yield f"  # ({harmless(said)})"
    if "deposed" in change:
        yield "  # (left over from a partially-failed replacement of this instance)"
    importing = form.get("importing")
    if form.get("generated_config"):
        yield "  # (config will be generated)"
    if "previous_address" in change and actions != ["no-op"]:
        yield f"  # (moved from {harmless(change['previous_address'])})"
    if importing and (actions != ["no-op"] or "previous_address" in change):
        yield f"  # (imported from {quoted(importing['id'])})"
    if importing and len(actions) == 2:
        yield f"  # {style('warning', 'Warning: this will destroy the imported resource')}"


def _reason(change: Mapping[str, Any]) -> str:
    reason = change.get("action_reason", "")
    if reason == "delete_because_wrong_repetition":
        return _REPETITIONS[type(change.get("index"))]
    index = json.dumps(change.get("index"), ensure_ascii=False)
    known = {"previous_address": "", "module_address": "", **change, "index": index}
    return _REASONS[reason].format_map(known) if reason in _REASONS else ""
