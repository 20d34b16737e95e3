"""Whatever the expression, evaluation gives a value or a diagnostic with a place: never anything else."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from random import Random

from expression_writing import ExpressionWriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kvmform.diagnostics import DiagnosticError
from kvmform.lang.evaluate import call_context, evaluate
from kvmform.lang.parse import parse_expression
from kvmform.lang.scope import Scope
from kvmform.values.equality import equal
from kvmform.values.kinds import type_of
from kvmform.values.marks import unmark_deep
from kvmform.values.model import UNKNOWN, ListValue, MapValue, Marked, NullValue, SetValue, Unknown, Value
from kvmform.values.types import NUMBER, STRING, ListType, MapType

FILES = Path(__file__).parents[2] / "oracle" / "files"
SECRET = frozenset({"sensitive"})
LOCALS: dict[str, Value] = {
    "list": ListValue(STRING, ("x", "y")),
    "map": MapValue(NUMBER, {"a": 1, "b": 2}),
    "set": SetValue(STRING, ("p", "q")),
    "object": {"a": {"b": (1, 2)}, "b": "t"},
    "nothing": NullValue(ListType(STRING)),
    "later": Unknown(STRING),
    "later_list": Unknown(ListType(NUMBER), min_length=1),
    "later_map": Unknown(MapType(STRING), not_null=True),
    "anything": UNKNOWN,
    "secret": Marked("secret", SECRET),
    "secrets": ("a", Marked(Unknown(STRING), SECRET)),
}
SCOPE = Scope(None, {"local": LOCALS}, call_context(str(FILES), lambda: datetime(2026, 1, 2, tzinfo=UTC)))


@settings(deadline=None, derandomize=True, max_examples=400, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False), st.integers(1, 4))
def test_an_expression_has_a_value_or_a_diagnostic(random: Random, depth: int) -> None:
    text = ExpressionWriter(random, [f"local.{name}" for name in LOCALS]).write(depth)
    try:
        value = evaluate(parse_expression(text, "main.tf"), SCOPE)
    except DiagnosticError as problem:
        for diagnostic in problem.diagnostics:
            assert diagnostic.summary
            assert diagnostic.subject is not None
            assert 0 <= diagnostic.subject.start <= diagnostic.subject.end <= len(text) + 1
    else:
        plain, _ = unmark_deep(value)
        assert type_of(plain) == type_of(value)
        assert equal(evaluate(parse_expression(f"({text})", "main.tf"), SCOPE), value)
