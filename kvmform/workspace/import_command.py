"""`kvmform import`: record one object that is there already, without a plan."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from kvmform.address import InstanceAddress
from kvmform.config.decode import Decoded
from kvmform.config.evaluation import Evaluation
from kvmform.config.memo import Read
from kvmform.config.module import ResourceBlock
from kvmform.config.module_instance import ModuleInstance
from kvmform.config.repetition import Repetition
from kvmform.diagnostics import DiagnosticError
from kvmform.plan.holders import Holders
from kvmform.schema import Identity, Object, Operation, Plain, ResourceType, empty_object
from kvmform.state.model import InstanceState
from kvmform.state.seeds import fresh_seed, taken_seeds
from kvmform.struct import Struct
from kvmform.values.model import Unknown
from kvmform.workspace.importing import read_import
from kvmform.workspace.provider_name import provider_name
from kvmform.workspace.recorded import recorded_evaluation

if TYPE_CHECKING:
    from kvmform.workspace.providers import Providers
    from kvmform.workspace.workspace import Workspace

__all__ = ["import_object"]


class _Described(Struct):
    """What the configuration says of the instance; nothing where there is none, or an empty block."""

    provider: str
    decoded: Decoded | None = None
    reads: frozenset[Read] = frozenset()


def import_object(
    workspace: Workspace,
    address: InstanceAddress,
    meant: str,
    tell: Callable[[str], None],
    *,
    alias: str | None = None,
    may_be_undeclared: bool = False,
) -> None:
    """Record an object as a resource instance; of the host nothing changes but the mark that it gets.

    It is told as the block speaks of it; a block without any argument takes in all of it.

    Args:
        workspace: whose state it is.
        address: the instance that it becomes.
        meant: its name, UUID, path and so on, as in an import block.
        tell: gets the lines that say what happens.
        alias: which of the provider's configurations is meant, where no block says so.
        may_be_undeclared: whether it will do if there is no resource block.

    Raises:
        DiagnosticError: it can't be imported; nothing was changed.
    """
    workspace.lock("import")
    evaluation = recorded_evaluation(workspace)
    providers = workspace.providers(evaluation)
    described = _described(evaluation, providers, address, alias, may_be_undeclared=may_be_undeclared)
    kind = _kind(workspace, address)
    tell(f'{address}: Importing from ID "{meant}"...')
    found = _found(providers, described, kind, address, meant)
    tell(f"{address}: Import prepared!\n  Prepared {kind.name} for import")
    _reject_managed(workspace, address)
    Holders(workspace.state.instances.values(), providers.uri).take(address, described.provider, kind, found)
    tell(f"{address}: Refreshing state... [id={found.get('id')}]")
    _record(workspace, providers, described, kind, address, found)


def _kind(workspace: Workspace, address: InstanceAddress) -> ResourceType[Any]:
    kind = workspace.catalogue.types.get(address.type)
    if kind is None:
        detail = f"kvmform has no resource type {address.type}."
        raise DiagnosticError.of("Invalid resource type", detail)
    if kind.find is None:
        detail = f"Objects of the type {kind.name} can't be imported: nothing of them is anywhere but in the state."
        raise DiagnosticError.of("Resource import not supported", detail)
    return kind


def _described(
    evaluation: Evaluation,
    providers: Providers,
    address: InstanceAddress,
    alias: str | None,
    *,
    may_be_undeclared: bool,
) -> _Described:
    located = _located(evaluation, address, may_be_undeclared=may_be_undeclared)
    if located is None:
        return _Described(provider_name(address.type.partition("_")[0], alias))
    block, within, repetition = located
    provider = providers.name_of(within, block)
    if not block.body.attributes and not block.body.blocks:
        return _Described(provider)
    decoded, reads = evaluation.decode(block, within, repetition)
    return _Described(provider, decoded, reads)


def _located(
    evaluation: Evaluation, address: InstanceAddress, *, may_be_undeclared: bool
) -> tuple[ResourceBlock, ModuleInstance, Repetition] | None:
    """The block of an instance; None where there is none, and need be none."""
    resource, root = address.resource, evaluation.root.module
    names = resource.module.names
    if not root.has(names):
        detail = (
            f"{resource.module} is not defined in the configuration. Please add configuration for this module before "
            "importing into it."
        )
        raise DiagnosticError.of("Import to non-existent module", detail)
    if (resource.mode, resource.type, resource.name) not in root.descendant(names).resources:
        if may_be_undeclared:
            return None
        where = f"{resource.module}" if names else "the root module"
        raise DiagnosticError.of(
            f'resource address "{address}" does not exist in the configuration.',
            f"Before importing this resource, please create its configuration in {where}. For example:\n\n"
            f'resource "{resource.type}" "{resource.name}" {{\n  # (resource arguments)\n}}',
        )
    try:
        return evaluation.locate(address)
    except LookupError:
        detail = (
            f"The configuration for the given import {address} does not exist. All target instances must have an "
            "associated configuration to be imported."
        )
        raise DiagnosticError.of("Configuration for import target does not exist", detail) from None


def _found(
    providers: Providers, described: _Described, kind: ResourceType[Any], address: InstanceAddress, meant: str
) -> Object:
    """The object in the words of its block, or all of it; with every row of the table."""
    config = described.decoded.object if described.decoded is not None else None
    observed = read_import(providers, described.provider, kind, meant, None)
    if observed is not None and config is not None:
        config = _settled(config, observed.object)
        observed = read_import(providers, described.provider, kind, meant, config)
    if observed is None:
        detail = (
            f'While attempting to import an existing object to "{address}", the host '
            f'{providers.uri(described.provider)} was found to have no {kind.name} "{meant}". Only pre-existing '
            f'objects can be imported; check that the id is correct (it is {kind.found_by}), or use "kvmform apply" to '
            "create a new object for this resource."
        )
        raise DiagnosticError.of("Cannot import non-existent remote object", detail)
    return empty_object(kind.schema.rows) | observed.object


def _settled(written: Plain, found: Plain) -> Plain:
    """What is written, where what is not known yet is taken to be as it is found: the volumes of a domain's disks.

    So it makes no difference which of them is imported first. Elements of blocks are paired in order.
    """
    match written:
        case Unknown():
            return found
        case dict():
            known = found if isinstance(found, dict) else {}
            return {name: _settled(value, known.get(name)) for name, value in written.items()}
        case list():
            beside = found if isinstance(found, list) else []
            return [_settled(item, other) for item, other in zip_longest(written, beside[: len(written)])]
    return written


def _reject_managed(workspace: Workspace, address: InstanceAddress) -> None:
    if address in workspace.state.instances:
        detail = (
            f"kvmform is already managing a remote object for {address}. To import to this address you must first "
            "remove the existing object from the state."
        )
        raise DiagnosticError.of("Resource already managed by kvmform", detail)


def _record(
    workspace: Workspace,
    providers: Providers,
    described: _Described,
    kind: ResourceType[Any],
    address: InstanceAddress,
    found: Object,
) -> None:
    store, state = workspace.store, workspace.state
    instance = InstanceState(
        address=address,
        attributes=found,
        provider=described.provider,
        schema_version=kind.schema.version,
        sensitive=frozenset(described.decoded.sensitive if described.decoded is not None else kind.schema.sensitive),
        seed=fresh_seed(address, taken_seeds(state.instances.values(), state.deposed.values())),
        settled=store.turn,
        dependencies=tuple(sorted({str(_resource(read)) for read in described.reads if _is_managed(read)})),
    )
    store.begin()
    try:
        store.done(instance)
        kind.claim(_operation(workspace, providers, kind, instance), found)
    finally:
        store.finish()


def _resource(read: Read) -> Any:
    return read.resource if isinstance(read, InstanceAddress) else read


def _is_managed(read: Read) -> bool:
    return bool(_resource(read).mode == "managed")


def _operation(
    workspace: Workspace, providers: Providers, kind: ResourceType[Any], instance: InstanceState
) -> Operation[Any]:
    """What `claim` needs: whose object it is from now on."""
    return Operation(
        address=str(instance.address),
        host=providers.host(instance.provider) if kind.needs_host else workspace.directory,
        identity=Identity(workspace.state.lineage, instance.seed or str(instance.address)),
        base_directory=workspace.directory,
        settings=providers.settings(instance.provider),
        progress=lambda _words, _done, _total: None,
        record=lambda _so_far: None,
        stop=threading.Event(),
    )
