"""What state has of data sources: what was read of each, so that others see what an apply went by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kvmform.address import InstanceAddress
from kvmform.plan.change import Action, Plan
from kvmform.schema import DataSource, Object, Path
from kvmform.state.model import InstanceState
from kvmform.state.store import StateStore

__all__ = ["data_record", "record_planned_data"]

Sources = Mapping[str, DataSource[Any]]


def record_planned_data(plan: Plan, store: StateStore, sources: Sources) -> None:
    """Record what the plan read; one that reads as it did before is not written again."""
    read = [
        data_record(sources, change.address, change.provider, change.after, change.sensitive)
        for change in plan.changes
        if change.address.resource.mode == "data" and change.action is Action.NO_OP and change.after is not None
    ]
    store.seen(*(each for each in read if store.state.get(each.address) != each))


def data_record(
    sources: Sources, address: InstanceAddress, provider: str, found: Object, sensitive: frozenset[Path]
) -> InstanceState:
    """What state has of one that was read."""
    return InstanceState(
        address=address,
        provider=provider,
        attributes=found,
        schema_version=sources[address.type].schema.version,
        sensitive=sensitive,
    )
