"""A plan and a state of which nothing is hidden, for who asks for that."""

from __future__ import annotations

from kvmform.plan.change import Change, Plan
from kvmform.state.model import State
from kvmform.struct import replace

__all__ = ["unveiled_plan", "unveiled_state"]


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


def unveiled_state(state: State) -> State:
    """The state with nothing marked as sensitive."""
    return replace(
        state,
        instances={address: replace(each, sensitive=frozenset()) for address, each in state.instances.items()},
        deposed={key: replace(each, sensitive=frozenset()) for key, each in state.deposed.items()},
        outputs={name: replace(output, sensitive=False) for name, output in state.outputs.items()},
    )
