"""`import` blocks: objects that are there already are to be recorded as resources of the configuration."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from kvmform.address import InstanceAddress, InstanceKey, ResourceAddress, target_of
from kvmform.config.arguments import check_names, missing_argument, provider_reference
from kvmform.config.module import Import, Module
from kvmform.config.repetition import repeat
from kvmform.diagnostics import Diagnostic, DiagnosticError, Diagnostics, SourceRange, error
from kvmform.lang.ast import Block, Expression, GetAttribute, Index, Name
from kvmform.lang.conversion import ConversionError, convert
from kvmform.lang.evaluate import evaluate
from kvmform.lang.references import Reference, references
from kvmform.lang.scope import Scope
from kvmform.struct import Struct
from kvmform.values.kinds import is_null
from kvmform.values.marks import unmark
from kvmform.values.model import EPHEMERAL, SENSITIVE, ListValue, Unknown, Value
from kvmform.values.types import STRING

__all__ = [
    "Wanted",
    "can_be_generated",
    "check_imports",
    "import_references",
    "is_declared",
    "read_import",
    "undeclared",
    "wanted_imports",
]

_Steps = tuple[tuple[str, Expression | None], ...]
"""Names with the expressions of their keys."""


def read_import(block: Block, problems: Diagnostics) -> Import | None:
    """An `import` block; None when something is wrong with it."""
    attributes = block.body.attributes
    check_names(block.body, ("to", "id", "for_each", "provider"), (), "an import block", problems)
    missing = [name for name in ("to", "id") if name not in attributes]
    problems.add(*(missing_argument(name, block.opening) for name in missing))
    if missing:
        return None
    target = attributes["to"].expression
    resource = _resource(target, problems)
    if resource is None:
        return None
    for_each, provider = attributes.get("for_each"), attributes.get("provider")
    return Import(
        resource,
        target,
        attributes["id"].expression,
        for_each.expression if for_each else None,
        block.header,
        provider_reference(provider.expression, problems) if provider else None,
    )


def _resource(expression: Expression, problems: Diagnostics) -> ResourceAddress | None:
    """The resource that is imported to, whatever the keys."""
    steps = _steps(expression)
    address = target_of([(name, None) for name, _ in steps]) if steps else None
    if isinstance(address, ResourceAddress) and address.mode == "managed":
        return address
    detail = (
        "Only managed resources can be imported. An import is to one instance of one: TYPE.NAME, TYPE.NAME[KEY], or "
        "one in a module, as in module.lab.libvirt_pool.images."
    )
    problems.add(error("Invalid import address", detail, expression.range))
    return None


def _steps(expression: Expression) -> _Steps | None:
    match expression:
        case Name(name=name):
            return ((name, None),)
        case GetAttribute(object=inner, name=name):
            before = _steps(inner)
            return None if before is None else (*before, (name, None))
        case Index(collection=inner, key=key):
            before = _steps(inner)
            if before is None or before[-1][1] is not None:
                return None
            return (*before[:-1], (before[-1][0], key))
    return None


def check_imports(root: Module, problems: Diagnostics, generated: Collection[ResourceAddress] = ()) -> None:
    """Report imports to what can't be declared, twice to the same, of what they define, or outside of the root module.

    What is not declared and could be generated is no mistake, but for a plan that doesn't generate it.

    Args:
        root: the root module.
        problems: gets what is wrong.
        generated: resources whose blocks were generated for this run.
    """
    for module in root.walk():
        for wanted in module.imports if module.path else ():
            detail = (
                f"This import block is in module.{'.module.'.join(module.path)}, and import blocks are only allowed "
                "in the root module. An address there can lead into modules."
            )
            problems.add(error("Invalid import configuration", detail, wanted.range))
    seen: dict[str, SourceRange] = {}
    for wanted in root.imports:
        resource = wanted.resource
        if not is_declared(root, resource):
            if not can_be_generated(wanted):
                problems.add(undeclared(wanted))
        elif any(_means(resource, reference) for reference in references(wanted.id)):
            detail = "The import ID cannot reference the resource being imported."
            problems.add(error("Invalid import id argument", detail, wanted.id.range))
        elif wanted.provider is not None and resource not in generated:
            detail = (
                "The provider argument can only be specified in import blocks that will generate configuration.\n\n"
                "Use the provider argument in the target resource block to configure the provider for a resource with "
                "explicit provider configuration."
            )
            problems.add(error("Invalid import provider argument", detail, wanted.range))
        text = wanted.target.range.text if wanted.for_each is None else ""
        if text and text in seen:
            detail = (
                f'An import block for the resource "{text}" was already declared at {seen[text]}. A resource can have '
                "only one import block."
            )
            problems.add(error(f'Duplicate import configuration for "{text}"', detail, wanted.target.range))
        seen.setdefault(text, wanted.range)


def is_declared(root: Module, resource: ResourceAddress) -> bool:
    """Whether the configuration has a resource, whatever the keys."""
    path, key = resource.module.names, (resource.mode, resource.type, resource.name)
    return root.has(path) and key in root.descendant(path).resources


def undeclared(wanted: Import) -> Diagnostic:
    """That what is imported to is not declared, and how it could be."""
    text = wanted.target.range.text
    detail = f"The configuration for the given import target {text} does not exist. "
    if not can_be_generated(wanted):
        detail += "All target instances must have an associated configuration to be imported."
    else:
        detail += (
            "If you wish to automatically generate config for this resource, use the -generate-config-out option "
            "within kvmform plan. Otherwise, make sure the target resource exists within your configuration. For "
            "example:\n\n  kvmform plan -generate-config-out=generated.tf"
        )
    return error("Configuration for import target does not exist", detail, wanted.target.range)


def can_be_generated(wanted: Import) -> bool:
    """Whether a block could be generated for what is imported: one object of the root module, without a key."""
    has_key = any(key is not None for _, key in _steps(wanted.target) or ())
    return wanted.for_each is None and not has_key and wanted.resource.module.is_root


def _means(resource: ResourceAddress, reference: Reference) -> bool:
    return resource.module.is_root and (reference.root, *reference.steps[:1]) == (resource.type, resource.name)


def import_references(wanted: Import) -> Iterator[Reference]:
    """What an import block refers to, apart from the resource that it is about."""
    expressions = [wanted.id, *(key for _, key in _steps(wanted.target) or () if key is not None)]
    if wanted.for_each is not None:
        expressions.append(wanted.for_each)
    for expression in expressions:
        yield from (reference for reference in references(expression) if reference.root != "each")


class Wanted(Struct):
    """An object that is to be imported; `id` as the block gives it: a name, a UUID, a path."""

    id: str
    range: SourceRange


def wanted_imports(block: Import, scope: Scope) -> dict[InstanceAddress, Wanted]:
    """What an import block asks for, by the instance that each object becomes.

    Args:
        block: the import block.
        scope: that of the root module.

    Raises:
        DiagnosticError: an id or a key is wrong, or known only after apply.
    """
    found: dict[InstanceAddress, Wanted] = {}
    for names in _repetitions(block, scope):
        inside = scope.child(names) if names else scope
        address = _address(block, inside)
        if address in found:
            detail = f"Two elements of for_each are imported to {address}. Make a key of each.key or each.value."
            raise DiagnosticError.of("Duplicate import target", detail, block.target.range)
        found[address] = Wanted(_id(block, inside), block.range)
    return found


def _repetitions(block: Import, scope: Scope) -> list[Mapping[str, Value]]:
    if block.for_each is None:
        return [{}]
    value, _ = unmark(evaluate(block.for_each, scope))
    if is_null(value):
        return []
    match value:
        case tuple() | ListValue():
            items = value if isinstance(value, tuple) else value.items
            return [{"each": {"key": index, "value": item}} for index, item in enumerate(items)]
    return [each.names for each in repeat(None, block.for_each, scope)]


def _address(block: Import, scope: Scope) -> InstanceAddress:
    steps = [(name, _key(key, scope)) for name, key in _steps(block.target) or ()]
    match target_of(steps):
        case InstanceAddress() as address:
            return address
        case ResourceAddress() as resource:
            return resource.instance()
    raise AssertionError(block.target.range.text)


def _key(expression: Expression | None, scope: Scope) -> InstanceKey:
    if expression is None:
        return None
    value, marks = unmark(evaluate(expression, scope))
    if SENSITIVE in marks:
        detail = "Import address index expression cannot be sensitive."
        raise DiagnosticError.of("Invalid index expression", detail, expression.range)
    if (isinstance(value, int) and not isinstance(value, bool)) or isinstance(value, str):
        return value
    unknown = isinstance(value, Unknown)
    detail = "It is known only after apply." if unknown else "A key is a string, or a whole number."
    raise DiagnosticError.of("Invalid import 'to' expression", detail, expression.range)


def _id(block: Import, scope: Scope) -> str:
    at = block.id.range
    value, marks = unmark(evaluate(block.id, scope))
    summary = "Invalid import id argument"
    if EPHEMERAL in marks:
        raise DiagnosticError.of(summary, "The import ID is recorded in the plan, so it can't be ephemeral.", at)
    if is_null(value):
        raise DiagnosticError.of(summary, "The import ID cannot be null.", at)
    if isinstance(value, Unknown):
        detail = (
            'The import block "id" argument depends on resource attributes that cannot be determined until apply, so '
            "kvmform cannot plan to import this resource. Write the id of the object that is there."
        )
        raise DiagnosticError.of(summary, detail, at)
    try:
        text = convert(value, STRING)
    except ConversionError as problem:
        raise DiagnosticError.of(
            "Incorrect value type", f"Invalid expression value: {problem.message}.", at
        ) from problem
    if not isinstance(text, str) or not text:
        detail = "The import ID value evaluates to an empty string, please provide a non-empty value."
        raise DiagnosticError.of(summary, detail, at)
    return text
