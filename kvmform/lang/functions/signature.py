"""What a function is and how it is called; the functions themselves stand in their families.

The evaluator's side of it:

* `FUNCTIONS[name]` (:mod:`kvmform.lang.functions`) finds a :class:`Function` by the name as
  written, with or without the prefix `core::`.
* An ordinary function (`function.lazy` is false): evaluate the arguments, expand a last
  argument that ends with `...`, then `call(function, values, node, context)`.
* A lazy function (`try`, `can`, `templatestring`): don't evaluate anything; make one
  :class:`LazyArgument` for each argument expression, whose `evaluate` evaluates it on demand
  (and raises DiagnosticError), then `call_lazily(function, arguments, node, context)`.
* `context` is a :class:`CallContext`, made once for each module and phase.

The rules of a call (conversion of arguments, nulls, unknowns, marks) are those of
https://pkg.go.dev/github.com/zclconf/go-cty/cty/function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kvmform.diagnostics import Diagnostic, DiagnosticError, SourceRange, error
from kvmform.lang.ast import Call, Expression
from kvmform.lang.conversion import ConversionError, convert
from kvmform.lang.functions.position import start_range
from kvmform.lang.limits import MAXIMUM_TEXT
from kvmform.struct import Struct, replace
from kvmform.values.kinds import is_null
from kvmform.values.marks import NO_MARKS, contains_marks, mark, unmark, unmark_deep
from kvmform.values.model import Unknown, Value
from kvmform.values.types import DYNAMIC, Type, type_to_json

if TYPE_CHECKING:
    from datetime import datetime

__all__ = [
    "INVALID_ARGUMENT",
    "CallContext",
    "Function",
    "FunctionError",
    "LazyArgument",
    "Parameter",
    "call",
    "call_lazily",
    "check_count",
    "convert_arguments",
    "parameters",
    "signature_form",
]


INVALID_ARGUMENT = "Invalid function argument"
"""The summary of what is wrong with one argument of a call."""


class Parameter(Struct):
    """One parameter of a function.

    What is not allowed never reaches the implementation: a null is an error, an unknown
    argument (or one whose type is not known) makes the result unknown, marks are taken off
    and put on the result.
    """

    name: str
    type: Type
    allow_null: bool = False
    allow_unknown: bool = False
    allow_dynamic: bool = False
    allow_marked: bool = False


def parameters(**types: Type) -> tuple[Parameter, ...]:
    """Parameters of these names and types that allow nothing special."""
    return tuple(Parameter(name, kind) for name, kind in types.items())


class Function(Struct):
    """A function of the language.

    `result` is the type of the result, or works it out from the arguments, some of which may
    be unknown. `implementation` gets the arguments by position, behind the context if
    `needs_context`. `may_be_null` says that the result can be null, so that nothing is
    promised of an unknown one. The result of an impure function is unknown while planning.
    """

    name: str
    parameters: tuple[Parameter, ...]
    result: Type | Callable[..., Type]
    implementation: Callable[..., Value]
    description: str
    variadic: Parameter | None = None
    lazy: bool = False
    impure: bool = False
    needs_context: bool = False
    may_be_null: bool = False
    declared: Type | None = None
    """What signatures say of the result's type, where that is neither `result` nor, if it is worked out, `dynamic`."""

    def parameter(self, index: int) -> Parameter:
        """The parameter that takes an argument."""
        if index < len(self.parameters):
            return self.parameters[index]
        assert self.variadic is not None
        return self.variadic

    @property
    def declared_result(self) -> Type:
        """The type of the result as signatures have it, before there are arguments."""
        if self.declared is not None:
            return self.declared
        return DYNAMIC if callable(self.result) else self.result

    def result_type(self, arguments: Sequence[Value]) -> Type:
        """The type of the result for unmarked arguments, as far as it is known."""
        return self.result(*arguments) if callable(self.result) else self.result


class LazyArgument(Struct):
    """An argument that its function evaluates itself, or doesn't."""

    expression: Expression
    evaluate: Callable[[], Value]


class CallContext(Struct):
    """What functions may know of the world.

    `directory` is where relative file paths start. `evaluate` evaluates a template of
    `templatefile` or `templatestring` with its variables, in the context that it is given.
    `now` tells the time in UTC. `pure` is true while planning: impure functions then give
    unknown values. `plan_timestamp` (RFC 3339) is None where no plan is made, for instance in
    `validate`. `in_template` is true inside a template, which can't have others inside.
    """

    directory: str
    evaluate: Callable[[Expression, Mapping[str, Value], CallContext], Value]
    now: Callable[[], datetime]
    pure: bool = False
    plan_timestamp: str | None = None
    in_template: bool = False


class FunctionError(Exception):
    """Raised by implementations; becomes a diagnostic before it leaves this package.

    `argument` is the index of the argument that is wrong, None if it is not any single one.
    The message may quote arguments: it is not shown if any of them is sensitive. One that
    quotes no other than the first `quotes` is shown if none of these is.
    """

    def __init__(self, message: str, argument: int | None = None, quotes: int | None = None) -> None:
        super().__init__(message)
        self.argument = argument
        self.quotes = quotes


def call(function: Function, arguments: Sequence[Value], node: Call, context: CallContext) -> Value:
    """Call a function with evaluated arguments (more than `node` has, if the last is expanded).

    Raises:
        DiagnosticError: wrong number or types of arguments, or the function failed.
    """
    converted = convert_arguments(function, arguments, node)
    try:
        return _apply(function, converted, context)
    except (FunctionError, ConversionError) as problem:
        fault = problem if isinstance(problem, FunctionError) else FunctionError(problem.message)
        secret = any(map(contains_marks, arguments[: fault.quotes]))
        raise DiagnosticError(_failure(function, fault, node, len(arguments), secret)) from None


