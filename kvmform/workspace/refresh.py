"""Read what is real of everything in state: in bulk, several at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from kvmform.address import InstanceAddress
from kvmform.diagnostics import DiagnosticError, Diagnostics
from kvmform.schema import Observed, ResourceType
from kvmform.state.model import InstanceState
from kvmform.struct import replace
from kvmform.workspace.provider_name import provider_of

__all__ = ["OnRefresh", "as_declared", "refresh", "silently"]

_AT_ONCE = 8

OnRefresh = Callable[[InstanceAddress, str | None, bool], None]
"""Is told which instance is read, its id, and whether that is done; by several threads at once."""


def silently(_address: InstanceAddress, _id: str | None, _done: bool) -> None:
    """OnRefresh nobody."""


def as_declared(
    instances: Mapping[InstanceAddress, InstanceState], types: Mapping[str, ResourceType[Any]]
) -> dict[InstanceAddress, InstanceState]:
    """Recorded instances as the present schemas have them.

    Another program, or an older version, may have recorded them: with fewer attributes, and
    without noting which of them are sensitive by their nature; or as another type, before they moved.
    """
    found = {}
    for address, instance in instances.items():
        kind = types.get(address.type)
        found[address] = _as_declared(instance, kind) if kind is not None else instance
    return found


def _as_declared(instance: InstanceState, kind: ResourceType[Any]) -> InstanceState:
    schema = kind.schema
    for source, taken_over in kind.takes_over.items():
        # A move leaves the attributes, and the provider, as they were; an interrupted run may have left it at that.
        if source.partition("_")[0] == provider_of(instance.provider)[0]:
            return replace(instance, attributes=taken_over(instance.attributes), schema_version=schema.version)
    if instance.schema_version < schema.version:
        attributes = kind.upgrade(instance.attributes, instance.schema_version)
        instance = replace(instance, attributes=attributes, schema_version=schema.version)
    elif schema.lacking(instance.attributes):
        adopted = kind.adopt(instance.attributes)
        instance = instance if adopted == instance.attributes else replace(instance, attributes=adopted)
    sensitive = schema.secrets_of(instance.attributes)
    if sensitive <= instance.sensitive:
        return instance
    return replace(instance, sensitive=instance.sensitive | sensitive)


def refresh(
    instances: Mapping[InstanceAddress, InstanceState],
    types: Mapping[str, ResourceType[Any]],
    host_of: Callable[[str], Any],
    base_directory: Path,
    tell: OnRefresh = silently,
) -> dict[InstanceAddress, Observed | None]:
    """What is found of each instance; None where it is gone.

    Instances of types that kvmform doesn't have are left out. The hosts' inventories make
    this a few calls per kind of object, whatever the number of instances.

    Raises:
        DiagnosticError: a host can't be reached, or an object can't be read.
    """
    problems = Diagnostics()
    known = [instance for instance in instances.values() if instance.address.type in types]
    hosts: dict[str, Any] = {}
    for provider in sorted({i.provider for i in known if types[i.address.type].needs_host}):
        try:
            hosts[provider] = host_of(provider)
        except DiagnosticError as problem:
            problems.caught(problem)
    problems.raise_errors()

    def read(instance: InstanceState) -> Observed | None:
        kind = types[instance.address.type]
        known_id = instance.attributes.get("id")
        tell(instance.address, known_id, False)
        try:
            found = kind.read(hosts[instance.provider] if kind.needs_host else base_directory, instance.attributes)
        except DiagnosticError as problem:
            raise DiagnosticError(*(d.about(str(instance.address)) for d in problem.diagnostics)) from problem
        tell(instance.address, known_id, True)
        return found

    found: dict[InstanceAddress, Observed | None] = {}
    for address, result in _begun(known, read, lambda instance: types[instance.address.type].needs_host):
        try:
            found[address] = result()
        except DiagnosticError as problem:
            problems.caught(problem)
    problems.raise_errors()
    return found


def _begun(
    instances: Sequence[InstanceState],
    read: Callable[[InstanceState], Observed | None],
    needs_host: Callable[[InstanceState], bool],
) -> list[tuple[InstanceAddress, Callable[[], Observed | None]]]:
    """For each instance, what gives the result of reading it: read already where that asks a host."""
    if not any(map(needs_host, instances)):
        return [(instance.address, partial(read, instance)) for instance in instances]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(_AT_ONCE) as workers:
        return [
            (each.address, workers.submit(read, each).result if needs_host(each) else partial(read, each))
            for each in instances
        ]
