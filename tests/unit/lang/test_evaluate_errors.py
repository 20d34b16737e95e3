"""Errors of evaluation: Terraform's summaries, full sentences, the part that failed, and the values in it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kvmform.diagnostics import Diagnostic, DiagnosticError, SourceRange
from kvmform.lang.evaluate import call_context, evaluate
from kvmform.lang.parse import parse_expression
from kvmform.lang.scope import Scope
from kvmform.values.model import UNKNOWN, ListValue, MapValue, Marked, NullValue, SetValue, Unknown, Value
from kvmform.values.number import parse_number
from kvmform.values.types import NUMBER, STRING, ListType, SetType, TupleType, object_type

SECRET = frozenset({"sensitive"})
CONTEXT = call_context(".", lambda: datetime(2026, 1, 2, tzinfo=UTC))
PERSON = object_type({"name": STRING})

NAMES: dict[str, Value] = {
    "web": {"name": "web", "memory": 512, "disks": ("a", "b")},
    "people": ListValue(PERSON, ({"name": "x"},)),
    "crowd": SetValue(PERSON, ({"name": "x"},)),
    "ages": MapValue(NUMBER, {"ann": 1, "bob": 2}),
    "nothing": None,
    "no_list": NullValue(ListType(STRING)),
    "secret": Marked({"password": "x"}, SECRET),
    "secret_key": Marked("annn", SECRET),
    "later": Unknown(STRING),
    "later_list": Unknown(ListType(STRING)),
    "later_pair": Unknown(TupleType((STRING, STRING))),
    "later_object": Unknown(PERSON),
    "later_set": Unknown(SetType(PERSON)),
    "unknown": UNKNOWN,
}


def failing(text: str, **names: Value) -> Diagnostic:
    with pytest.raises(DiagnosticError) as caught:
        evaluate(parse_expression(text, "main.tf"), Scope(None, {**NAMES, **names}, CONTEXT))
    (diagnostic,) = caught.value.diagnostics
    return diagnostic


@pytest.mark.parametrize(
    ("text", "summary", "detail", "at"),
    [
        ("web.memry", "Unsupported attribute", 'an attribute named "memry". Did you mean "memory"?', ".memry"),
        ("web.name.x", "Unsupported attribute", "on a primitive-typed value (string)", ".x"),
        ("web.disks.x", "Unsupported attribute", "a tuple, so it does not have any attributes", ".x"),
        ("people.name", "Unsupported attribute", 'attribute "name" for a specific element of the list', ".name"),
        ("people.nme", "Unsupported attribute", "access an attribute for a specific element", ".nme"),
        ("crowd.name", "Unsupported attribute", 'attribute "name" across all elements of the set', ".name"),
        ("ages.an", "Missing map element", 'with the key "an". Did you mean "ann"?', ".an"),
        ("nothing.x", "Attempt to get attribute from null value", "This value is null", ".x"),
        ("nothing[0]", "Attempt to index null value", "This value is null", "[0]"),
        (
            "web.disks[5]",
            "Invalid index",
            "greater than or equal to the length of the collection. It has 2 elements.",
            "[5]",
        ),
        ("[][0]", "Invalid index", "the collection has no elements", "[0]"),
        ("web.disks[-1]", "Invalid index", "a negative number is not a valid index", "[-1]"),
        ("web.disks[0.5]", "Invalid index", "has a fractional part", "[0.5]"),
        ('web.disks["x"]', "Invalid index", "a number is required", '["x"]'),
        ("web.disks[null]", "Invalid index", "a null value as an indexing key", "[null]"),
        ('web["memry"]', "Invalid index", 'Did you mean "memory"?', '["memry"]'),
        ("web[0]", "Invalid index", "not by numeric index", "[0]"),
        ("web[[]]", "Invalid index", "string required, but have tuple", "[[]]"),
        ('ages["annn"]', "Invalid index", 'Did you mean "ann"?', '["annn"]'),
        ("crowd[0]", "Invalid index", "identified only by their value", "[0]"),
        ('"abc"[0]', "Invalid index", "This value is a string", "[0]"),
        ("later.x", "Unsupported attribute", "on a primitive-typed value (string)", ".x"),
        ("later[0]", "Invalid index", "This value is a string", "[0]"),
        ("later_object.nam", "Unsupported attribute", 'Did you mean "name"?', ".nam"),
        ("later_set.name", "Unsupported attribute", "set of objects", ".name"),
        ("later_pair[2]", "Invalid index", "greater than or equal to the length", "[2]"),
        ('later_list["x"]', "Invalid index", "a number is required", '["x"]'),
        ("no_list[*]", "Splat of null value", "cannot be applied to null sequences", "no_list"),
    ],
)
def test_reaching_into_values(text: str, summary: str, detail: str, at: str) -> None:
    diagnostic = failing(text)
    assert diagnostic.summary == summary
    assert detail in diagnostic.detail
    assert diagnostic.subject is not None
    assert diagnostic.subject.text == at


@pytest.mark.parametrize(
    ("text", "summary", "detail", "at"),
    [
        ('"a" + 1', "Invalid operand", "left operand: a number is required", '"a"'),
        ("1 + true", "Invalid operand", "right operand: number required, but have bool", "true"),
        ("1 + 2 + [] + 3", "Invalid operand", "right operand: number required", "[]"),
        ("!5", "Invalid operand", "unary operand: bool required", "5"),
        ("1 + nothing", "Operation failed", "An operand is null", "1 + nothing"),
        ("-nothing", "Operation failed", "An operand is null", "-nothing"),
        ("5 + 0 / 0", "Operation failed", "can't divide zero by zero", "0 / 0"),
        ("true ? {a = 1} : [1]", "Inconsistent conditional result types", "'true' value is object", "{a = 1} : [1]"),
        ("true ? [1, 2] : [1, true]", "Inconsistent conditional result types", "tuple element 1", "[1, 2] : [1, true]"),
        ("true ? [1, []] : [1]", "Inconsistent conditional result types", "'true' tuple has length 2", "[1, []] : [1]"),
        (
            "true ? {a = 1} : {a = []}",
            "Inconsistent conditional result types",
            'attribute "a": The',
            "{a = 1} : {a = []}",
        ),
        (
            "true ? {a = 1} : {b = []}",
            "Inconsistent conditional result types",
            "have different attributes",
            "{a = 1} : {b = []}",
        ),
        (
            'true ? toset(["x"]) : tolist([1])',
            "Inconsistent conditional result types",
            "true result value",
            'toset(["x"])',
        ),
        ('false ? tolist([1]) : toset(["x"])', "Inconsistent conditional result types", "false result", 'toset(["x"])'),
        ("nothing ? 1 : 2", "Null condition", "must either be true or false", "nothing"),
        ('"maybe" ? 1 : 2', "Incorrect condition type", "must be of type bool: a bool is required", '"maybe"'),
        ("[for x in nothing : x]", "Iteration over null value", "A null value cannot be used", "nothing"),
        ('[for x in "a" : x]', "Iteration over non-iterable value", "A value of type string", '"a"'),
        ("[for x in later : x]", "Iteration over non-iterable value", "A value of type string", "later"),
        ("[for x in [1] : x if nothing]", "Condition is null", "must not be null", "nothing"),
        ("[for x in [1] : x if x]", "Invalid 'for' condition", "bool required, but have number", "x"),
        ("{for x in [1, 1] : x => x}", "Duplicate object key", 'produced the key "1"', "x"),
        ("{for x in [1] : nothing => x}", "Invalid object key", "must not produce a null value", "nothing"),
        ("{for x in [1] : [] => x}", "Invalid object key", "string required, but have tuple", "[]"),
        ("{ (nothing) = 1 }", "Null value as key", "Can't use a null value as a key", "1"),
        ("{ ([]) = 1 }", "Incorrect key type", "string required, but have tuple", "([])"),
        ("{ web.name = 1 }", "Ambiguous attribute key", "wrap it in parentheses", "web.name"),
        ('"a${nothing}"', "Invalid template interpolation value", "The expression result is null", "nothing"),
        ('"a${[]}"', "Invalid template interpolation value", "string required, but have tuple", "[]"),
        ("uper(1)", "Call to unknown function", 'no function named "uper". Did you mean "upper"?', "uper"),
        ('max("a"...)', "Invalid expanding argument value", "must be of a tuple, list, or set type", '"a"'),
        ("max(nothing...)", "Invalid expanding argument value", "must not be null", "nothing"),
        ("templatestring(web.nme, {})", "Unsupported attribute", 'named "nme"', ".nme"),
        ("ages[[]]", "Invalid index", "string required", "[[]]"),
        ("wbe", "Unknown variable", 'no variable named "wbe". Did you mean "web"?', "wbe"),
    ],
)
def test_expressions_that_fail(text: str, summary: str, detail: str, at: str) -> None:
    diagnostic = failing(text)
    assert diagnostic.summary == summary
    assert detail in diagnostic.detail
    assert diagnostic.subject is not None
    assert diagnostic.subject.text == at


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("[web.a, 1, web.b]", [".a", ".b"]),
        ("{ a = web.a, (web.b) = web.c }", [".a", ".b", ".c"]),
        ("web.a + web.b * [] - 1", [".a", ".b", "[]"]),
        ('[] < {} && "x"', ["[]", "{}", '"x"']),
        ("!web.a", [".a"]),
        ("substr(web.a, [], 1, 2)", ["2"]),
        ("substr(web.a, [], {})", [".a", "[", "{"]),
        ('"${web.a}-${[]}-${web.b}"', [".a", "[]", ".b"]),
        ("[for x in [1, 2] : web.a]", [".a"]),
        ("{ for x in [1, 2] : x => x + web.a }", [".a"]),
        ('[for x in [1, "a", true] : x + 1]', ["x"]),
        ("[for x in [1] : web.a if [] ]", ["[]"]),
        ("[for x in [] : x if web.a]", [".a"]),
        ("[{}, {}][*].a", [".a"]),
        ("true ? 1 : [web.a]", ["1 : [web.a]"]),
        ("[] ? web.a : web.b", ["[]"]),
        ("max(web.a, web.b...)", [".b"]),
    ],
)
def test_everything_that_is_wrong_with_an_expression_is_told(text: str, at: list[str]) -> None:
    with pytest.raises(DiagnosticError) as caught:
        evaluate(parse_expression(text, "main.tf"), Scope(None, NAMES, CONTEXT))
    assert [each.subject and each.subject.text for each in caught.value.diagnostics] == at


def test_details_are_sentences() -> None:
    for text in ("web.x", "[][0]", "1 + true", "nothing ? 1 : 2", '"a${[]}"', "nosuch()", "max(nothing...)", "wbe"):
        detail = failing(text).detail
        assert detail[0].isupper()
        assert detail.endswith((".", "?"))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("web.disks + web.memory", (("web.disks", "is tuple with 2 elements"),)),
        ("web.disk.nme", ()),
        ("web.disks[lab.index]", (("lab.index", "is 7"), ("web.disks", "is tuple with 2 elements"))),
        ('"${lab.nothing}-${web.name}"', (("lab.nothing", "is null"),)),
        ("lab.secret.pass", ()),
        ("lab.later + []", ()),
        ("lab.later_number / lab.later_list", (("lab.later_list", "is a list of string"),)),
        ("upper(lab.later_list)", (("lab.later_list", "is a list of string"),)),
        ("[for x in [{ a = true }] : x.a + 1]", (("x.a", "is true"),)),
        ("[for x in [true] : x + 1]", ()),
        ("lab.ages.carl", (("lab.ages", "is map of number with 2 elements"),)),
        ('substr("x", web.disks, lab.index)', (("web.disks", "is tuple with 2 elements"),)),
        ("web.disks[lab.half]", (("lab.half", "is 0.5"), ("web.disks", "is tuple with 2 elements"))),
        ("lab.empty.x", (("lab.empty", "is object with no attributes"),)),
        ("[][lab.long]", (("lab.long", f'is "{"x" * 200}…"'),)),
        ("lab.brief.x", ()),
    ],
)
def test_the_values_in_the_failing_part_are_told(text: str, values: tuple[tuple[str, str], ...]) -> None:
    lab: dict[str, Value] = {
        **NAMES,
        "index": 7,
        "half": parse_number("0.5"),
        "long": "x" * 300,
        "empty": {},
        "later_number": Unknown(NUMBER),
        "brief": Marked({}, frozenset({"ephemeral"})),
    }
    assert failing(text, lab=lab).values == values


def test_a_failed_call_tells_what_the_function_takes() -> None:
    function = failing("core::substr(web.name, 0, [])").function
    assert function is not None
    assert function.called_as == "core::substr"
    assert [parameter["name"] for parameter in function.signature["params"]] == ["str", "offset", "length"]
    assert failing("web.name[0]").function is None


class Lab:
    """Resolves `var.sizes`, and one of two instances."""

    def resolve(self, root: str, steps: tuple[str | int, ...], at: SourceRange) -> tuple[Value, int]:
        match root, steps:
            case "var", ("sizes", *_):
                return {"small": 1, "very large": 2}, 1
            case "libvirt_domain", ("web", 0, *_):
                return {"id": "x"}, 2
            case "libvirt_domain", ("web", *_):
                return ({"id": "x"},), 1
        raise DiagnosticError.of("Reference to undeclared name", f"Nothing is called {root}.", at)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("!var.sizes.small", (("var.sizes.small", "is 1"),)),
        ('!var.sizes["very large"]', (('var.sizes["very large"]', "is 2"),)),
        ("var.sizes.medium", (("var.sizes", "is object with 2 attributes"),)),
        ("libvirt_domain.web[0].id + 1", (("libvirt_domain.web[0].id", 'is "x"'),)),
        ("libvirt_domain.web[1].id", (("libvirt_domain.web", "is tuple with 1 element"),)),
        ("[][0 + 0] + nothing.here", ()),
        ("[nothing.here]", ()),
    ],
)
def test_references_are_told_by_what_they_resolve_to(text: str, values: tuple[tuple[str, str], ...]) -> None:
    with pytest.raises(DiagnosticError) as caught:
        evaluate(parse_expression(text, "main.tf"), Scope(Lab(), {}, CONTEXT))
    assert caught.value.diagnostics[0].values == values


def test_nothing_of_a_secret_is_told() -> None:
    """Neither its content nor, by way of a suggestion, the names of its attributes or a key."""
    told = [failing(text) for text in ("secret.passwrd", 'secret["passwrd"]', "ages[secret_key]", "web[secret_key]")]
    told.append(failing("{for x in [secret_key, secret_key] : x => 1}"))
    told.append(failing("tonumber(secret_key)"))
    for diagnostic in told:
        everything = diagnostic.detail + str(diagnostic.values)
        assert "Did you mean" not in everything
        assert "annn" not in everything
