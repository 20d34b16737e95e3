"""Carry out a plan: walk its steps, several at once, and record each in the journal.

The executor decides nothing. What a plan left open (values known after apply) is worked
out from the same expressions just before a step, and must agree with what the plan said.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath
from typing import Any

from kvmform.apply.events import Emit, Failed, Finished, Progressed, Skipped, Started
from kvmform.apply.resolve import Resolved, resolve
from kvmform.config.evaluation import Evaluation
from kvmform.diagnostics import Diagnostic, DiagnosticError, error
from kvmform.graph.dag import Graph
from kvmform.graph.walk import Outcome, walk
from kvmform.plan.change import Action, Change, Plan, Step, Verb
from kvmform.plan.instances import InstanceIndex
from kvmform.plan.merge import contains_unknown
from kvmform.schema import DataSource, Identity, Object, Operation, Path, Plain, ResourceType
from kvmform.state.model import InstanceState, Status
from kvmform.state.store import StateStore

__all__ = ["Execution", "Report", "execute"]

_LIMITS = {"copy": 4, "boot": 4}
"""How many steps of a class of work may go at once; everything else only by parallelism."""

_COSTS = {"quick": 1.0, "copy": 20.0, "boot": 10.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """What it takes to carry out a plan.

    `stop` is set by the first Ctrl-C: nothing more is begun. `abort` by the second: what is
    in flight ends as soon as it can.
    """

    plan: Plan
    store: StateStore
    types: Mapping[str, ResourceType[Any]]
    data_sources: Mapping[str, DataSource[Any]]
    evaluation: Evaluation
    instances: InstanceIndex
    host_of: Callable[[str], Any]
    settings_of: Callable[[str], Mapping[str, Plain]]
    base_directory: FilePath
    parallelism: int
    emit: Emit
    stop: threading.Event
    abort: threading.Event


@dataclass(frozen=True, slots=True)
class Report:
    """What came of it: counts of objects, and every problem."""

    added: int
    changed: int
    destroyed: int
    diagnostics: tuple[Diagnostic, ...]
    interrupted: bool


def execute(execution: Execution) -> Report:
    """Carry out every step of the plan that can be; the journal has each one's outcome."""
    worker = _Worker(execution)
    worker.introduce_existing()
    steps = {step.number: step for step in execution.plan.steps}
    graph: Graph[int] = Graph(steps)
    for step in steps.values():
        for needed in step.needs:
            graph.add_edge(step.number, needed)
    outcome = walk(
        graph,
        lambda number: worker.perform(steps[number]),
        parallelism=execution.parallelism,
        limit=lambda number: worker.work_of(steps[number]),
        limits=_LIMITS,
        cost=lambda number: _COSTS.get(worker.work_of(steps[number]), 1.0),
        stop=execution.stop,
    )
    return worker.report(steps, outcome)


