"""What came of an apply: what was done, what failed, and what was left because of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from kvmform.address import InstanceAddress
from kvmform.apply.events import Emit, Skipped
from kvmform.diagnostics import Diagnostic, DiagnosticError, error
from kvmform.graph.walk import Outcome
from kvmform.plan.change import Step, Verb
from kvmform.struct import Struct

__all__ = ["Report", "report_of"]


class Report(Struct, kw_only=True):
    """Counts of objects, every problem, and what was not done."""

    added: int
    changed: int
    destroyed: int
    imported: int
    diagnostics: tuple[Diagnostic, ...]
    failed: tuple[tuple[InstanceAddress, Verb], ...]
    """Steps that failed; what they left is in state."""
    skipped: tuple[Skipped, ...]
    """Steps that were not begun."""
    interrupted: bool
    warnings: tuple[Diagnostic, ...] = ()
    """What the verbs warned of, and what checks tell of the outcome."""


def report_of(
    steps: Mapping[int, Step],
    addresses: Mapping[int, InstanceAddress],
    outcome: Outcome[int],
    emit: Emit,
    *,
    was_stopped: bool,
) -> Report:
    """Sum up a walk; each step that was not begun is told of.

    `steps` are those of the plan by their numbers, `addresses` whose they are (joins are nobody's), `was_stopped`
    whether the user asked to stop.
    """
    diagnostics: list[Diagnostic] = []
    for _, problem in sorted(outcome.failed.items()):
        if isinstance(problem, DiagnosticError):
            diagnostics.extend(problem.diagnostics)
        else:
            raise problem
    skipped = _skipped(steps, addresses, outcome)
    for each in skipped:
        emit(each)
    interrupted = bool(outcome.not_started) and was_stopped
    if interrupted:
        detail = (
            "What was in flight was finished and recorded. Run the same command again to go on from here. A saved plan "
            "is stale now: make a new one."
        )
        diagnostics.append(error("execution halted", detail))
    done = Counter(steps[number].verb for number in outcome.done)
    return Report(
        added=done[Verb.CREATE],
        changed=done[Verb.UPDATE],
        destroyed=done[Verb.DELETE],
        imported=done[Verb.IMPORT],
        diagnostics=tuple(diagnostics),
        failed=tuple((addresses[number], steps[number].verb) for number in sorted(outcome.failed)),
        skipped=skipped,
        interrupted=interrupted,
    )


def _skipped(
    steps: Mapping[int, Step], addresses: Mapping[int, InstanceAddress], outcome: Outcome[int]
) -> tuple[Skipped, ...]:
    causes: dict[int, int | None] = {**outcome.skipped, **dict.fromkeys(outcome.not_started)}
    return tuple(
        Skipped(addresses[number], steps[number].verb, None if cause is None else addresses[cause])
        for number, cause in sorted(causes.items())
        if number in addresses
    )
