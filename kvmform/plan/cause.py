"""Why an object is changed, replaced or deleted, in a few words: for gates that refuse it, and for reports."""

from __future__ import annotations

from kvmform.plan.change import Action, Change, PlannedEdit
from kvmform.plan.paths import path_text

__all__ = ["cause"]

_MOST = 3
"""How many attributes are named; of the others only how many there are."""

_REASONS = {
    "delete_because_no_resource_config": "it is not in the configuration",
    "delete_because_no_move_target": "it was moved to what is not in the configuration",
    "delete_because_no_module": "the instance of its module is not in the configuration",
    "delete_because_count_index": "its index is out of range for count",
    "delete_because_each_key": "its key is not in the for_each map",
    "delete_because_wrong_repetition": "the resource repeats in another way now",
    "replace_because_tainted": "it is tainted",
    "replace_by_request": "-replace asks for it",
    "replace_by_triggers": "something that its replace_triggered_by names changes",
}


def cause(change: Change) -> str:
    """A clause without a full stop: `it is tainted`, `memory: more than max_memory`; empty where that is plain.

    Of a change in place, these are the attributes that have its disruption.
    """
    if change.deposed:
        return "another object has taken its place"
    if change.reason in _REASONS:
        return _REASONS[change.reason]
    match change.action:
        case Action.REPLACE:
            edits = [edit for edit in change.edits if edit.effect.replaces]
        case Action.UPDATE:
            edits = [edit for edit in change.edits if edit.effect.disruption is change.disruption]
        case _:
            return ""
    named = ", ".join(map(_words, edits[:_MOST]))
    return f"{named} and {len(edits) - _MOST} more" if len(edits) > _MOST else named


def _words(edit: PlannedEdit) -> str:
    reason = edit.effect.reason
    return f"{path_text(edit.path)} ({reason})" if reason else path_text(edit.path)