@dataclass(slots=True)
class _Worker:
    execution: Execution
    changes: dict[str, Change] = field(init=False)
    counts: dict[Verb, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.changes = {str(change.address): change for change in self.execution.plan.changes}

    def introduce_existing(self) -> None:
        """Tell the evaluation how resources repeat, and what stays as it is."""
        plan, evaluation = self.execution.plan, self.execution.evaluation
        self.execution.instances.introduce(evaluation)
        for change in plan.changes:
            if change.action is Action.NO_OP and change.after is not None:
                evaluation.set_object(change.address, change.after, change.sensitive)

    def work_of(self, step: Step) -> str:
        """The class of work of a step."""
        change = self.changes.get(step.address)
        kind = self.execution.types.get(change.address.type) if change else None
        if step.verb in {Verb.CREATE, Verb.UPDATE} and kind is not None:
            return kind.work
        return "delete" if step.verb is Verb.DELETE else "quick"

    def perform(self, step: Step) -> None:
        """Do one step.

        Raises:
            DiagnosticError: it failed; what it left is in the journal.
        """
        if step.verb is Verb.JOIN:
            return
        change = self.changes[step.address]
        known = change.before or {}
        self.execution.emit(Started(change.address, step.verb, _id_of(known)))
        begun = time.monotonic()
        try:
            result = self._do(step.verb, change)
        except DiagnosticError as problem:
            found = tuple(d.about(step.address) for d in problem.diagnostics)
            self.execution.emit(Failed(change.address, step.verb, time.monotonic() - begun, found))
            raise DiagnosticError(*found) from problem
        with self.lock:
            self.counts[step.verb] = self.counts.get(step.verb, 0) + 1
        seconds = time.monotonic() - begun
        self.execution.emit(Finished(change.address, step.verb, _id_of(result or known), seconds))

    def _do(self, verb: Verb, change: Change) -> Object | None:
        match verb:
            case Verb.CREATE:
                return self._create(change)
            case Verb.UPDATE:
                return self._update(change)
            case Verb.DELETE:
                return self._delete(change)
            case Verb.FORGET:
                self.execution.store.removed(change.address)
            case Verb.READ:
                return self._read(change)
        return None

    def _create(self, change: Change) -> Object:
        execution = self.execution
        kind = execution.types[change.address.type]
        identity = Identity(execution.plan.lineage, str(change.address), change.generation)
        resolved = self._resolve(change, kind, identity, None)
        planned = self._with_leftover(change, resolved.planned)
        execution.store.creating(self._state_of(change, planned, Status.CREATING))
        result = kind.create(self._operation(change, Verb.CREATE, identity), planned)
        return self._settle(change, result, resolved)

    def _with_leftover(self, change: Change, planned: Object) -> Object:
        """A resumed create is told what the interrupted one recorded, where the plan left it open."""
        recorded = self.execution.store.state.get(change.address) if change.resumes else None
        if recorded is None or change.after is None:
            return planned
        open_ = {name for name, value in change.after.items() if contains_unknown(value)}
        return {
            name: recorded.attributes.get(name) if value is None and name in open_ else value
            for name, value in planned.items()
        }

    def _update(self, change: Change) -> Object:
        execution = self.execution
        kind = execution.types[change.address.type]
        identity = Identity(execution.plan.lineage, str(change.address), change.generation)
        resolved = self._resolve(change, kind, identity, change.before)
        assert change.before is not None
        execution.store.updating(change.address)
        operation = self._operation(change, Verb.UPDATE, identity)
        result = kind.update(operation, change.before, resolved.planned, resolved.edits)
        return self._settle(change, result, resolved)

    def _settle(self, change: Change, result: Object, resolved: Resolved) -> Object:
        state = self._state_of(change, result, Status.OK, resolved.sensitive)
        self.execution.store.done(state)
        self.execution.evaluation.set_object(change.address, result, state.sensitive)
        return result

    def _delete(self, change: Change) -> Object | None:
        execution = self.execution
        kind = execution.types.get(change.address.type)
        if kind is None:
            detail = (
                f"kvmform has no resource type {change.address.type}, so it can't delete {change.address}. Take it out "
                "of state if it is looked after elsewhere."
            )
            raise DiagnosticError.of("Invalid resource type", detail)
        assert change.before is not None
        generation = change.generation - 1 if change.action is Action.REPLACE else change.generation
        identity = Identity(execution.plan.lineage, str(change.address), generation)
        execution.store.deleting(change.address)
        kind.delete(self._operation(change, Verb.DELETE, identity), change.before)
        execution.store.removed(change.address)
        return None

    def _read(self, change: Change) -> Object:
        execution = self.execution
        block, within, repetition = execution.instances.find(execution.evaluation, change.address)
        decoded, _ = execution.evaluation.decode(block, within, repetition)
        source = execution.data_sources[change.address.type]
        found = source.read(execution.host_of(change.provider), decoded.object)
        execution.evaluation.set_object(change.address, found, frozenset(decoded.sensitive))
        return found

    def _resolve(self, change: Change, kind: ResourceType[Any], identity: Identity, before: Object | None) -> Resolved:
        execution = self.execution
        block, within, repetition = execution.instances.find(execution.evaluation, change.address)
        decoded, _ = execution.evaluation.decode(block, within, repetition)
        settings = execution.settings_of(change.provider)
        return resolve(change, kind, identity, decoded, before, block, settings)

    def _state_of(
        self, change: Change, found: Object, status: Status, sensitive: frozenset[Path] = frozenset()
    ) -> InstanceState:
        prior = self.execution.store.state.get(change.address)
        fresh = InstanceState(
            address=change.address,
            attributes=found,
            provider=change.provider,
            schema_version=self.execution.types[change.address.type].schema.version,
            sensitive=change.sensitive | sensitive,
            generation=change.generation,
            status=status,
            dependencies=change.dependencies,
        )
        return fresh if prior is None else replace(fresh, private=prior.private, foreign=prior.foreign)

    def _operation(self, change: Change, verb: Verb, identity: Identity) -> Operation[Any]:
        execution = self.execution
        begun = time.monotonic()

        def progress(words: str, done: int | None = None, total: int | None = None) -> None:
            execution.emit(Progressed(change.address, verb, words, done, total, time.monotonic() - begun))

        kind = execution.types[change.address.type]
        return Operation(
            address=str(change.address),
            host=execution.host_of(change.provider) if kind.needs_host else None,
            identity=identity,
            base_directory=execution.base_directory,
            settings=execution.settings_of(change.provider),
            progress=progress,
            record=lambda so_far: execution.store.recorded(change.address, so_far),
            stop=execution.abort,
        )

    def report(self, steps: Mapping[int, Step], outcome: Outcome[int]) -> Report:
        """Sum up the walk."""
        diagnostics: list[Diagnostic] = []
        for _, problem in sorted(outcome.failed.items()):
            if isinstance(problem, DiagnosticError):
                diagnostics.extend(problem.diagnostics)
            else:
                raise problem
        left = sorted([*outcome.skipped, *outcome.not_started])
        for number in left:
            step = steps[number]
            if step.verb is not Verb.JOIN:
                self.execution.emit(Skipped(self.changes[step.address].address, step.verb))
        interrupted = bool(outcome.not_started) and self.execution.stop.is_set()
        if interrupted:
            detail = "What was in flight was finished and recorded. Run the same command again to go on from here."
            diagnostics.append(error("execution halted", detail))
        return Report(
            added=self.counts.get(Verb.CREATE, 0),
            changed=self.counts.get(Verb.UPDATE, 0),
            destroyed=self.counts.get(Verb.DELETE, 0),
            diagnostics=tuple(diagnostics),
            interrupted=interrupted,
        )


def _id_of(known: Object) -> str | None:
    found = known.get("id")
    return found if isinstance(found, str) else None
