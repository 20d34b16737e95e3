"""`format` and `formatlist`: values written into a text, with verbs like those of C's printf.

Source: https://developer.hashicorp.com/terraform/language/functions/format.
"""

from __future__ import annotations

import re

from kvmform.lang.conversion import ConversionError, convert
from kvmform.lang.functions.arguments import elements, is_sequence, known_length
from kvmform.lang.functions.grapheme import cluster_count, clusters
from kvmform.lang.functions.json import encode
from kvmform.lang.functions.numerals import decimal_text, exponent_text, general_text, integer_text
from kvmform.lang.functions.signature import Function, FunctionError, Parameter, parameters
from kvmform.struct import Struct
from kvmform.values.kinds import is_null, type_of
from kvmform.values.marks import is_wholly_known
from kvmform.values.model import ListValue, Unknown, Value
from kvmform.values.number import BigFloat, Number, is_infinite
from kvmform.values.types import BOOL, DYNAMIC, NUMBER, STRING, ListType, Type

__all__ = ["FUNCTIONS"]

MAXIMUM_WIDTH = 1_000_000
"""Of a field, in characters: what is wider is a mistake."""

VERB = re.compile(
    r"%(?P<flags>[-0#+ ]*)(?P<width>[1-9]\d*)?(?:\.(?P<precision>\d*))?(?:\[(?P<index>[1-9]\d*)\])?(?P<mode>[a-zA-Z])?",
    re.ASCII,
)


class Verb(Struct):
    """One sequence of a format: `%[2]-8.3f` is argument 2, flag `-`, width 8, precision 3, mode f."""

    raw: str
    offset: int
    flags: str
    width: int
    precision: int | None
    argument: int
    mode: str


def write(template: str, arguments: tuple[Value, ...]) -> str:
    """The text of a format with its arguments.

    Raises:
        FunctionError: the format is wrong, or doesn't fit the arguments.
    """
    written: list[str] = []
    at, following, used = 0, 1, 0
    while (percent := template.find("%", at)) >= 0:
        written.append(template[at:percent])
        if template.startswith("%%", percent):
            written.append("%")
            at = percent + 2
            continue
        verb = read_verb(template, percent, following)
        if verb.argument > len(arguments):
            raise FunctionError(
                f'not enough arguments for "{verb.raw}" at {verb.offset}: '
                f"need index {verb.argument} but have {len(arguments)} total"
            )
        written.append(write_verb(verb, arguments[verb.argument - 1]))
        used, following = max(used, verb.argument), verb.argument + 1
        at = percent + len(verb.raw)
    if used < len(arguments):
        how_many = f"only {used} used by format string" if used else "no verbs in format string"
        raise FunctionError(f"too many arguments; {how_many}", used + 1)
    return "".join(written) + template[at:]


def read_verb(template: str, offset: int, following: int) -> Verb:
    """The verb that begins at `offset`; `following` is the argument it takes if it names none."""
    found = VERB.match(template, offset)
    assert found is not None
    if found["mode"] is None:
        if found.end() == len(template):
            raise FunctionError(f"invalid format string: the verb at offset {offset} is not complete")
        raise FunctionError(f"unrecognized format character '{template[found.end()]}' at offset {found.end()}")
    width, precision = int(found["width"] or 0), None if found["precision"] is None else int(found["precision"] or 0)
    if max(width, precision or 0) > MAXIMUM_WIDTH:
        raise FunctionError(f'width or precision of "{found[0]}" at {offset} is above {MAXIMUM_WIDTH}')
    return Verb(found[0], offset, found["flags"], width, precision, int(found["index"] or following), found["mode"])


def write_verb(verb: Verb, value: Value) -> str:
    """One argument in the form that a verb asks for."""
    if is_null(value) and verb.mode != "v":
        raise unsupported(verb, "null value cannot be formatted")
    match verb.mode:
        case "v":
            return pad(verb, write_as_is(verb, value))
        case "t":
            return "true" if converted(verb, value, BOOL) else "false"
        case "s":
            return pad(verb, cut(verb, converted(verb, value, STRING)))
        case "q":
            return pad(verb, encode(cut(verb, converted(verb, value, STRING))))
        case "b" | "d" | "o" | "x" | "X":
            return write_integer(verb, converted(verb, value, NUMBER))
        case "e" | "E" | "f" | "g" | "G":
            return write_number(verb, converted(verb, value, NUMBER))
    raise FunctionError(f"unsupported format verb '{verb.mode}' in \"{verb.raw}\" at offset {verb.offset}")


def unsupported(verb: Verb, why: str) -> FunctionError:
    """The error for a value that a verb can't write."""
    return FunctionError(f'unsupported value for "{verb.raw}" at {verb.offset}: {why}')


def converted(verb: Verb, value: Value, kind: Type) -> Value:
    """A value in the type that a verb writes."""
    try:
        return convert(value, kind)
    except ConversionError:
        raise unsupported(verb, f"{kind} required") from None


