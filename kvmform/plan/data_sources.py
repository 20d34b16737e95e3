"""Data sources beside a plan of changes: those in state when everything goes, or is only looked at again."""

from __future__ import annotations

from collections.abc import Container, Iterator

from kvmform.address import InstanceAddress, ResourceAddress
from kvmform.config.dependencies import Declaration
from kvmform.config.module import ResourceBlock
from kvmform.config.module_instance import ModuleInstance
from kvmform.config.repetition import Repetition
from kvmform.diagnostics import DiagnosticError
from kvmform.graph.dag import Graph
from kvmform.plan.change import Action, Change, Mode
from kvmform.plan.merge import contains_unknown
from kvmform.plan.request import Request

__all__ = ["left_as_read", "obsolete", "read_again"]


def obsolete(request: Request, read: Container[InstanceAddress]) -> tuple[InstanceAddress, ...]:
    """The data sources in state that are no more, given those that the plan reads; a part of a lab leaves them."""
    if not request.part.is_whole:
        return ()
    return tuple(address for address in request.prior_data if request.mode is Mode.DESTROY or address not in read)


def left_as_read(request: Request) -> Iterator[Change]:
    """Each data source in state as it was read, where all goes: it belongs to what is there before."""
    for address, prior in request.prior_data.items():
        yield Change(
            address=address,
            provider=prior.provider,
            action=Action.NO_OP,
            before=prior.attributes,
            after=None,
            sensitive=prior.sensitive,
        )


def read_again(request: Request, graph: Graph[Declaration]) -> dict[InstanceAddress, Change]:
    """Each data source as it is now; what the configuration can't say of one now stays as it was read.

    Raises:
        DiagnosticError: what one looks for is not there.
    """
    found: dict[InstanceAddress, Change] = {}
    for declaration in graph.order():
        if declaration.kind == "data":
            for within, block, repetition in _instances(request, declaration):
                resource = ResourceAddress(within.address, "data", block.type, block.name)
                change = _read(request, resource.instance(repetition.key), within, block, repetition)
                if change is not None and change.after is not None:
                    found[change.address] = change
                    request.evaluation.set_object(change.address, change.after, change.sensitive)
    return found


def _instances(
    request: Request, declaration: Declaration
) -> Iterator[tuple[ModuleInstance, ResourceBlock, Repetition]]:
    kind, name = declaration.name.split(".", 1)
    try:
        for within in request.evaluation.module_instances(declaration.module):
            block = within.module.resources["data", kind, name]
            for repetition in request.evaluation.expand(block, within).values():
                yield within, block, repetition
    except DiagnosticError:
        return  # How often it is there depends on what isn't; that is a matter for a plan of changes.


def _read(
    request: Request, address: InstanceAddress, within: ModuleInstance, block: ResourceBlock, repetition: Repetition
) -> Change | None:
    """One as it is now, or as it was read; None where neither is known."""
    prior = request.prior_data.get(address)
    found = None if prior is None else prior.attributes
    provider = request.provider_of(within, block)
    sensitive = frozenset() if prior is None else prior.sensitive
    try:
        decoded = (
            None
            if block.check or not request.part.has(address)
            else request.evaluation.decode(block, within, repetition)[0]
        )
    except DiagnosticError:
        decoded = None
    if decoded is not None and not contains_unknown(decoded.object):
        found = request.read(address, within, block, decoded.object)
        sensitive = frozenset(decoded.sensitive)
    if found is None:
        return None
    return Change(
        address=address, provider=provider, action=Action.NO_OP, before=found, after=found, sensitive=sensitive
    )
