"""What reports of a plan are made from: each change with why it comes, where it is declared, and who refuses it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kvmform.config.module import Module
from kvmform.plan.cause import cause
from kvmform.plan.change import Action, Change, Drift, Gate, Plan
from kvmform.plan.gates import Refusal, refusals
from kvmform.plan.paths import path_text
from kvmform.plan.removal import block_of
from kvmform.struct import Struct
from kvmform.view.escapes import harmless
from kvmform.view.plan_json import change_form
from kvmform.view.plan_text.changes import change_text
from kvmform.view.plan_text.summary import summary_text
from kvmform.view.plan_text.symbols import symbol_text
from kvmform.view.style import Style

__all__ = ["PlanReport", "ReportedChange", "drift_words", "plan_report"]

_PLAIN = Style(color=False)
_WIDE = 100_000
"""Columns: no line is broken."""


class ReportedChange(Struct):
    """A change, its JSON form, and where it is declared (`main.tf`, 12), if it still is."""

    change: Change
    form: Mapping[str, Any]
    place: tuple[str, int] | None
    refusal: Refusal | None

    @property
    def name(self) -> str:
        """Its address; of an object that another one took the place of, its key too."""
        return harmless(self.change.key)

    @property
    def symbol(self) -> str:
        """Terraform's, as in `-/+`."""
        return symbol_text(tuple(self.form["change"]["actions"]), _PLAIN).strip()

    @property
    def action(self) -> str:
        """What happens to it, in a word or two."""
        change = self.change
        stays = change.action is Action.NO_OP
        if change.importing:
            return "import" if stays else f"import, {change.action.value}"
        return "move" if stays else change.action.value

    @property
    def why(self) -> str:
        """Why, in a few words, or empty."""
        reason = harmless(cause(self.change))
        moved = f"moved from {harmless(str(self.change.previous))}" if self.change.previous else ""
        return "; ".join(filter(None, (reason, moved)))

    def text(self) -> str:
        """All of it, as a plan shows it."""
        return change_text(self.form, _PLAIN)


class PlanReport(Struct):
    """A plan, its changes that do anything, in its order, and what of it is refused."""

    plan: Plan
    changes: tuple[ReportedChange, ...]
    refusals: tuple[Refusal, ...]

    @property
    def drift(self) -> list[Drift]:
        """What somebody changed outside."""
        return [drift for drift in self.plan.drift if drift.is_shown]

    def sums(self) -> tuple[str, str]:
        """How many objects come, change and go; and what that costs."""
        forms = [each.form for each in self.changes]
        counts, cost, *_ = summary_text(forms, self.plan.disruption.value, _PLAIN, _WIDE).split("\n")
        return counts, cost

    def broken(self, gate: Gate) -> list[Refusal]:
        """What goes beyond a gate."""
        return [refusal for refusal in self.refusals if gate in refusal.gates]


def plan_report(plan: Plan, root: Module) -> PlanReport:
    """Look into a plan, and into the configuration that it was made from."""
    refused = tuple(refusals(plan))
    by_key = {each.change.key: each for each in refused if each.change is not None}
    changes = [change for change in plan.changes if not change.is_idle]
    reported = (
        ReportedChange(change, change_form(change), _place(change, root), by_key.get(change.key)) for change in changes
    )
    return PlanReport(plan, tuple(reported), refused)


def drift_words(drift: Drift) -> str:
    """What has become of an object outside: `is gone`, or the attributes that are others."""
    if drift.after is None:
        return "is gone"
    return harmless(f"differs: {', '.join(path_text(edit.path) for edit in drift.edits)}")


def _place(change: Change, root: Module) -> tuple[str, int] | None:
    block = block_of(change.address, root)
    return (block.range.filename, block.range.first.line) if block else None
