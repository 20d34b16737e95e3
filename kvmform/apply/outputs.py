"""Record the output values once the steps are done."""

from __future__ import annotations

from kvmform.config.evaluation import Evaluation
from kvmform.diagnostics import DiagnosticError
from kvmform.plan.change import Mode, Plan
from kvmform.plan.merge import contains_unknown
from kvmform.plan.outputs import output_changes
from kvmform.state.model import OutputValue
from kvmform.state.store import StateStore

__all__ = ["record_outputs"]


def record_outputs(plan: Plan, evaluation: Evaluation, store: StateStore, *, complete: bool) -> None:
    """Evaluate the outputs again, now that all is real, and record them.

    After an apply that did not come to its end (`complete` is false) those that are still
    not known keep their old value.

    Raises:
        DiagnosticError: an output can't be evaluated, after an apply that was complete.
    """
    if plan.mode is not Mode.NORMAL or plan.targets:
        if plan.mode is Mode.DESTROY and complete and not plan.targets:
            store.set_outputs({})
        return
    before = store.state.outputs
    try:
        values = evaluation.outputs()
    except DiagnosticError:
        if complete:
            raise
        return
    recorded: dict[str, OutputValue] = {}
    for output in output_changes(before, values):
        if not output.exists_after:
            continue
        if not contains_unknown(output.after):
            recorded[output.name] = OutputValue(output.after, output.type, output.sensitive)
        elif output.name in before:
            recorded[output.name] = before[output.name]
    if recorded != before:
        store.set_outputs(recorded)
