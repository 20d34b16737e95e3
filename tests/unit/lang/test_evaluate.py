"""Evaluation of expressions: values. (Far more cases, as Terraform answers them, are in test_oracle.)"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kvmform.diagnostics import DiagnosticError, SourceRange
from kvmform.lang.evaluate import call_context, evaluate
from kvmform.lang.parse import parse_expression, parse_template
from kvmform.lang.scope import Scope
from kvmform.values.equality import equal
from kvmform.values.marks import is_sensitive, mark, marks_in
from kvmform.values.model import UNKNOWN, ListValue, MapValue, Marked, SetValue, Unknown, Value
from kvmform.values.types import BOOL, DYNAMIC, NUMBER, STRING, ListType, MapType, SetType, TupleType, object_type

SECRET = frozenset({"sensitive"})
CONTEXT = call_context(".", lambda: datetime(2026, 1, 2, tzinfo=UTC))


class Lab:
    """A resolver that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[str | int, ...], str]] = []
        self.domains = tuple({"id": f"id-{at}", "name": f"web-{at}"} for at in range(3))

    def resolve(self, root: str, steps: tuple[str | int, ...], at: SourceRange) -> tuple[Value, int]:
        self.asked.append((root, steps, at.text))
        match root, steps:
            case "libvirt_domain", ("web", int(index), *_) if index < 3:
                return self.domains[index], 2
            case "libvirt_domain", ("web", *_):
                return self.domains, 1
            case "var", ("size", *_):
                return 5, 1
            case "var", ("secret", *_):
                return mark("s3cret", SECRET), 1
            case "local", ("later", *_):
                return Unknown(STRING, not_null=True), 1
        raise DiagnosticError.of("Reference to undeclared name", f"Nothing is called {root}.", at)


def run(text: str, **names: Value) -> Value:
    return evaluate(parse_expression(text, "main.tf"), Scope(Lab(), names, CONTEXT))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3 - 4", 3),
        ('"5" + 1', 6),
        ("-(2)", -2),
        ("!false", True),
        ('"a" == "a" && 1 < 2 || false', True),
        ("7 / 2 >= 3.5", True),
        ('[1, "a", null]', (1, "a", None)),
        ('{ a = 1, "b c" = 2, (upper("d")) = 3 }', {"a": 1, "b c": 2, "D": 3}),
        ('"x${1 + 1}-${true}"', "x2-true"),
        ('"${[1]}"', (1,)),
        ('"e\u0301${"x"}" == "éx"', True),
        ('"%{ if 1 < 2 }yes%{ else }no%{ endif }"', "yes"),
        ('"%{ for i, x in ["a", "b"] }${i}${x} %{ endfor }"', "0a 1b "),
        ("true ? 1 : 2", 1),
        ("false ? [1] : []", ListValue(NUMBER, ())),
        ('[for i, x in ["a", "b"] : "${i}${x}" if x != "a"]', ("1b",)),
        ("{for k, v in { b = 1, a = 2 } : v => k}", {"1": "b", "2": "a"}),
        ('[for x in [1] : x if "true"]', (1,)),
        ("{for x in [1, 2, 3] : x % 2 => x...}", {"0": (2,), "1": (1, 3)}),
        ("[for x in toset([2, 1]) : x]", (1, 2)),
        ("[for k, v in tomap({ a = 1 }) : k]", ("a",)),
        ("tomap({ a = 1 }).a", 1),
        ("[{ a = 1 }, { a = 2 }][*].a", (1, 2)),
        ("[{ a = [1] }].*.a[0]", (1,)),
        ("null[*]", ()),
        ('"x"[*]', ("x",)),
        ("tolist([1])[*]", ListValue(NUMBER, (1,))),
        ("tolist([])[*]", ListValue(DYNAMIC, ())),
        ("max(1, [2, 3]...)", 3),
        ("max(toset([2, 3])...)", 3),
        ("try([1, 2]...)", 1),
        ("{ 1.5 = true }", {"1.5": True}),
    ],
)
def test_expressions(text: str, value: Value) -> None:
    assert equal(run(text), value)


def test_names_hide_references() -> None:
    """A loop's variable may be called like the first word of a reference."""
    assert run("[for var in [1] : var]") == (1,)
    assert run("each.key", each={"key": "a"}) == "a"
    assert run("[for x in [1] : [for x in [2] : x][0] + x]") == (3,)


def test_a_reference_is_resolved_with_its_evaluated_keys() -> None:
    lab = Lab()
    text = "libvirt_domain.web[count.index + 1].name"
    value = evaluate(parse_expression(text, "main.tf"), Scope(lab, {"count": {"index": 1}}))
    assert value == "web-2"
    assert lab.asked == [("libvirt_domain", ("web", 2, "name"), text)]


