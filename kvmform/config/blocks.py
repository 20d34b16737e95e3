"""Top-level blocks to declarations: what a `variable` or `resource` block says."""

from __future__ import annotations

from collections.abc import Collection

from kvmform.config.arguments import (
    check_names,
    checks_nothing,
    expression_list,
    literal_bool,
    literal_string,
    missing_argument,
    passed_providers,
    provider_reference,
    static_path,
)
from kvmform.config.call_source import read_constraints, read_source
from kvmform.config.module import (
    Condition,
    IgnoredPath,
    Lifecycle,
    LocalValue,
    ModuleCall,
    Output,
    ProviderBlock,
    ProviderReference,
    Provisioner,
    ResourceBlock,
    Variable,
)
from kvmform.diagnostics import DiagnosticError, Diagnostics, error
from kvmform.lang.ast import Attribute, Block, Body, Expression, Literal, Name
from kvmform.lang.references import references
from kvmform.lang.type_constraint import TypeConstraint, type_constraint

__all__ = [
    "read_call",
    "read_conditions",
    "read_locals",
    "read_output",
    "read_provider",
    "read_resource",
    "read_variable",
]

_RESOURCE_META = {"count", "for_each", "depends_on", "provider"}
_PROVISIONING = {"connection", "provisioner"}
_RESOURCE_BLOCKS = {"lifecycle", *_PROVISIONING}
_CALL_META = {"source", "version", "count", "for_each", "depends_on", "providers"}
_CALL_RESERVED = ("lifecycle", "locals", "provider")
_LIFECYCLE = ("create_before_destroy", "prevent_destroy", "ignore_changes", "replace_triggered_by")


def read_variable(block: Block, problems: Diagnostics) -> Variable:
    """A `variable` block."""
    attributes = block.body.attributes
    known = ("type", "default", "description", "sensitive", "nullable", "ephemeral")
    check_names(block.body, known, ("validation",), "a variable block", problems)
    default = attributes.get("default")
    return Variable(
        name=block.labels[0].value,
        constraint=_constraint(attributes.get("type"), problems),
        default=default.expression if default else None,
        sensitive=literal_bool(attributes.get("sensitive"), False, problems),
        nullable=literal_bool(attributes.get("nullable"), True, problems),
        ephemeral=literal_bool(attributes.get("ephemeral"), False, problems),
        description=literal_string(attributes.get("description"), "", problems),
        validations=read_conditions(block.body, "validation", problems),
        range=block.header,
    )


def _constraint(attribute: Attribute | None, problems: Diagnostics) -> TypeConstraint | None:
    if attribute is None:
        return None
    try:
        return type_constraint(attribute.expression)
    except DiagnosticError as problem:
        problems.caught(problem)
        return None


def read_conditions(body: Body, kind: str, problems: Diagnostics) -> tuple[Condition, ...]:
    """The `validation`, `precondition`, `postcondition` or `assert` blocks in a body."""
    found = []
    for block in (inner for inner in body.blocks if inner.type == kind):
        attributes = block.body.attributes
        check_names(block.body, ("condition", "error_message"), (), f"a {kind} block", problems)
        missing = [name for name in ("condition", "error_message") if name not in attributes]
        problems.add(*(missing_argument(name, block.opening) for name in missing))
        # A variable's validation must refer to the variable, which `validate` checks.
        if kind != "validation" and "condition" in attributes and not references(attributes["condition"].expression):
            problems.add(checks_nothing(kind, attributes["condition"].expression))
        if not missing:
            condition, message = attributes["condition"].expression, attributes["error_message"].expression
            found.append(Condition(condition, message, block.header))
    return tuple(found)


def read_locals(block: Block, problems: Diagnostics) -> list[LocalValue]:
    """The lines of a `locals` block."""
    check_names(block.body, block.body.attributes, (), "a locals block", problems)
    return [LocalValue(a.name, a.expression, a.name_range) for a in block.body.attributes.values()]


def read_output(block: Block, problems: Diagnostics) -> Output | None:
    """An `output` block; None when it has no value."""
    attributes = block.body.attributes
    known = ("value", "description", "sensitive", "depends_on", "ephemeral")
    check_names(block.body, known, ("precondition",), "an output block", problems)
    if "value" not in attributes:
        problems.add(missing_argument("value", block.opening))
        return None
    return Output(
        name=block.labels[0].value,
        expression=attributes["value"].expression,
        sensitive=literal_bool(attributes.get("sensitive"), False, problems),
        ephemeral=literal_bool(attributes.get("ephemeral"), False, problems),
        description=literal_string(attributes.get("description"), "", problems),
        depends_on=expression_list(attributes.get("depends_on"), problems),
        preconditions=read_conditions(block.body, "precondition", problems),
        range=block.header,
    )


def read_provider(block: Block, problems: Diagnostics) -> ProviderBlock:
    """A `provider` block."""
    alias = block.body.attributes.get("alias")
    name = literal_string(alias, "", problems) or None
    return ProviderBlock(block.labels[0].value, name, _without(block.body, {"alias", "version"}), block.header)


def _without(body: Body, attributes: Collection[str], blocks: Collection[str] = ()) -> Body:
    """A body without these arguments and blocks."""
    return Body(
        body.source,
        body.start,
        body.end,
        {name: attribute for name, attribute in body.attributes.items() if name not in attributes},
        [block for block in body.blocks if block.type not in blocks],
    )


