"""What names mean before anything is done: objects as they are planned, and those beside the plan as recorded."""

from __future__ import annotations

from collections.abc import Collection

from kvmform.config.evaluation import Evaluation
from kvmform.plan.change import Plan
from kvmform.state.model import State

__all__ = ["introduce"]


def introduce(plan: Plan, state: State, types: Collection[str], evaluation: Evaluation) -> None:
    """Tell an evaluation what is there and what is planned; `types`: those that kvmform has."""
    planned = {change.address for change in plan.changes if not change.deposed}
    for instance in state.instances.values():
        if instance.address not in planned and instance.address.type in types:
            evaluation.set_object(instance.address, instance.attributes, instance.sensitive)
    for change in plan.changes:
        if change.after is not None:
            evaluation.set_object(change.address, change.after, change.sensitive)
