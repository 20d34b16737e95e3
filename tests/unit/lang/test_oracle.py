"""What Terraform 1.11 answers, case by case (tests/oracle), against what kvmform answers.

The counts are a ratchet: they may only grow. A test that fails lists the cases that differ.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

from kvmform.diagnostics import DiagnosticError, SourceRange
from kvmform.lang.evaluate import call_context, evaluate
from kvmform.lang.parse import parse_expression
from kvmform.lang.scope import Scope
from kvmform.lang.type_constraint import type_constraint
from kvmform.values.json import to_json
from kvmform.values.kinds import type_of
from kvmform.values.marks import is_sensitive, unmark_deep
from kvmform.values.model import UNKNOWN, Unknown, Value
from kvmform.values.number import is_infinite
from kvmform.values.plain import to_plain
from kvmform.values.types import BOOL, DYNAMIC, NUMBER, STRING, ListType, MapType, SetType, Type, type_to_json

ORACLE = Path(__file__).parents[2] / "oracle"
TYPE_COLUMN = 13
"""Where the type begins in the files that the cases of type constraints were tried in."""

Case = dict[str, Any]


class Surroundings:
    """The references of an empty root module."""

    NAMES: ClassVar = {("path", "module"): ".", ("path", "root"): ".", ("terraform", "workspace"): "default"}

    def resolve(self, root: str, steps: tuple[str | int, ...], at: SourceRange) -> tuple[Value, int]:
        if steps and (root, steps[0]) in self.NAMES:
            return self.NAMES[root, str(steps[0])], 1
        raise DiagnosticError.of("Reference to undeclared name", f"Nothing is called {root} here.", at)


def read(name: str) -> list[Case]:
    text = (ORACLE / name).read_text(encoding="utf-8")
    return [json.loads(line, parse_float=Decimal) for line in text.splitlines()]


def scope(names: dict[str, Value] | None = None) -> Scope:
    moment = datetime(2026, 11, 23, 5, 4, 21, tzinfo=UTC)
    context = call_context(
        str(ORACLE / "files"), lambda: moment, pure=names is not None, plan_timestamp="2026-11-23T05:04:21Z"
    )
    return Scope(Surroundings(), names, context)


def same(ours: Any, theirs: Any) -> bool:
    """Equal by value; a number that is not whole was recorded as a 64-bit float."""
    match theirs:
        case bool() | str() | None:
            return type(ours) is type(theirs) and ours == theirs
        case dict():
            return (
                isinstance(ours, dict)
                and ours.keys() == theirs.keys()
                and all(same(ours[k], theirs[k]) for k in theirs)
            )
        case list():
            return isinstance(ours, list) and len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(ours, bool) or not isinstance(ours, int | float | Decimal):
        return False
    return ours == theirs if isinstance(theirs, int) else float(ours) == float(theirs)


def outcome(text: str, within: Scope) -> Value | DiagnosticError:
    try:
        return evaluate(parse_expression(text, "case"), within)
    except DiagnosticError as problem:
        return problem


def differing(cases: list[Case], agrees: Callable[[Case], bool]) -> list[str]:
    """The cases that Terraform answers differently, by what they evaluate."""
    return [case.get("expr") or f"{case['type_expr']} <- {case['value']}" for case in cases if not agrees(case)]


def matches(case: Case) -> bool:
    result = outcome(case["expr"], scope())
    if case.get("error"):
        return isinstance(result, DiagnosticError)
    if isinstance(result, DiagnosticError):
        return False
    plain, _ = unmark_deep(result)
    if case.get("unknown"):
        return isinstance(plain, Unknown)
    if case.get("infinity"):
        return is_infinite(plain)
    return (
        same(to_json(plain), case["json"])
        and type_to_json(type_of(plain)) == case["type"]
        and is_sensitive(result) == case.get("sensitive", False)
    )


def points_at(case: Case) -> bool:
    """Whether an error is told at the place where Terraform tells it."""
    problem = outcome(case["expr"], scope())
    if not isinstance(problem, DiagnosticError) or problem.diagnostics[0].subject is None:
        return False
    at = problem.diagnostics[0].subject
    return [at.first.line, at.first.column, at.last.line, at.last.column] == case["at"]


def unknown_locals() -> dict[str, Value]:
    """The locals that the first line of the file describes."""
    s = Unknown(STRING, not_null=True)
    strings = Unknown(ListType(STRING), not_null=True, min_length=1)
    values = {
        "s": s,
        "any": UNKNOWN,
        "n": Unknown(NUMBER, not_null=True),
        "b": Unknown(BOOL, not_null=True),
        "l": strings,
        "set": Unknown(SetType(DYNAMIC), not_null=True, min_length=1),
        "m": Unknown(MapType(STRING), not_null=True),
        "pl": ("a", s),
        "po": {"a": 1, "b": s},
    }
    known = Scope(names={"local": values}, context=scope().context)
    for name, text in (
        ("ktl", 'tolist(["a", local.s])'),
        ("ktm", 'tomap({a = "x", b = local.s})'),
        ("kts", 'toset(["a", local.s])'),
        ("sec", "sensitive(local.s)"),
    ):
        values[name] = evaluate(parse_expression(text, "locals"), known)
    return values


def after(plain: Any) -> Any:
    """The known part, as a plan's JSON has it: unknown attributes are left out, elements null."""
    match plain:
        case Unknown():
            return None
        case dict():
            return {name: after(item) for name, item in plain.items() if not isinstance(item, Unknown)}
        case list():
            return [after(item) for item in plain]
    return plain


