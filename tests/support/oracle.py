"""What Terraform 1.11 answered, case by case, against what kvmform answers.

A directory of cases has files in the forms that tests/oracle/README.md describes, and `files/`, where
relative paths start. :func:`differences` gives, of one file, the cases that kvmform answers otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

from kvmform.config.reference_range import first_steps
from kvmform.diagnostics import DiagnosticError, SourceRange
from kvmform.lang.evaluate import call_context, evaluate
from kvmform.lang.parse import parse_config, parse_expression
from kvmform.lang.references import references
from kvmform.lang.scope import Scope
from kvmform.lang.type_constraint import type_constraint
from kvmform.values.json import to_json
from kvmform.values.kinds import type_of
from kvmform.values.marks import is_sensitive, unmark_deep
from kvmform.values.model import UNKNOWN, Unknown, Value
from kvmform.values.number import is_infinite
from kvmform.values.plain import to_plain
from kvmform.values.types import BOOL, DYNAMIC, NUMBER, STRING, ListType, MapType, SetType, Type, type_to_json

__all__ = ["KINDS", "Case", "after", "after_unknown", "differences", "read", "same", "scope", "unknown_locals"]

KINDS = ("expressions_unknown", "expressions", "type_constraints", "files_accepted")
"""What the name of a file of cases ends with, and so what is in it."""

TYPE_COLUMN = 13
"""Where the type begins in the files that the cases of type constraints were tried in."""

Case = dict[str, Any]


@dataclass(frozen=True)
class Difference:
    """A case that kvmform answers otherwise: what was asked, and both answers in a few words."""

    asked: str
    terraform: str
    kvmform: str

    def __str__(self) -> str:
        return f"{self.asked}\n    terraform: {self.terraform}\n    kvmform:   {self.kvmform}"


def read(path: Path) -> list[Case]:
    """The cases of a file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line, parse_float=Decimal) for line in lines]
    return [case for case in cases if "_locals" not in case]


def differences(path: Path) -> list[Difference]:
    """The cases of a file that kvmform answers otherwise."""
    kind = next(kind for kind in KINDS if path.stem.endswith(kind))
    return [found for case in read(path) if (found := _CHECKS[kind](case, path.parent / "files")) is not None]


class Surroundings:
    """The references of an empty root module."""

    NAMES: ClassVar = {("path", "module"): ".", ("path", "root"): ".", ("terraform", "workspace"): "default"}

    def resolve(self, root: str, steps: tuple[str | int, ...], at: SourceRange) -> tuple[Value, int]:
        """The value of one of the few names that are there."""
        if steps and (root, steps[0]) in self.NAMES:
            return self.NAMES[root, str(steps[0])], 1
        part = first_steps(at, {"self": 0, "data": 2}.get(root, 1), with_key=True)
        raise DiagnosticError.of("Reference to undeclared name", f"Nothing is called {root} here.", part)


def scope(files: Path, names: dict[str, Value] | None = None) -> Scope:
    """What the expressions of the cases see; with `names`, as while planning."""
    moment = datetime(2026, 11, 23, 5, 4, 21, tzinfo=UTC)
    context = call_context(str(files), lambda: moment, pure=names is not None, plan_timestamp="2026-11-23T05:04:21Z")
    return Scope(Surroundings(), names, context)


def same(ours: Any, theirs: Any) -> bool:
    """Equal by value; a number that is not whole was recorded as a 64-bit float."""
    match theirs:
        case bool() | str() | None:
            return type(ours) is type(theirs) and ours == theirs
        case dict():
            names = isinstance(ours, dict) and ours.keys() == theirs.keys()
            return names and all(same(ours[name], theirs[name]) for name in theirs)
        case list():
            return isinstance(ours, list) and len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(ours, bool) or not isinstance(ours, int | float | Decimal):
        return False
    return bool(ours == theirs) if isinstance(theirs, int) else float(ours) == float(theirs)


FRAME = ('output "case" {\n  value = ', "\n}\n")
"""What stands round an expression in the files that the cases were tried in."""


def outcome(text: str, within: Scope) -> Value | DiagnosticError:
    """The value of an expression, or what is wrong with it."""
    try:
        expression = parse_expression(text, "case")
    except DiagnosticError as problem:
        return DiagnosticError(*(parse_config(text.join(FRAME), "main.tf")[1] or problem.diagnostics))
    try:
        for reference in references(expression):
            if reference.root not in within.names:
                Surroundings().resolve(reference.root, reference.steps, reference.range)
        return evaluate(expression, within)
    except DiagnosticError as problem:
        return problem


def check_expression(case: Case, files: Path) -> Difference | None:
    """Value, type and sensitivity; of an error, its place."""
    result = outcome(case["expr"], scope(files))
    wanted = "error" if case.get("error") else "unknown" if case.get("unknown") else str(case.get("json", "infinity"))
    if isinstance(result, DiagnosticError):
        at, told = _place(result), f"{result.diagnostics[0].summary}: {result.diagnostics[0].detail}"
        if case.get("error") and (case.get("tf_panic") or at == case["at"]):
            return None
        return Difference(case["expr"], f"{wanted} at {case.get('at')}", f"at {at}: {told}")
    plain, _ = unmark_deep(result)
    if case.get("error"):
        agrees = False
    elif case.get("unknown"):
        agrees = isinstance(plain, Unknown)
    elif case.get("infinity"):
        agrees = is_infinite(plain)
    else:
        agrees = (
            not isinstance(plain, Unknown)
            and same(to_json(plain), case["json"])
            and type_to_json(type_of(plain)) == case["type"]
            and is_sensitive(result) == case.get("sensitive", False)
        )
    return None if agrees else Difference(case["expr"], f"{wanted} {case.get('type', '')}", repr(result))


