"""A lab in a directory on fake hosts: write its files, plan it, apply it, look at what came of it."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from textwrap import dedent

from fake_host import FakeHost, Killed, Mortality, fake_catalogue

from kvmform.address import parse_instance, parse_target
from kvmform.apply.events import Event
from kvmform.apply.report import Report
from kvmform.config.inputs import VariableArgument
from kvmform.plan.change import Change, Gate, Mode, Plan
from kvmform.plan.planfile import SavedPlan
from kvmform.schema import Object
from kvmform.state.model import State
from kvmform.state.records import Record
from kvmform.state.store import StateStore
from kvmform.workspace import ApplyOptions, PlanOptions, Surroundings, Workspace
from kvmform.workspace.catalogue import Catalogue

__all__ = ["Lab"]

HOME = "fake:///home"


@dataclass
class Lab:
    """A directory with a configuration and a state, and the hosts that it is about."""

    directory: Path
    hosts: dict[str, FakeHost] = field(default_factory=lambda: {HOME: FakeHost(HOME)})
    variables: dict[str, str] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    abort: threading.Event = field(default_factory=threading.Event)
    mortality: Mortality = field(default_factory=Mortality)
    catalogue: Catalogue | None = None
    """Types that need no host, where the lab is of them; else things on the fake hosts."""

    def __post_init__(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)

    @property
    def host(self) -> FakeHost:
        """The host that things are on by default."""
        return self.hosts[HOME]

    def write(self, text: str, name: str = "main.tf") -> Lab:
        """Write a file of the configuration."""
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
        return self

    def workspace(self, saved: SavedPlan | None = None, *, lock: bool = True) -> Workspace:
        """A run in this lab."""
        around = Surroundings(
            directory=self.directory,
            environment={"LIBVIRT_DEFAULT_URI": HOME},
            variables=[VariableArgument(f"{name}={value}", is_file=False) for name, value in self.variables.items()],
            lock=lock,
        )
        return _MortalWorkspace(around, saved, self)

    def plan(
        self,
        *,
        mode: Mode = Mode.NORMAL,
        targets: tuple[str, ...] = (),
        excluded: tuple[str, ...] = (),
        replace: tuple[str, ...] = (),
        refresh: bool = True,
        gates: Sequence[Gate] = (),
    ) -> Plan:
        """The plan of a run that ends with it."""
        with self.workspace() as workspace:
            return workspace.plan(_options(mode, targets, excluded, replace, refresh, gates)).plan

    def apply(
        self,
        *,
        mode: Mode = Mode.NORMAL,
        targets: tuple[str, ...] = (),
        excluded: tuple[str, ...] = (),
        replace: tuple[str, ...] = (),
        refresh: bool = True,
        parallelism: int = 4,
    ) -> Report:
        """Plan and apply in one run."""
        with self.workspace() as workspace:
            plan = workspace.plan(_options(mode, targets, excluded, replace, refresh)).plan
            return workspace.apply(plan, self.events.append, self.options(parallelism))

    def options(self, parallelism: int = 4) -> ApplyOptions:
        """Options for an apply that this lab can stop, of a plan that was made just now."""
        return ApplyOptions(parallelism=parallelism, look_again=False, stop=self.stop, abort=self.abort)

    def applied(self, text: str) -> Lab:
        """The lab with a configuration that is applied in full."""
        report = self.write(text).apply()
        assert not report.diagnostics, [d.detail for d in report.diagnostics]
        return self

    def destroy(self) -> Report:
        """Delete everything in state."""
        return self.apply(mode=Mode.DESTROY)

    def killed_at(self, instant: int, *, mode: Mode = Mode.NORMAL, parallelism: int = 1) -> bool:
        """Apply, and be killed at an instant; whether it came to that."""
        self.mortality = Mortality(instant)
        for host in self.hosts.values():
            host.mortality = self.mortality
        try:
            assert not self.apply(mode=mode, parallelism=parallelism).diagnostics
        except Killed:
            return True
        finally:
            self.mortality = Mortality()
            for host in self.hosts.values():
                host.mortality = self.mortality
        return False

    @property
    def state(self) -> State:
        """What is recorded by now."""
        with self.workspace(lock=False) as workspace:
            return workspace.state

    def recorded(self) -> dict[str, Object]:
        """Attributes of what is recorded, by address."""
        return {str(address): instance.attributes for address, instance in self.state.instances.items()}

    def outputs(self) -> Mapping[str, object]:
        """Recorded output values."""
        return {name: output.value for name, output in self.state.outputs.items()}


def changes(plan: Plan) -> dict[str, Change]:
    """The changes of a plan by address."""
    return {str(change.address): change for change in plan.changes}


def actions(plan: Plan) -> dict[str, str]:
    """What a plan does to each instance, but for those that it leaves as they are."""
    return {str(c.address): c.action.value for c in plan.changes if c.action.value != "no-op"}


def _options(
    mode: Mode,
    targets: tuple[str, ...],
    excluded: tuple[str, ...],
    replace: tuple[str, ...],
    refresh: bool,
    gates: Sequence[Gate] = (),
) -> PlanOptions:
    return PlanOptions(
        mode=mode,
        targets=tuple(parse_target(text) for text in targets),
        excluded=tuple(parse_target(text) for text in excluded),
        replace=frozenset(parse_instance(text) for text in replace),
        refresh=refresh,
        gates=gates,
    )


class _MortalWorkspace(Workspace):
    """A workspace whose writes to the state are instants at which it can be killed."""

    def __init__(self, around: Surroundings, saved: SavedPlan | None, lab: Lab) -> None:
        super().__init__(around, saved, lab.catalogue or fake_catalogue(lab.hosts))
        self._mortality = lab.mortality

    @cached_property
    def store(self) -> StateStore:
        """The state, as any workspace opens it."""
        opened = super().store
        return _MortalStore.around(opened, self._mortality)


class _MortalStore(StateStore):
    mortality: Mortality

    @classmethod
    def around(cls, store: StateStore, mortality: Mortality) -> _MortalStore:
        """The same store, which can be killed."""
        mortal = cls(store._backend, store._kept, store._leftover)
        mortal.mortality = mortality
        return mortal

    def _tell(self, record: Record, *, wait: bool = True) -> None:
        self.mortality.instant()
        super()._tell(record, wait=wait)
        self.mortality.instant()

    def finish(self) -> None:
        """Write the state; a dead process doesn't."""
        self.mortality.instant()
        super().finish()
        self.mortality.instant()
