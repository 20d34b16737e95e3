"""`templatefile` and `templatestring`.

Source: https://developer.hashicorp.com/terraform/language/functions/templatefile.
"""

from __future__ import annotations

from kvmform.diagnostics import DiagnosticError
from kvmform.lang.ast import (
    Expression,
    GetAttribute,
    Index,
    Literal,
    Name,
    Template,
    TemplateWrap,
)
from kvmform.lang.conversion import ConversionError, convert
from kvmform.lang.functions.arguments import entries, is_mapping
from kvmform.lang.functions.filesystem import read_text
from kvmform.lang.functions.signature import CallContext, Function, FunctionError, LazyArgument, Parameter, parameters
from kvmform.lang.parse import parse_template
from kvmform.lang.references import references
from kvmform.struct import replace
from kvmform.values.kinds import is_null, type_of
from kvmform.values.marks import mark, unmark, unmark_deep
from kvmform.values.model import Unknown, Value
from kvmform.values.types import DYNAMIC, STRING

__all__ = ["FUNCTIONS"]


def templatefile(context: CallContext, path: str, variables: Value) -> Value:
    check_nesting(context, "templatefile")
    try:
        template = parse_template(read_text(context, path, 0), path)
    except FunctionError as problem:
        raise FunctionError(str(problem), problem.argument, quotes=1) from None
    except DiagnosticError as problem:
        raise FunctionError(describe(problem), quotes=1) from None
    return render(context, template, variables)


def templatestring(context: CallContext, template: LazyArgument, variables: LazyArgument) -> Value:
    check_nesting(context, "templatestring")
    values, inner_marks = unmark_deep(variables.evaluate())
    check_reference(template.expression)
    text, marks = unmark(template.evaluate())
    if is_null(values):
        raise FunctionError("argument must not be null", 1)
    if isinstance(text, Unknown) or isinstance(values, Unknown):
        return mark(Unknown(STRING, not_null=True), marks | inner_marks)
    if not isinstance(text, str):
        raise FunctionError("invalid template value: a string is required", 0)
    try:
        parsed = parse_template(text, "<templatestring argument>")
    except DiagnosticError as problem:
        raise FunctionError(f"invalid template: {describe(problem)}", 0) from None
    try:
        return mark(convert(render(context, parsed, values), STRING), marks | inner_marks)
    except ConversionError as problem:
        raise FunctionError(f"invalid template result: {problem.message}") from None


def check_nesting(context: CallContext, name: str) -> None:
    """Refuse templates inside of templates.

    Raises:
        FunctionError: this is one.
    """
    if context.in_template:
        raise FunctionError(f"cannot recursively call {name} from inside another template function")


def check_reference(expression: Expression) -> None:
    """Refuse a template that is written where it is used: there, `"${…}"` does the same.

    Raises:
        FunctionError: it isn't a reference.
    """
    if isinstance(expression, Literal | Template):
        raise FunctionError(
            "invalid template expression: templatestring is only for rendering templates retrieved dynamically from "
            "elsewhere, and so does not support providing a literal template; consider using a template string "
            "expression instead",
            0,
        )
    if isinstance(expression, TemplateWrap):
        raise FunctionError(
            "invalid template expression: templatestring is only for rendering templates retrieved dynamically from "
            "elsewhere; to treat the inner expression as template syntax, write the reference expression directly "
            "without any template interpolation syntax",
            0,
        )
    while isinstance(expression, GetAttribute) or (
        isinstance(expression, Index) and isinstance(expression.key, Literal)
    ):
        expression = expression.object if isinstance(expression, GetAttribute) else expression.collection
    if not isinstance(expression, Name):
        raise FunctionError(
            "invalid template expression: must be a direct reference to a single string from elsewhere, containing "
            "valid template syntax",
            0,
        )


def render(context: CallContext, template: Expression, variables: Value) -> Value:
    """The value of a template with its variables.

    Raises:
        FunctionError: the variables are none, or not all that it needs; or it can't be evaluated.
    """
    if not is_mapping(type_of(variables)):
        raise FunctionError("invalid vars value: must be a map", 1)
    names = entries(variables)
    for name in names:
        if name.startswith("-") or not name.replace("-", "_").isidentifier():
            raise FunctionError(
                f'invalid template variable name "{name}": must start with a letter, followed by zero or more '
                "letters, digits, and underscores",
                1,
            )
    for reference in references(template):
        if reference.root not in names:
            where = f"referenced at {reference.range}"
            raise FunctionError(f'vars map does not contain key "{reference.root}", {where}', 1, quotes=1)
    try:
        return context.evaluate(template, names, replace(context, in_template=True))
    except DiagnosticError as problem:
        raise FunctionError(describe(problem)) from None


def describe(problem: DiagnosticError) -> str:
    """What went wrong inside of a template, and where, as part of a sentence."""
    return "; ".join(
        f"{diagnostic.subject}: {diagnostic.summary}; {diagnostic.detail}".removesuffix(".")
        for diagnostic in problem.diagnostics
    )


FUNCTIONS = (
    Function(
        "templatefile",
        parameters(path=STRING, vars=DYNAMIC),
        DYNAMIC,
        templatefile,
        "The text of a template file with the given variables.",
        needs_context=True,
        may_be_null=True,
    ),
    Function(
        "templatestring",
        (Parameter("template", STRING), Parameter("vars", DYNAMIC)),
        STRING,
        templatestring,
        "The text of a template, which is a string from elsewhere, with the given variables.",
        lazy=True,
    ),
)
