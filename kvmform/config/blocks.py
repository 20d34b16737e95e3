"""Top-level blocks to declarations: what a `variable` or `resource` block says."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from kvmform.config.module import (
    Condition,
    Lifecycle,
    LocalValue,
    ModuleCall,
    Output,
    ProviderBlock,
    ProviderReference,
    ResourceBlock,
    Variable,
)
from kvmform.diagnostics import Diagnostic, DiagnosticError, Diagnostics, SourceRange, error
from kvmform.lang.ast import (
    Attribute,
    Block,
    Body,
    Expression,
    GetAttribute,
    Index,
    Literal,
    Name,
    Node,
    TemplateWrap,
    TupleExpression,
)
from kvmform.lang.type_constraint import type_constraint

__all__ = [
    "did_you_mean",
    "read_call",
    "read_locals",
    "read_output",
    "read_provider",
    "read_resource",
    "read_variable",
    "required_providers",
]

_RESOURCE_META = {"count", "for_each", "depends_on", "provider"}
_RESOURCE_BLOCKS = {"lifecycle", "connection", "provisioner"}
_CALL_META = {"source", "version", "count", "for_each", "depends_on", "providers"}


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A sentence that offers the nearest known word, with a blank before it; or nothing."""
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f' Did you mean "{near[0]}"?' if near else ""


def literal_string(attribute: Attribute | None, default: str, problems: Diagnostics) -> str:
    """The value of an argument that must be a plain string."""
    if attribute is None:
        return default
    match attribute.expression:
        case Literal(value=str(text)):
            return text
    problems.add(
        error(
            "Unsuitable value type",
            f'The argument "{attribute.name}" must be a plain string, without references: it is needed before '
            "anything is evaluated.",
            attribute.expression.range,
        )
    )
    return default


def literal_bool(attribute: Attribute | None, default: bool, problems: Diagnostics) -> bool:
    """The value of an argument that must be `true` or `false`."""
    if attribute is None:
        return default
    match attribute.expression:
        case Literal(value=True | "true"):
            return True
        case Literal(value=False | "false"):
            return False
    problems.add(
        error("Unsuitable value type", f'"{attribute.name}" must be true or false.', attribute.expression.range)
    )
    return default


def check_names(body: Body, arguments: Iterable[str], blocks: Iterable[str], where: str, problems: Diagnostics) -> None:
    """Report arguments and blocks that a block of kvmform's own does not know."""
    known, known_blocks = list(arguments), list(blocks)
    for name, attribute in body.attributes.items():
        if name not in known:
            hint = did_you_mean(name, known)
            detail = f'An argument named "{name}" is not expected in {where}.{hint}'
            problems.add(error("Unsupported argument", detail, attribute.name_range))
    for block in body.blocks:
        if block.type not in known_blocks:
            hint = did_you_mean(block.type, known_blocks)
            detail = f'Blocks of type "{block.type}" are not expected in {where}.{hint}'
            problems.add(error("Unsupported block type", detail, block.type_range))


def read_variable(block: Block, problems: Diagnostics) -> Variable:
    """A `variable` block."""
    attributes = block.body.attributes
    known = ("type", "default", "description", "sensitive", "nullable", "ephemeral")
    check_names(block.body, known, ("validation",), "a variable block", problems)
    constraint = None
    if "type" in attributes:
        try:
            constraint = type_constraint(attributes["type"].expression)
        except DiagnosticError as problem:
            problems.caught(problem)
    default = attributes.get("default")
    return Variable(
        name=block.labels[0].value,
        constraint=constraint,
        default=default.expression if default else None,
        sensitive=literal_bool(attributes.get("sensitive"), False, problems),
        nullable=literal_bool(attributes.get("nullable"), True, problems),
        description=literal_string(attributes.get("description"), "", problems),
        validations=tuple(_condition(b, problems) for b in block.body.blocks if b.type == "validation"),
        range=block.header,
    )


def _condition(block: Block, problems: Diagnostics) -> Condition:
    attributes = block.body.attributes
    check_names(block.body, ("condition", "error_message"), (), f"a {block.type} block", problems)
    message = attributes.get("error_message")
    if "condition" not in attributes:
        problems.add(missing_argument("condition", block.header))
        return Condition(Literal(block.source, block.start, block.end, True), None, block.header)
    return Condition(attributes["condition"].expression, message.expression if message else None, block.header)


