"""Functions with regular expressions, in the syntax of RE2: `regex`, `regexall` and `replace`.

Source: https://developer.hashicorp.com/terraform/language/functions/regex.
"""

from __future__ import annotations

import re
from typing import Any

from kvmform.lang.functions.re2 import Pattern, PatternError, compile_pattern
from kvmform.lang.functions.signature import Function, FunctionError, parameters
from kvmform.values.model import ListValue, NullValue, Unknown, Value
from kvmform.values.types import DYNAMIC, STRING, ListType, TupleType, Type, object_type

__all__ = ["FUNCTIONS"]

REFERENCE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<braced>\w+)\}|(?P<plain>\w+))")
"""In a replacement: `$1`, `${1}`, `${name}`, and `$$` for a dollar sign."""


def compiled(pattern: str, argument: int | None) -> Pattern:
    """A pattern ready for use.

    Raises:
        FunctionError: it is wrong; blames `argument`.
    """
    try:
        return compile_pattern(pattern)
    except PatternError as problem:
        raise FunctionError(f"invalid regexp pattern: {problem}", argument) from None


def match_type(pattern: Value) -> Type:
    """The type of one match: a string, or a tuple or object of groups."""
    if isinstance(pattern, Unknown):
        return DYNAMIC
    names = compiled(pattern, 0).names
    if not names:
        return STRING
    if all(name is None for name in names):
        return TupleType((STRING,) * len(names))
    if None in names:
        raise FunctionError("invalid regexp pattern: cannot mix both named and unnamed capture groups", 0)
    return object_type({name: STRING for name in names if name is not None})


def match_value(found: Any, pattern: Pattern) -> Value:
    """One match as a value."""
    if not pattern.names:
        return found[0]
    groups = tuple(NullValue(STRING) if group is None else group for group in found.groups())
    return groups if pattern.names[0] is None else dict(zip(pattern.names, groups, strict=True))


def regex_type(pattern: Value, _text: Value) -> Type:
    return match_type(pattern)


def regex(pattern: str, text: str) -> Value:
    match_type(pattern)
    expression = compiled(pattern, 0)
    found = expression.compiled.search(text)
    if found is None:
        raise FunctionError("pattern did not match any part of the given string")
    return match_value(found, expression)


def regexall_type(pattern: Value, _text: Value) -> Type:
    return ListType(match_type(pattern))


def regexall(pattern: str, text: str) -> ListValue:
    expression = compiled(pattern, 0)
    return ListValue(match_type(pattern), tuple(match_value(found, expression) for found in expression.matches(text)))


def replace(text: str, part: str, replacement: str) -> str:
    if len(part) < 2 or part[0] != "/" or part[-1] != "/":
        return text.replace(part, replacement)
    expression = compiled(part[1:-1], None)
    written: list[str] = []
    at = 0
    for found in expression.matches(text):
        written += (text[at : found.start()], expand(replacement, found, expression))
        at = found.end()
    return "".join(written) + text[at:]


def expand(replacement: str, found: Any, pattern: Pattern) -> str:
    """A replacement with the groups of a match put in; what refers to no group is left out."""

    def group(reference: re.Match[str]) -> str:
        if reference["dollar"]:
            return "$"
        name = reference["braced"] or reference["plain"]
        if name in pattern.names:
            number = pattern.names.index(name) + 1
        elif name.isdecimal() and (name == "0" or name[0] != "0") and int(name) <= len(pattern.names):
            number = int(name)
        else:
            return ""
        return found[number] or ""

    return REFERENCE.sub(group, replacement)


FUNCTIONS = (
    Function(
        "regex",
        parameters(pattern=STRING, string=STRING),
        regex_type,
        regex,
        "What a regular expression matches first in a string, or its groups.",
    ),
    Function(
        "regexall",
        parameters(pattern=STRING, string=STRING),
        regexall_type,
        regexall,
        "All that a regular expression matches in a string.",
        declared=ListType(DYNAMIC),
    ),
    Function(
        "replace",
        parameters(str=STRING, substr=STRING, replace=STRING),
        STRING,
        replace,
        "A string with another one for each occurrence of a part, or match of a /regular expression/.",
    ),
)
