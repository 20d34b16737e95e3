"""A plan as a comment on a merge request: the sum, a table of changes, and the changes themselves, folded.

What is refused comes first, then what disrupts most. A comment has a limit, and a plan has none: what doesn't fit is
left out from the mild end, and it is said how much that is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from kvmform.plan.change import Action
from kvmform.view.markdown import code, folded, prose, row, stretch
from kvmform.view.plan_report import PlanReport, ReportedChange, drift_words

__all__ = ["LIMIT", "plan_markdown"]

LIMIT = 60_000
"""Bytes. GitHub takes 65,536 characters, GitLab a million; the rest is for what a pipeline puts around it."""

_TABLE_SHARE = 0.6
"""Of the limit, for what stands above the details."""
_FOR_NOTES = 1_000
"""Of the limit, for what frames the details, and for what is said of what is left out."""
_REFUSALS = 20
"""How many refusals are told above the table; each is in it too."""
_OUTPUTS = 10
"""How many outputs are named."""
_ONE_CHANGE = 8_000
_ONE_LINE = 400
"""Characters of a change and of a line in the details."""
_LOUD = {"reboot", "replace", "data-loss"}


def plan_markdown(report: PlanReport) -> str:
    """The whole comment, at most :data:`LIMIT` bytes."""
    ordered = sorted(report.changes, key=lambda each: (each.refusal is None, -each.change.disruption.rank))
    notes: list[str] = []
    blocks = ["\n\n".join(_head(report))]
    blocks += _changes_table(ordered, int(LIMIT * _TABLE_SHARE) - _size(blocks[0]), notes)
    blocks += _drift_table(report, notes)
    blocks += _outputs(report)
    room = LIMIT - sum(_size(block) + 2 for block in blocks) - _FOR_NOTES
    texts = _fitting((_diff(each.text()) for each in ordered), room)
    if texts:
        title = f"Details of {len(texts)} change{'s' if len(texts) != 1 else ''}"
        blocks.append(folded(title, stretch("\n\n".join(texts), "diff")))
    if left := len(ordered) - len(texts):
        notes.append(f"the details of {left} of {len(ordered)} changes are left out")
    if notes:
        blocks.append(f"**Cut to fit into a comment:** {'; '.join(notes)}. `kvmform show` has the whole plan.")
    return "\n\n".join(blocks)


def _head(report: PlanReport) -> Iterator[str]:
    counts, cost = report.sums()
    if not report.plan.is_applyable:
        yield "### No changes. Your infrastructure matches the configuration."
    else:
        yield f"### {counts}"
        yield f"**{cost.partition('.')[0]}.**{cost.partition('.')[2]}"
    if report.plan.is_partial:
        yield "This plan is about a part of the lab only (`-target`, `-exclude`)."
    if report.refusals:
        told = [
            f"- {prose(each.why, 400)} {code(each.said)} does not allow that." for each in report.refusals[:_REFUSALS]
        ]
        more = len(report.refusals) - _REFUSALS
        told += [f"- and {more} more"] if more > 0 else []
        yield "\n".join(["**Refused.** This plan will not be applied:\n", *told])


def _changes_table(ordered: Sequence[ReportedChange], room: int, notes: list[str]) -> Iterator[str]:
    if ordered:
        rows = _fitting(map(_change_row, ordered), room)
        if left := len(ordered) - len(rows):
            notes.append(f"{left} of {len(ordered)} changes are not in the table")
        yield "\n".join([row(("", "Object", "Action", "Disruption", "Why")), row(["---"] * 5), *rows])


def _drift_table(report: PlanReport, notes: list[str]) -> Iterator[str]:
    if report.drift:
        found = [row((code(str(drift.address)), prose(drift_words(drift)))) for drift in report.drift]
        rows = _fitting(found, LIMIT // 10)
        if left := len(found) - len(rows):
            notes.append(f"{left} of {len(found)} objects that changed outside are not listed")
        yield "Changed outside:"
        yield "\n".join([row(("Object", "What")), row(["---"] * 2), *rows])


def _outputs(report: PlanReport) -> Iterator[str]:
    names = [each.name for each in report.plan.outputs if each.action is not Action.NO_OP]
    if names:
        more = f" and {len(names) - _OUTPUTS} more" if len(names) > _OUTPUTS else ""
        yield f"Outputs that change: {', '.join(map(code, names[:_OUTPUTS]))}{more}."


def _change_row(each: ReportedChange) -> str:
    disruption = each.change.disruption.value
    loud = f"**{disruption}**" if disruption in _LOUD else disruption
    refused = f"refused by {code(each.refusal.said)}" if each.refusal else ""
    why = "; ".join(filter(None, (refused, prose(each.why))))
    return row((code(each.symbol), code(each.name), each.action, loud, why))


def _fitting(parts: Iterable[str], room: int) -> list[str]:
    """The parts that there is room for, up to the first that is too much; those behind it are not even made."""
    kept: list[str] = []
    for part in parts:
        room -= _size(part) + 2
        if room < 0:
            break
        kept.append(part)
    return kept


def _size(text: str) -> int:
    return len(text.encode())


def _diff(text: str) -> str:
    """A change as the language `diff` has it: the sign of a line at its beginning, `!` for what is changed."""
    lines = [_cut(line) for line in text.split("\n")]
    kept = _fitting(lines, _ONE_CHANGE)
    left = len(lines) - len(kept)
    told = [*kept, f"# {left} more lines of this change are left out"] if left else kept
    return "\n".join(re.sub(r"^( *)([-+~])(?= )", lambda found: _sign(found[2]) + found[1], line) for line in told)


def _sign(symbol: str) -> str:
    return "!" if symbol == "~" else symbol


def _cut(line: str) -> str:
    return line if len(line) <= _ONE_LINE else f"{line[:_ONE_LINE]} ({len(line) - _ONE_LINE} more characters)"
