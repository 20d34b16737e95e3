"""What can be said against a configuration without evaluating it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kvmform.config.blocks import did_you_mean, missing_argument
from kvmform.config.dependencies import module_references, targets
from kvmform.config.module import Module, ResourceBlock
from kvmform.diagnostics import Diagnostic, Diagnostics, error
from kvmform.lang.references import Reference
from kvmform.schema import Schema

__all__ = ["SchemaTable", "validate_module"]

SchemaTable = Mapping[tuple[str, str], Schema]
"""Schemas by mode (`managed`, `data`) and type."""

_OTHER_ROOTS = {"path", "terraform", "each", "count", "self"}


def validate_module(module: Module, schemas: SchemaTable, problems: Diagnostics) -> None:
    """Check the declarations of one module: types, module arguments, references."""
    for block in module.resources.values():
        if (block.mode, block.type) not in schemas:
            problems.add(_unknown_type(block, schemas))
    for name, child in module.children.items():
        _check_arguments(module, name, child, problems)
    for reference in module_references(module):
        if reference.root not in _OTHER_ROOTS and next(targets(module, reference), None) is None:
            problems.add(_undeclared(module, reference))


def _unknown_type(block: ResourceBlock, schemas: SchemaTable) -> Diagnostic:
    known = sorted(kind for mode, kind in schemas if mode == block.mode)
    word = "resource type" if block.mode == "managed" else "data source"
    detail = (
        f'kvmform has no {word} "{block.type}".{did_you_mean(block.type, known)} '
        f"It has: {', '.join(known) or 'none yet'}."
    )
    return error(f"Invalid {word}", detail, block.range)


def _check_arguments(module: Module, name: str, child: Module, problems: Diagnostics) -> None:
    call = module.calls[name]
    for argument, attribute in call.arguments.items():
        if argument not in child.variables:
            hint = did_you_mean(argument, child.variables)
            detail = f'The module "{name}" declares no input variable "{argument}".{hint}'
            problems.add(error("Unsupported argument", detail, attribute.name_range))
    for variable in child.variables.values():
        if variable.default is None and variable.name not in call.arguments:
            problems.add(missing_argument(variable.name, call.range))


def _undeclared(module: Module, reference: Reference) -> Diagnostic:
    place = "the root module" if not module.path else f"module.{'.module.'.join(module.path)}"
    steps = [str(step) for step in reference.steps]
    names: Iterable[str]
    match reference.root:
        case "var" | "local" | "module" if not steps:
            detail = f'"{reference.root}" must be followed by a dot and a name.'
            return error("Invalid reference", detail, reference.range)
        case "var":
            summary, words, names = "Reference to undeclared input variable", "An input variable", module.variables
        case "local":
            summary, words, names = "Reference to undeclared local value", "A local value", module.locals
        case "module":
            summary, words, names = "Reference to undeclared module", "A module call", module.calls
        case _:
            return _undeclared_resource(module, reference, place)
    detail = f'{words} with the name "{steps[0]}" has not been declared in {place}.{did_you_mean(steps[0], names)}'
    return error(summary, detail, reference.range)


def _undeclared_resource(module: Module, reference: Reference, place: str) -> Diagnostic:
    steps = [reference.root, *(str(step) for step in reference.steps)]
    mode, words = "managed", "A managed resource"
    if steps[0] == "data":
        mode, words, steps = "data", "A data resource", steps[1:]
    if len(steps) < 2:
        detail = (
            f'"{reference.root}" alone names nothing. A resource is referred to by its type and name, as in '
            "libvirt_network.lab; text stands in quotes."
        )
        return error("Invalid reference", detail, reference.range)
    known = [f"{kind}.{name}" for m, kind, name in module.resources if m == mode]
    hint = did_you_mean(f"{steps[0]}.{steps[1]}", known)
    detail = f'{words} "{steps[0]}" "{steps[1]}" has not been declared in {place}.{hint}'
    return error("Reference to undeclared resource", detail, reference.range)