def missing_argument(name: str, where: SourceRange) -> Diagnostic:
    """The error for a required argument that is not there."""
    return error("Missing required argument", f'The argument "{name}" is required, but no value is set.', where)


def read_locals(block: Block) -> list[LocalValue]:
    """The lines of a `locals` block."""
    return [LocalValue(a.name, a.expression, a.name_range) for a in block.body.attributes.values()]


def read_output(block: Block, problems: Diagnostics) -> Output | None:
    """An `output` block; None when it has no value."""
    attributes = block.body.attributes
    known = ("value", "description", "sensitive", "depends_on", "ephemeral")
    check_names(block.body, known, ("precondition",), "an output block", problems)
    if "value" not in attributes:
        problems.add(missing_argument("value", block.header))
        return None
    return Output(
        name=block.labels[0].value,
        expression=attributes["value"].expression,
        sensitive=literal_bool(attributes.get("sensitive"), False, problems),
        depends_on=expression_list(attributes.get("depends_on"), problems),
        range=block.header,
    )


def expression_list(attribute: Attribute | None, problems: Diagnostics) -> tuple[Expression, ...]:
    """The items of an argument that is written as a list of references."""
    match attribute and attribute.expression:
        case None:
            return ()
        case TupleExpression(items=items):
            return tuple(_unwrap(item) for item in items)
    assert attribute is not None
    detail = f'The argument "{attribute.name}" takes a list of references, as in [libvirt_network.lab].'
    problems.add(error("Invalid expression", detail, attribute.expression.range))
    return ()


def _unwrap(expression: Expression) -> Expression:
    """Old configurations quote their references: "libvirt_pool.images", or "${…}"."""
    match expression:
        case TemplateWrap(expression=inner):
            return inner
        case Literal(value=str(text)) as literal if "." in text:
            return quoted_reference(text, literal)
    return expression


def quoted_reference(text: str, at: Node) -> Expression:
    """The reference that a quoted one means, placed where the quotes stand."""
    first, *rest = text.split(".")
    found: Expression = Name(at.source, at.start, at.end, first)
    for name in rest:
        found = GetAttribute(at.source, at.start, at.end, found, name)
    return found


def read_provider(block: Block, problems: Diagnostics) -> ProviderBlock:
    """A `provider` block."""
    alias = block.body.attributes.get("alias")
    body = _without(block.body, {"alias", "version"}, set())
    name = literal_string(alias, "", problems) or None
    return ProviderBlock(block.labels[0].value, name, body, block.header)


def required_providers(block: Block) -> dict[str, str]:
    """Names and source addresses of a `terraform` block's `required_providers`."""
    found: dict[str, str] = {}
    for inner in block.body.blocks:
        if inner.type != "required_providers":
            continue
        for name, attribute in inner.body.attributes.items():
            found[name] = _source_of(attribute.expression) or f"hashicorp/{name}"
    return found


def _source_of(expression: Expression) -> str | None:
    for item in getattr(expression, "items", ()):
        match getattr(item, "key", None), getattr(item, "value", None):
            case Literal(value="source"), Literal(value=str(source)):
                return source
    return None


def _without(body: Body, attributes: set[str], blocks: set[str]) -> Body:
    return Body(
        body.source,
        body.start,
        body.end,
        {name: a for name, a in body.attributes.items() if name not in attributes},
        [b for b in body.blocks if b.type not in blocks],
    )


def read_resource(block: Block, mode: str, problems: Diagnostics) -> ResourceBlock:
    """A `resource` or `data` block."""
    kind, name = block.labels[0].value, block.labels[1].value
    attributes = block.body.attributes
    count, for_each = attributes.get("count"), attributes.get("for_each")
    if count and for_each:
        detail = 'A block can have "count" or "for_each", not both: each decides how many instances there are.'
        problems.add(error('Invalid combination of "count" and "for_each"', detail, for_each.name_range))
    lifecycle = [b for b in block.body.blocks if b.type == "lifecycle"]
    for unsupported in (b for b in block.body.blocks if b.type == "provisioner"):
        detail = "This version of kvmform does not run provisioners yet. Remove the block, or run its command yourself."
        problems.add(error("Provisioners are not supported yet", detail, unsupported.header))
    return ResourceBlock(
        mode=mode,
        type=kind,
        name=name,
        body=_without(block.body, _RESOURCE_META, _RESOURCE_BLOCKS),
        count=count.expression if count else None,
        for_each=for_each.expression if for_each else None,
        depends_on=expression_list(attributes.get("depends_on"), problems),
        provider=_provider_reference(attributes.get("provider"), kind, problems),
        lifecycle=_lifecycle(lifecycle[0], problems) if lifecycle else Lifecycle(),
        range=block.header,
    )


