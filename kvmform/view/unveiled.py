"""A plan of which nothing is hidden, for who asks for that."""

from __future__ import annotations

from kvmform.plan.change import Change, Plan
from kvmform.struct import replace

__all__ = ["unveiled_plan"]


def unveiled_plan(plan: Plan) -> Plan:
    """The plan with nothing marked as sensitive."""
    return replace(
        plan,
        changes=tuple(_unveiled(change) for change in plan.changes),
        drift=tuple(replace(drift, sensitive=frozenset()) for drift in plan.drift),
        outputs=tuple(replace(output, sensitive=False, sensitive_before=False) for output in plan.outputs),
    )


def _unveiled(change: Change) -> Change:
    recorded = change.recorded and replace(change.recorded, sensitive=frozenset())
    return replace(change, sensitive=frozenset(), recorded=recorded)
