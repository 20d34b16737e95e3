"""Carry out a plan: walk its steps, several at once, and record each in the journal.

The executor decides nothing. What a plan left open (values known after apply) is worked
out from the same expressions just before a step, and must agree with what the plan said.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path as FilePath
from typing import Any

from kvmform.address import InstanceAddress
from kvmform.apply.data_records import data_record
from kvmform.apply.events import Emit, Failed, Finished, Progressed, Started
from kvmform.apply.heartbeat import Heartbeat
from kvmform.apply.introduce import introduce
from kvmform.apply.likeness import Likenesses
from kvmform.apply.provisioners import Provisioners
from kvmform.apply.report import Report, report_of
from kvmform.apply.resolve import Resolved, Setting, broken_promises, resolve
from kvmform.apply.waiting import Waiting
from kvmform.config.evaluation import Evaluation
from kvmform.diagnostics import Diagnostic, DiagnosticError, SourceRange
from kvmform.graph.dag import Graph
from kvmform.graph.walk import Outcome, walk
from kvmform.plan.change import Action, Change, Mode, Plan, Step, Verb
from kvmform.plan.merge import contains_unknown
from kvmform.plan.paths import path_text
from kvmform.schema import DataSource, Object, Operation, Path, Plain, Reading, ResourceType
from kvmform.state.model import InstanceState, Status
from kvmform.state.store import StateStore
from kvmform.struct import Struct, replace
from kvmform.values.marks import mark_paths
from kvmform.values.plain import from_plain

__all__ = ["Execution", "Report", "execute"]

_LIMITS = {"copy": 4, "boot": 4}
"""How many steps of a class of work may go at once; everything else only by parallelism."""

_COSTS = {"quick": 1.0, "copy": 20.0, "boot": 10.0, "provision": 30.0}


class Execution(Struct, kw_only=True):
    """What it takes to carry out a plan.

    `stop` is set by the first Ctrl-C: nothing more is begun. `abort` by the second: what is
    in flight ends as soon as it can.
    """

    plan: Plan
    store: StateStore
    types: Mapping[str, ResourceType[Any]]
    data_sources: Mapping[str, DataSource[Any]]
    evaluation: Evaluation
    host_of: Callable[[str], Any]
    settings_of: Callable[[str], Mapping[str, Plain]]
    base_directory: FilePath
    parallelism: int
    emit: Emit
    stop: threading.Event
    abort: threading.Event


def execute(execution: Execution) -> Report:
    """Carry out every step of the plan that can be; the journal has each one's outcome."""
    steps = {step.number: step for step in execution.plan.steps}
    changes = {change.key: change for change in execution.plan.changes}
    addresses = {n: changes[step.address].address for n, step in steps.items() if step.verb is not Verb.JOIN}
    graph: Graph[int] = Graph(steps)
    for step in steps.values():
        for needed in step.needs:
            graph.add_edge(step.number, needed)
    with Heartbeat(execution.emit, Waiting(steps, addresses, graph).on) as heartbeat:
        worker = _Worker(replace(execution, emit=heartbeat.event), changes)
        if execution.plan.mode is Mode.NORMAL:
            introduce(execution.plan, execution.store.state, execution.types, execution.evaluation)
        outcome = walk(
            graph,
            lambda number: worker.perform(steps[number]),
            parallelism=execution.parallelism,
            limit=lambda number: worker.work_of(steps[number]),
            limits=_LIMITS,
            cost=lambda number: _COSTS.get(worker.work_of(steps[number]), 1.0),
            stop=execution.stop,
        )
    worker.forget_undone(steps, outcome)
    report = report_of(steps, addresses, outcome, execution.emit, was_stopped=execution.stop.is_set())
    return replace(report, warnings=tuple(worker.warnings))


