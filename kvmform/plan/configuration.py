"""Plan what the configuration declares: each instance after what it depends on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kvmform.address import InstanceAddress, ResourceAddress
from kvmform.config.decode import Decoded
from kvmform.config.dependencies import Declaration
from kvmform.config.imports import Wanted
from kvmform.config.memo import Read
from kvmform.config.module import ResourceBlock
from kvmform.config.module_instance import ModuleInstance
from kvmform.config.repetition import Repetition
from kvmform.diagnostics import DiagnosticError, Diagnostics
from kvmform.graph.dag import Graph
from kvmform.plan.change import Action, Change
from kvmform.plan.checks import Checker, NestedRead
from kvmform.plan.compare import Comparison, Subject, compare
from kvmform.plan.guard import check_prevent_destroy, reject_loss_of_kept
from kvmform.plan.likeness import Original, Originals
from kvmform.plan.merge import contains_unknown, merge
from kvmform.plan.naming import Named, named_by, recorded_users
from kvmform.plan.new_first import impossible, obstacles, wanted_new_first
from kvmform.plan.order import Dependencies
from kvmform.plan.renewal import Renewals
from kvmform.plan.replacement import is_triggered, triggers
from kvmform.plan.request import Detail, Request
from kvmform.schema import Object
from kvmform.state.model import InstanceState, Status
from kvmform.struct import replace

__all__ = ["ConfigurationPlanner"]

_MADE = {Action.CREATE, Action.REPLACE}


class ConfigurationPlanner:
    """Walks the declarations and collects a change for each instance.

    `changes`, `details` and `seen` (every instance that is declared, targeted or not) are
    and `wanted` (what import blocks ask for) are the outcome; `problems` has what is wrong,
    `warnings` what could be better.
    """

    def __init__(self, request: Request) -> None:
        self.problems = Diagnostics()
        self.warnings = Diagnostics()
        self.changes: dict[InstanceAddress, Change] = {}
        self.details: dict[InstanceAddress, Detail] = {}
        self.seen: set[InstanceAddress] = set()
        self.wanted: dict[InstanceAddress, Wanted] = {}
        self._request = request
        self._reads: dict[InstanceAddress, frozenset[Read]] = {}
        self._new_first: frozenset[Declaration] = frozenset()
        self._late: dict[Read, InstanceAddress] = {}
        self._actions: dict[ResourceAddress, set[Action]] = {}
        self._behind_data: dict[ResourceAddress, set[str]] = {}
        self._planned: dict[tuple[str, str], list[Object]] = {}
        self._originals = Originals(request)
        self._renewals = Renewals(request.prior)
        self._named: Mapping[InstanceAddress, Sequence[InstanceAddress]] = {}

    def dependencies(self) -> Dependencies:
        """Who uses whom, now and as recorded."""
        return Dependencies(self._reads, recorded_users(self._request), self._named)

    def walk(self, graph: Graph[Declaration]) -> None:
        """Plan everything that is declared and in the part; what depends on something wrong is left out."""
        self._new_first = wanted_new_first(graph, self._request.root)
        graph = self._request.part.of(graph)
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
        self._note_names(graph)

    def _note_names(self, graph: Graph[Declaration]) -> None:
        """What an instance names in plain text is a dependency of it, unless that depends on the instance."""
        managed = (each for each in self.changes.values() if each.address.resource.mode == "managed")
        found = (Named(each.address, each.provider, each.after) for each in managed if each.after is not None)
        self._named = named_by(found, self._request.types)
        behind: dict[ResourceAddress, set[Declaration]] = {}
        for user, others in self._named.items():
            used = set(self.changes[user].dependencies)
            for resource in {other.resource for other in others}:
                if resource not in behind:
                    behind[resource] = graph.needed_by([_declared(resource)])
                if _declared(user.resource) not in behind[resource]:
                    used.add(str(resource))
            self.changes[user] = replace(self.changes[user], dependencies=tuple(sorted(used)))

    def _declaration(self, declaration: Declaration) -> None:
        evaluation = self._request.evaluation
        for instance in evaluation.module_instances(declaration.module):
            match declaration.kind:
                case "managed" | "data":
                    kind, name = declaration.name.split(".", 1)
                    block = instance.module.resources[declaration.kind, kind, name]
                    if not block.check:
                        self._resource(instance, block)
                case kind:
                    evaluation.check(instance, kind, declaration.name)

    def _resource(self, within: ModuleInstance, block: ResourceBlock) -> None:
        """Plan every instance of a block in one module instance; what is wrong with any is told at the end."""
        resource = ResourceAddress(within.address, block.mode, block.type, block.name)
        problems = Diagnostics()
        self.wanted |= self._request.evaluation.imports(block, within) if block.mode == "managed" else {}
        for key, repetition in self._request.evaluation.expand(block, within).items():
            address = resource.instance(key)
            self.seen.add(address)
            if not self._request.part.covers(address):
                self._leave(address)
                continue
            try:
                self._instance(address, within, block, repetition)
            except DiagnosticError as problem:
                problems.add(*(d.at(block.range).about(str(address)) for d in problem.diagnostics))
        problems.raise_errors()

    def _leave(self, address: InstanceAddress) -> None:
        """An instance beside those that are planned: it stays as it is."""
        prior, observed = self._request.existing(address)
        if prior is not None and observed is not None:
            self._request.evaluation.set_object(address, observed.object, prior.sensitive)
        read = self._request.prior_data.get(address)
        if read is not None:
            self._request.evaluation.set_object(address, read.attributes, read.sensitive)

    def _instance(
        self, address: InstanceAddress, within: ModuleInstance, block: ResourceBlock, repetition: Repetition
    ) -> None:
        evaluation = self._request.evaluation
        decoded, self._reads[address] = evaluation.decode(block, within, repetition)
        if renewed := self._renewed(address):
            decoded = self._decode_as_new(renewed, block, within, repetition)
        provider = self._request.provider_of(within, block)
        if block.mode == "data":
            change = self._data(address, within, block, decoded, provider)
        else:
            change = self._managed(address, within, block, repetition, decoded, provider)
        self.changes[address] = change
        self._actions.setdefault(address.resource, set()).add(change.action)
        assert change.after is not None
        evaluation.set_object(address, change.after, change.sensitive)
        evaluation.check_postconditions(block, within, repetition)

    def _renewed(self, address: InstanceAddress) -> list[InstanceAddress]:
        """What the instance uses that was made again without its being told."""
        prior = self._request.prior.get(address)
        found = self._renewals.since_settled(prior, self._reads[address]) if prior is not None else ()
        return [each for each in found if each in self.details]

    def _decode_as_new(
        self, renewed: list[InstanceAddress], block: ResourceBlock, within: ModuleInstance, repetition: Repetition
    ) -> Decoded:
        """What a block describes while what it uses is about to be made: what the host decides is not known."""
        evaluation = self._request.evaluation
        real = {each: evaluation.object(each) for each in renewed}
        try:
            for each in renewed:
                rows = self._request.types[each.type].schema.rows
                new = merge(rows, self.details[each].decoded.object, None)
                evaluation.set_object(each, new, self.changes[each].sensitive)
            return evaluation.decode(block, within, repetition)[0]
        finally:
            for each, found in real.items():
                assert found is not None
                evaluation.set_object(each, found, self.changes[each].sensitive)

    # Checks.

    def check(self) -> Checker:
        """Evaluate the check blocks, with what is known by now."""
        request = self._request
        checker = Checker(
            request.evaluation,
            request.read,
            request.data_sources.__getitem__,
            lambda read: bool(self._actions_of(read) - {Action.NO_OP}),
        )
        checker.run(request.root)
        self.changes |= {each.address: self._nested(each) for each in checker.read}
        return checker

    def _nested(self, read: NestedRead) -> Change:
        """What a check reads is read again when it is evaluated again."""
        return Change(
            address=read.address,
            provider=self._request.provider_of(read.within, read.block),
            action=Action.READ,
            before=None,
            after=read.found,
            reason="read_because_check_nested",
            sensitive=read.sensitive,
        )

    # Data sources.

    def _data(
        self, address: InstanceAddress, within: ModuleInstance, block: ResourceBlock, decoded: Decoded, provider: str
    ) -> Change:
        """Read a data source now, or plan to read it once what it depends on is done."""
        source = self._request.data_sources[block.type]
        self._behind_data.setdefault(address.resource, set()).update(self._managed_behind(address))
        change = Change(
            address=address,
            provider=provider,
            action=Action.READ,
            before=None,
            after=merge(source.schema.rows, decoded.object, None),
            sensitive=frozenset(decoded.sensitive),
        )
        if contains_unknown(decoded.object):
            return replace(change, reason="read_because_config_unknown")
        if self._has_to_wait(address, within, block):
            return replace(change, reason="read_because_dependency_pending")
        found = self._request.read(address, within, block, decoded.object)
        return replace(change, action=Action.NO_OP, before=found, after=found)

    def _has_to_wait(self, address: InstanceAddress, within: ModuleInstance, block: ResourceBlock) -> bool:
        """Whether something that it reads is not made yet, or that depends_on names is not as it will be."""
        explicit = self._request.evaluation.explicit_reads(block, within)
        if any(self._actions_of(read) - {Action.NO_OP} for read in explicit):
            return True
        return any(self._actions_of(read) & {*_MADE, Action.READ} for read in self._reads[address])

    def _actions_of(self, read: Read) -> set[Action]:
        if isinstance(read, InstanceAddress):
            return {self.changes[read].action} if read in self.changes else set()
        return self._actions.get(read, set())

    def _managed_behind(self, address: InstanceAddress) -> set[str]:
        """The managed resources that an instance's values come from, those behind data sources too."""
        found: set[str] = set()
        for read in self._reads[address]:
            resource = read.resource if isinstance(read, InstanceAddress) else read
            found |= {str(resource)} if resource.mode == "managed" else self._behind_data.get(resource, set())
        return found

    # Managed resources.

    def _managed(
        self,
        address: InstanceAddress,
        within: ModuleInstance,
        block: ResourceBlock,
        repetition: Repetition,
        decoded: Decoded,
        provider: str,
    ) -> Change:
        """Compare an instance with what is there of it."""
        request, kind = self._request, self._request.types[block.type]
        prior, observed = request.existing(address)
        if prior is not None and kind.needs_host:
            self._reject_move(prior, provider)
        wanted = self.wanted.get(address) if prior is None else None
        laid = self._originals.laid_under(address, block, decoded, provider, wanted)
        decoded = laid.decoded
        self._reads[address] |= self._reads[laid.source] if laid.source is not None else frozenset()
        if wanted is not None:
            observed = request.imported(address, provider, kind, wanted, decoded.object)
        is_told = is_triggered(block, within, repetition, request.evaluation, self.changes, request.types)
        subject = Subject(
            address=str(address),
            lineage=request.lineage,
            seed=prior.seed if prior is not None else request.fresh_seed(address),
            prior=prior,
            observed=observed,
            config=decoded.object,
            anew=laid.anew,
            ignored=block.lifecycle.ignored,
            replace="replace_by_request" if address in request.replace else "replace_by_triggers" if is_told else "",
            settings=request.settings_of(provider),
            others=lambda name: self._planned.get((provider, name), ()),
        )
        comparison = compare(kind, subject)
        beside = self._beside(address, block, subject) if comparison.action is Action.REPLACE else None
        comparison, seed = (comparison, subject.seed) if beside is None else beside
        change = replace(
            _change(address, provider, comparison),
            seed=seed,
            previous=request.origins.get(address),
            importing=wanted.id if wanted is not None else "",
            new_first=beside is not None,
            sensitive=frozenset(decoded.sensitive) | (prior.sensitive if prior else frozenset()),
            dependencies=tuple(sorted(self._managed_behind(address) | triggers(block, within))),
        )
        if change.action in _MADE:
            request.evaluation.check_provisioners(block, within, repetition)
        self._note(change, Detail(block, decoded, comparison, observed), prior)
        return change

    def _note(self, change: Change, detail: Detail, prior: InstanceState | None) -> None:
        """Note what becomes of an instance, for what is planned after it; refuse what must not."""
        address, provider, comparison = change.address, change.provider, detail.comparison
        if change.action is Action.REPLACE and not change.new_first:
            self._late[address] = self._late[address.resource] = address
        check_prevent_destroy(change, detail.block)
        is_kept = self._request.types[address.type].is_kept(comparison.after)
        if prior is not None and prior.status is not Status.CREATING and is_kept:
            reject_loss_of_kept(change)
        self.details[address] = detail
        self._planned.setdefault((provider, address.type), []).append(comparison.after)
        self._originals.note(address, provider, Original(comparison.config, comparison.after, change.sensitive))

    def _beside(
        self, address: InstanceAddress, block: ResourceBlock, subject: Subject
    ) -> tuple[Comparison, str] | None:
        """The replacement with an object that stands beside the old one for a while, and the seed of that object.

        None where that is not wanted, or can't be.
        """
        if _declared(address.resource) not in self._new_first:
            return None
        kind, seed = self._request.types[block.type], self._request.another_seed(address)
        comparison = compare(kind, replace(subject, seed=seed))
        reasons = obstacles(kind, comparison, self._reads[address], self._late)
        if reasons and block.lifecycle.create_before_destroy:
            self.warnings.add(impossible(address, block, reasons))
        return None if reasons else (comparison, seed)

    def _reject_move(self, prior: InstanceState, provider: str) -> None:
        """An object can't follow its block to another host."""
        before, after = self._request.uri_of(prior.provider), self._request.uri_of(provider)
        if before != after:
            detail = (
                f"{prior.address} is on the host {before}, and its provider is now {after}. This version of kvmform "
                "does not move objects between hosts. Give it its old provider back; or take it out of the "
                "configuration, apply, and put it in again: it is then deleted there, and made anew here."
            )
            raise DiagnosticError.of("Object is on another host", detail)


def _declared(resource: ResourceAddress) -> Declaration:
    return Declaration(resource.module.names, resource.mode, f"{resource.type}.{resource.name}")


def _change(address: InstanceAddress, provider: str, comparison: Comparison) -> Change:
    return Change(
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
    )
