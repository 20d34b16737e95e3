"""Arguments that are needed before anything is evaluated: plain strings and bools, and references."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from kvmform.config.module import ProviderReference
from kvmform.diagnostics import Diagnostic, DiagnosticError, Diagnostics, Source, SourceRange, error, warning
from kvmform.lang.ast import (
    Attribute,
    Body,
    Expression,
    GetAttribute,
    Index,
    Literal,
    Name,
    ObjectExpression,
    TemplateWrap,
    TupleExpression,
)
from kvmform.lang.functions.position import start_range
from kvmform.lang.parse import read_expression
from kvmform.lang.suggestion import did_you_mean

__all__ = [
    "check_names",
    "checks_nothing",
    "expression_list",
    "literal_bool",
    "literal_string",
    "missing_argument",
    "passed_providers",
    "provider_reference",
    "static_path",
]


def check_names(body: Body, arguments: Iterable[str], blocks: Iterable[str], where: str, problems: Diagnostics) -> None:
    """Report arguments and blocks that a block of the language itself does not have."""
    known, known_blocks = list(arguments), list(blocks)
    for name, attribute in body.attributes.items():
        if name not in known:
            detail = f'An argument named "{name}" is not expected in {where}.{did_you_mean(name, known)}'
            problems.add(error("Unsupported argument", detail, attribute.name_range))
    for block in body.blocks:
        if block.type not in known_blocks:
            hint = did_you_mean(block.type, known_blocks)
            detail = f'Blocks of type "{block.type}" are not expected in {where}.{hint}'
            problems.add(error("Unsupported block type", detail, block.type_range))


def missing_argument(name: str, where: SourceRange) -> Diagnostic:
    """The error for a required argument that is not there."""
    return error("Missing required argument", f'The argument "{name}" is required, but no value is set.', where)


def checks_nothing(kind: str, condition: Expression) -> Diagnostic:
    """The error for a condition that is the same whatever there is."""
    detail = (
        "The condition must refer to at least one object from elsewhere in the configuration, or else its result would "
        "not be checking anything."
    )
    return error(f"Invalid {kind} expression", detail, condition.range)


def literal_string(attribute: Attribute | None, default: str, problems: Diagnostics) -> str:
    """The value of an argument that must be a plain string."""
    if attribute is None:
        return default
    match attribute.expression:
        case Literal(value=str(text)):
            return text
    detail = (
        f'The argument "{attribute.name}" must be a plain string, without references: it is needed before anything '
        "is evaluated."
    )
    problems.add(error("Unsuitable value type", detail, start_range(attribute.expression)))
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
    detail = f'"{attribute.name}" must be true or false, without references.'
    problems.add(error("Unsuitable value type", detail, start_range(attribute.expression)))
    return default


def expression_list(attribute: Attribute | None, problems: Diagnostics) -> tuple[Expression, ...]:
    """The items of an argument that is written as a list of references."""
    if attribute is None:
        return ()
    match attribute.expression:
        case TupleExpression(items=items):
            problems.add(*(_quoted_warning(item) for item in items if _is_quoted(item)))
            return tuple(_unquoted(item) for item in items)
    detail = f'The argument "{attribute.name}" takes a list of references, as in [libvirt_network.lab].'
    problems.add(error("Invalid expression", detail, attribute.expression.range))
    return ()


def _is_quoted(expression: Expression) -> bool:
    """Whether it is a string in quotes; in JSON, where there is no other way to write it, nothing is."""
    return isinstance(expression, Literal) and expression.source.text.startswith('"', expression.start)


def _quoted_warning(expression: Expression) -> Diagnostic:
    detail = (
        "References stand here as they are, without quotes; Terraform 0.11 wanted quotes. What it means is clear, but "
        "take the quotes away."
    )
    return warning("Quoted references are deprecated", detail, expression.range)


def _unquoted(expression: Expression) -> Expression:
    """Old configurations quote their references: "libvirt_pool.images", or "${…}"."""
    match expression:
        case TemplateWrap(expression=inner):
            return inner
        case Literal() if _is_quoted(expression):
            inside = _Beginning(expression.source, expression.end - 1)
            with suppress(DiagnosticError):
                return read_expression(inside, expression.start + 1)
    return expression


class _Beginning(Source):
    """A text up to an offset, with lines shown as they are in the whole of it."""

    __slots__ = ("_whole",)

    def __init__(self, whole: Source, end: int) -> None:
        super().__init__(whole.filename, whole.text[:end])
        self._whole = whole

    def line(self, number: int) -> str:
        """Text of one line of the whole."""
        return self._whole.line(number)


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


def provider_reference(expression: Expression, problems: Diagnostics) -> ProviderReference | None:
    """`libvirt` or `libvirt.second`, also in quotes as old configurations have it."""
    match _unquoted(expression):
        case Name(name=name) | Literal(value=str(name)):
            return ProviderReference(name)
        case GetAttribute(object=Name(name=name), name=alias):
            return ProviderReference(name, alias)
        # The provider that is called null.
        case Literal(value=None):
            return ProviderReference("null")
        case GetAttribute(object=Literal(value=None), name=alias):
            return ProviderReference("null", alias)
    detail = "A provider is named as libvirt, or libvirt.ALIAS for one with an alias."
    problems.add(error("Invalid provider configuration reference", detail, expression.range))
    return None


def passed_providers(
    attribute: Attribute | None, problems: Diagnostics
) -> dict[str, tuple[ProviderReference, SourceRange]]:
    """The `providers` of a module block: by the module's name for each, the caller's, and where that is written."""
    passed: dict[str, tuple[ProviderReference, SourceRange]] = {}
    match attribute and attribute.expression:
        case None:
            return passed
        case ObjectExpression(items=items):
            pass
        case expression:
            detail = 'The argument "providers" takes a map of provider configurations, as in { libvirt = libvirt.b }.'
            problems.add(error("Invalid expression", detail, expression.range))
            return passed
    for item in items:
        inside, outside = provider_reference(item.key, problems), provider_reference(item.value, problems)
        if inside is None or outside is None:
            continue
        if str(inside) in passed:
            detail = f"A configuration for {inside} is passed already, at {passed[str(inside)][1]}. Pass only one."
            problems.add(error("Duplicate provider address", detail, item.key.range))
            continue
        passed[str(inside)] = (outside, SourceRange(item.key.source, item.key.start, item.value.end))
    return passed