class _Worker:
    """Performs steps; any number of threads may do so at once."""

    def __init__(self, execution: Execution, changes: Mapping[str, Change]) -> None:
        self._execution = execution
        self._changes = changes
        self._provisioners = Provisioners(
            execution.evaluation, execution.base_directory, execution.emit, execution.stop
        )
        self._likenesses = Likenesses(execution.evaluation, execution.types, execution.plan.changes)
        self._of_kind: dict[tuple[str, str], list[InstanceAddress]] = {}
        for change in (each for each in changes.values() if each.address.resource.mode == "managed"):
            self._of_kind.setdefault((change.provider, change.address.type), []).append(change.address)
        self._deposed: dict[InstanceAddress, str] = {}
        """Keys of the old objects of those that were made first."""
        self._begun = time.time()
        self.warnings: list[Diagnostic] = []
        """What verbs warned of, although nothing failed."""

    def forget_undone(self, steps: Mapping[int, Step], outcome: Outcome[int]) -> None:
        """Take back what was planned and not made, so that no output tells of it."""
        for number in (*outcome.failed, *outcome.skipped, *outcome.not_started):
            step = steps[number]
            if step.verb is Verb.JOIN or self._execution.plan.mode is not Mode.NORMAL:
                continue
            change = self._changes[step.address]
            # An old object that is still to be deleted is not what its address stands for.
            if not change.deposed and not (change.new_first and step.verb is Verb.DELETE):
                self._execution.evaluation.drop_object(change.address)

    def work_of(self, step: Step) -> str:
        """The class of work of a step."""
        change = self._changes.get(step.address)
        kind = self._execution.types.get(change.address.type) if change else None
        if step.verb is Verb.CREATE and change is not None and self._provisioners.wait_for(change.address):
            # It mostly waits: for a guest's ssh server, for packages. That must not keep others from booting.
            return "provision"
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
        change = self._changes[step.address]
        if step.verb is Verb.MOVE:
            self._claim(change)
            return
        known = {} if step.verb is Verb.CREATE else change.before or {}
        self._execution.emit(Started(change.address, step.verb, _id_of(known)))
        begun = time.monotonic()
        try:
            result = self._do(step.verb, change)
        except DiagnosticError as problem:
            place = self._place_of(change)
            found = tuple(d.about(step.address).at(place) for d in problem.diagnostics)
            self._execution.emit(Failed(change.address, step.verb, time.monotonic() - begun, found))
            raise DiagnosticError(*found) from problem
        seconds = time.monotonic() - begun
        left = None if step.verb is Verb.DELETE else _id_of(result or known)
        self._execution.emit(Finished(change.address, step.verb, left, seconds))

    def _place_of(self, change: Change) -> SourceRange | None:
        """The resource block of an instance; None if it is not in the configuration any more."""
        if change.after is None:
            return None
        block, _, _ = self._execution.evaluation.locate(change.address)
        return block.range

    def _do(self, verb: Verb, change: Change) -> Object | None:
        match verb:
            case Verb.CREATE:
                return self._create(change)
            case Verb.UPDATE:
                return self._update(change)
            case Verb.DELETE:
                self._delete(change)
            case Verb.FORGET:
                self._execution.store.removed(change.address, change.deposed)
            case Verb.READ:
                return self._read(change)
            case Verb.IMPORT:
                self._import(change)
        return None

    def _create(self, change: Change) -> Object:
        execution = self._execution
        kind = execution.types[change.address.type]
        resolved = self._resolve(change, kind)
        planned = self._with_leftover(change, resolved.planned)
        execution.evaluation.check_provisioners(*execution.evaluation.locate(change.address))
        if change.new_first:
            self._deposed[change.address] = execution.store.depose(change.address)
        execution.store.creating(self._state_of(change, planned, Status.CREATING))
        try:
            result = kind.create(self._operation(change, Verb.CREATE, change.generation), planned)
        except DiagnosticError:
            self._restore(change, kind)
            raise
        return self._settle(change, result, resolved, Verb.CREATE)

    def _restore(self, change: Change, kind: ResourceType[Any]) -> None:
        """The old object is the current one again, where nothing came in its place."""
        store, deposed = self._execution.store, self._deposed.pop(change.address, None)
        recorded = store.state.get(change.address)
        if deposed is not None and recorded is not None:
            host = self._execution.host_of(change.provider) if kind.needs_host else None
            if kind.read(host, recorded.attributes) is None:
                store.removed(change.address)
                store.restore(change.address, deposed)

    def _with_leftover(self, change: Change, planned: Object) -> Object:
        """A resumed create is told what the interrupted one recorded, where the plan left it open."""
        recorded = self._execution.store.state.get(change.address) if change.resumes else None
        if recorded is None or change.after is None:
            return planned
        left_open = {name for name, value in change.after.items() if contains_unknown(value)}
        return {
            name: recorded.attributes.get(name) if value is None and name in left_open else value
            for name, value in planned.items()
        }

    def _update(self, change: Change) -> Object:
        execution = self._execution
        kind = execution.types[change.address.type]
        resolved = self._resolve(change, kind)
        assert change.before is not None
        execution.store.updating(change.address)
        operation = self._operation(change, Verb.UPDATE, change.generation)
        result = kind.update(operation, change.before, resolved.planned, resolved.edits)
        return self._settle(change, result, resolved, Verb.UPDATE)

    def _resolve(self, change: Change, kind: ResourceType[Any]) -> Resolved:
        execution = self._execution
        block, within, repetition = execution.evaluation.locate(change.address)
        decoded, _ = execution.evaluation.decode(block, within, repetition)
        setting = Setting(
            change.identity(execution.plan.lineage),
            execution.settings_of(change.provider),
            lambda name: self._others(change, name),
        )
        return resolve(change, kind, setting, self._likenesses.laid_under(change, decoded), block)

    def _others(self, change: Change, kind: str) -> list[Object]:
        """The objects of a type on the same host, as they are by now or are planned."""
        found = (self._execution.evaluation.object(a) for a in self._of_kind.get((change.provider, kind), ()))
        return [each for each in found if each is not None]

    def _settle(self, change: Change, result: Object, resolved: Resolved, verb: Verb) -> Object:
        """Record what was made or changed, check it against what was promised, and provision what was made."""
        execution = self._execution
        state = self._state_of(change, result, Status.OK, resolved.sensitive)
        is_provisioned = verb is Verb.CREATE and self._provisioners.wait_for(change.address)
        # Until its provisioners are done nobody knows what state it is in; killed or failed, it is replaced.
        execution.store.done(replace(state, status=Status.TAINTED) if is_provisioned else state)
        execution.evaluation.set_object(change.address, result, state.sensitive)
        rows = execution.types[change.address.type].schema.rows
        broken = ", ".join(path_text(path) for path in broken_promises(change, rows, resolved, result))
        if broken:
            detail = (
                f"{change.address} is made and recorded, but it is not as the plan said: {broken}. What depends on it "
                "was left alone. This is a bug in kvmform."
            )
            raise DiagnosticError.of("Result differs from the plan", detail)
        if is_provisioned:
            self._provisioners.run_first(change.address)
            execution.store.done(state)
        execution.evaluation.check_postconditions(*execution.evaluation.locate(change.address))
        return result

    def _delete(self, change: Change) -> None:
        execution = self._execution
        kind = execution.types[change.address.type]
        assert change.before is not None
        generation = change.generation - 1 if change.action is Action.REPLACE else change.generation
        deposed = change.deposed or self._deposed.get(change.address, "")
        recorded = execution.store.state.get(change.address, deposed)
        if not deposed and recorded is not None and recorded.status is Status.OK:
            # As in Terraform, none are run for a deposed object: what they say goodbye to may be the new one's by now.
            itself = mark_paths(from_plain(change.before, kind.schema.type), change.sensitive)
            self._provisioners.run_last(change.address, itself)
        execution.store.deleting(change.address, deposed)
        kind.delete(self._operation(change, Verb.DELETE, generation), change.before)
        execution.store.removed(change.address, deposed)

    def _import(self, change: Change) -> None:
        """Record an object as it is. It was there before what uses it was recorded, whenever that was."""
        assert change.before is not None
        generation = change.generation - change.replaces
        state = self._state_of(change, change.before, Status.OK)
        self._execution.store.done(replace(state, generation=generation, made=0))
        self._claim(change)

    def _claim(self, change: Change) -> None:
        """Mark an object with its address."""
        kind = self._execution.types.get(change.address.type)
        if kind is not None and change.before is not None:
            kind.claim(self._operation(change, Verb.MOVE, change.generation), change.before)

    def _read(self, change: Change) -> Object:
        execution = self._execution
        block, within, repetition = execution.evaluation.locate(change.address)
        decoded, _ = execution.evaluation.decode(block, within, repetition)
        source = execution.data_sources[change.address.type]
        host = execution.host_of(change.provider) if source.needs_host else execution.base_directory
        reading = Reading(host, execution.base_directory, execution.settings_of(change.provider))
        found = source.read(reading, decoded.object)
        sensitive = frozenset(decoded.sensitive)
        execution.store.seen(data_record(execution.data_sources, change.address, change.provider, found, sensitive))
        execution.evaluation.set_object(change.address, found, sensitive)
        execution.evaluation.check_postconditions(block, within, repetition)
        return found

    def _state_of(
        self, change: Change, found: Object, status: Status, sensitive: frozenset[Path] = frozenset()
    ) -> InstanceState:
        store = self._execution.store
        prior = store.state.get(change.address)
        kept = prior if change.action is Action.UPDATE else None
        fresh = InstanceState(
            address=change.address,
            attributes=found,
            provider=change.provider,
            schema_version=self._execution.types[change.address.type].schema.version,
            sensitive=change.sensitive | sensitive,
            generation=change.generation,
            seed=change.seed,
            made=store.turn if kept is None else kept.made,
            settled=store.turn,
            status=status,
            create_before_destroy=change.new_first or (kept is not None and kept.create_before_destroy),
            dependencies=change.dependencies,
        )
        return fresh if prior is None else replace(fresh, private=prior.private, foreign=prior.foreign)

    def _operation(self, change: Change, verb: Verb, generation: int) -> Operation[Any]:
        execution = self._execution

        def progress(words: str, done: int | None = None, total: int | None = None) -> None:
            execution.emit(Progressed(change.address, verb, words, done, total))

        kind = execution.types[change.address.type]
        return Operation(
            address=str(change.address),
            host=execution.host_of(change.provider) if kind.needs_host else execution.base_directory,
            identity=replace(change.identity(execution.plan.lineage), generation=generation),
            base_directory=execution.base_directory,
            settings=execution.settings_of(change.provider),
            progress=progress,
            record=lambda so_far: execution.store.recorded(change.address, so_far),
            stop=execution.abort,
            halt=execution.stop,
            begun=self._begun,
            planned_cost=change.disruption,
            warn=lambda told: self.warnings.append(told.about(str(change.address))),
        )


def _id_of(known: Object) -> str | None:
    found = known.get("id")
    return found if isinstance(found, str) else None
