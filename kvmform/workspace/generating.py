"""Generate configuration for objects that are there, and that import blocks name without a resource block."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from kvmform.address import InstanceAddress
from kvmform.config.imports import can_be_generated, is_declared, undeclared
from kvmform.diagnostics import Diagnostic, DiagnosticError, Diagnostics, SourceRange
from kvmform.generation.arguments import Portrayed, arguments_of
from kvmform.generation.references import Known, References
from kvmform.generation.text import import_text, resource_text
from kvmform.schema import Object, Portrait, ResourceType, empty_object
from kvmform.struct import Struct, replace
from kvmform.workspace.generated import Generated, reject_existing
from kvmform.workspace.importing import read_import
from kvmform.workspace.provider_name import provider_name, provider_of
from kvmform.workspace.recorded import recorded_evaluation

if TYPE_CHECKING:
    from kvmform.workspace.providers import Providers
    from kvmform.workspace.surroundings import Surroundings
    from kvmform.workspace.workspace import Workspace

__all__ = ["Sought", "generated", "open_generating"]

_WIDTH = 100
_NOTHING_SAYS = "No argument says this of it. It stays as it is:"


class Sought(Struct):
    """An object that a block is to be generated for."""

    address: InstanceAddress
    id: str
    provider: str
    place: SourceRange | None = None


class _Found(Struct):
    """The same, once it was read."""

    sought: Sought
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
    path = around.directory / path
    reject_existing(path)
    with opened(replace(around, may_be_unfinished=True)) as first:
        found = _generate_missing(first, path)
        inputs = first.inputs
    found.write()
    workspace = opened(around, generated=found)
    workspace.inputs = inputs  # Nobody is asked twice.
    return workspace


def _generate_missing(workspace: Workspace, path: Path) -> Generated:
    evaluation = recorded_evaluation(workspace)
    providers = workspace.providers(evaluation)
    problems = Diagnostics()
    sought: list[Sought] = []
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
            Sought(address, each.id, provider, each.range)
            for address, each in ids.items()
            if address not in workspace.state.instances
        )
    problems.raise_errors()
    return generated(workspace, providers, path, sought, imports=False)


def _incompatible(found: Diagnostic) -> Diagnostic:
    detail = (
        "The given import block is not compatible with config generation. The -generate-config-out option cannot be "
        "used with import blocks which use for_each, or resources which use for_each or count."
    )
    return replace(found, detail=detail)


def generated(
    workspace: Workspace, providers: Providers, path: Path, sought: Iterable[Sought], *, imports: bool
) -> Generated:
    """Blocks for objects, with import blocks if these are wanted too.

    Raises:
        DiagnosticError: for every object that isn't there, or can't be imported.
    """
    problems = Diagnostics()
    found: list[_Found] = []
    for each in sought:
        try:
            found.append(_read(workspace, providers, each))
        except DiagnosticError as problem:
            problems.caught(problem)
    problems.raise_errors()
    references = _References(workspace, providers, found)
    return Generated(
        path=path,
        blocks={each.sought.address: _block(providers, each, references) for each in found},
        ids={each.sought.address: each.sought.id for each in found},
        imports={each.sought.address: import_text(str(each.sought.address), each.sought.id) for each in found}
        if imports
        else {},
    )


def _meta(provider: str) -> str:
    kind, alias = provider_of(provider)
    return f"provider = {kind}.{alias}" if alias else ""


def _read(workspace: Workspace, providers: Providers, sought: Sought) -> _Found:
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
            f"that is there. Its id here is {kind.found_by}. Check it; or remove the import block, and the object is "
            "made."
        )
        raise DiagnosticError.of("Cannot import non-existent remote object", detail, sought.place)
    return _Found(sought, kind, empty_object(kind.schema.rows) | observed.object)


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


def _block(providers: Providers, found: _Found, references: _References) -> str:
    sought, kind = found.sought, found.kind
    host = providers.host(sought.provider) if kind.needs_host else None
    portrait = kind.portray(host, found.object)
    others = partial(references.objects, sought.provider)
    portrayed = Portrayed(str(sought.address), kind, portrait, providers.settings(sought.provider), others)
    arguments = arguments_of(portrayed)
    named = references.on_host_of(sought.provider).put_into(kind.schema.rows, arguments, str(sought.address))
    resource = sought.address.resource
    return resource_text(
        resource.type, resource.name, kind.schema.rows, named, meta=_meta(sought.provider), notes=_notes(portrait)
    )


def _notes(portrait: Portrait) -> Iterator[str]:
    if portrait.remark:
        yield from wrap(portrait.remark, _WIDTH, break_on_hyphens=False)
    if portrait.notes:
        yield _NOTHING_SAYS
    yield from (f"  {note}" for note in portrait.notes)
