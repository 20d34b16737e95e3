"""Make a plan: walk the declarations in dependency order and compare each instance.

Pure: what is real comes in as data (`Request.observed`); nothing here talks to a host, but
through `Request.read_data` for data sources.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kvmform.address import InstanceAddress, ResourceAddress
from kvmform.config.decode import Decoded
from kvmform.config.dependencies import Declaration, dependency_graph, reject_cycles
from kvmform.config.evaluation import Evaluation
from kvmform.config.module import Module, ResourceBlock
from kvmform.config.module_instance import ModuleInstance, Read
from kvmform.config.repetition import repetition_kind
from kvmform.diagnostics import DiagnosticError, Diagnostics
from kvmform.plan.change import Action, Change, Drift, Mode, OutputChange, Plan
from kvmform.plan.compare import Comparison, Subject, compare, drift_of
from kvmform.plan.guard import check_prevent_destroy
from kvmform.plan.merge import contains_unknown, merge
from kvmform.plan.order import Dependencies, order_steps
from kvmform.plan.outputs import output_changes
from kvmform.plan.removal import removal_reason
from kvmform.plan.target import Target, covers, is_target, target_declarations, users_of
from kvmform.schema import DataSource, Disruption, Object, Observed, Plain, ResourceType
from kvmform.state.model import InstanceState, OutputValue

__all__ = ["Detail", "Planning", "Request", "make_plan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Everything that a plan is made from.

    `observed` has what was read of each instance in `prior`; None: it is gone; an instance
    that is not in it was not looked at, and is taken to be as recorded.
    """

    root: Module
    evaluation: Evaluation
    types: Mapping[str, ResourceType[Any]]
    data_sources: Mapping[str, DataSource[Any]]
    prior: Mapping[InstanceAddress, InstanceState]
    prior_outputs: Mapping[str, OutputValue]
    observed: Mapping[InstanceAddress, Observed | None]
    mode: Mode
    targets: Sequence[Target]
    replace: frozenset[InstanceAddress]
    lineage: str
    serial: int
    timestamp: str
    variables: Mapping[str, Plain]
    provider_of: Callable[[ModuleInstance, ResourceBlock], str]
    """The provider configuration of a resource, as state names it."""
    settings_of: Callable[[str], Mapping[str, Plain]]
    read_data: Callable[[str, DataSource[Any], Object], Object]


@dataclass(frozen=True, slots=True)
class Detail:
    """What stands behind a change, for checks on the host and for messages."""

    block: ResourceBlock
    decoded: Decoded
    comparison: Comparison
    observed: Observed | None


@dataclass(slots=True)
class Planning:
    """A plan, and the details that don't belong into it."""

    plan: Plan
    details: Mapping[InstanceAddress, Detail]


def make_plan(request: Request) -> Planning:
    """Compare what is wanted with what is.

    Raises:
        DiagnosticError: with every problem of the configuration.
    """
    planner = _Planner(request)
    if request.mode is Mode.DESTROY:
        planner.remove_all()
    elif request.mode is Mode.REFRESH_ONLY:
        planner.keep_all()
    else:
        planner.plan_configuration()
        planner.remove_orphans()
    planner.problems.raise_errors()
    return planner.result()