@pytest.mark.parametrize(
    ("text", "steps", "asked"),
    [
        ("libvirt_domain.web[*].id", ("web",), "libvirt_domain.web"),
        ("libvirt_domain.web.0.id", ("web", 0, "id"), "libvirt_domain.web.0.id"),
        ('libvirt_domain.web["1"].id', ("web", "1", "id"), 'libvirt_domain.web["1"].id'),
        ("libvirt_domain.web[local.later]", ("web",), "libvirt_domain.web"),
        ("libvirt_domain.web[0 + 0].id", ("web", 0, "id"), "libvirt_domain.web[0 + 0].id"),
    ],
)
def test_steps_end_before_what_is_no_plain_key(text: str, steps: tuple[str | int, ...], asked: str) -> None:
    lab = Lab()
    evaluate(parse_expression(text, "main.tf"), Scope(lab))
    assert ("libvirt_domain", steps, asked) in lab.asked


def test_what_the_resolver_leaves_is_ordinary_traversal() -> None:
    assert run('libvirt_domain.web["1"].name') == "web-1"
    assert run("libvirt_domain.web[var.size - 3].name") == "web-2"
    assert equal(run("libvirt_domain.web[*].id"), ("id-0", "id-1", "id-2"))
    assert equal(run("libvirt_domain.web[local.later].id"), UNKNOWN)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('try(libvirt_domain.web[9].id, "none")', "none"),
        ("can(libvirt_domain.web[9].id)", False),
        ('false ? libvirt_domain.web[9].id : "none"', "none"),
        ('try(nosuch(), [][0], 1 + true, tonumber("x"), 2)', 2),
    ],
)
def test_an_element_that_is_not_there_can_be_overcome(text: str, value: Value) -> None:
    assert run(text) == value


@pytest.mark.parametrize(
    "text", ["try(nothing.here, 1)", "can(nothing.here)", "false ? nothing.here : 1", "try(try(nothing), 1)"]
)
def test_an_undeclared_name_can_not(text: str) -> None:
    with pytest.raises(DiagnosticError, match="Reference to undeclared name"):
        run(text)


def test_templates_see_their_variables_only() -> None:
    template = parse_template("%{ for x in xs ~}\n${upper(x)}\n%{ endfor ~}\n", "motd.tmpl")
    assert CONTEXT.evaluate(template, {"xs": ("a", "b")}, CONTEXT) == "A\nB\n"
    with pytest.raises(DiagnosticError, match="Unknown variable"):
        CONTEXT.evaluate(template, {"ys": ()}, CONTEXT)


def test_an_empty_scope_allows_constants_only() -> None:
    empty = Scope.empty()
    assert evaluate(parse_expression("[1, { a = true ? 2 : 3 }]", "x.tfvars"), empty) == (1, {"a": 2})
    for text, summary in (("x", "Variables not allowed"), ("max(1)", "Function calls not allowed")):
        with pytest.raises(DiagnosticError, match=summary):
            evaluate(parse_expression(text, "x.tfvars"), empty)


L = Unknown(ListType(STRING))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("u + 1", Unknown(NUMBER, not_null=True)),
        ("!u", Unknown(BOOL, not_null=True)),
        ("u == 1", Unknown(BOOL, not_null=True)),
        ("-u < 2", Unknown(BOOL, not_null=True)),
        ("u.a[0]", UNKNOWN),
        ("u[*]", UNKNOWN),
        ("[for x in u : x]", UNKNOWN),
        ("[for x in [1, 2] : x if u]", UNKNOWN),
        ("{for x in [u] : x => 1}", UNKNOWN),
        ("{ (u) = 1 }", UNKNOWN),
        ('"a-${u}-b"', Unknown(STRING, not_null=True, prefix="a-")),
        ('"a${u}"', Unknown(STRING, not_null=True)),
        ('"%{ for x in u }${x}%{ endfor }"', Unknown(STRING, not_null=True)),
        ('"%{ for x in [u] }${x}%{ endfor }"', Unknown(STRING, not_null=True)),
        ('"%{ if u }a%{ else }b%{ endif }"', Unknown(STRING, not_null=True)),
        ("u ? 1 : 2", Unknown(NUMBER, not_null=True)),
        ("u ? 1 : 1", 1),
        ("u ? null : null", None),
        ('u ? "a" : 1', Unknown(STRING, not_null=True)),
        ("u ? 1 : u", Unknown(NUMBER)),
        ("u ? tolist([1]) : tolist([2])", ListValue(NUMBER, (Unknown(NUMBER),))),
        ("u ? tolist([1]) : tolist([2, 3])", Unknown(ListType(NUMBER), True, "", 1, 2)),
        ("u ? toset([1]) : toset([2])", SetValue(NUMBER, (Unknown(NUMBER),))),
        ("u ? tomap({ a = 1 }) : tomap({ b = 1 })", Unknown(MapType(NUMBER), True, "", 1, 1)),
        ("u ? [1] : [2]", Unknown(TupleType((NUMBER,)), not_null=True)),
        ("max(u...)", UNKNOWN),
        ("try(u...)", UNKNOWN),
        ("l[0]", Unknown(STRING)),
        ("[1, 2][u]", UNKNOWN),
        ("[for x in [1, u] : x]", (1, UNKNOWN)),
        ("l[*]", Unknown(ListType(STRING), not_null=True)),
        ("o[*].a", Unknown(TupleType((STRING,)), not_null=True)),
        ("s[*]", UNKNOWN),
        ("n[*]", (Unknown(STRING, not_null=True),)),
        ("p.a", Unknown(STRING)),
        ('p["a"]', UNKNOWN),
        ("m.a", Unknown(STRING)),
        ('m["a"]', Unknown(STRING)),
        ("t[1]", Unknown(NUMBER)),
        ("tomap({ a = 1 })[u]", UNKNOWN),
        ("tolist([1])[k]", Unknown(NUMBER)),
        ("q[*].a", Unknown(ListType(STRING), not_null=True)),
    ],
)
def test_what_is_not_known_yet_makes_unknown_only_what_depends_on_it(text: str, value: Value) -> None:
    names: dict[str, Value] = {
        "u": UNKNOWN,
        "l": L,
        "s": Unknown(STRING),
        "n": Unknown(STRING, not_null=True),
        "k": Unknown(NUMBER),
        "o": Unknown(TupleType((object_type({"a": STRING}),))),
        "p": Unknown(object_type({"a": STRING})),
        "m": Unknown(MapType(STRING)),
        "t": Unknown(TupleType((STRING, NUMBER))),
        "q": Unknown(SetType(object_type({"a": STRING}))),
    }
    assert equal(run(text, **names), value)


