"""`count` and `for_each`."""

from __future__ import annotations

import pytest
from configurations import problems_of

from kvmform.config.repetition import RepetitionKind, repeat, repeat_any
from kvmform.diagnostics import DiagnosticError
from kvmform.lang.evaluate import call_context
from kvmform.lang.parse import parse_expression
from kvmform.lang.scope import Scope
from kvmform.values.marks import mark
from kvmform.values.model import EPHEMERAL, SENSITIVE, Unknown
from kvmform.values.types import NUMBER, STRING

NAMES = {
    "unknown": Unknown(),
    "unknown_number": Unknown(NUMBER),
    "secret": mark(2, frozenset({SENSITIVE})),
    "secrets": mark({"a": 1}, frozenset({SENSITIVE})),
    "hidden": {"a": mark(1, frozenset({SENSITIVE}))},
    "open_values": {"a": Unknown(STRING)},
    "hidden_unknown": mark(Unknown(), frozenset({SENSITIVE})),
    "passing_unknown": mark(Unknown(), frozenset({EPHEMERAL})),
}
SCOPE = Scope(names=NAMES, context=call_context("/lab", None))  # type: ignore[arg-type]


def test_without_either_there_is_one_without_key() -> None:
    (only,) = repeat(None, None, SCOPE)
    assert (only.key, only.names) == (None, {})


@pytest.mark.parametrize(("text", "count"), [("0", 0), ("3", 3), ('"2"', 2), ("1 + 1", 2), ("2.0", 2)])
def test_count(text: str, count: int) -> None:
    found = repeat(parse_expression(text, "x"), None, SCOPE)
    assert [r.key for r in found] == list(range(count))
    assert [r.names for r in found] == [{"count": {"index": index}} for index in range(count)]


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("{}", []),
        ('{ b = 1, a = "x" }', [("a", "x"), ("b", 1)]),
        ('tomap({ b = "1" })', [("b", "1")]),
        ('toset(["y", "x", "y"])', [("x", "x"), ("y", "y")]),
        ("toset([])", []),
        ("open_values", [("a", Unknown(STRING))]),
        ("{ for n in [1, 2] : n => n * 2 }", [("1", 2), ("2", 4)]),
    ],
)
def test_for_each(text: str, pairs: list[tuple[str, object]]) -> None:
    found = repeat(None, parse_expression(text, "x"), SCOPE)
    assert [r.key for r in found] == [key for key, _ in pairs]
    assert [r.names for r in found] == [{"each": {"key": key, "value": value}} for key, value in pairs]


def test_a_secret_may_be_counted() -> None:
    assert [each.key for each in repeat(parse_expression("secret", "t"), None, SCOPE)] == [0, 1]


def test_a_map_may_hold_secrets_but_not_be_one() -> None:
    (only,) = repeat(None, parse_expression("hidden", "x"), SCOPE)
    assert only.key == "a"


@pytest.mark.parametrize(
    ("text", "summary", "detail"),
    [
        ("null", "Invalid count argument", "is null"),
        ("-1", "Invalid count argument", "whole number, 0 or more"),
        ("1.5", "Invalid count argument", "whole number, 0 or more"),
        ('"x"', "Incorrect value type", "a number is required"),
        ("[]", "Incorrect value type", "number required, but have tuple"),
        ("true", "Incorrect value type", "number required, but have bool"),
        ("unknown", "Invalid count argument", "known only after apply"),
        ("unknown_number", "Invalid count argument", "-target"),
        ("1000001", "Invalid count argument", "no more than 1000000"),
    ],
)
def test_what_cannot_be_counted(text: str, summary: str, detail: str) -> None:
    (diagnostic,) = problems_of(lambda: repeat(parse_expression(text, "x"), None, SCOPE))
    assert diagnostic.summary == summary
    assert detail in diagnostic.detail
    assert diagnostic.subject is not None
    assert diagnostic.subject.text == text


@pytest.mark.parametrize(
    ("text", "summary", "detail"),
    [
        ("null", "Invalid for_each argument", "it is null"),
        ('["a"]', "Invalid for_each argument", "a value of type tuple. Wrap a list of unique strings in toset(…)"),
        ('tolist(["a"])', "Invalid for_each argument", "a value of type list of string"),
        ('"a"', "Invalid for_each argument", "a value of type string"),
        ("toset([1])", "Invalid for_each set argument", "values of type number"),
        ('toset(["a", null])', "Invalid for_each set argument", "must not hold null"),
        ("secrets", "Invalid for_each argument", "sensitive value"),
        ("unknown", "Invalid for_each argument", "known only after apply"),
        ("toset([unknown_number])", "Invalid for_each argument", "known only after apply"),
        ("{ (unknown) = 1 }", "Invalid for_each argument", "known only after apply"),
    ],
)
def test_what_for_each_cannot_go_over(text: str, summary: str, detail: str) -> None:
    (diagnostic,) = problems_of(lambda: repeat(None, parse_expression(text, "x"), SCOPE))
    assert diagnostic.summary == summary
    assert detail in diagnostic.detail


@pytest.mark.parametrize(
    ("count", "for_each", "names"),
    [
        (None, None, {}),
        ("unknown", None, {"count": {"index": Unknown(NUMBER)}}),
        ("3", None, {"count": {"index": Unknown(NUMBER)}}),
        (None, "unknown", {"each": {"key": Unknown(STRING), "value": Unknown()}}),
    ],
)
def test_a_stand_in_for_every_instance(count: str | None, for_each: str | None, names: object) -> None:
    parsed = [parse_expression(text, "x") if text else None for text in (count, for_each)]
    (only,) = repeat_any(*parsed, SCOPE)
    assert (only.key, only.names) == (None, names)


@pytest.mark.parametrize(("count", "for_each"), [("-1", None), (None, '["a"]')])
def test_what_is_known_to_be_wrong_is_told_even_then(count: str | None, for_each: str | None) -> None:
    parsed = [parse_expression(text, "x") if text else None for text in (count, for_each)]
    assert problems_of(lambda: repeat_any(*parsed, SCOPE))


def test_kinds() -> None:
    expression = parse_expression("1", "x")
    assert RepetitionKind.of(expression, None) is RepetitionKind.COUNT
    assert RepetitionKind.of(None, expression) is RepetitionKind.EACH
    assert RepetitionKind.of(None, None) is RepetitionKind.SINGLE


@pytest.mark.parametrize(
    ("count", "for_each", "why"),
    [
        (None, "hidden_unknown", "A sensitive value"),
        (None, "passing_unknown", "derived from an ephemeral value"),
        ("passing_unknown", None, "derived from an ephemeral value"),
    ],
)
def test_what_must_not_decide_is_refused_before_it_is_known(count: str | None, for_each: str | None, why: str) -> None:
    counted, repeated = (parse_expression(text, "x") if text else None for text in (count, for_each))
    with pytest.raises(DiagnosticError) as caught:
        repeat_any(counted, repeated, SCOPE)
    assert why in caught.value.diagnostics[0].detail