@dataclass(slots=True)
class _Planner:
    request: Request
    problems: Diagnostics = field(default_factory=Diagnostics)
    changes: dict[InstanceAddress, Change] = field(default_factory=dict)
    details: dict[InstanceAddress, Detail] = field(default_factory=dict)
    reads: dict[InstanceAddress, frozenset[Read]] = field(default_factory=dict)
    seen: set[InstanceAddress] = field(default_factory=set)
    planned: dict[tuple[str, str], list[Object]] = field(default_factory=dict)
    blocks: dict[ResourceAddress, ResourceBlock] = field(default_factory=dict)

    def plan_configuration(self) -> None:
        """Plan every declared resource, after what it depends on."""
        graph = dependency_graph(self.request.root)
        reject_cycles(graph, self.request.root)
        if self.request.targets:
            graph = graph.closure(target_declarations(graph, self.request.targets))
        failed: set[Declaration] = set()
        for declaration in graph.order():
            if any(needed in failed for needed in graph.dependencies(declaration)):
                failed.add(declaration)
                continue
            try:
                self._declaration(declaration)
            except DiagnosticError as problem:
                self.problems.caught(problem)
                failed.add(declaration)

    def _declaration(self, declaration: Declaration) -> None:
        evaluation = self.request.evaluation
        match declaration.kind:
            case "managed" | "data":
                for instance in evaluation.module_instances(declaration.module):
                    kind, name = declaration.name.split(".", 1)
                    self._resource(instance, instance.module.resources[declaration.kind, kind, name])
            case "var" | "local" | "output":
                for instance in evaluation.module_instances(declaration.module):
                    evaluation.check(instance, declaration.kind, declaration.name)

    def _resource(self, within: ModuleInstance, block: ResourceBlock) -> None:
        evaluation = self.request.evaluation
        resource = ResourceAddress(within.address, block.mode, block.type, block.name)
        self.blocks[resource] = block
        repetitions = evaluation.repetitions(block, within)
        kind = repetition_kind(block.count, block.for_each)
        evaluation.set_instances(resource, kind, list(repetitions))
        problems = Diagnostics()
        for key, repetition in repetitions.items():
            address = resource.instance(key)
            self.seen.add(address)
            if not covers(self.request.targets, address):
                self._leave(address)
                continue
            try:
                decoded, reads = evaluation.decode(block, within, repetition)
                self.reads[address] = reads
                if block.mode == "data":
                    self._data(address, within, block, decoded)
                else:
                    self._managed(address, within, block, decoded)
            except DiagnosticError as problem:
                problems.add(*(d.at(block.range).about(str(address)) for d in problem.diagnostics))
        problems.raise_errors()

    def _leave(self, address: InstanceAddress) -> None:
        """An instance beside the targeted ones: it stays as the state has it."""
        prior = self.request.prior.get(address)
        if prior is not None:
            self.request.evaluation.set_object(address, prior.attributes, prior.sensitive)

    def _data(self, address: InstanceAddress, within: ModuleInstance, block: ResourceBlock, decoded: Decoded) -> None:
        source = self.request.data_sources[block.type]
        provider = self.request.provider_of(within, block)
        sensitive = frozenset(decoded.sensitive)
        pending = any(self._is_pending(read) for read in self.reads[address])
        if pending or contains_unknown(decoded.object):
            after = merge(source.schema.rows, decoded.object, None)
            action = Action.READ
        else:
            after = self.request.read_data(provider, source, decoded.object)
            action = Action.NO_OP
        self.changes[address] = Change(
            address=address, provider=provider, action=action, before=None, after=after, sensitive=sensitive
        )
        self.request.evaluation.set_object(address, after, sensitive)

    def _is_pending(self, read: Read) -> bool:
        if isinstance(read, InstanceAddress):
            change = self.changes.get(read)
            return change is not None and change.action is not Action.NO_OP
        return any(c.action is not Action.NO_OP for a, c in self.changes.items() if a.resource == read)

    def _managed(
        self, address: InstanceAddress, within: ModuleInstance, block: ResourceBlock, decoded: Decoded
    ) -> None:
        request = self.request
        provider = request.provider_of(within, block)
        prior, observed = self._existing(address)
        subject = Subject(
            address=str(address),
            lineage=request.lineage,
            prior=prior,
            observed=observed,
            config=decoded.object,
            ignored=block.lifecycle.ignore_changes,
            replace=address in request.replace,
            settings=request.settings_of(provider),
            others=lambda kind: self.planned.get((provider, kind), ()),
        )
        comparison = compare(request.types[block.type], subject)
        change = Change(
            address=address,
            provider=provider,
            action=comparison.action,
            before=comparison.before,
            after=comparison.after,
            reason=comparison.reason,
            edits=comparison.edits,
            disruption=comparison.disruption,
            generation=comparison.generation,
            resumes=comparison.resumes,
            sensitive=frozenset(decoded.sensitive) | (prior.sensitive if prior else frozenset()),
            dependencies=tuple(sorted({_resource_text(read) for read in self.reads[address]})),
        )
        check_prevent_destroy(change, block)
        self.changes[address] = change
        self.details[address] = Detail(block, decoded, comparison, observed)
        self.planned.setdefault((provider, block.type), []).append(comparison.after)
        request.evaluation.set_object(address, comparison.after, change.sensitive)

    def _existing(self, address: InstanceAddress) -> tuple[InstanceState | None, Observed | None]:
        prior = self.request.prior.get(address)
        if prior is None:
            return None, None
        return prior, self.request.observed.get(address, Observed(prior.attributes))

    def remove_orphans(self) -> None:
        """Plan the end of what is in state and no longer in the configuration."""
        self._remove(address for address in self.request.prior if address not in self.seen)

    def remove_all(self) -> None:
        """Plan the end of everything in state."""
        self.blocks = _blocks_by_address(self.request)
        self._remove(self.request.prior)

    def _remove(self, addresses: Iterable[InstanceAddress]) -> None:
        targets = self.request.targets
        doomed: set[InstanceAddress] = set()
        if targets and self.request.mode is Mode.DESTROY:
            doomed = users_of(targets, {a: prior.dependencies for a, prior in self.request.prior.items()})
        for address in addresses:
            prior, observed = self._existing(address)
            if prior is None or observed is None or not (address in doomed or is_target(targets, address)):
                continue
            block = self.blocks.get(address.resource)
            change = self._removal(address, prior, observed, block)
            try:
                check_prevent_destroy(change, block)
            except DiagnosticError as problem:
                self.problems.caught(problem)
            self.changes[address] = change

    def _removal(
        self, address: InstanceAddress, prior: InstanceState, observed: Observed, block: ResourceBlock | None
    ) -> Change:
        kind = self.request.types.get(address.type)
        return Change(
            address=address,
            provider=prior.provider,
            action=Action.DELETE,
            before=observed.object,
            after=None,
            reason=removal_reason(address, block, self.request.root, destroy=self.request.mode is Mode.DESTROY),
            disruption=kind.delete_disruption if kind else Disruption.DATA_LOSS,
            generation=prior.generation,
            sensitive=prior.sensitive,
            dependencies=tuple(prior.dependencies),
        )

    def keep_all(self) -> None:
        """Plan nothing but to record what is real."""
        for address in self.request.prior:
            prior, observed = self._existing(address)
            if prior is not None and observed is not None:
                self.changes[address] = Change(
                    address=address,
                    provider=prior.provider,
                    action=Action.NO_OP,
                    before=observed.object,
                    after=observed.object,
                    generation=prior.generation,
                    sensitive=prior.sensitive,
                    dependencies=tuple(prior.dependencies),
                )

    def result(self) -> Planning:
        """The finished plan."""
        request = self.request
        changes = tuple(self.changes[a] for a in sorted(self.changes, key=lambda a: a.sort_key()))
        recorded = {address: prior.dependencies for address, prior in request.prior.items()}
        plan = Plan(
            mode=request.mode,
            lineage=request.lineage,
            serial=request.serial,
            timestamp=request.timestamp,
            variables=request.variables,
            changes=changes,
            steps=order_steps(changes, Dependencies(self.reads, recorded)),
            drift=self._drift(),
            outputs=self._outputs(),
            targets=tuple(str(target) for target in request.targets),
        )
        return Planning(plan, self.details)

    def _drift(self) -> tuple[Drift, ...]:
        found = []
        for address in sorted(self.request.observed, key=lambda a: a.sort_key()):
            drift = drift_of(
                self.request.prior[address], self.request.types[address.type].schema, self.request.observed[address]
            )
            if drift is not None:
                found.append(drift)
        return tuple(found)

    def _outputs(self) -> tuple[OutputChange, ...]:
        request = self.request
        if request.mode is Mode.DESTROY and not request.targets:
            return output_changes(request.prior_outputs, {})
        if request.targets or request.mode is not Mode.NORMAL:
            return ()
        return output_changes(request.prior_outputs, request.evaluation.outputs())


def _resource_text(read: Read) -> str:
    return str(read.resource if isinstance(read, InstanceAddress) else read)


def _blocks_by_address(request: Request) -> dict[ResourceAddress, ResourceBlock]:
    """Blocks of the resources in state, for `prevent_destroy`; nothing is evaluated."""
    found: dict[ResourceAddress, ResourceBlock] = {}
    for address in request.prior:
        module: Module | None = request.root
        for name, _ in address.module.steps:
            module = module.children.get(name) if module else None
        resource = address.resource
        block = module.resources.get((resource.mode, resource.type, resource.name)) if module else None
        if block is not None:
            found[resource] = block
    return found