def after_unknown(plain: Any) -> Any:
    """Where the unknown parts are, as a plan's JSON has it."""
    match plain:
        case Unknown():
            return True
        case dict():
            found = {name: after_unknown(item) for name, item in plain.items()}
            return {name: item for name, item in found.items() if item not in (False, {})}
        case list():
            return [after_unknown(item) for item in plain]
    return False


def type_text(kind: Type) -> str:
    """A type as `terraform console` writes it, on one line."""
    match type_to_json(kind):
        case str() as name:
            return name
        case ["tuple", elements]:
            kinds = kind.elements
            return f"tuple([ {''.join(type_text(k) + ', ' for k in kinds)}])" if elements else "tuple([])"
        case ["object", attributes]:
            pairs = kind.attributes
            return f"object({{ {''.join(f'{n}: {type_text(k)}, ' for n, k in pairs)}}})" if attributes else "object({})"
        case [collection, _]:
            inner = type_text(kind.element)
            return f"{collection}( {inner}, )" if " " in inner else f"{collection}({inner})"
    raise AssertionError(kind)


def matches_unknown(case: Case) -> bool:
    result = outcome(case["expr"], scope({"local": unknown_locals()}))
    if case.get("error"):
        return isinstance(result, DiagnosticError)
    if isinstance(result, DiagnosticError):
        return False
    value, _ = unmark_deep(result)
    plain, _ = to_plain(value)
    where = after_unknown(plain)
    nothing = json.dumps(where).find("true") < 0
    return (
        same(after(plain), case["after"])
        and (False if nothing and not case["after_unknown"] else where) == case["after_unknown"]
        and ("type_str" not in case or type_text(type_of(value)) == case["type_str"])
    )


def matches_constraint(case: Case) -> bool:
    """An error of the type is told on line 2 in the column given, one of the value on line 3."""
    try:
        constraint = type_constraint(parse_expression(case["type_expr"], "type"))
    except DiagnosticError as problem:
        subject = problem.diagnostics[0].subject
        assert subject is not None
        return (2, subject.first.column + TYPE_COLUMN - 1) == (case.get("line"), case.get("column"))
    try:
        value = constraint.apply(evaluate(parse_expression(case["value"], "value"), scope()))
    except DiagnosticError:
        return case.get("line") == 3
    return not case.get("error") and same(to_json(value), case["json"]) and type_to_json(type_of(value)) == case["type"]


def test_expressions() -> None:
    cases = read("expressions.jsonl")
    assert len(cases) == 1020
    assert differing(cases, matches) == []


def test_errors_are_told_where_terraform_tells_them() -> None:
    """What is left are syntax errors (the parser points at what it is about) and two arguments of functions."""
    cases = [case for case in read("expressions.jsonl") if case.get("error")]
    elsewhere = differing(cases, points_at)
    assert len(cases) == 268
    assert len(elsewhere) == 22, elsewhere


def test_expressions_with_values_known_only_after_apply() -> None:
    cases = read("expressions_unknown.jsonl")[1:]
    assert len(cases) == 201
    assert differing(cases, matches_unknown) == []


def test_type_constraints() -> None:
    cases = read("type_constraints.jsonl")
    assert len(cases) == 102
    assert differing(cases, matches_constraint) == []