def _provider_reference(attribute: Attribute | None, kind: str, problems: Diagnostics) -> ProviderReference:
    default = ProviderReference(kind.split("_", 1)[0])
    if attribute is None:
        return default
    return provider_reference(attribute.expression, problems) or default


def provider_reference(expression: Expression, problems: Diagnostics) -> ProviderReference | None:
    """`libvirt` or `libvirt.second`, also in quotes as old configurations have it."""
    match _unwrap(expression):
        case Name(name=name) | Literal(value=str(name)):
            return ProviderReference(name)
        case GetAttribute(object=Name(name=name), name=alias):
            return ProviderReference(name, alias)
    detail = "A provider is named as libvirt, or libvirt.ALIAS for one with an alias."
    problems.add(error("Invalid provider configuration reference", detail, expression.range))
    return None


def _lifecycle(block: Block, problems: Diagnostics) -> Lifecycle:
    attributes = block.body.attributes
    known = ("create_before_destroy", "prevent_destroy", "ignore_changes", "replace_triggered_by")
    check_names(block.body, known, ("precondition", "postcondition"), "a lifecycle block", problems)
    blocks = block.body.blocks
    return Lifecycle(
        prevent_destroy=literal_bool(attributes.get("prevent_destroy"), False, problems),
        create_before_destroy=literal_bool(attributes.get("create_before_destroy"), False, problems),
        ignore_changes=_ignored(attributes.get("ignore_changes"), problems),
        replace_triggered_by=expression_list(attributes.get("replace_triggered_by"), problems),
        preconditions=tuple(_condition(b, problems) for b in blocks if b.type == "precondition"),
        postconditions=tuple(_condition(b, problems) for b in blocks if b.type == "postcondition"),
    )


def _ignored(attribute: Attribute | None, problems: Diagnostics) -> tuple[tuple[str | int, ...], ...] | None:
    match attribute and attribute.expression:
        case Name(name="all") | Literal(value="all"):
            return None
    found = []
    for item in expression_list(attribute, problems):
        path = static_path(item)
        if path is None:
            detail = (
                "ignore_changes lists attributes of this resource, as in [memory, disk[0].size], or is the word all."
            )
            problems.add(error("Invalid expression", detail, item.range))
        else:
            found.append(path)
    return tuple(found)


def static_path(expression: Expression) -> tuple[str | int, ...] | None:
    """The path that an expression spells with constant steps; None where it is no such path."""
    match expression:
        case Name(name=name) | Literal(value=str(name)):
            return (name,)
        case GetAttribute(object=inner, name=name):
            before = static_path(inner)
            return None if before is None else (*before, name)
        case Index(collection=inner, key=Literal(value=(int() | str()) as key)):
            before = static_path(inner)
            return None if before is None else (*before, key)
    return None


def read_call(block: Block, problems: Diagnostics) -> ModuleCall | None:
    """A `module` block; None when its source is missing."""
    attributes = block.body.attributes
    check_names(block.body, attributes, (), "a module block", problems)
    if "source" not in attributes:
        problems.add(missing_argument("source", block.header))
        return None
    count, for_each = attributes.get("count"), attributes.get("for_each")
    return ModuleCall(
        name=block.labels[0].value,
        source=literal_string(attributes["source"], "", problems),
        arguments={name: a for name, a in attributes.items() if name not in _CALL_META},
        count=count.expression if count else None,
        for_each=for_each.expression if for_each else None,
        depends_on=expression_list(attributes.get("depends_on"), problems),
        providers=_passed_providers(attributes.get("providers"), problems),
        range=block.header,
    )


def _passed_providers(attribute: Attribute | None, problems: Diagnostics) -> dict[str, ProviderReference]:
    passed: dict[str, ProviderReference] = {}
    for item in getattr(attribute and attribute.expression, "items", ()):
        key = static_path(item.key)
        reference = provider_reference(item.value, problems)
        if key and reference:
            passed[".".join(str(step) for step in key)] = reference
    return passed