@pytest.mark.parametrize(
    "text",
    [
        "var.secret",
        "[var.secret][0]",
        '"x-${var.secret}"',
        'var.secret == "a"',
        "true ? var.secret : 1",
        'true ? "a" : var.secret',
        "marked_bool ? 1 : 2",
        "marked_list[0]",
        "marked_list[*]",
        "[1, 2][marked_index]",
        "[for x in marked_list : x]",
        "[for x in [1] : x if marked_bool]",
        "{for x in [1] : var.secret => x}",
        "{ (var.secret) = 1 }",
        "-marked_index",
        "!marked_bool",
        "upper(var.secret)",
        "max(marked_list...)",
        '"%{ for x in marked_list }${x}%{ endfor }"',
        '"%{ if marked_bool }a%{ endif }"',
        "marked_object.a",
        "marked_unknown ? 1 : 2",
        "[var.secret] == [1]",
    ],
)
def test_secrets_stay_secret(text: str) -> None:
    value = run(
        text,
        marked_bool=Marked(True, SECRET),
        marked_list=Marked((1, 2), SECRET),
        marked_index=Marked(1, SECRET),
        marked_object=Marked({"a": 1}, SECRET),
        marked_unknown=Marked(UNKNOWN, SECRET),
    )
    assert is_sensitive(value)


def test_a_secret_element_does_not_make_its_collection_secret() -> None:
    value = run("[var.secret, 1]")
    assert not is_sensitive(value)
    assert marks_in(value) == SECRET
    assert run("[for x in [var.secret, 1] : x][1]") == 1


def test_a_long_chain_of_operators_is_not_deep() -> None:
    assert run(" + ".join(["1"] * 150)) == 150


@pytest.mark.parametrize(
    ("opening", "inner", "closing"),
    [
        ("(", "1", ")"),
        ("[", "1", "]"),
        ("{ a = ", "1", " }"),
        ("try(", "1", ")"),
        ('"a${', "1", '}"'),
        ("true ? ", "1", " : 1"),
    ],
)
def test_whatever_the_parser_admits_is_evaluated(opening: str, inner: str, closing: str) -> None:
    """The deepest nesting that parses doesn't exhaust the stack."""
    for depth in range(200, 0, -5):
        try:
            expression = parse_expression(opening * depth + inner + closing * depth, "main.tf")
        except DiagnosticError:
            continue
        evaluate(expression, Scope(None, {}, CONTEXT))
        assert depth >= 40
        return
    pytest.fail("nothing parsed")


def test_references_that_lead_in_circles_are_an_error_and_no_crash() -> None:
    class Circle:
        def resolve(self, root: str, _steps: tuple[str | int, ...], at: SourceRange) -> tuple[Value, int]:
            assert (root, at.text) == ("local", "local.a")
            return evaluate(parse_expression("local.a", "main.tf"), Scope(self)), 1

    with pytest.raises(DiagnosticError, match="Expression nested too deeply"):
        evaluate(parse_expression("local.a", "main.tf"), Scope(Circle()))


def test_typed_values_come_from_typed_names() -> None:
    assert run("[for k, v in m : v]", m=MapValue(STRING, {"b": "2", "a": "1"})) == ("1", "2")
    assert equal(run("empty[*].a", empty=ListValue(object_type({"a": STRING}), ())), ListValue(STRING, ()))
