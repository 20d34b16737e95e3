"""The bench for `libvirt_domain`: values that only the host knows are None by the time a verb runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from type_bench import TypeBench, complete

from kvmform.plan.change import PlannedEdit
from kvmform.plan.diff import planned_edits
from kvmform.plan.merge import contains_unknown, merge
from kvmform.plan.paths import value_at
from kvmform.resources.domain.resource_type import DOMAIN
from kvmform.schema import Disruption, Edit, Identity, Object, Observed, Plain, Proposal
from kvmform.values.model import Unknown

__all__ = ["DomainBench", "settled"]


def settled(value: Plain) -> Plain:
    """The value as a verb gets it."""
    match value:
        case Unknown():
            return None
        case dict():
            return {name: settled(item) for name, item in value.items()}
        case list():
            return [settled(item) for item in value]
    return value


@dataclass
class DomainBench(TypeBench):
    """Plans and applies one domain at a time; `state` is the domain as it was last left."""

    settings: Mapping[str, Plain] = field(default_factory=dict)
    state: Object = field(default_factory=dict)

    def plan(self, written: Object, observed: Observed | None = None, address: str = "x") -> Object:
        """What is planned of the domain."""
        known = {name: value for name, value in written.items() if not isinstance(value, Unknown)}
        config = {**complete(DOMAIN, known), **{name: written[name] for name in written.keys() - known.keys()}}
        merged = merge(DOMAIN.schema.rows, config, None if observed is None else observed.object)
        identity = Identity("lineage", address)
        return DOMAIN.propose(Proposal(address, identity, config, observed, merged, self.settings, self._others))

    def look(self) -> Observed:
        """The domain as a new command sees it."""
        for record in self.host.inventory.domains.all():
            self.host.inventory.domains.forget(record.uuid)
        observed = DOMAIN.read(self.host, self.state)
        assert observed is not None
        return observed

    def make(self, written: Object, address: str = "x") -> Object:
        """Create the domain."""
        self.state = DOMAIN.create(self.operation(address), settled(self.plan(written, None, address)))
        return self.state

    def changes(self, written: Object, address: str = "x") -> tuple[PlannedEdit, ...]:
        """What a plan would change."""
        observed = self.look()
        planned = self.plan(written, observed, address)
        return planned_edits(DOMAIN.schema.rows, observed.object, planned, observed.facts)

    def change(self, written: Object, address: str = "x") -> Disruption:
        """Plan and carry out a change; returns the class of the plan."""
        observed = self.look()
        planned = self.plan(written, observed, address)
        found = planned_edits(DOMAIN.schema.rows, observed.object, planned, observed.facts)
        final: Any = settled(planned)
        edits = [
            Edit(e.path, e.before, value_at(final, e.path) if contains_unknown(e.after) else e.after) for e in found
        ]
        self.state = DOMAIN.update(self.operation(address), observed.object, final, edits)
        return max((edit.effect.disruption for edit in found), default=Disruption.NONE)

    def remove(self, address: str = "x") -> None:
        """Delete the domain."""
        DOMAIN.delete(self.operation(address), self.state)
