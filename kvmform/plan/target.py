"""`-target`: plan only some instances, and what they depend on."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence

from kvmform.address import InstanceAddress, InstanceKey, ModuleAddress, ResourceAddress, Target
from kvmform.config.dependencies import Declaration
from kvmform.diagnostics import DiagnosticError
from kvmform.graph.dag import Graph

__all__ = [
    "covers",
    "is_target",
    "named_declarations",
    "needs_of",
    "reject_missing",
    "reject_partial_moves",
    "targeted_outputs",
    "targeted_part",
    "users_of",
]


def is_target(targets: Sequence[Target], address: InstanceAddress) -> bool:
    """Whether an instance is among the targets itself; everything is where there are none."""
    return not targets or any(_contains(target, address) for target in targets)


def covers(targets: Sequence[Target], address: InstanceAddress) -> bool:
    """Whether an instance is to be planned, given that its block is.

    With `-target=x.y[0]`, `x.y[1]` is left alone; what only the targets need is planned whole.
    """
    named = [target for target in targets if _names_block(target, address.resource)]
    return not named or is_target(named, address)


def _contains(target: Target, address: InstanceAddress) -> bool:
    match target:
        case ModuleAddress():
            return _leads_to(target, address.module)
        case ResourceAddress():
            same = (target.mode, target.type, target.name)
            resource = address.resource
            return (resource.mode, resource.type, resource.name) == same and _is_at(target.module, address.module)
        case InstanceAddress():
            return _contains(target.resource, address) and target.key == address.key


def _leads_to(target: ModuleAddress, module: ModuleAddress) -> bool:
    """Whether a module is the target, or in it; a step without key stands for every key."""
    wanted, steps = target.steps, module.steps
    pairs = zip(wanted, steps, strict=False)
    return len(wanted) <= len(steps) and all(_is_same_step(one, other) for one, other in pairs)


def _is_at(target: ModuleAddress, module: ModuleAddress) -> bool:
    return len(target.steps) == len(module.steps) and _leads_to(target, module)


def _is_same_step(wanted: tuple[str, InstanceKey], step: tuple[str, InstanceKey]) -> bool:
    return wanted[0] == step[0] and wanted[1] in {None, step[1]}


def _names_block(target: Target, resource: ResourceAddress) -> bool:
    """Whether a target means instances of this block, whatever their keys."""
    path = tuple(name for name, _ in resource.module.steps)
    return _names(target, Declaration(path, resource.mode, f"{resource.type}.{resource.name}"))


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


def named_declarations(declarations: Iterable[Declaration], targets: Sequence[Target]) -> set[Declaration]:
    """The declarations of which targets name something."""
    return {each for each in declarations if any(_names(target, each) for target in targets)}


def targeted_part(graph: Graph[Declaration], targets: Sequence[Target]) -> Graph[Declaration]:
    """The declarations that targets name, with all that they need."""
    return graph.closure(named_declarations(graph, targets))


def targeted_outputs(graph: Graph[Declaration], targets: Sequence[Target]) -> set[str]:
    """The outputs of the root module that come from resources, and from none that the targets leave out."""
    part = set(targeted_part(graph, targets))
    from_resources: set[Declaration] = set()
    left_out: set[Declaration] = set()
    for each in graph.order():
        needed = graph.dependencies(each)
        is_resource = each.kind in {"managed", "data"}
        if is_resource or not from_resources.isdisjoint(needed):
            from_resources.add(each)
        if (is_resource and each not in part) or not left_out.isdisjoint(needed):
            left_out.add(each)
    return {each.name for each in from_resources - left_out if each.kind == "output" and not each.module}


def reject_missing(
    targets: Sequence[Target], graph: Graph[Declaration], recorded: Sequence[InstanceAddress], to_do: str
) -> None:
    """Raise if a target means nothing that is declared, and nothing in state; `to_do`: what was to be done with it.

    Raises:
        DiagnosticError: naming the first such target.
    """
    for target in targets:
        is_declared = any(_names(target, declaration) for declaration in graph)
        if not is_declared and not any(_contains(target, address) for address in recorded):
            detail = f"{target} is neither in the configuration nor in state, so there is nothing to {to_do}."
            raise DiagnosticError.of("Target not found", f"{detail} Check the spelling.")


def reject_partial_moves(targets: Sequence[Target], origins: Mapping[InstanceAddress, InstanceAddress]) -> None:
    """Raise if something has moved that the targets leave out: its new address would be recorded without being shown.

    Raises:
        DiagnosticError: naming the targets that are missing.
    """
    ends = {end for pair in origins.items() for end in pair}
    missing = sorted((end for end in ends if not is_target(targets, end)), key=InstanceAddress.sort_key)
    if missing:
        options = "\n".join(f"  -target={shlex.quote(str(address))}" for address in missing)
        detail = (
            "Objects in the state have moved to new addresses in the configuration, and the -target options leave some "
            f"of them out. Leave out -target altogether, or add these:\n{options}"
        )
        raise DiagnosticError.of("Moved resource instances excluded by targeting", detail)


def users_of(
    addresses: Iterable[InstanceAddress], recorded: Mapping[InstanceAddress, Iterable[str]]
) -> set[InstanceAddress]:
    """Instances that depend on others, however indirectly.

    `recorded` has the resources that each instance in state depends on.
    """
    users: dict[str, list[InstanceAddress]] = {}
    for address, used in recorded.items():
        for resource in used:
            users.setdefault(resource, []).append(address)
    return _reached({str(address.resource) for address in addresses}, users)


def needs_of(
    addresses: Iterable[InstanceAddress], recorded: Mapping[InstanceAddress, Iterable[str]]
) -> set[InstanceAddress]:
    """Instances that others depend on, however indirectly; `recorded` is as for :func:`users_of`."""
    known: dict[str, list[InstanceAddress]] = {}
    for address in recorded:
        known.setdefault(str(address.resource), []).append(address)
    needed: dict[str, list[InstanceAddress]] = {}
    for address, used in recorded.items():
        for resource in used:
            needed.setdefault(str(address.resource), []).extend(known.get(resource, ()))
    return _reached({str(address.resource) for address in addresses}, needed)


def _reached(begin: Iterable[str], steps: Mapping[str, Iterable[InstanceAddress]]) -> set[InstanceAddress]:
    """All instances that steps lead to from some resources, each by way of its resource."""
    found: set[InstanceAddress] = set()
    passed = set(begin)
    waiting = list(passed)
    while waiting:
        for address in steps.get(waiting.pop(), ()):
            found.add(address)
            resource = str(address.resource)
            if resource not in passed:
                passed.add(resource)
                waiting.append(resource)
    return found
