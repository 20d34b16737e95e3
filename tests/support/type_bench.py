"""A bench for one resource type: plans and applies single instances on a host, without the rest of kvmform.

What a planner and an executor do around a type's verbs is done here in the smallest form: the merge, the diff and
the order of calls are real; state is a dictionary in the test.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kvmform.diagnostics import Diagnostic
from kvmform.host.host import Host
from kvmform.plan.change import PlannedEdit
from kvmform.plan.diff import planned_edits
from kvmform.plan.merge import merge
from kvmform.schema import (
    Block,
    Check,
    Edit,
    Identity,
    Object,
    Observed,
    Operation,
    Plain,
    Problem,
    Proposal,
    ResourceType,
    Row,
)
from kvmform.state.records import known
from kvmform.values.model import Unknown

__all__ = ["Killed", "TypeBench", "complete"]


class Killed(BaseException):
    """Stands for the end of the process: nothing of kvmform catches it."""


def complete(kind: ResourceType[Any], written: Object) -> Object:
    """A configuration with every row, as decoding makes it: defaults filled in, the rest None."""
    return _complete(kind.schema.rows, written)


def _complete(rows: Any, written: Object) -> Object:
    found: Object = {}
    for name, row in rows.items():
        match row:
            case Row():
                found[name] = written.get(name, row.default)
            case Block():
                found[name] = [_complete(row.rows, element) for element in written.get(name, [])]
    return found


@dataclass
class TypeBench:
    """Where a test plans and applies; `recorded`, `said` and `warned` are what the verbs journaled and told."""

    host: Host
    base_directory: Path
    planned: dict[str, list[Object]] = field(default_factory=dict)
    recorded: list[Object] = field(default_factory=list)
    said: list[tuple[str, int | None, int | None]] = field(default_factory=list)
    warned: list[Diagnostic] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def propose(
        self, kind: ResourceType[Any], written: Object, observed: Observed | None = None, address: str = "x"
    ) -> Object:
        """The planned object; it counts as planned from now on."""
        config = complete(kind, written)
        merged = merge(kind.schema.rows, config, None if observed is None else observed.object)
        proposal = Proposal(
            address, Identity("lineage", address), config, observed, merged, self._settings, self._others
        )
        planned = kind.propose(proposal)
        self.planned.setdefault(kind.name, []).append(planned)
        return planned

    def check(
        self,
        kind: ResourceType[Any],
        written: Object,
        observed: Observed | None = None,
        *,
        replace: bool = False,
        address: str = "x",
    ) -> list[Problem]:
        """The problems that planning finds."""
        planned = self.propose(kind, written, None if replace else observed, address)
        check = Check(
            address=address,
            host=self.host,
            base_directory=self.base_directory,
            identity=Identity("lineage", address),
            config=complete(kind, written),
            observed=observed,
            planned=planned,
            replace=replace,
            edits=[Edit(edit.path, edit.before, edit.after) for edit in self._edits(kind, observed, planned)],
            others=self._others,
        )
        return list(kind.check(check))

    def create(
        self, kind: ResourceType[Any], written: Object, *, leftover: Object | None = None, address: str = "x"
    ) -> Object:
        """Make an instance; `leftover` is what state has of an attempt that was cut off."""
        planned = {
            name: (leftover or {}).get(name) if _is_open(value) else known(value)
            for name, value in self.propose(kind, written, None, address).items()
        }
        made = kind.create(self.operation(address), planned)
        self.planned[kind.name] = [*self.planned[kind.name][:-1], made]
        return made

    def edits(
        self, kind: ResourceType[Any], written: Object, state: Object, address: str = "x"
    ) -> tuple[PlannedEdit, ...]:
        """What a plan would change of an existing instance; empty if it is as written."""
        observed = kind.read(self.host, state)
        assert observed is not None
        return self._edits(kind, observed, self.propose(kind, written, observed, address))

    @staticmethod
    def _edits(kind: ResourceType[Any], observed: Observed | None, planned: Object) -> tuple[PlannedEdit, ...]:
        return () if observed is None else planned_edits(kind.schema.rows, observed.object, planned, observed.facts)

    def update(self, kind: ResourceType[Any], written: Object, state: Object, address: str = "x") -> Object:
        """Change an instance in place."""
        observed = kind.read(self.host, state)
        assert observed is not None
        proposed = self.propose(kind, written, observed, address)
        planned = {name: known(value) for name, value in proposed.items()}
        found = planned_edits(kind.schema.rows, observed.object, planned, observed.facts)
        edits = [Edit(edit.path, edit.before, edit.after) for edit in found]
        return kind.update(self.operation(address), observed.object, planned, edits)

    def delete(self, kind: ResourceType[Any], state: Object, address: str = "x") -> None:
        """Delete an instance."""
        kind.delete(self.operation(address), state)

    def operation(self, address: str = "x") -> Operation[Host]:
        """What a verb gets."""
        return Operation(
            address=address,
            host=self.host,
            identity=Identity("lineage", address),
            base_directory=self.base_directory,
            settings=self._settings,
            progress=lambda *event: self.said.append(event),
            warn=self.warned.append,
            record=self.recorded.append,
            stop=self.stop,
        )

    @property
    def _settings(self) -> dict[str, Plain]:
        return {"base_directory": str(self.base_directory)}

    def _others(self, kind: str) -> Sequence[Object]:
        return self.planned.get(kind, [])


def _is_open(value: Plain) -> bool:
    return isinstance(value, Unknown)
