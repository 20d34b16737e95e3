"""Type constraints: reading them, their defaults, and applying them."""

from __future__ import annotations

import pytest

from kvmform.diagnostics import DiagnosticError
from kvmform.lang.evaluate import evaluate
from kvmform.lang.parse import parse_expression
from kvmform.lang.scope import Scope
from kvmform.lang.type_constraint import TypeConstraint, type_constraint
from kvmform.values.json import to_json
from kvmform.values.kinds import type_of
from kvmform.values.marks import mark, unmark
from kvmform.values.model import UNKNOWN, ListValue, MapValue, NullValue, Unknown, Value
from kvmform.values.types import DYNAMIC, NUMBER, STRING, ListType, MapType, Type, object_type, type_to_json

SECRET = frozenset({"sensitive"})


def constraint(text: str) -> TypeConstraint:
    return type_constraint(parse_expression(text, "variables.tf"))


def value(text: str) -> Value:
    return evaluate(parse_expression(text, "variables.tf"), Scope.empty())


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("string", "string"),
        ("any", "dynamic"),
        ("list", ["list", "dynamic"]),
        ("map", ["map", "dynamic"]),
        ("set(number)", ["set", "number"]),
        ("map(list(bool))", ["map", ["list", "bool"]]),
        ("tuple([string, any])", ["tuple", ["string", "dynamic"]]),
        ("tuple([])", ["tuple", []]),
        ("object({})", ["object", {}]),
        ("object({ b = string, a = optional(number) })", ["object", {"a": "number", "b": "string"}, ["a"]]),
        ("object({ null = string, true = number })", ["object", {"null": "string", "true": "number"}]),
    ],
)
def test_types_are_read(text: str, form: object) -> None:
    assert type_to_json(constraint(text).type) == form


@pytest.mark.parametrize(
    ("text", "detail", "at"),
    [
        ("strin", 'The keyword "strin" is not a valid type', "strin"),
        ("null", 'The keyword "null" is not a valid type', "null"),
        ("true", 'The keyword "true" is not a valid type', "true"),
        ("5", "A type specification is either", "5"),
        ("(string)", "A type specification is either", "(string)"),
        ("a.b", "A type specification is either", "a.b"),
        ("[string]", "A type specification is either", "[string]"),
        ("set", "set(string)", "set"),
        ("object", "object({ name = string })", "object"),
        ("tuple", "tuple([string, number])", "tuple"),
        ("lst(string)", 'Keyword "lst" is not a valid type constructor', "lst(string)"),
        ("string(1)", 'keyword "string" does not expect arguments', "(1)"),
        ("list()", "requires one argument specifying the element type", "()"),
        ("list(string, number)", "requires one argument specifying", "number"),
        ("object()", "a map of attribute names to types", "()"),
        ("tuple()", "a list of element types", "()"),
        ("object(string)", "requires a map whose keys", "string"),
        ("tuple(string)", "requires a list of element types", "string"),
        ("optional(string)", "valid only as a modifier", "optional"),
        ("list(optional(string))", "valid only as a modifier", "optional"),
        ("object({a = optional()})", "requires the attribute type", "()"),
        ("object({a = optional(string, 1, 2)})", "at most two arguments", "(string, 1, 2)"),
        ('object({"a" = string})', "must be attribute names", '"a"'),
        ("object({(a) = string})", "must be attribute names", "(a)"),
        ("object({1 = string})", "must be attribute names", "1"),
        ("object({a = string, a = number})", '"a" is there twice', "a"),
        ('object({a = optional(number, "x")})', "a number is required", '"x"'),
        ("object({a = optional(number, b)})", "Variables may not be used here", "b"),
        ("object({a = optional(number, max(1))})", "Functions may not be called here", "max(1)"),
        ('"string"', "write string instead", '"string"'),
        ('"list"', "write list(string) instead", '"list"'),
        ('"any"', "remove the surrounding quotes", '"any"'),
    ],
)
def test_what_is_no_type_is_told_with_its_place(text: str, detail: str, at: str) -> None:
    with pytest.raises(DiagnosticError) as caught:
        constraint(text)
    diagnostic = caught.value.diagnostics[0]
    assert detail in diagnostic.detail
    assert diagnostic.subject is not None
    assert diagnostic.subject.text == at


DISK = "object({ size = optional(number, 10), tags = optional(map(string), {}), bus = optional(string) })"


@pytest.mark.parametrize(
    ("text", "given", "form"),
    [
        (DISK, "{}", {"size": 10, "tags": {}, "bus": None}),
        (DISK, '{ size = null, bus = "sata" }', {"size": 10, "tags": {}, "bus": "sata"}),
        (DISK, '{ size = "7" }', {"size": 7, "tags": {}, "bus": None}),
        (
            f"list({DISK})",
            "[{}, { size = 1 }]",
            [{"size": 10, "tags": {}, "bus": None}, {"size": 1, "tags": {}, "bus": None}],
        ),
        (f"map({DISK})", "{ a = {} }", {"a": {"size": 10, "tags": {}, "bus": None}}),
        (f"set({DISK})", "[{}, {}]", [{"size": 10, "tags": {}, "bus": None}]),
        (f"tuple([string, {DISK}])", '["x", {}]', ["x", {"size": 10, "tags": {}, "bus": None}]),
        (f"object({{ disk = optional({DISK}, {{}}) }})", "{}", {"disk": {"size": 10, "tags": {}, "bus": None}}),
        (f"object({{ disk = optional({DISK}) }})", "{}", {"disk": None}),
        (f"object({{ disk = optional({DISK}) }})", "{ disk = null }", {"disk": None}),
        (DISK, "null", None),
        ("list(any)", '[1, "a"]', ["1", "a"]),
    ],
)
def test_defaults_are_filled_in_where_nothing_is_given(text: str, given: str, form: object) -> None:
    assert to_json(constraint(text).apply(value(given))) == form


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (UNKNOWN, object_type({"size": NUMBER, "tags": MapType(STRING), "bus": STRING})),
        (None, object_type({"size": NUMBER, "tags": MapType(STRING), "bus": STRING})),
    ],
)
def test_unknowns_and_nulls_get_the_type_and_no_defaults(given: Value, kind: Type) -> None:
    result = constraint(DISK).apply(given)
    assert result == (Unknown(kind) if isinstance(given, Unknown) else NullValue(kind))


def test_defaults_reach_into_typed_and_marked_values() -> None:
    kind = object_type({"size": NUMBER})
    result = constraint(f"list({DISK})").apply(mark(ListValue(kind, ({"size": NullValue(NUMBER)},)), SECRET))
    plain, marks = unmark(result)
    assert marks == SECRET
    assert to_json(plain) == [{"size": 10, "tags": {}, "bus": None}]
    assert to_json(constraint(DISK).apply(MapValue(STRING, {"size": "3"}))) == {"size": 3, "tags": {}, "bus": None}


def test_a_value_that_does_not_fit_is_told() -> None:
    with pytest.raises(DiagnosticError) as caught:
        constraint("list(object({ name = string }))").apply(value("[{}]"))
    assert caught.value.diagnostics[0].detail == 'Element 0: attribute "name" is required.'


def test_any_is_settled_by_the_value() -> None:
    assert type_of(constraint("any").apply(value("[1]"))) != DYNAMIC
    assert type_of(constraint("list(any)").apply(value("[]"))) == ListType(DYNAMIC)