def _place(problem: DiagnosticError) -> list[int] | None:
    """As Terraform writes it: an empty place is one character wide, and the expression begins in line 1, column 1."""
    at = problem.diagnostics[0].subject
    if at is None:
        return None
    before, indent = (1, len(FRAME[0].splitlines()[-1])) if at.filename == "main.tf" else (0, 0)
    first, last = ((p.line - before, p.column - indent * (p.line == 1 + before)) for p in (at.first, at.last))
    return [*first, last[0], last[1] + (at.start == at.end)]


def unknown_locals(files: Path) -> dict[str, Value]:
    """The locals that the first line of expressions_unknown.jsonl describes."""
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
    known = Scope(names={"local": values}, context=scope(files).context)
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
            kinds = getattr(kind, "elements", ())
            return f"tuple([ {''.join(type_text(k) + ', ' for k in kinds)}])" if elements else "tuple([])"
        case ["object", attributes]:
            pairs = getattr(kind, "attributes", ())
            return f"object({{ {''.join(f'{n}: {type_text(k)}, ' for n, k in pairs)}}})" if attributes else "object({})"
        case [collection, _]:
            inner = type_text(getattr(kind, "element", DYNAMIC))
            return f"{collection}( {inner}, )" if " " in inner else f"{collection}({inner})"
    raise AssertionError(kind)


def check_unknown(case: Case, files: Path) -> Difference | None:
    """What is known of the value, where the unknown parts are, and the type."""
    result = outcome(case["expr"], scope(files, {"local": unknown_locals(files)}))
    if isinstance(result, DiagnosticError):
        told = f"{result.diagnostics[0].summary}: {result.diagnostics[0].detail}"
        return None if case.get("error") else Difference(case["expr"], f"{case.get('after')}", told)
    if case.get("error"):
        return Difference(case["expr"], "error", repr(result))
    value, _ = unmark_deep(result)
    plain, _ = to_plain(value)
    where = after_unknown(plain)
    nothing = "true" not in json.dumps(where)
    agrees = (
        same(after(plain), case["after"])
        and (False if nothing and not case["after_unknown"] else where) == case["after_unknown"]
        and ("type_str" not in case or type_text(type_of(value)) == case["type_str"])
    )
    wanted = f"{case['after']}, unknown: {case['after_unknown']}, {case.get('type_str')}"
    return None if agrees else Difference(case["expr"], wanted, repr(result))


def check_constraint(case: Case, _files: Path) -> Difference | None:
    """An error of the type is told on line 2 in the column given, one of the value on line 3."""
    asked = f"{case['type_expr']} <- {case['value']}"
    wanted = f"error on line {case['line']}" if case.get("error") else f"{case['json']} {case['type']}"
    try:
        constraint = type_constraint(parse_expression(case["type_expr"], "type"))
    except DiagnosticError as problem:
        subject = problem.diagnostics[0].subject
        column = subject.first.column + TYPE_COLUMN - 1 if subject is not None else None
        agrees = (case.get("line"), case.get("column")) == (2, column)
        return None if agrees else Difference(asked, wanted, f"{problem} in column {column}")
    try:
        value = constraint.apply(evaluate(parse_expression(case["value"], "value"), scope(_files)))
    except DiagnosticError as problem:
        return None if case.get("line") == 3 else Difference(asked, wanted, str(problem))
    agrees = (
        not case.get("error") and same(to_json(value), case["json"]) and type_to_json(type_of(value)) == case["type"]
    )
    return None if agrees else Difference(asked, wanted, repr(value))


def check_file(case: Case, _files: Path) -> Difference | None:
    """Whether a file is accepted; if not, the lines of the errors, in order."""
    _, problems = parse_config(case["config"], "main.tf")
    lines = [problem.subject.first.line for problem in problems if problem.subject is not None]
    wanted = [error["line"] for error in case.get("errors", ())]
    if case["ok"] == (not problems) and sorted(lines) == sorted(wanted):
        return None
    told = "; ".join(f"{problem.summary} at {problem.subject}" for problem in problems) or "accepted"
    return Difference(repr(case["config"]), f"errors on lines {wanted}" if wanted else "accepted", told)


_CHECKS: dict[str, Callable[[Case, Path], Difference | None]] = {
    "expressions_unknown": check_unknown,
    "expressions": check_expression,
    "type_constraints": check_constraint,
    "files_accepted": check_file,
}


def case_files(directory: Path) -> Iterator[Path]:
    """The files of cases in a directory."""
    for path in sorted(directory.glob("*.jsonl")):
        if path.stem.endswith(KINDS):
            yield path