def _repetition(attributes: dict[str, Attribute], problems: Diagnostics) -> tuple[Expression | None, Expression | None]:
    """`count` and `for_each`, of which a block has at most one."""
    count, for_each = attributes.get("count"), attributes.get("for_each")
    if count and for_each:
        detail = 'A block can have "count" or "for_each", not both: each decides how many instances there are.'
        problems.add(error('Invalid combination of "count" and "for_each"', detail, for_each.name_range))
    return count.expression if count else None, for_each.expression if for_each else None


def read_resource(block: Block, mode: str, problems: Diagnostics) -> ResourceBlock:
    """A `resource` or `data` block."""
    attributes = block.body.attributes
    kind = block.labels[0].value
    count, for_each = _repetition(attributes, problems)
    if mode == "data":
        for unsupported in (inner for inner in block.body.blocks if inner.type in _PROVISIONING):
            detail = f"Data sources are only read, so they have no {unsupported.type} blocks."
            problems.add(error("Unsupported block type", detail, unsupported.header))
    given = attributes.get("provider")
    provider = provider_reference(given.expression, problems) if given else None
    return ResourceBlock(
        mode=mode,
        type=kind,
        name=block.labels[1].value,
        body=_without(block.body, _RESOURCE_META, _RESOURCE_BLOCKS),
        count=count,
        for_each=for_each,
        depends_on=expression_list(attributes.get("depends_on"), problems),
        provider=provider or ProviderReference(kind.split("_", 1)[0]),
        lifecycle=_lifecycle(block.body, mode, problems),
        range=block.header,
        type_range=block.labels[0].range,
        provisioners=_provisioners(block.body, problems) if mode == "managed" else (),
    )


def _lifecycle(body: Body, mode: str, problems: Diagnostics) -> Lifecycle:
    found = [inner for inner in body.blocks if inner.type == "lifecycle"]
    if not found:
        return Lifecycle()
    for more in found[1:]:
        detail = f"There is a lifecycle block already, at {found[0].header}. Put all of it in one."
        problems.add(error("Duplicate lifecycle block", detail, more.header))
    inside = found[0].body
    attributes = inside.attributes
    known = _LIFECYCLE if mode == "managed" else ()
    check_names(inside, known, ("precondition", "postcondition"), f"the lifecycle block of a {mode} resource", problems)
    return Lifecycle(
        create_before_destroy=literal_bool(attributes.get("create_before_destroy"), False, problems),
        prevent_destroy=literal_bool(attributes.get("prevent_destroy"), False, problems),
        ignore_changes=_ignored(attributes.get("ignore_changes"), problems),
        replace_triggered_by=expression_list(attributes.get("replace_triggered_by"), problems),
        preconditions=read_conditions(inside, "precondition", problems),
        postconditions=read_conditions(inside, "postcondition", problems),
    )


def _ignored(attribute: Attribute | None, problems: Diagnostics) -> tuple[IgnoredPath, ...] | None:
    """The paths of `ignore_changes`; None for `all`."""
    match attribute and attribute.expression:
        case Name(name="all") | Literal(value="all"):
            return None
    found = []
    for item in expression_list(attribute, problems):
        path = static_path(item)
        if path == ("*",):
            detail = "The old wildcard is not taken any more: write ignore_changes = all, without brackets."
            problems.add(error("Invalid ignore_changes wildcard", detail, item.range))
        elif path is not None:
            found.append(IgnoredPath(path, item.range))
        else:
            detail = (
                "ignore_changes lists attributes of this resource, as in [memory, disk[0].size], or is the word all."
            )
            problems.add(error("Invalid expression", detail, item.range))
    return tuple(found)


def _call_arguments(body: Body) -> dict[str, Attribute]:
    """The arguments for input variables; in a `_` block all are, even those whose names mean something else outside."""
    found = {name: attribute for name, attribute in body.attributes.items() if name not in _CALL_META}
    for inner in (inner for inner in body.blocks if inner.type == "_"):
        found |= inner.body.attributes
    return found


def read_call(block: Block, problems: Diagnostics) -> ModuleCall | None:
    """A `module` block; None when its source is missing."""
    attributes = block.body.attributes
    check_names(block.body, attributes, ("_", *_CALL_RESERVED), "a module block", problems)
    for inner in (inner for inner in block.body.blocks if inner.type in _CALL_RESERVED):
        detail = f'The block type name "{inner.type}" is reserved for use in a future version of the language.'
        problems.add(error("Reserved block type name in module block", detail, inner.type_range))
    if "source" not in attributes:
        problems.add(missing_argument("source", block.opening))
        return None
    count, for_each = _repetition(attributes, problems)
    passed = passed_providers(attributes.get("providers"), problems)
    source, module = read_source(attributes["source"], "version" in attributes, problems)
    return ModuleCall(
        name=block.labels[0].value,
        source=source,
        module=module,
        constraints=read_constraints(attributes.get("version"), problems),
        source_range=attributes["source"].expression.range,
        arguments=_call_arguments(block.body),
        count=count,
        for_each=for_each,
        depends_on=expression_list(attributes.get("depends_on"), problems),
        providers={name: reference for name, (reference, _) in passed.items()},
        provider_ranges={name: at for name, (_, at) in passed.items()},
        range=block.header,
        opening=block.opening,
    )


def _provisioners(body: Body, problems: Diagnostics) -> tuple[Provisioner, ...]:
    if not any(block.type in _PROVISIONING for block in body.blocks):
        return ()
    from kvmform.config.provisioner import read_provisioners

    return read_provisioners(body, problems)
