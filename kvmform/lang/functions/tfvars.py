"""The functions of Terraform's built-in provider: values as text of the language, and back.

Source: https://developer.hashicorp.com/terraform/language/functions/terraform-encode_tfvars.
They are called as `provider::terraform::encode_tfvars`, and so on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from kvmform.diagnostics import Diagnostic, DiagnosticError
from kvmform.lang.ast import Call, Expression
from kvmform.lang.functions.arguments import entries, is_mapping
from kvmform.lang.functions.signature import CallContext, Function, FunctionError, Parameter, parameters
from kvmform.lang.parse import parse_config
from kvmform.lang.walk import children
from kvmform.values.kinds import type_of
from kvmform.values.marks import is_wholly_known
from kvmform.values.model import ListValue, MapValue, SetValue, Unknown, Value
from kvmform.values.number import BigFloat, format_number
from kvmform.values.types import DYNAMIC, STRING

__all__ = ["PROVIDER_FUNCTIONS"]

PREFIX = "provider::terraform::"
SOURCE = "<decode_tfvars argument>"
WORD = re.compile(r"[^\W\d][\w-]*")
SPECIAL = re.compile(r'[\n\r\t"\\]|[$%](?=\{)')
ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\", "$": "$$", "%": "%%"}


def encode_tfvars(value: Value) -> Value:
    if not is_mapping(type_of(value)):
        raise FunctionError(
            "invalid value to encode: must be an object whose attribute names will become the encoded variable names"
        )
    if not is_wholly_known(value):
        return Unknown(STRING, not_null=True)
    for name in entries(value):
        if not WORD.fullmatch(name):
            raise FunctionError(
                f'invalid variable name "{name}": must be a valid identifier, per Terraform\'s rules for input '
                "variable declarations"
            )
    return laid_out("".join(f"{name} = {written(entries(value)[name])}\n" for name in sorted(entries(value))))


def encode_expr(value: Value) -> Value:
    if not is_wholly_known(value):
        return Unknown(STRING, not_null=True)
    return laid_out(f"x = {written(value)}\n").removeprefix("x = ").removesuffix("\n")


def laid_out(text: str) -> str:
    """The text in canonical form."""
    from kvmform.lang.format.canonical import canonical_layout

    return canonical_layout(text, "")


def written(value: Value) -> str:
    """A wholly known, unmarked value as text of the language; of its type only what is seen there is kept."""
    match value:
        case str():
            return quoted(value)
        case bool():
            return "true" if value else "false"
        case int() | BigFloat():
            return format_number(value)
        case tuple():
            return f"[{', '.join(map(written, value))}]"
        case ListValue() | SetValue():
            return f"[{', '.join(map(written, value.items))}]"
        case dict():
            return written_entries(value)
        case MapValue():
            return written_entries(value.items)
    return "null"


def written_entries(items: Mapping[str, Value]) -> str:
    """An object, with a line for each of its entries."""
    if not items:
        return "{}"
    lines = (f"{key if WORD.fullmatch(key) else quoted(key)} = {written(items[key])}\n" for key in sorted(items))
    return f"{{\n{''.join(lines)}}}"


def quoted(text: str) -> str:
    """A string in quotes."""
    escaped = SPECIAL.sub(lambda found: ESCAPES[found[0]], text)
    if not escaped.isprintable():
        escaped = "".join(letter if letter.isprintable() else code(letter) for letter in escaped)
    return f'"{escaped}"'


def code(letter: str) -> str:
    """The escape sequence of a character by its number."""
    return f"\\u{ord(letter):04x}" if ord(letter) <= 0xFFFF else f"\\U{ord(letter):08x}"


def decode_tfvars(context: CallContext, text: str) -> Value:
    body, problems = parse_config(text, SOURCE)
    if problems:
        raise FunctionError(f"invalid tfvars syntax: {told(problems[0])}")
    if body.blocks:
        block = body.blocks[0]
        raise FunctionError(
            f'invalid tfvars content: {block.type_range}: Unexpected "{block.type}" block; Blocks are not allowed here'
        )
    found: dict[str, Value] = {}
    for name, attribute in body.attributes.items():
        if calls := next(calls_in(attribute.expression), None):
            raise FunctionError(
                f'invalid expression for variable "{name}": {calls.range}: Function calls not allowed; Functions '
                "may not be called here"
            )
        try:
            found[name] = context.evaluate(attribute.expression, {}, context)
        except DiagnosticError as problem:
            raise FunctionError(f'invalid expression for variable "{name}": {told(problem.diagnostics[0])}') from None
    return found


def told(problem: Diagnostic) -> str:
    """A problem as part of a sentence."""
    return f"{problem.subject}: {problem.summary}; {problem.detail}".removesuffix(".")


def calls_in(expression: Expression) -> Iterator[Call]:
    """The function calls in an expression."""
    pending = [expression]
    while pending:
        node = pending.pop()
        if isinstance(node, Call):
            yield node
        pending.extend(children(node))


PROVIDER_FUNCTIONS = {
    f"{PREFIX}{function.name}": function
    for function in (
        Function(
            "encode_tfvars",
            parameters(value=DYNAMIC),
            STRING,
            encode_tfvars,
            "The text of a variables file that gives the attributes of an object.",
        ),
        Function(
            "decode_tfvars",
            parameters(src=STRING),
            DYNAMIC,
            decode_tfvars,
            "What a variables file with this text gives, as an object.",
            needs_context=True,
        ),
        Function(
            "encode_expr",
            (Parameter("value", DYNAMIC),),
            STRING,
            encode_expr,
            "A value as it is written in the language.",
        ),
    )
}
"""By the names they are called with."""
