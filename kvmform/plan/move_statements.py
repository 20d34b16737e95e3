"""`moved` blocks as statements: what contradicts what, and which comes before which.

The rules are Terraform's (internal/refactoring in its source): a chain of statements is carried
out from its beginning, modules before what is in them; and a resource that gets or loses
`count` moves between no key and key 0 by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from kvmform.address import InstanceAddress, InstanceKey, ModuleAddress, ResourceAddress, Target
from kvmform.config.evaluation import Evaluation
from kvmform.config.module import Module, ModulePath, Moved
from kvmform.config.repetition import RepetitionKind
from kvmform.diagnostics import DiagnosticError, Diagnostics, SourceRange, error
from kvmform.graph.dag import Graph
from kvmform.plan.removal import block_of
from kvmform.schema import ResourceType
from kvmform.state.model import InstanceState
from kvmform.struct import Struct, replace

__all__ = [
    "KeyStep",
    "Statement",
    "implied",
    "in_order",
    "names_of",
    "reject_contradictions",
    "reject_remaining",
    "statements",
]

Names = tuple[str, ...]
"""Where something is, whatever the keys: `("module.lab", "libvirt_pool.images")`."""

_ANY = object()
_Pattern = tuple[tuple[str, object], ...]
"""Where something is, or several things are: each name with its key, or with ANY."""


class KeyStep(Struct):
    """The last step to one instance: its key, which may be none."""

    key: InstanceKey


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


def reject_contradictions(found: Iterable[Statement], types: Mapping[str, ResourceType[Any]]) -> None:
    """Refuse statements that say nothing, or say different things of one object.

    Raises:
        DiagnosticError: with each of them.
    """
    problems = Diagnostics()
    # An instance without a key is another thing than the resource with all its instances.
    sources: dict[tuple[str, str], Statement] = {}
    targets: dict[tuple[str, str], Statement] = {}
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
        first = sources.setdefault((statement.kind, source), statement)
        other = targets.setdefault((statement.kind, target), statement)
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


def implied(
    root: Module, recorded: Mapping[InstanceAddress, InstanceState], declared: Iterable[Statement]
) -> Iterator[Statement]:
    """Moves between no key and key 0, of resources that get or lose `count` and that no statement names."""
    ends = ((each, end) for each in declared for end in (each.moved.source, each.moved.target))
    explicit = {_names(_pattern(each, end)) for each, end in ends}
    for address in recorded:
        if address.key not in {None, 0} or address.key is False:
            continue
        block = block_of(address, root)
        if block is None or _names_of_instance(address) in explicit:
            continue
        kind = RepetitionKind.of(block.count, block.for_each)
        wanted = {RepetitionKind.COUNT: 0, RepetitionKind.SINGLE: None}.get(kind, address.key)
        if wanted != address.key:
            target = address.resource.instance(wanted)
            yield Statement((), Moved(address, target, block.range))


def _names_of_instance(address: InstanceAddress) -> Names:
    return (*(f"module.{name}" for name in address.module.names), f"{address.type}.{address.resource.name}")


def in_order(found: list[Statement]) -> list[Statement]:
    """Statements after those whose outcome they move on.

    Raises:
        DiagnosticError: they go in a circle.
    """
    graph: Graph[int] = Graph(range(len(found)))
    arrivals = _Arrivals()
    for number, statement in enumerate(found):
        arrivals.add(number, _pattern(statement, statement.moved.target))
    for number, statement in enumerate(found):
        for pattern in _what_it_follows(statement):
            for other in arrivals.at(pattern):
                if other != number:
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


class _Arrivals:
    """Where statements move things to; found without looking at all of them."""

    def __init__(self) -> None:
        self._exact: dict[_Pattern, list[int]] = {}
        self._loose: dict[Names, list[tuple[int, _Pattern]]] = {}
        self._all: dict[Names, list[tuple[int, _Pattern]]] = {}

    def add(self, number: int, pattern: _Pattern) -> None:
        """Note a statement."""
        names = _names(pattern)
        self._all.setdefault(names, []).append((number, pattern))
        if _is_exact(pattern):
            self._exact.setdefault(pattern, []).append(number)
        else:
            self._loose.setdefault(names, []).append((number, pattern))

    def at(self, pattern: _Pattern) -> Iterator[int]:
        """The statements that can move something to where a pattern is."""
        names = _names(pattern)
        if _is_exact(pattern):
            yield from self._exact.get(pattern, ())
        found = self._loose if _is_exact(pattern) else self._all
        yield from (number for number, arrived in found.get(names, ()) if _overlap(pattern, arrived))


def _is_exact(pattern: _Pattern) -> bool:
    return all(key is not _ANY for _, key in pattern)


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


def _names(pattern: _Pattern) -> Names:
    return tuple(name for name, _ in pattern)


def _overlap(one: _Pattern, other: _Pattern) -> bool:
    """Whether two patterns of the same names can mean the same thing."""
    return all(_ANY in (a, b) or a == b for (_, a), (_, b) in zip(one, other, strict=True))


def names_of(statement: Statement) -> tuple[object, ...]:
    """Where what a statement moves is: the names on the way, and of a single instance the key too."""
    source = statement.moved.source
    names = _names(_pattern(statement, source))
    return (*names, KeyStep(source.key)) if isinstance(source, InstanceAddress) else names
