"""Output values: planned, recorded, different."""

from __future__ import annotations

import pytest

from kvmform.plan.change import Action
from kvmform.plan.outputs import known_outputs, output_changes, output_values
from kvmform.state.model import OutputValue
from kvmform.values.marks import mark
from kvmform.values.model import SENSITIVE, ListValue, Unknown
from kvmform.values.types import DYNAMIC, NUMBER, STRING, ListType, TupleType


def test_values_in_the_form_of_the_record() -> None:
    found = output_values(
        {
            "list": (ListValue(STRING, ("a",)), False),
            "tuple": (("a", 1), False),
            "secret": (mark("s", frozenset({SENSITIVE})), True),
            "null": (None, False),
            "later": (Unknown(STRING), False),
        }
    )
    assert found == {
        "list": OutputValue(["a"], ListType(STRING)),
        "tuple": OutputValue(["a", 1], TupleType((STRING, NUMBER))),
        "secret": OutputValue("s", STRING, sensitive=True),
        "later": OutputValue(Unknown(STRING), STRING),
    }


def test_what_is_not_known_keeps_its_value() -> None:
    before = {"a": OutputValue("old", STRING), "gone": OutputValue("x", STRING)}
    after = {
        "a": OutputValue([Unknown()], DYNAMIC),
        "b": OutputValue(Unknown(), DYNAMIC),
        "c": OutputValue("new", STRING),
    }
    assert known_outputs(before, after) == {"a": OutputValue("old", STRING), "c": OutputValue("new", STRING)}


@pytest.mark.parametrize(
    ("before", "after", "action"),
    [
        (None, "x", Action.CREATE),
        ("x", None, Action.DELETE),
        ("x", "x", Action.NO_OP),
        ("x", "y", Action.UPDATE),
        ("x", Unknown(STRING), Action.UPDATE),
        ([1, {"a": 2}], [1, {"a": 2}], Action.NO_OP),
    ],
)
def test_how_an_output_changes(before: object, after: object, action: Action) -> None:
    (found,) = output_changes(
        {} if before is None else {"o": OutputValue(before, STRING)},
        {} if after is None else {"o": OutputValue(after, STRING)},
    )
    assert found.action is action


def test_an_output_that_is_null_is_there() -> None:
    (found,) = output_changes({}, {"o": OutputValue(None, DYNAMIC)})
    assert (found.action, found.after) == (Action.CREATE, None)


def test_an_output_that_goes_is_as_secret_as_it_was() -> None:
    (found,) = output_changes({"o": OutputValue("s", STRING, sensitive=True)}, {})
    assert found.sensitive
