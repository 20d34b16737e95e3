"""Record the output values once the steps are done."""

from __future__ import annotations

from kvmform.config.evaluation import Evaluation
from kvmform.diagnostics import DiagnosticError
from kvmform.plan.change import Mode, Plan
from kvmform.plan.outputs import known_outputs, output_values
from kvmform.state.model import OutputValue
from kvmform.state.store import StateStore

__all__ = ["record_outputs"]


def record_outputs(plan: Plan, evaluation: Evaluation, store: StateStore, *, complete: bool) -> None:
    """Evaluate the outputs again, now that all is real, and record them: of part of a lab those that are in the plan.

    After an apply that did not come to its end (`complete` is false) those that are still
    not known keep their old value.

    Raises:
        DiagnosticError: an output can't be evaluated, after an apply that was complete.
    """
    before = store.state.outputs
    match plan.mode:
        case Mode.DESTROY | Mode.REFRESH_ONLY if plan.is_partial:
            return
        case Mode.DESTROY:
            recorded = {} if complete else before
        case Mode.REFRESH_ONLY:
            recorded = {o.name: OutputValue(o.after, o.type, o.sensitive) for o in plan.outputs if o.exists_after}
        case Mode.NORMAL:
            names = {output.name for output in plan.outputs} if plan.is_partial else None
            kept = {} if names is None else {name: old for name, old in before.items() if name not in names}
            try:
                recorded = kept | known_outputs(before, output_values(evaluation.outputs(names)))
            except DiagnosticError:
                if complete:
                    raise
                return
    if recorded != before:
        store.set_outputs(recorded)
