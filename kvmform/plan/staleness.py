"""What has become of the objects that a plan rests on since it was made.

Pure: what is real now comes in as data. What moves by itself (free space, leases) counts
for nothing, and neither do objects that the plan neither touches nor uses.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from kvmform.address import InstanceAddress
from kvmform.plan.change import Action, Change, Drift, Plan
from kvmform.plan.compare import is_volatile
from kvmform.plan.diff import differences, planned_edits
from kvmform.plan.paths import path_text, row_at
from kvmform.schema import Block, Edit, Object, Observed, Path, Plain, Row
from kvmform.struct import Struct

__all__ = ["Seen", "changes_since", "seen_by"]

_LONGEST = 60
"""Characters of a value that are quoted."""

Rows = Mapping[str, Row | Block]


class Seen(Struct):
    """An object as a plan saw it, or as it was recorded where the plan found it gone; to be looked at again."""

    address: InstanceAddress
    provider: str
    object: Object
    is_gone: bool
    change: Change | None
    sensitive: frozenset[Path]


def seen_by(plan: Plan) -> list[Seen]:
    """The objects that a plan rests on: those that it changes, those that these use, and those that had drifted."""
    managed = [each for each in plan.changes if each.address.resource.mode == "managed" and not each.deposed]
    used = {name for each in managed if not each.is_idle for name in each.dependencies}
    drifted = {drift.address: drift for drift in plan.drift if drift.is_shown}
    providers = {each.address: each.provider for each in managed}
    found = [
        Seen(each.address, each.provider, each.before, is_gone=False, change=each, sensitive=each.sensitive)
        for each in managed
        if each.before is not None and _counts(each, used, drifted)
    ]
    gone = (drift for drift in drifted.values() if drift.after is None and drift.address in providers)
    found += [
        Seen(each.address, providers[each.address], each.before, is_gone=True, change=None, sensitive=each.sensitive)
        for each in gone
    ]
    return sorted(found, key=lambda seen: seen.address.sort_key())


def _counts(change: Change, used: set[str], drifted: Mapping[InstanceAddress, Drift]) -> bool:
    names = {str(change.address), str(change.address.resource)}
    return not change.is_idle or change.address in drifted or not used.isdisjoint(names)


def changes_since(seen: Seen, rows: Rows, now: Observed | None) -> Iterator[str]:
    """How an object differs from what a plan saw of it: `running was false and is now true`, for each attribute.

    Where the object is the same, but a change of it would cost the guest something else by now, that is told.

    Args:
        seen: the object as the plan saw it.
        rows: those of its type.
        now: what there is of it now.
    """
    if seen.is_gone or now is None:
        if seen.is_gone != (now is None):
            yield "was gone and is there again" if seen.is_gone else "was there and is gone"
        return
    edits = (e for e in differences(rows, seen.object, now.object) if not is_volatile(rows, e.path))
    found = [_sentence(edit, rows, seen.sensitive) for edit in edits]
    yield from found or _other_costs(seen.change, rows, now)


def _sentence(edit: Edit, rows: Rows, sensitive: frozenset[Path]) -> str:
    """What became of an attribute, or of a block."""
    name, row = path_text(edit.path), row_at(rows, edit.path)
    if isinstance(row, Block) and isinstance(edit.path[-1], int):
        return f"{name} was not there and is now" if edit.before is None else f"{name} was there and is not any more"
    hidden = (isinstance(row, Row) and row.sensitive) or any(edit.path[: len(path)] == path for path in sensitive)
    before, after = ("(sensitive value)", "another one") if hidden else (_text(edit.before), _text(edit.after))
    return f"{name} was {before} and is now {after}"


def _other_costs(change: Change | None, rows: Rows, now: Observed) -> Iterator[str]:
    """Edits whose effect the live facts make another one than the plan told."""
    if change is None or change.action is not Action.UPDATE or change.before is None or change.after is None:
        return
    planned = {edit.path: edit.effect for edit in change.edits}
    for edit in planned_edits(rows, change.before, change.after, now.facts):
        before, after = planned.get(edit.path), edit.effect
        if before is not None and before.disruption is not after.disruption:
            reason = f" ({after.reason})" if after.reason else ""
            classes = f"was of the class {before.disruption.value} and would now be {after.disruption.value}"
            yield f"changing {path_text(edit.path)} {classes}{reason}"


def _text(value: Plain) -> str:
    """A value in few words."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
