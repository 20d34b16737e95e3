"""`moved` blocks: what is recorded under one address is planned, and then recorded, under another.

The rules are Terraform's (internal/refactoring in its source): statements are carried out in
the order of their chains, modules before what is in them; nothing is moved to where
something is; and a resource that gets or loses `count` moves between no key and key 0 by
itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from kvmform.address import InstanceAddress, InstanceKey, ModuleAddress, ResourceAddress, Target
from kvmform.config.evaluation import Evaluation
from kvmform.config.module import Module, ModulePath, Moved
from kvmform.config.repetition import RepetitionKind
from kvmform.diagnostics import Diagnostic, DiagnosticError, Diagnostics, SourceRange, error, warning
from kvmform.graph.dag import Graph
from kvmform.plan.removal import block_of
from kvmform.schema import ResourceType
from kvmform.state.model import InstanceState
from kvmform.state.records import moved_instances
from kvmform.struct import Struct, field, replace

__all__ = ["Relocation", "Statement", "reject_remaining", "relocate", "statements"]

_Names = tuple[str, ...]
"""Where something is, whatever the keys: `("module.lab", "libvirt_pool.images")`."""

_Steps = tuple[tuple[str, InstanceKey], ...]

_ANY = object()
_Pattern = tuple[tuple[str, object], ...]
"""Where something is, or several things are: each name with its key, or with ANY."""


class Statement(Struct):
    """A move as one module declares it; `within` is that module, whose every instance it is about."""

    within: ModulePath
    moved: Moved

    def __str__(self) -> str:
        return f"{self.moved.range}: {self.source_text} → {self.target_text}"

    @property
    def source_text(self) -> str:
        """The address that it moves from, from the root module on."""
        return _from_root(self.within, self.moved.source)

    @property
    def target_text(self) -> str:
        """The address that it moves to."""
        return _from_root(self.within, self.moved.target)

    @property
    def kind(self) -> str:
        """What it moves, in words."""
        match self.moved.source:
            case ModuleAddress():
                return "module" if self.moved.names_call else "module instance"
            case ResourceAddress():
                return "resource"
        return "resource instance"


def _from_root(within: ModulePath, address: Target) -> str:
    return "".join(f"module.{name}." for name in within) + str(address)


def statements(root: Module) -> list[Statement]:
    """All `moved` blocks of a configuration."""
    return [Statement(module.path, moved) for module in root.walk() for moved in module.moved]


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
    _reject_contradictions(found, types)
    found += _implied(root, recorded, found)
    if not found:
        return Relocation(dict(recorded))
    places = _Places(recorded)
    for statement in _in_order(found):
        places.carry_out(statement)
    pairs = {before: after for after, before in places.origins.items() if before != after}
    instances = {i.address: i for i in moved_instances(recorded.values(), pairs)}
    return Relocation(instances, {after: before for before, after in pairs.items()}, tuple(places.blocked))


# What is declared.


def _reject_contradictions(found: Iterable[Statement], types: Mapping[str, ResourceType[Any]]) -> None:
    problems = Diagnostics()
    sources: dict[str, Statement] = {}
    targets: dict[str, Statement] = {}
    for statement in found:
        at = statement.moved.range
        source, target = statement.source_text, statement.target_text
        if source == target:
            detail = (
                f"This statement declares a move from {source} to the same address, which is the same as not "
                "declaring this move at all."
            )
            problems.add(error("Redundant move statement", detail, at))
            continue
        first, other = sources.setdefault(source, statement), targets.setdefault(target, statement)
        if first.target_text != target:
            detail = (
                f"A statement at {first.moved.range} declared that {source} moved to {first.target_text}, but this "
                f"statement instead declares that it moved to {target}.\n\nEach {statement.kind} can move to only one "
                f"destination {statement.kind}."
            )
            problems.add(error("Ambiguous move statements", detail, at))
        elif other.source_text != source:
            detail = (
                f"A statement at {other.moved.range} declared that {other.source_text} moved to {target}, but this "
                f"statement instead declares that {source} moved there.\n\nEach {statement.kind} can have moved from "
                f"only one source {statement.kind}."
            )
            problems.add(error("Ambiguous move statements", detail, at))
        elif (changed := _changed_type(statement.moved, types)) is not None:
            detail = (
                f"An object of the type {changed[0]} can't become one of the type {changed[1]}. Its address can "
                "change, not what it is."
            )
            problems.add(error("Unsupported `moved` across resource types", detail, at))
    problems.raise_errors()


def reject_remaining(root: Module, evaluation: Evaluation, declared: Collection[InstanceAddress]) -> None:
    """Refuse moves of what is still declared where it was; `declared` has every instance of the configuration.

    Raises:
        DiagnosticError: with each of them.
    """
    problems = Diagnostics()
    for statement in statements(root):
        at = _still_declared(root, evaluation, declared, statement)
        if at is not None:
            detail = (
                f"This statement declares a move from {statement.source_text}, but that {statement.kind} is still "
                f"declared at {at}.\n\nChange your configuration so that this {statement.kind} will be declared as "
                f"{statement.target_text} instead."
            )
            problems.add(error("Moved object still exists", detail, statement.moved.range))
    problems.raise_errors()


def _still_declared(
    root: Module, evaluation: Evaluation, declared: Collection[InstanceAddress], statement: Statement
) -> SourceRange | None:
    """Where what a statement moves is declared all the same."""
    source = statement.moved.source
    inside = source if isinstance(source, ModuleAddress) else source.module
    parent = ModuleAddress(inside.steps[:-1]) if isinstance(source, ModuleAddress) else inside
    path = (*statement.within, *(name for name, _ in parent.steps))
    if not root.has(path):
        return None
    around = [i for i in evaluation.module_instances(path) if i.address.steps[len(statement.within) :] == parent.steps]
    module = root.descendant(path)
    match source:
        case ModuleAddress():
            name, key = source.steps[-1]
            call = module.calls.get(name)
            is_there = statement.moved.names_call or any(key in evaluation.called(each, name) for each in around)
            return call.range if call is not None and around and is_there else None
        case ResourceAddress():
            block = module.resources.get((source.mode, source.type, source.name))
            return block.range if block is not None and around else None
        case InstanceAddress(resource=resource):
            block = module.resources.get((resource.mode, resource.type, resource.name))
            instances = (replace(resource, module=each.address).instance(source.key) for each in around)
            return block.range if block is not None and any(each in declared for each in instances) else None


def _changed_type(moved: Moved, types: Mapping[str, ResourceType[Any]]) -> tuple[str, str] | None:
    """The types of a move between two that have nothing to do with each other."""
    before, after = moved.source, moved.target
    if isinstance(before, ModuleAddress) or isinstance(after, ModuleAddress) or before.type == after.type:
        return None
    return None if after.type in types and before.type in types[after.type].takes_over else (before.type, after.type)


def _implied(
    root: Module, recorded: Mapping[InstanceAddress, InstanceState], declared: Iterable[Statement]
) -> Iterator[Statement]:
    """Moves between no key and key 0, of resources that get or lose `count`."""
    explicit = {statement.source_text.split("[")[0] for statement in declared}
    for address in recorded:
        if address.key not in {None, 0} or address.key is False:
            continue
        block = block_of(address, root)
        if block is None or _without_keys(address) in explicit:
            continue
        kind = RepetitionKind.of(block.count, block.for_each)
        wanted = {RepetitionKind.COUNT: 0, RepetitionKind.SINGLE: None}.get(kind, address.key)
        if wanted != address.key:
            target = address.resource.instance(wanted)
            yield Statement((), Moved(address, target, block.range))


def _without_keys(address: InstanceAddress) -> str:
    names = "".join(f"module.{name}." for name, _ in address.module.steps)
    return f"{names}{address.type}.{address.resource.name}"


# The order of statements.


def _in_order(found: list[Statement]) -> list[Statement]:
    """Statements after those whose outcome they move on.

    Raises:
        DiagnosticError: they go in a circle.
    """
    graph: Graph[int] = Graph(range(len(found)))
    arriving: dict[_Names, list[tuple[int, _Pattern]]] = {}
    for number, statement in enumerate(found):
        pattern = _pattern(statement, statement.moved.target)
        arriving.setdefault(_names(pattern), []).append((number, pattern))
    for number, statement in enumerate(found):
        for pattern in _what_it_follows(statement):
            for other, arrived in arriving.get(_names(pattern), ()):
                if other != number and _overlap(pattern, arrived):
                    graph.add_edge(number, other)
    circle = graph.cycle()
    if circle is not None:
        listed = "\n".join(f"  - {found[number]}" for number in sorted(set(circle)))
        detail = (
            "The following chained move statements form a cycle, and so there is no final location to move objects "
            f"to:\n{listed}\n\nA chain of move statements must end with an address that doesn't appear in any other "
            "statements, and which typically also refers to an object still declared in the configuration."
        )
        raise DiagnosticError.of("Cyclic dependency in move statements", detail, found[circle[0]].moved.range)
    return [found[number] for number in graph.order()]


def _what_it_follows(statement: Statement) -> Iterator[_Pattern]:
    """What must have arrived before: what it moves, and the modules around it and around its target."""
    source = _pattern(statement, statement.moved.source)
    target = _pattern(statement, statement.moved.target)
    yield from (source[:length] for length in range(1, len(source) + 1))
    yield from (target[:length] for length in range(1, len(target)))


def _pattern(statement: Statement, address: Target) -> _Pattern:
    """An address step by step; the key of a step is ANY where all keys are meant."""
    module = address if isinstance(address, ModuleAddress) else address.module
    steps = [*((name, _ANY) for name in statement.within), *module.steps]
    if isinstance(address, ModuleAddress) and statement.moved.names_call:
        steps[-1] = (steps[-1][0], _ANY)
    pattern: _Pattern = tuple((f"module.{name}", key) for name, key in steps)
    match address:
        case ResourceAddress():
            return (*pattern, (f"{address.type}.{address.name}", _ANY))
        case InstanceAddress():
            return (*pattern, (f"{address.type}.{address.resource.name}", address.key))
    return pattern


def _names(pattern: _Pattern) -> _Names:
    return tuple(name for name, _ in pattern)


def _overlap(one: _Pattern, other: _Pattern) -> bool:
    """Whether two patterns of the same names can mean the same thing."""
    return all(_ANY in (a, b) or a == b for (_, a), (_, b) in zip(one, other, strict=True))


# Where things are.


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
        for address in list(self._inside.get(_names(_pattern(statement, statement.moved.source)), ())):
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
    names: _Names = ()
    for length, (name, _) in enumerate(address.module.steps, 1):
        names = (*names, f"module.{name}")
        yield names
        yield ModuleAddress(address.module.steps[:length])
    yield (*names, f"{address.type}.{address.resource.name}")
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
