"""Generate configuration for objects that are there: for import blocks without a resource, or for all of a host."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from kvmform.address import InstanceAddress, ModuleAddress, ResourceAddress
from kvmform.config.evaluation import Evaluation
from kvmform.config.imports import can_be_generated, is_declared, undeclared
from kvmform.diagnostics import Diagnostic, DiagnosticError, Diagnostics, SourceRange
from kvmform.generation.arguments import Subject, arguments_of
from kvmform.generation.references import Known, References
from kvmform.generation.text import import_text, resource_text
from kvmform.schema import Block, Object, Portrait, ResourceType
from kvmform.struct import Struct, replace
from kvmform.workspace.generated import Generated, reject_existing
from kvmform.workspace.importing import read_import
from kvmform.workspace.provider_name import provider_name, provider_of
from kvmform.workspace.recorded import record_state

if TYPE_CHECKING:
    from kvmform.workspace.providers import Providers
    from kvmform.workspace.surroundings import Surroundings
    from kvmform.workspace.workspace import Workspace

__all__ = ["generate_all", "open_generating"]

_WIDTH = 100
_NOTHING_SAYS = "No argument says this of it. It stays as it is:"
_HOST_TYPES = ("libvirt_pool", "libvirt_network", "libvirt_volume", "libvirt_domain", "libvirt_snapshot")
"""Types of which a host lists what it has, each behind what its objects may name."""


class _Sought(Struct):
    """An object that a block is to be generated for."""

    address: InstanceAddress
    id: str
    provider: str
    place: SourceRange | None = None


class _Found(Struct):
    """The same, once it was read."""

    sought: _Sought
    kind: ResourceType[Any]
    object: Object


def open_generating(around: Surroundings, path: Path, opened: Callable[..., Workspace]) -> Workspace:
    """A workspace with blocks for what its import blocks name and nothing declares; they are written to a new file.

    Args:
        around: where the run works.
        path: the file.
        opened: makes a workspace (:class:`Workspace`).

    Raises:
        DiagnosticError: the file is there, an object isn't, or an import block is not of a kind that this can be done
            for.
    """
    reject_existing(path)
    with opened(replace(around, may_be_unfinished=True)) as first:
        generated = _generate_missing(first, path)
        inputs = first.inputs
    generated.write()
    workspace = opened(around, generated=generated)
    workspace.inputs = inputs  # Nobody is asked twice.
    return workspace


def _generate_missing(workspace: Workspace, path: Path) -> Generated:
    evaluation, providers = _opened(workspace)
    problems = Diagnostics()
    sought: list[_Sought] = []
    for wanted in workspace.root.imports:
        if is_declared(workspace.root, wanted.resource):
            continue
        if not can_be_generated(wanted):
            problems.add(_incompatible(undeclared(wanted)) if wanted.resource.module.is_root else undeclared(wanted))
            continue
        alias = wanted.provider.alias if wanted.provider is not None else None
        provider = provider_name(wanted.resource.type.partition("_")[0], alias)
        try:
            ids = evaluation.wanted(wanted)
        except DiagnosticError as problem:
            problems.caught(problem)
            continue
        sought.extend(
            _Sought(address, each.id, provider, each.range)
            for address, each in ids.items()
            if address not in workspace.state.instances
        )
    problems.raise_errors()
    return _generated(workspace, providers, path, sought, imports=False)


def _opened(workspace: Workspace) -> tuple[Evaluation, Providers]:
    """An evaluation in which objects are as the state has them."""
    evaluation = workspace.evaluation(datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), planning=False)
    record_state(workspace.state.instances if workspace.has_state else {}, evaluation)
    return evaluation, workspace.providers(evaluation)


def _incompatible(found: Diagnostic) -> Diagnostic:
    detail = (
        "The given import block is not compatible with config generation. The -generate-config-out option cannot be "
        "used with import blocks which use for_each, or resources which use for_each or count."
    )
    return replace(found, detail=detail)


def generate_all(workspace: Workspace, path: Path, patterns: Sequence[str], alias: str | None) -> Generated:
    """Import and resource blocks for all that a host has and the state has not, written to a new file.

    Args:
        workspace: whose state it is.
        path: the file.
        patterns: what the names look like of what is meant (as file names in a shell); none: everything.
        alias: which of the provider's configurations says which host it is.

    Raises:
        DiagnosticError: the file is there, or the host can't be read.
    """
    reject_existing(path)
    workspace.lock("import")
    _, providers = _opened(workspace)
    provider = provider_name("libvirt", alias)
    host = providers.host(provider)
    known = {
        (each.address.type, _plain_id(each.attributes.get("id")))
        for each in workspace.state.instances.values()
        if provider_of(each.provider)[0] == "libvirt" and providers.uri(each.provider) == providers.uri(provider)
    }
    taken = {each.resource for each in workspace.state.instances} | {
        ResourceAddress(ModuleAddress(()), *key) for key in workspace.root.resources
    }
    sought = []
    for name in _HOST_TYPES:
        kind = workspace.catalogue.types[name]
        for meant, identity in kind.listed(host):
            is_known = (name, identity) in known or (name == "libvirt_volume" and _is_seed(known, identity))
            if not is_known and _fits(meant, patterns):
                address = _free_address(name, meant, taken)
                taken.add(address)
                sought.append(_Sought(address.instance(), meant, provider))
    generated = _generated(workspace, providers, path, sought, imports=True)
    generated.write()
    return generated


def _plain_id(identity: Any) -> str:
    """An id without the revision that those of seeds have."""
    return str(identity).partition(";")[0]


def _is_seed(known: set[tuple[str, str]], identity: str) -> bool:
    return any(
        (kind, identity) in known for kind in ("libvirt_cloudinit_disk", "libvirt_ignition", "libvirt_combustion")
    )


def _fits(meant: str, patterns: Sequence[str]) -> bool:
    names = (meant, meant.rpartition("/")[2])
    return not patterns or any(fnmatchcase(name, pattern) for name in names for pattern in patterns)


def _free_address(kind: str, meant: str, taken: set[ResourceAddress]) -> ResourceAddress:
    """An address that says what the object is called: the `images/web.qcow2` becomes `libvirt_volume.web`."""
    name = meant.rpartition("/")[2]
    name = name.removesuffix(Path(name).suffix) if kind == "libvirt_volume" else name
    name = re.sub(r"[^\w-]+", "_", name)
    name = name if re.match(r"[^\W\d]", name) else f"_{name}"
    numbered = (name if n == 1 else f"{name}_{n}" for n in range(1, len(taken) + 2))
    addresses = (ResourceAddress(ModuleAddress(()), "managed", kind, each) for each in numbered)
    return next(address for address in addresses if address not in taken)


def _generated(
    workspace: Workspace, providers: Providers, path: Path, sought: Iterable[_Sought], *, imports: bool
) -> Generated:
    problems = Diagnostics()
    found: list[_Found] = []
    for each in sought:
        try:
            found.append(_read(workspace, providers, each))
        except DiagnosticError as problem:
            problems.caught(problem)
    problems.raise_errors()
    references = _References(workspace, providers, found)
    metas = {each.sought.address: _meta(each.sought.provider) for each in found}
    return Generated(
        path=workspace.surroundings.directory / path,
        blocks={each.sought.address: _block(providers, each, references, metas[each.sought.address]) for each in found},
        ids={each.sought.address: each.sought.id for each in found},
        imports={each.sought.address: import_text(str(each.sought.address), each.sought.id) for each in found}
        if imports
        else {},
    )


def _meta(provider: str) -> str:
    kind, alias = provider_of(provider)
    return f"provider = {kind}.{alias}" if alias else ""


def _read(workspace: Workspace, providers: Providers, sought: _Sought) -> _Found:
    """An object, with all that is told of it.

    Raises:
        DiagnosticError: there is none, or none of its type can be imported.
    """
    name = sought.address.type
    kind = workspace.catalogue.types.get(name)
    if kind is None or kind.find is None:
        detail = f"Objects of the type {name} can't be imported. Remove the import block: it is then made anew."
        raise DiagnosticError.of("Resource import not supported", detail, sought.place)
    observed = read_import(providers, sought.provider, kind, sought.id, None)
    if observed is None:
        detail = (
            f'The host {providers.uri(sought.provider)} has no {name} "{sought.id}". An import only records an object '
            "that is there. Check the id; or remove the import block, and the object is made."
        )
        raise DiagnosticError.of("Cannot import non-existent remote object", detail, sought.place)
    empty: Object = {name: [] if isinstance(row, Block) else None for name, row in kind.schema.rows.items()}
    return _Found(sought, kind, empty | observed.object)


class _References:
    """What objects are called, on each host."""

    def __init__(self, workspace: Workspace, providers: Providers, found: Iterable[_Found]) -> None:
        known: dict[str, list[Known]] = {}
        for address, instance in workspace.state.instances.items():
            if address.module.is_root and is_declared(workspace.root, address.resource):
                uri = _uri(providers, instance.provider)
                known.setdefault(uri, []).append(Known(str(address), address.type, instance.attributes))
        for each in found:
            address = each.sought.address
            uri = _uri(providers, each.sought.provider)
            known.setdefault(uri, []).append(Known(str(address), address.type, each.object))
        self._by_host: Mapping[str, References] = {uri: References(objects) for uri, objects in known.items()}
        self._objects: dict[tuple[str, str], list[Object]] = {}
        for uri, objects in known.items():
            for one in objects:
                self._objects.setdefault((uri, one.type), []).append(one.object)
        self._providers = providers

    def on_host_of(self, provider: str) -> References:
        """Those of the host of a provider configuration."""
        return self._by_host[_uri(self._providers, provider)]

    def objects(self, provider: str, kind: str) -> list[Object]:
        """The objects of a type on that host."""
        return self._objects.get((_uri(self._providers, provider), kind), [])


def _uri(providers: Providers, provider: str) -> str:
    return providers.uri(provider) if provider_of(provider)[0] == "libvirt" else ""


def _block(providers: Providers, found: _Found, references: _References, meta: str) -> str:
    sought, kind = found.sought, found.kind
    host = providers.host(sought.provider) if kind.needs_host else None
    portrait = kind.portray(host, found.object)
    others = partial(references.objects, sought.provider)
    subject = Subject(str(sought.address), kind, portrait, providers.settings(sought.provider), others)
    arguments = arguments_of(subject)
    named = references.on_host_of(sought.provider).put_into(kind.schema.rows, arguments, str(sought.address))
    resource = sought.address.resource
    return resource_text(resource.type, resource.name, kind.schema.rows, named, meta=meta, notes=_notes(portrait))


def _notes(portrait: Portrait) -> Iterator[str]:
    if portrait.remark:
        yield from wrap(portrait.remark, _WIDTH)
    if portrait.notes:
        yield _NOTHING_SAYS
    yield from (f"  {note}" for note in portrait.notes)
