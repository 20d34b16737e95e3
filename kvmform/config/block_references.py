"""What each kind of block refers to, with all that is nested in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kvmform.config.imports import import_references
from kvmform.config.module import Condition, Module, ModuleCall, Output, ResourceBlock, Variable
from kvmform.lang.ast import Expression
from kvmform.lang.references import Reference, body_references, references
from kvmform.struct import Struct

__all__ = [
    "Use",
    "all_references",
    "call_references",
    "condition_references",
    "output_references",
    "refers_beyond",
    "repetition_references",
    "resource_references",
    "uses",
]


class Use(Struct):
    """A reference, with the names that its place has beside what is declared: `count`, `each`, `self`."""

    reference: Reference
    names: frozenset[str] = frozenset()
    inside: ResourceBlock | None = None
    """The resource that it stands in."""
    check: str = ""
    """The check block that it stands in."""


def all_references(expressions: Iterable[Expression]) -> Iterator[Reference]:
    """The references of several expressions."""
    for expression in expressions:
        yield from references(expression)


def condition_references(conditions: Iterable[Condition]) -> Iterator[Reference]:
    """The references of conditions and their messages."""
    for condition in conditions:
        yield from all_references((condition.condition, condition.error_message))


def refers_beyond(condition: Condition, variable: str) -> bool:
    """Whether a variable's validation looks at more than the variable."""
    return any((r.root, *r.steps[:1]) != ("var", variable) for r in condition_references([condition]))


def repetition_references(block: ResourceBlock | ModuleCall) -> Iterator[Reference]:
    """The references of `count` and `for_each`."""
    yield from all_references(e for e in (block.count, block.for_each) if e is not None)


def resource_references(block: ResourceBlock) -> Iterator[Reference]:
    """All references of a resource block."""
    yield from repetition_references(block)
    yield from body_references(block.body)
    yield from all_references((*block.depends_on, *block.lifecycle.replace_triggered_by))
    yield from condition_references((*block.lifecycle.preconditions, *block.lifecycle.postconditions))
    yield from _provisioner_references(block)


def _provisioner_references(block: ResourceBlock) -> Iterator[Reference]:
    for provisioner in block.provisioners:
        yield from body_references(provisioner.body)
        yield from body_references(provisioner.connection) if provisioner.connection else ()


def output_references(output: Output) -> Iterator[Reference]:
    """All references of an output block."""
    yield from all_references((output.expression, *output.depends_on))
    yield from condition_references(output.preconditions)


def call_references(call: ModuleCall) -> Iterator[Reference]:
    """The references of a module block that decide how often the module is there, and when; not its arguments."""
    yield from repetition_references(call)
    yield from all_references(call.depends_on)


def uses(module: Module) -> Iterator[Use]:
    """Every reference that stands in a module."""
    for variable in module.variables.values():
        yield from map(Use, _variable_references(variable))
    for local in module.locals.values():
        yield from map(Use, references(local.expression))
    for output in module.outputs.values():
        yield from map(Use, output_references(output))
    for provider in module.providers.values():
        yield from map(Use, body_references(provider.body))
    for call in module.calls.values():
        yield from map(Use, call_references(call))
        names = _repeated_names(call)
        for argument in call.arguments.values():
            yield from (Use(reference, names) for reference in references(argument.expression))
    for wanted in module.imports:
        yield from map(Use, import_references(wanted))
    for check in module.checks.values():
        yield from (Use(reference, check=check.name) for reference in condition_references(check.asserts))
    for block in module.resources.values():
        yield from _resource_uses(block)


def _variable_references(variable: Variable) -> Iterator[Reference]:
    yield from condition_references(variable.validations)


def _resource_uses(block: ResourceBlock) -> Iterator[Use]:
    life, names = block.lifecycle, _repeated_names(block)
    groups: tuple[tuple[Iterable[Reference], frozenset[str]], ...] = (
        (repetition_references(block), frozenset()),
        (all_references(block.depends_on), frozenset()),
        (body_references(block.body), names),
        (all_references(life.replace_triggered_by), names),
        (condition_references(life.preconditions), names),
        (condition_references(life.postconditions), names | {"self"}),
        (_provisioner_references(block), names | {"self"}),
    )
    for found, known in groups:
        yield from (Use(reference, known, block, block.check) for reference in found)


def _repeated_names(block: ResourceBlock | ModuleCall) -> frozenset[str]:
    return frozenset({"count"} if block.count is not None else {"each"} if block.for_each is not None else ())