def call_lazily(function: Function, arguments: Sequence[LazyArgument], node: Call, context: CallContext) -> Value:
    """Call a lazy function with arguments that are not evaluated yet.

    Raises:
        DiagnosticError: wrong number of arguments, or the function failed.
    """
    check_count(function, len(arguments), node)
    try:
        return function.implementation(context, *arguments)
    except FunctionError as problem:
        raise DiagnosticError(_failure(function, problem, node, len(arguments), secret=False)) from None


def signature_form(function: Function) -> dict[str, Any]:
    """What a function takes and gives, in the JSON form that diagnostics have it in."""
    form: dict[str, Any] = {
        "name": function.name,
        "params": [_parameter_form(parameter) for parameter in function.parameters],
    }
    if function.variadic is not None:
        form["variadic_param"] = _parameter_form(function.variadic)
    form["return_type"] = type_to_json(function.declared_result)
    return form


def _parameter_form(parameter: Parameter) -> dict[str, Any]:
    return {"name": parameter.name, "type": type_to_json(parameter.type)}


def check_count(function: Function, count: int, node: Call) -> None:
    """Check the number of arguments.

    Raises:
        DiagnosticError: there are too few, or too many.
    """
    wanted = len(function.parameters)
    if count < wanted:
        least = " at least" if function.variadic else ""
        raise DiagnosticError.of(
            "Not enough function arguments",
            f'Function "{node.name}" expects{least} {wanted} argument(s). '
            f'Missing value for "{function.parameters[count].name}".',
            node.source.range(node.end - 1, node.end),
        )
    if function.variadic is None and count > wanted:
        raise DiagnosticError.of(
            "Too many function arguments",
            f'Function "{node.name}" expects only {wanted} argument(s).',
            _argument_range(node, wanted),
        )


def _argument_range(node: Call, index: int) -> SourceRange:
    """What a message about an argument points at; expanded ones share their expression."""
    last = len(node.arguments) - 1
    if node.expand and index >= last:
        return node.arguments[last].range
    return start_range(node.arguments[index])


def convert_arguments(function: Function, arguments: Sequence[Value], node: Call) -> list[Value]:
    """The arguments in the types of their parameters.

    Raises:
        DiagnosticError: there are too few or too many, or some are of the wrong type.
    """
    check_count(function, len(arguments), node)
    converted: list[Value] = []
    problems: list[Diagnostic] = []
    for index, value in enumerate(arguments):
        parameter = function.parameter(index)
        try:
            converted.append(value if parameter.type is DYNAMIC else convert(value, parameter.type))
        except ConversionError as problem:
            problems.append(_invalid_argument(parameter, problem.message, _argument_range(node, index)))
    if problems:
        raise DiagnosticError(*problems)
    return converted


def _apply(function: Function, arguments: list[Value], context: CallContext) -> Value:
    """Call the implementation, unless what is unknown makes the result unknown."""
    marks = NO_MARKS
    untyped = unknown = False
    for index, value in enumerate(arguments):
        parameter = function.parameter(index)
        if not parameter.allow_marked:
            arguments[index], found = unmark_deep(value)
            marks |= found
        plain, _ = unmark(arguments[index])
        if not parameter.allow_null and not untyped and is_null(plain):
            raise FunctionError("argument must not be null", index)
        untyped = untyped or (not parameter.allow_dynamic and _is_untyped(plain))
        unknown = unknown or (not parameter.allow_unknown and isinstance(plain, Unknown))
    if untyped:
        return mark(Unknown(), marks)
    if unknown or (function.impure and context.pure):
        result: Value = Unknown(function.result_type(arguments))
    elif function.needs_context:
        result = function.implementation(context, *arguments)
    else:
        result = function.implementation(*arguments)
    return mark(_refined(result, function), marks)


def _is_untyped(value: Value) -> bool:
    return value is None or (isinstance(value, Unknown) and value.type == DYNAMIC)


def _refined(result: Value, function: Function) -> Value:
    """A result with what is known of any result of the function."""
    if isinstance(result, str):
        if len(result) > MAXIMUM_TEXT:
            raise FunctionError(f"the result would have more than {MAXIMUM_TEXT} characters")
        if result.isascii():
            return result
        import unicodedata

        return unicodedata.normalize("NFC", result)
    plain, marks = unmark(result)
    if isinstance(plain, Unknown) and not function.may_be_null and plain.type != DYNAMIC:
        return mark(replace(plain, not_null=True), marks)
    return result


def _invalid_argument(parameter: Parameter, message: str, subject: SourceRange) -> Diagnostic:
    return error(INVALID_ARGUMENT, f'Invalid value for "{parameter.name}" parameter: {message}.', subject)


def _failure(function: Function, problem: FunctionError, node: Call, count: int, secret: bool) -> Diagnostic:
    """The diagnostic for what an implementation raised."""
    message = "the reason is not shown, because an argument is sensitive" if secret else str(problem)
    index = problem.argument
    if index is None:
        detail = f'Call to function "{node.name}" failed: {message}.'
        return error("Error in function call", detail, start_range(node))
    subject = _argument_range(node, index) if index < count else node.range
    return _invalid_argument(function.parameter(index), message, subject)
