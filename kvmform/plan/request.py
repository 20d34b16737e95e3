"""What a plan is made from, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from kvmform.address import InstanceAddress
from kvmform.config.decode import Decoded
from kvmform.config.evaluation import Evaluation
from kvmform.config.imports import Wanted
from kvmform.config.module import Module, ResourceBlock
from kvmform.config.module_instance import ModuleInstance
from kvmform.diagnostics import Diagnostic, DiagnosticError
from kvmform.plan.change import Mode, Plan
from kvmform.plan.compare import Comparison
from kvmform.plan.holders import Holders
from kvmform.plan.part import Part
from kvmform.schema import Claim, DataSource, Object, Observed, Plain, ResourceType
from kvmform.state.model import InstanceState, OutputValue
from kvmform.state.seeds import another_seed, fresh_seed, taken_seeds
from kvmform.struct import Struct

__all__ = ["Detail", "Planning", "Request"]


class Request(Struct, kw_only=True):
    """Everything that a plan is made from.

    `observed` has what was read of each instance in `prior`; None: it is gone; an instance
    that is not in it was not looked at, and is taken to be as recorded.
    """

    __slots__ = ("__dict__",)  # where cached properties are

    root: Module
    evaluation: Evaluation
    types: Mapping[str, ResourceType[Any]]
    data_sources: Mapping[str, DataSource[Any]]
    prior: Mapping[InstanceAddress, InstanceState]
    prior_data: Mapping[InstanceAddress, InstanceState]
    """What was read of each data source when the state was last written."""
    prior_outputs: Mapping[str, OutputValue]
    observed: Mapping[InstanceAddress, Observed | None]
    refreshed: bool
    """Whether `observed` tells of what is real at all."""
    mode: Mode
    part: Part
    replace: frozenset[InstanceAddress]
    lineage: str
    serial: int
    journal: int
    timestamp: str
    variables: Mapping[str, Plain]
    ephemeral: tuple[str, ...]
    """Names of the ephemeral variables that have a value."""
    provider_of: Callable[[ModuleInstance, ResourceBlock], str]
    """The provider configuration of a resource, as state names it."""
    uri_of: Callable[[str], str]
    """The host of a provider configuration."""
    recorded: Mapping[InstanceAddress, InstanceState]
    """Those of `prior` as they stand in the state, where an older schema or another type may have them otherwise."""
    deposed: Sequence[InstanceState]
    """Objects that others have taken the place of, and that are still to be deleted."""
    origins: Mapping[InstanceAddress, InstanceAddress]
    """For each instance in `prior` that has moved, the address that it is recorded under."""
    settings_of: Callable[[str], Mapping[str, Plain]]
    read_data: Callable[[InstanceAddress, str, DataSource[Any], Object], Object]
    read_import: Callable[[str, ResourceType[Any], str, Object], Observed | None]
    """The object that a name, UUID or path means, told in the words of the configuration."""
    read_original: Callable[[str, ResourceType[Any], str], Object | None] = lambda _provider, _kind, _name: None
    """The object that a name or an id means, told in full, for others to be like it."""

    def read(self, address: InstanceAddress, within: ModuleInstance, block: ResourceBlock, config: Object) -> Object:
        """What a data source finds.

        Raises:
            DiagnosticError: there is no such thing.
        """
        return self.read_data(address, self.provider_of(within, block), self.data_sources[block.type], config)

    def imported(
        self, address: InstanceAddress, provider: str, kind: ResourceType[Any], wanted: Wanted, config: Object
    ) -> Observed:
        """The object that an import means, told in the words of the configuration.

        Raises:
            DiagnosticError: there is none, or none of its type can be imported, or it is managed already.
        """
        observed = self.read_import(provider, kind, wanted.id, config) if kind.find is not None else None
        if observed is not None:
            self._holders.take(address, provider, kind, observed.object, wanted.range)
            return observed
        if kind.find is None:
            detail = (
                f"Objects of the type {kind.name} can't be imported. Remove the import block: it is then made anew."
            )
            raise DiagnosticError.of("Resource import not supported", detail, wanted.range)
        detail = (
            f'The host {self.uri_of(provider)} has no {kind.name} "{wanted.id}". An import only records an object that '
            f"is there. Its id here is {kind.found_by}. Check it; or remove the import block, and the object is made."
        )
        raise DiagnosticError.of("Cannot import non-existent remote object", detail, wanted.range)

    def claims_of(self, kind: str, found: Object) -> Iterable[Claim]:
        """What an object of a type has for itself alone on its host."""
        return self.types[kind].claims(found) if kind in self.types else ()

    def line_of(self, kind: str, found: Object) -> Claim | None:
        """What an object shares with those that are dealt with before or after it."""
        return self.types[kind].line(found) if kind in self.types else None

    def needs_of(self, kind: str, found: Object) -> Iterable[Claim]:
        """What nobody may have on its host for an object of a type to be made."""
        known = self.types.get(kind)
        return () if known is None else (known.needs or known.claims)(found)

    def fresh_seed(self, address: InstanceAddress) -> str:
        """What a new object's identity is derived from, where its address is already the seed of another object."""
        return fresh_seed(address, self._seeds)

    def another_seed(self, address: InstanceAddress) -> str:
        """What the identity of an object is derived from that stands beside another one of its address."""
        return another_seed(address, self._seeds)

    @cached_property
    def _holders(self) -> Holders:
        return Holders(self.prior.values(), self.uri_of)

    @cached_property
    def _seeds(self) -> frozenset[str]:
        return taken_seeds(self.prior.values(), self.deposed)

    def existing(self, address: InstanceAddress) -> tuple[InstanceState | None, Observed | None]:
        """What is recorded of an instance, and what is there of it."""
        prior = self.prior.get(address)
        if prior is None:
            return None, None
        return prior, self.observed.get(address, Observed(prior.attributes))


class Detail(Struct):
    """What stands behind a change, for checks on the host and for messages."""

    block: ResourceBlock
    decoded: Decoded
    comparison: Comparison
    observed: Observed | None


class Planning(Struct):
    """A plan, and the details that don't belong into it."""

    plan: Plan
    details: Mapping[InstanceAddress, Detail]
    warnings: tuple[Diagnostic, ...] = ()
    evaluation: Evaluation | None = None
    """What names mean when the plan is carried out; None where the configuration wasn't evaluated."""
