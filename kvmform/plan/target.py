"""`-target`: plan only some instances, and what they depend on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from kvmform.address import InstanceAddress, ModuleAddress, ResourceAddress
from kvmform.config.dependencies import Declaration
from kvmform.diagnostics import DiagnosticError
from kvmform.graph.dag import Graph

__all__ = ["Target", "covers", "is_target", "target_declarations", "users_of"]

Target = ModuleAddress | ResourceAddress | InstanceAddress


def covers(targets: Sequence[Target], address: InstanceAddress) -> bool:
    """Whether an instance is to be planned: no targets, or none that names another instance of it.

    With `-target=x.y[0]`, `x.y[1]` is left alone; what only stands in their dependencies is planned whole.
    """
    singles = [t for t in targets if isinstance(t, InstanceAddress) and t.resource == address.resource]
    return not singles or is_target(targets, address)


def is_target(targets: Sequence[Target], address: InstanceAddress) -> bool:
    """Whether an instance is among the targets itself; everything is where there are none."""
    return not targets or any(_contains(target, address) for target in targets)


def _contains(target: Target, address: InstanceAddress) -> bool:
    match target:
        case ModuleAddress(steps=steps):
            return address.module.steps[: len(steps)] == steps
        case ResourceAddress():
            return address.resource == target
        case InstanceAddress():
            return address == target


def target_declarations(graph: Graph[Declaration], targets: Sequence[Target]) -> Iterator[Declaration]:
    """The declarations that targets name.

    Raises:
        DiagnosticError: a target names nothing in the configuration.
    """
    for target in targets:
        found = [declaration for declaration in graph if _names(target, declaration)]
        if not found:
            detail = f"{target} is not in the configuration, so there is nothing to plan for it. Check the spelling."
            raise DiagnosticError.of("Target not found", detail)
        yield from found


def _names(target: Target, declaration: Declaration) -> bool:
    if declaration.kind not in {"managed", "data"}:
        return False
    match target:
        case ModuleAddress(steps=steps):
            return declaration.module[: len(steps)] == tuple(name for name, _ in steps)
        case ResourceAddress() as resource:
            pass
        case InstanceAddress(resource=resource):
            pass
    path = tuple(name for name, _ in resource.module.steps)
    named = (resource.mode, f"{resource.type}.{resource.name}")
    return declaration.module == path and (declaration.kind, declaration.name) == named


def users_of(targets: Sequence[Target], recorded: Mapping[InstanceAddress, Iterable[str]]) -> set[InstanceAddress]:
    """Instances that go when the targets go: those that depend on them, however indirectly.

    `recorded` has the resources that each instance in state depends on.
    """
    doomed = {str(address.resource) for address in recorded if is_target(targets, address)}
    found: set[InstanceAddress] = set()
    grown = True
    while grown:
        fresh = {a for a, used in recorded.items() if a not in found and doomed.intersection(used)}
        found |= fresh
        doomed |= {str(address.resource) for address in fresh}
        grown = bool(fresh)
    return found
