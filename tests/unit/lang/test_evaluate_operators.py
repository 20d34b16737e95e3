"""The operators, on values."""

from __future__ import annotations

import pytest

from kvmform.lang.dispatch import Fault
from kvmform.lang.operators import OperandFault, apply_binary, apply_unary
from kvmform.values.equality import equal
from kvmform.values.marks import unmark
from kvmform.values.model import Marked, Unknown, Value
from kvmform.values.number import INFINITY, parse_number
from kvmform.values.types import BOOL, NUMBER, STRING

SECRET = frozenset({"sensitive"})


@pytest.mark.parametrize(
    ("left", "symbol", "right", "result"),
    [
        (1, "+", 2, 3),
        ("1", "+", "2.5", parse_number("3.5")),
        (1, "-", 2, -1),
        (2, "*", parse_number("0.5"), 1),
        (1, "/", 4, parse_number("0.25")),
        (1, "/", 0, INFINITY),
        (7, "%", -2, 1),
        (1, "<", 2, True),
        (2, "<=", "2", True),
        (parse_number("0.5"), ">", 1, False),
        (2, ">=", 3, False),
        (True, "&&", "false", False),
        ("true", "||", False, True),
        (1, "==", "1", False),
        (1, "!=", True, True),
        ((1,), "==", (1,), True),
        (None, "==", None, True),
    ],
)
def test_results(left: Value, symbol: str, right: Value, result: Value) -> None:
    assert equal(apply_binary(symbol, left, right), result)


def test_and_and_or_look_at_both_sides() -> None:
    """As in Terraform up to 1.11; short circuits came later."""
    unknown = Unknown(BOOL, not_null=True)
    assert apply_binary("&&", False, Unknown(BOOL)) == unknown
    assert apply_binary("||", True, Unknown(BOOL)) == unknown


def test_unary_operators() -> None:
    assert apply_unary("-", "5") == -5
    assert apply_unary("!", "false") is True
    assert apply_unary("-", Unknown(STRING)) == Unknown(NUMBER, not_null=True)


def test_marks_of_both_sides_are_on_the_result() -> None:
    for symbol in ("+", "==", "<"):
        result = apply_binary(symbol, Marked(1, SECRET), Marked(2, frozenset({"ephemeral"})))
        assert unmark(result)[1] == SECRET | {"ephemeral"}
    assert unmark(apply_binary("+", Marked(1, SECRET), Unknown(NUMBER)))[1] == SECRET


@pytest.mark.parametrize(("left", "right", "side"), [("x", 1, "left"), (1, True, "right"), (Unknown(BOOL), 1, "left")])
def test_an_operand_of_the_wrong_type_is_told_by_its_side(left: Value, right: Value, side: str) -> None:
    with pytest.raises(OperandFault) as caught:
        apply_binary("+", left, right)
    assert caught.value.side == side


def test_nulls_and_undefined_results_are_faults() -> None:
    for left, symbol, right in ((None, "+", 1), (1, "<", Marked(None, SECRET)), (0, "/", 0), (INFINITY, "-", INFINITY)):
        with pytest.raises(Fault, match="Operation failed"):
            apply_binary(symbol, left, right)
