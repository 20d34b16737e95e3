"""What `depends_on` names: whole resources, whatever their values are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from kvmform.address import ResourceAddress
from kvmform.config.module_instance import ModuleInstance
from kvmform.lang.ast import Expression
from kvmform.lang.references import Reference, references

if TYPE_CHECKING:
    from kvmform.config.names import Names

__all__ = ["record_depends_on"]


def record_depends_on(names: Names, depends_on: Iterable[Expression], within: ModuleInstance) -> None:
    """Count as read what a block's `depends_on` names, and those of the module calls around it."""
    _record(names, depends_on, within)
    while within.parent is not None and within.call is not None:
        _record(names, within.call.depends_on, within.parent)
        within = within.parent


def _record(names: Names, depends_on: Iterable[Expression], within: ModuleInstance) -> None:
    for expression in depends_on:
        for reference in references(expression):
            names.memo.record(*_named(names, reference, within))


def _named(names: Names, reference: Reference, within: ModuleInstance) -> Iterator[ResourceAddress]:
    module = within.module
    match reference.root, reference.steps:
        case "module", (str(name), *_) if name in module.children:
            yield from _all_resources(names, within, name)
        case "data", (str(kind), str(name), *_) if ("data", kind, name) in module.resources:
            yield ResourceAddress(within.address, "data", kind, name)
        case "var" | "local" as kind, (str(name), *_):
            names.value(within, kind, name)
        case kind, (str(name), *_) if ("managed", kind, name) in module.resources:
            yield ResourceAddress(within.address, "managed", kind, name)


def _all_resources(names: Names, within: ModuleInstance, call: str) -> Iterator[ResourceAddress]:
    for child in names.children(within, call).values():
        for mode, kind, name in child.module.resources:
            yield ResourceAddress(child.address, mode, kind, name)
        for inner in child.module.calls:
            yield from _all_resources(names, child, inner)
