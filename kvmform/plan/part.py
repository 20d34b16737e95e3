"""Which part of a lab a plan is about: all of it, what `-target` names, or all but what `-exclude` names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kvmform.address import InstanceAddress, ModuleAddress, ResourceAddress, Target
from kvmform.config.dependencies import Declaration
from kvmform.diagnostics import Diagnostic, DiagnosticError, warning
from kvmform.graph.dag import Graph
from kvmform.plan.target import (
    covers,
    is_target,
    named_declarations,
    needs_of,
    reject_missing,
    reject_partial_moves,
    targeted_outputs,
    targeted_part,
    users_of,
)
from kvmform.struct import Struct

__all__ = ["Part"]

Needs = Mapping[InstanceAddress, Iterable[str]]
"""The resources that each instance in state depends on."""


class Part(Struct):
    """The part. With targets: they, and what they need. With exclusions: all but they, and what depends on them.

    Source of the rule for exclusions: `-exclude` of OpenTofu 1.9.
    """

    targets: Sequence[Target] = ()
    excluded: Sequence[Target] = ()

    @property
    def is_whole(self) -> bool:
        """Whether it is everything."""
        return not self.targets and not self.excluded

    def check(
        self,
        graph: Graph[Declaration],
        recorded: Sequence[InstanceAddress],
        origins: Mapping[InstanceAddress, InstanceAddress],
    ) -> None:
        """Raise if an address means nothing, or something has moved that is left out.

        Raises:
            DiagnosticError: naming the first such address, or all options that are missing.
        """
        if self.targets and self.excluded:
            detail = "-target and -exclude flags cannot be used together. Please remove one of the flags."
            raise DiagnosticError.of("Invalid combination of arguments", detail)
        reject_missing(self.targets, graph, recorded, "plan for it")
        reject_missing(self.excluded, graph, recorded, "leave out")
        reject_partial_moves(self.targets, origins)
        moved = sorted(
            (end for pair in origins.items() for end in pair if self.leaves_out(end)), key=InstanceAddress.sort_key
        )
        if moved:
            detail = (
                f"{moved[0]} has moved to another address in the configuration, or from one, and an -exclude option "
                "leaves it out. Its new address would be recorded without being shown: leave out that option."
            )
            raise DiagnosticError.of("Moved resource instances excluded by targeting", detail)

    def leaves_out(self, address: InstanceAddress) -> bool:
        """Whether an exclusion names this instance."""
        return bool(self.excluded) and is_target(self.excluded, address)

    def has(self, address: InstanceAddress) -> bool:
        """Whether an instance is named by a target, or by no exclusion."""
        return is_target(self.targets, address) and not self.leaves_out(address)

    def covers(self, address: InstanceAddress) -> bool:
        """Whether an instance is to be planned, given that its block is."""
        return covers(self.targets, address) and not self.leaves_out(address)

    def of(self, graph: Graph[Declaration]) -> Graph[Declaration]:
        """The declarations that are planned."""
        if self.targets:
            return targeted_part(graph, self.targets)
        if self.excluded:
            named = named_declarations(graph, self.excluded)
            # Of a block of which an exclusion names only some instances the others are planned.
            whole = {each for each in named if self._excludes_all_of(each)}
            return graph.without(whole | {user for each in named for user in graph.dependents(each)})
        return graph

    def _excludes_all_of(self, declaration: Declaration) -> bool:
        return bool(named_declarations([declaration], [each for each in self.excluded if not _has_key(each)]))

    def outputs(self, graph: Graph[Declaration]) -> set[str] | None:
        """The outputs of the root module that come from it; None: all."""
        if self.targets:
            return targeted_outputs(graph, self.targets)
        if self.excluded:
            return {each.name for each in self.of(graph) if each.kind == "output" and not each.module}
        return None

    def undeclared(
        self, recorded: Needs, seen: set[InstanceAddress], graph: Graph[Declaration]
    ) -> list[InstanceAddress]:
        """What nothing declares any more, of what is recorded: neither left out nor needed by what is."""
        orphans = [address for address in recorded if address not in seen]
        if not self.excluded:
            return [address for address in orphans if self.has(address)]
        planned = self.of(graph)
        left = {each for each in graph if each not in planned}
        out = [a for a in recorded if self.leaves_out(a) or _declaration(a) in left]
        staying = {*out, *users_of(out, recorded), *needs_of(out, recorded)}
        return [address for address in orphans if address not in staying]

    def doomed(self, recorded: Needs) -> list[InstanceAddress]:
        """What a destruction is about: targets go with what uses them, and what is left out keeps what it needs."""
        if self.excluded:
            out = [address for address in recorded if self.leaves_out(address)]
            staying = {*out, *needs_of(out, recorded)}
            return [address for address in recorded if address not in staying]
        going = users_of([a for a in recorded if is_target(self.targets, a)], recorded) if self.targets else set()
        return [address for address in recorded if address in going or is_target(self.targets, address)]

    def warnings(self) -> tuple[Diagnostic, ...]:
        """That the plan is about a part."""
        if self.targets:
            detail = (
                "This plan was made with -target, so it may not have all that the configuration asks for. Plan once "
                "more without -target when you have done what you need it for."
            )
            return (warning("Resource targeting is in effect", detail),)
        if self.excluded:
            detail = (
                "This plan was made with -exclude, so it leaves out what that names, and what depends on it. Plan once "
                "more without -exclude when you have done what you need it for."
            )
            return (warning("Resource exclusion is in effect", detail),)
        return ()


def _has_key(target: Target) -> bool:
    """Whether a target means single instances of a block."""
    match target:
        case InstanceAddress():
            return True
        case ModuleAddress(steps=steps) | ResourceAddress(module=ModuleAddress(steps=steps)):
            return any(key is not None for _, key in steps)


def _declaration(address: InstanceAddress) -> Declaration:
    resource = address.resource
    return Declaration(resource.module.names, resource.mode, f"{resource.type}.{resource.name}")