def write_as_is(verb: Verb, value: Value) -> str:
    """The form of `%v`: strings and numbers as they are, all else as JSON."""
    if "#" not in verb.flags:
        if isinstance(value, str):
            return value
        if isinstance(value, BigFloat) or type(value) is int:
            sign, body = general_text(value, None)
            return ("+" if is_infinite(value) and not sign else sign) + body
    return encode(value)


def cut(verb: Verb, text: str) -> str:
    """A text cut to the precision of a verb."""
    return "".join(clusters(text)[: verb.precision]) if verb.precision else text


def pad(verb: Verb, text: str) -> str:
    """A text filled up to the width of a verb."""
    filling = ("0" if "0" in verb.flags else " ") * (verb.width - cluster_count(text))
    return text + filling if "-" in verb.flags else filling + text


def sign_of(verb: Verb, sign: str) -> str:
    """The sign of a number, with those that flags ask for in front of positive ones."""
    return sign or ("+" if "+" in verb.flags else " " if " " in verb.flags else "")


def write_integer(verb: Verb, number: Number) -> str:
    """A whole number in the base that a verb asks for."""
    sign, prefix, digits = integer_text(number, verb.mode) or ("", "", None)
    if digits is None:
        raise unsupported(verb, "an integer is required")
    if verb.precision == 0 and digits == "0":
        return ""
    start = sign_of(verb, sign) + (prefix if "#" in verb.flags else "")
    digits = digits.rjust(verb.precision or 0, "0")
    if "-" in verb.flags:
        return (start + digits).ljust(verb.width)
    if "0" in verb.flags and verb.precision is None:
        return start + digits.rjust(verb.width - len(start), "0")
    return (start + digits).rjust(verb.width)


def write_number(verb: Verb, number: Number) -> str:
    """A number in the notation that a verb asks for."""
    match verb.mode.lower():
        case "f":
            sign, body = decimal_text(number, 6 if verb.precision is None else verb.precision)
        case "e":
            sign, body = exponent_text(number, 6 if verb.precision is None else verb.precision)
        case _:
            sign, body = general_text(number, verb.precision)
    infinite = is_infinite(number)
    if verb.mode.isupper() and not infinite:
        body = body.upper()
    sign = sign_of(verb, sign) or ("+" if infinite else "")
    if "0" in verb.flags and not infinite:
        return sign + body.rjust(verb.width - len(sign), "0")
    return (sign + body).ljust(verb.width) if "-" in verb.flags else (sign + body).rjust(verb.width)


def format_(template: str, *arguments: Value) -> Value:
    if all(map(is_wholly_known, arguments)):
        return write(template, arguments)
    return Unknown(STRING, not_null=True, prefix=template.partition("%")[0])


def formatlist(template: str, *arguments: Value) -> Value:
    length = common_length(arguments)
    if length is None:
        return Unknown(ListType(STRING))
    repeated = [not is_iterated(argument) for argument in arguments]
    rows: list[Value] = []
    for index in range(length):
        row = tuple(
            argument if single else elements(argument)[index]
            for argument, single in zip(arguments, repeated, strict=True)
        )
        try:
            rows.append(format_(template, *row))
        except FunctionError as problem:
            raise FunctionError(f"error on format iteration {index}: {problem}") from None
    return ListValue(STRING, tuple(rows))


def is_iterated(argument: Value) -> bool:
    """Whether each text of `formatlist` gets an element of an argument; otherwise all get the same."""
    return is_sequence(type_of(argument)) and not is_null(argument)


def common_length(arguments: tuple[Value, ...]) -> int | None:
    """How many texts `formatlist` makes; None if that is not known yet.

    Raises:
        FunctionError: arguments have different numbers of elements.
    """
    known = True
    chosen: tuple[int, int] | None = None
    for number, argument in enumerate(arguments, start=1):
        if not is_iterated(argument):
            known = known and not (isinstance(argument, Unknown) and argument.type == DYNAMIC)
            continue
        known = known and not isinstance(argument, Unknown)
        length = known_length(argument)
        if length is None:
            known = False
        elif chosen is None:
            chosen = (length, number)
        elif length != chosen[0]:
            raise FunctionError(
                f"argument {number} has length {length}, "
                f"which is inconsistent with argument {chosen[1]} of length {chosen[0]}",
                number,
            )
    if not known:
        return None
    return 1 if chosen is None else chosen[0]


ARGUMENTS = Parameter("args", DYNAMIC, allow_null=True, allow_unknown=True)

FUNCTIONS = (
    Function(
        "format",
        parameters(format=STRING),
        STRING,
        format_,
        "A text with values written into it in the form that its verbs ask for.",
        variadic=ARGUMENTS,
        declared=DYNAMIC,
    ),
    Function(
        "formatlist",
        parameters(format=STRING),
        ListType(STRING),
        formatlist,
        "A list of texts, each with one element of every list among the arguments.",
        variadic=ARGUMENTS,
        declared=DYNAMIC,
    ),
)
