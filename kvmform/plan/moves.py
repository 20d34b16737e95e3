"""`moved` blocks: what is recorded under one address is planned, and then recorded, under another.

Nothing is moved to where something is: such an object stays, and the plan destroys what nothing
declares any more. In what order they are carried out is in `move_statements`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kvmform.address import InstanceAddress, InstanceKey, ModuleAddress, ResourceAddress, Target
from kvmform.config.module import Module
from kvmform.diagnostics import Diagnostic, warning
from kvmform.plan.move_statements import (
    KeyStep,
    Names,
    Statement,
    implied,
    in_order,
    names_of,
    reject_contradictions,
    statements,
)
from kvmform.schema import ResourceType
from kvmform.state.model import InstanceState
from kvmform.state.records import moved_instances
from kvmform.struct import Struct, field, replace

__all__ = ["Relocation", "relocate"]

_Steps = tuple[tuple[str, InstanceKey], ...]


class Relocation(Struct):
    """The record with everything at the addresses that it has now.

    `origins`: for each instance that moved, the address it is recorded under. `blocked`: what
    could not be moved, since something is there already; as it is shown, from and to.
    """

    instances: dict[InstanceAddress, InstanceState]
    origins: dict[InstanceAddress, InstanceAddress] = field(default_factory=dict)
    blocked: tuple[tuple[str, str], ...] = ()

    @property
    def pairs(self) -> dict[InstanceAddress, InstanceAddress]:
        """The moves as the record takes them: from the old addresses to the new."""
        return {before: after for after, before in self.origins.items()}

    def warnings(self) -> Iterator[Diagnostic]:
        """That something stays where nothing declares it."""
        if self.blocked:
            listed = "\n".join(f"  - {before} could not move to {after}" for before, after in self.blocked)
            detail = (
                "The moved blocks of the configuration name addresses at which the state has other objects already:\n"
                f"{listed}\n\nThese objects stay at their old addresses, which nothing declares any more, so the plan "
                'destroys them. If that is not what you want, resolve the conflict first with "kvmform state mv" or '
                '"kvmform state rm".'
            )
            yield warning("Unresolved resource instance address changes", detail)


def relocate(
    root: Module, recorded: Mapping[InstanceAddress, InstanceState], types: Mapping[str, ResourceType[Any]]
) -> Relocation:
    """Bring the record to the addresses that `moved` blocks say; `types` tell which can become which.

    Raises:
        DiagnosticError: with every statement that contradicts itself or another one.
    """
    found = statements(root)
    if not recorded and not found:
        return Relocation({})
    reject_contradictions(found, types)
    found += implied(root, recorded, found)
    if not found:
        return Relocation(dict(recorded))
    places = _Places(recorded)
    for statement in in_order(found):
        places.carry_out(statement)
    pairs = {before: after for after, before in places.origins.items() if before != after}
    instances = {i.address: i for i in moved_instances(recorded.values(), pairs)}
    return Relocation(instances, {after: before for before, after in pairs.items()}, tuple(places.blocked))


class _Places(Struct, frozen=False):
    """Addresses in use, found by what is around them; `origins` has the recorded address of each."""

    recorded: Mapping[InstanceAddress, InstanceState]
    origins: dict[InstanceAddress, InstanceAddress] = field(init=False)
    blocked: list[tuple[str, str]] = field(default_factory=list)
    _inside: dict[object, dict[InstanceAddress, None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.origins = {address: address for address in self.recorded}
        for address in self.recorded:
            self._enter(address)

    def carry_out(self, statement: Statement) -> None:
        """Move everything that a statement is about, unit by unit: a whole module, resource or instance."""
        units: dict[Target, list[tuple[InstanceAddress, InstanceAddress]]] = {}
        names: dict[Target, Target] = {}
        for address in list(self._inside.get(names_of(statement), ())):
            destination = _destination(statement, address)
            if destination is not None:
                unit = _unit(statement, statement.moved.source, address)
                units.setdefault(unit, []).append((address, destination))
                names[unit] = _unit(statement, statement.moved.target, destination)
        for unit, pairs in units.items():
            if names[unit] in self._inside:
                self.blocked.append((str(unit), str(names[unit])))
                continue
            for before, after in pairs:
                origin = self.origins.pop(before)
                self._leave(before)
                self.origins[after] = origin
                self._enter(after)

    def _enter(self, address: InstanceAddress) -> None:
        for place in _around(address):
            self._inside.setdefault(place, {})[address] = None

    def _leave(self, address: InstanceAddress) -> None:
        for place in _around(address):
            del self._inside[place][address]
            if not self._inside[place]:
                del self._inside[place]


def _around(address: InstanceAddress) -> Iterator[object]:
    """Everything that an instance is in, with and without keys, and itself."""
    names: Names = ()
    for length, (name, _) in enumerate(address.module.steps, 1):
        names = (*names, f"module.{name}")
        yield names
        yield ModuleAddress(address.module.steps[:length])
    yield (*names, f"{address.type}.{address.resource.name}")
    yield (*names, f"{address.type}.{address.resource.name}", KeyStep(address.key))
    yield address.resource
    yield address


def _unit(statement: Statement, end: Target, address: InstanceAddress) -> Target:
    """The thing that moves as a whole, of which an instance is a part."""
    match end:
        case ModuleAddress():
            return ModuleAddress(address.module.steps[: len(statement.within) + len(end.steps)])
        case ResourceAddress():
            return address.resource
        case InstanceAddress():
            return address


def _destination(statement: Statement, address: InstanceAddress) -> InstanceAddress | None:
    """Where a statement moves an instance; None where it doesn't."""
    depth, steps = len(statement.within), address.module.steps
    if tuple(name for name, _ in steps[:depth]) != statement.within:
        return None
    around, inside, resource = steps[:depth], steps[depth:], address.resource
    match statement.moved.source, statement.moved.target:
        case ModuleAddress() as source, ModuleAddress() as target:
            moved = _moved_steps(source, target, inside, names_call=statement.moved.names_call)
            if moved is None:
                return None
            return replace(address, resource=replace(resource, module=ModuleAddress((*around, *moved))))
        case ResourceAddress() as source, ResourceAddress() as target:
            if source == replace(resource, module=ModuleAddress(inside)):
                return _within(around, target).instance(address.key)
        case InstanceAddress() as source, InstanceAddress() as target:
            if source == replace(address, resource=replace(resource, module=ModuleAddress(inside))):
                return _within(around, target.resource).instance(target.key)
    return None


def _within(around: _Steps, resource: ResourceAddress) -> ResourceAddress:
    return replace(resource, module=ModuleAddress((*around, *resource.module.steps)))


def _moved_steps(source: ModuleAddress, target: ModuleAddress, inside: _Steps, *, names_call: bool) -> _Steps | None:
    """The way to a module after it, or one around it, has moved; None where it doesn't."""
    length = len(source.steps)
    leading, rest = inside[:length], inside[length:]
    if leading == source.steps and not names_call:
        return (*target.steps, *rest)
    if not names_call or len(leading) < length:
        return None
    (name, key), (wanted, _) = leading[-1], source.steps[-1]
    if leading[:-1] == source.steps[:-1] and name == wanted:
        return (*target.steps[:-1], (target.steps[-1][0], key), *rest)
    return None
