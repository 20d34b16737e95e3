"""What can be said against a configuration without evaluating it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from kvmform.config.arguments import missing_argument
from kvmform.config.block_references import Use, uses
from kvmform.config.dependencies import refers_to_itself, targets
from kvmform.config.module import Module, ResourceBlock
from kvmform.config.objects import SchemaTable
from kvmform.config.provider_passing import check_passed_providers
from kvmform.config.reference_range import first_steps
from kvmform.config.repetition import RepetitionKind
from kvmform.diagnostics import Diagnostic, Diagnostics, SourceRange, error, warning
from kvmform.lang.ast import Expression
from kvmform.lang.references import Key, Reference, references
from kvmform.lang.suggestion import did_you_mean
from kvmform.schema import Row, Schema

__all__ = ["check_references", "validate_module"]

_ATTRIBUTE = re.compile(r"\s*\.\s*[\w-]+")
_BUILT_IN = {
    "path": (("module", "root", "cwd"), "path.module, path.root and path.cwd"),
    "terraform": (("workspace",), "terraform.workspace"),
}
"""Names that are always there: what may follow, and that in words."""

_CONTEXT = {
    "count": (
        'Reference to "count" in non-counted context',
        (
            'The "count" object can only be used in "module", "resource", and "data" blocks, and only when the "count" '
            "argument is set."
        ),
    ),
    "each": (
        'Reference to "each" in context without for_each',
        (
            'The "each" object can be used only in "module" or "resource" blocks, and only when the "for_each" '
            "argument is set."
        ),
    ),
    "self": (
        'Invalid "self" reference',
        (
            'The "self" object is not available in this context. This object can be used only in resource provisioner, '
            "connection, and postcondition blocks."
        ),
    ),
}
"""Names that are there in some places only: summary and detail of their absence."""

_CONTEXT_ATTRIBUTES = {"count": ("index",), "each": ("key", "value")}
"""What they have."""


def validate_module(
    module: Module, schemas: SchemaTable, provider_names: Collection[str], problems: Diagnostics
) -> None:
    """Check the declarations of one module: types, defaults, module arguments, references.

    `provider_names` are the providers that kvmform has; blocks of others are of no use.
    """
    for provider in module.providers.values():
        if module.provider_type(provider.name) not in provider_names:
            problems.add(_useless_provider(provider.name, provider.range))
    for output in module.outputs.values():
        if output.ephemeral and not module.path:
            detail = "Ephemeral outputs are not allowed in the root module: its outputs are recorded in the state."
            problems.add(error("Ephemeral output not allowed", detail, output.range))
    for block in module.resources.values():
        schema = schemas.get((block.mode, block.type))
        if schema is None:
            problems.add(_unknown_type(block, schemas))
        else:
            _check_ignored(block, schema, problems)
    check_passed_providers(module, problems)
    for name, child in module.children.items():
        _check_arguments(module, name, child, problems)
    for use in uses(module):
        problem = _wrong_use(module, use)
        if problem is not None:
            problems.add(problem)


def check_references(module: Module, expression: Expression) -> list[Diagnostic]:
    """What is wrong with the references of an expression that stands in no block of the module."""
    found = (_wrong_use(module, Use(reference)) for reference in references(expression))
    return [problem for problem in found if problem is not None]


def _useless_provider(name: str, at: SourceRange) -> Diagnostic:
    detail = f'kvmform has no provider "{name}". This block has no effect; nothing of this provider can be used.'
    return warning("Unknown provider", detail, at)


def _unknown_type(block: ResourceBlock, schemas: SchemaTable) -> Diagnostic:
    known = sorted(kind for mode, kind in schemas if mode == block.mode)
    word = "resource type" if block.mode == "managed" else "data source"
    provider = block.type.partition("_")[0]
    siblings = [kind for kind in known if kind.partition("_")[0] == provider]
    hint = did_you_mean(block.type, (kind for kind in known if _is_alike(kind, block.type)))
    if siblings:
        others = ", ".join(siblings)
        detail = f'Of the provider {provider}, kvmform has no {word} "{block.type}".{hint} It has: {others}.'
    else:
        others = ", ".join(dict.fromkeys(kind.partition("_")[0] for kind in known))
        detail = (
            f'The {word} "{block.type}" is of the provider {provider}, of which kvmform has no {word}.{hint} '
            f"It has {word}s of: {others}. Take the block out; or leave it to Terraform, in a directory of its own."
        )
    return error(f"Invalid {word}", detail, block.type_range)


def _is_alike(kind: str, other: str) -> bool:
    """Whether one type can be meant by another: the provider and what is of it are both alike."""
    pairs = zip(kind.partition("_")[::2], other.partition("_")[::2], strict=True)
    return all(did_you_mean(mine, [theirs]) for mine, theirs in pairs)


def _check_ignored(block: ResourceBlock, schema: Schema, problems: Diagnostics) -> None:
    for ignored in block.lifecycle.ignore_changes or ():
        name = str(ignored.path[0])
        row = schema.rows.get(name)
        if row is None:
            hint = did_you_mean(name, schema.rows)
            detail = f'ignore_changes names "{name}", and {block.type} has no such argument or block.{hint}'
            problems.add(error("Unsupported attribute", detail, ignored.range))
        elif isinstance(row, Row) and row.read_only:
            detail = (
                f'"{name}" is decided when the object is made or read, and can\'t be written; so there is nothing to '
                "ignore. Remove it from ignore_changes."
            )
            problems.add(warning("Redundant ignore_changes element", detail, ignored.range))


def _check_arguments(module: Module, name: str, child: Module, problems: Diagnostics) -> None:
    call = module.calls[name]
    for argument, attribute in call.arguments.items():
        if argument not in child.variables:
            hint = did_you_mean(argument, child.variables)
            detail = f'The module "{name}" declares no input variable "{argument}".{hint}'
            problems.add(error("Unsupported argument", detail, attribute.name_range))
    for variable in child.variables.values():
        if variable.default is None and variable.name not in call.arguments:
            problems.add(missing_argument(variable.name, call.opening))


def _wrong_use(module: Module, use: Use) -> Diagnostic | None:
    """What is wrong with a reference, if anything."""
    reference = use.reference
    if use.inside is not None and refers_to_itself(use.inside, reference):
        address = f"{'data.' if use.inside.mode == 'data' else ''}{use.inside.type}.{use.inside.name}"
        detail = f"Configuration for {address} may not refer to itself."
        return error("Self-referential block", detail, _named_part(reference))
    if reference.root in _CONTEXT:
        return _wrong_context(use)
    if reference.root in _BUILT_IN:
        return _wrong_built_in(reference)
    target = next(targets(module, reference), None)
    if target is None:
        return _undeclared(module, reference)
    if target.kind == "data" and (problem := _out_of_scope(module, use)) is not None:
        return problem
    return _wrong_key(module, reference) if target.kind in {"data", "managed"} else None


def _wrong_context(use: Use) -> Diagnostic | None:
    """What is wrong with a reference to `count`, `each` or `self`."""
    reference = use.reference
    known = _CONTEXT_ATTRIBUTES.get(reference.root)
    if known is not None and reference.steps[:1] and reference.steps[0] not in known:
        hint = did_you_mean(_step(reference), known)
        detail = f'There is no "{_text(reference, 1)}"; there is {_listed(reference.root, known)}.{hint}'
        return error(f'Invalid "{reference.root}" attribute', detail, first_steps(reference.range, 1))
    if reference.root in use.names:
        return None
    summary, detail = _CONTEXT[reference.root]
    return error(summary, detail, first_steps(reference.range, 0 if reference.root == "self" else 1))


def _listed(root: str, names: Iterable[str]) -> str:
    return " and ".join(f"{root}.{name}" for name in names)


def _out_of_scope(module: Module, use: Use) -> Diagnostic | None:
    kind, name = (str(step) for step in use.reference.steps[:2])
    check = module.resources["data", kind, name].check
    if check in {"", use.check}:
        return None
    detail = (
        f'The data source "{kind}" "{name}" stands in the check block "{check}", and is known there alone. Move it out '
        "of the block to use it elsewhere too."
    )
    return error("Reference to scoped resource", detail, _named_part(use.reference))


def _wrong_key(module: Module, reference: Reference) -> Diagnostic | None:
    """Tell of `web.id` where there can be several, and of `web[0]` where there is one."""
    names = (reference.root, *reference.steps)
    mode, names = ("data", names[1:]) if names[0] == "data" else ("managed", names)
    if len(names) < 3:
        return None
    kind, name, asked = str(names[0]), str(names[1]), names[2]
    block = module.resources[mode, kind, name]
    repetition = RepetitionKind.of(block.count, block.for_each)
    is_key = isinstance(asked, int | Key)
    if is_key is not (repetition is RepetitionKind.SINGLE):
        return None
    address = f"{'data.' if mode == 'data' else ''}{kind}.{name}"
    if is_key:
        detail = f"{address} has neither count nor for_each, so there is no key behind its name; take it out."
        return error("Unexpected resource instance key", detail, _named_part(reference))
    example = f"{address}[{'count.index' if repetition is RepetitionKind.COUNT else 'each.key'}].{asked}"
    detail = f"There can be several of {address}, so say of which one you want {asked}; for example {example}."
    return error("Missing resource instance key", detail, _named_part(reference))


def _wrong_built_in(reference: Reference) -> Diagnostic | None:
    known, words = _BUILT_IN[reference.root]
    if reference.steps and reference.steps[0] in known:
        return None
    detail = f'There is no "{_text(reference, 1)}"; there is {words}.{did_you_mean(_step(reference), known)}'
    return error(f'Invalid "{reference.root}" attribute', detail, first_steps(reference.range, 1))


def _undeclared(module: Module, reference: Reference) -> Diagnostic:
    names: Iterable[str]
    match reference.root:
        case "var" | "local" | "module" if not reference.steps:
            detail = f'"{reference.root}" must be followed by a dot and a name.'
            return error("Invalid reference", detail, reference.range)
        case "var":
            summary, words, names = "Reference to undeclared input variable", "An input variable", module.variables
        case "local":
            summary, words, names = "Reference to undeclared local value", "A local value", module.locals
        case "module":
            summary, words, names = "Reference to undeclared module", "A module call", module.calls
        case _:
            return _undeclared_resource(module, reference)
    name = _step(reference)
    detail = f'{words} with the name "{name}" has not been declared in {_place(module)}.{did_you_mean(name, names)}'
    named = first_steps(reference.range, 1, with_key=reference.root == "module")
    return error(summary, detail, _with_output(reference, named) if reference.root == "module" else named)


def _with_output(reference: Reference, named: SourceRange) -> SourceRange:
    """A module call, and the output of it that is asked for."""
    rest = SourceRange(named.source, named.end, reference.range.end)
    found = _ATTRIBUTE.match(rest.text)
    return SourceRange(named.source, named.start, named.end + found.end()) if found else named


def _undeclared_resource(module: Module, reference: Reference) -> Diagnostic:
    steps = [reference.root, *(str(step) for step in reference.steps)]
    mode, words = "managed", "A managed resource"
    if steps[0] == "data":
        mode, words, steps = "data", "A data resource", steps[1:]
    if len(steps) < 2:
        detail = (
            f'"{_text(reference, 1)}" alone names nothing. A resource is referred to by its type and name, as in '
            "libvirt_network.lab; text stands in quotes."
        )
        return error("Invalid reference", detail, reference.range)
    known = [f"{kind}.{name}" for m, kind, name in module.resources if m == mode]
    hint = did_you_mean(f"{steps[0]}.{steps[1]}", known)
    detail = f'{words} "{steps[0]}" "{steps[1]}" has not been declared in {_place(module)}.{hint}'
    return error("Reference to undeclared resource", detail, _named_part(reference))


def _named_part(reference: Reference) -> SourceRange:
    """The part that names a resource, and its key where there is one."""
    return first_steps(reference.range, 2 if reference.root == "data" else 1, with_key=True)


def _step(reference: Reference) -> str:
    return str(reference.steps[0]) if reference.steps else ""


def _text(reference: Reference, steps: int) -> str:
    return ".".join([reference.root, *(str(step) for step in reference.steps[:steps])])


def _place(module: Module) -> str:
    return "the root module" if not module.path else f"module.{'.module.'.join(module.path)}"
