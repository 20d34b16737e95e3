"""Marks: put on, taken off, found inside of values."""

from __future__ import annotations

import pytest

from kvmform.values.marks import (
    contains_marks,
    is_sensitive,
    is_wholly_known,
    mark,
    mark_paths,
    marks_in,
    unmark,
    unmark_deep,
)
from kvmform.values.model import UNKNOWN, ListValue, MapValue, Marked, SetValue, Value
from kvmform.values.plain import to_plain
from kvmform.values.types import STRING

SECRET = frozenset({"sensitive"})
BRIEF = frozenset({"ephemeral"})


def test_marks_are_never_nested_on_the_value_itself() -> None:
    both = mark(mark("a", SECRET), BRIEF)
    assert unmark(both) == ("a", SECRET | BRIEF)
    assert mark(both, SECRET) is both
    assert mark("a", frozenset()) == "a"


@pytest.mark.parametrize(
    "value",
    [
        Marked("a", SECRET),
        (1, Marked("a", SECRET)),
        {"a": {"b": Marked("a", SECRET)}},
        ListValue(STRING, (Marked("a", SECRET),)),
        MapValue(STRING, {"a": Marked("a", SECRET)}),
        Marked((Marked("a", SECRET),), SECRET),
    ],
)
def test_marks_are_found_and_stripped_at_any_depth(value: Value) -> None:
    assert contains_marks(value)
    stripped, marks = unmark_deep(value)
    assert marks == marks_in(value) == SECRET
    assert not contains_marks(stripped)


@pytest.mark.parametrize("value", [1, None, "a", (1, (2,)), {"a": ()}, SetValue(STRING, ("a",)), UNKNOWN])
def test_an_unmarked_value_is_left_as_it_is(value: Value) -> None:
    assert not contains_marks(value)
    assert unmark_deep(value)[0] is value


def test_inner_and_outer_marks_are_all_told() -> None:
    assert marks_in(Marked((Marked(1, BRIEF),), SECRET)) == SECRET | BRIEF


@pytest.mark.parametrize(
    ("value", "known"),
    [
        ("a", True),
        ((), True),
        (UNKNOWN, False),
        ((1, UNKNOWN), False),
        ({"a": ListValue(STRING, (UNKNOWN,))}, False),
        (SetValue(STRING, (UNKNOWN,)), False),
        (Marked(UNKNOWN, SECRET), False),
        (Marked({"a": 1}, SECRET), True),
        (MapValue(STRING, {"a": "x"}), True),
    ],
)
def test_wholly_known(value: Value, known: bool) -> None:
    assert is_wholly_known(value) is known


def test_only_a_mark_on_the_value_itself_makes_it_sensitive() -> None:
    assert is_sensitive(Marked(1, SECRET))
    assert is_sensitive(Marked(1, BRIEF))
    assert not is_sensitive((Marked(1, SECRET),))
    assert not is_sensitive(1)


def test_marks_are_put_at_paths() -> None:
    value = {
        "password": "x",
        "disks": ListValue(STRING, ("a", "b")),
        "labels": MapValue(STRING, {"k": "v"}),
        "pair": (1, {"key": "y"}),
        "set": SetValue(STRING, ("s",)),
    }
    paths = [("password",), ("disks", 1), ("labels", "k"), ("pair", 1, "key"), ("set", 0)]
    marked = mark_paths(value, paths)
    assert to_plain(marked)[1] == {("password",), ("disks", 1), ("labels", "k"), ("pair", 1, "key"), ("set",)}
    assert unmark_deep(marked)[0]["pair"] == (1, {"key": "y"})


def test_a_path_that_is_not_there_marks_what_it_reaches() -> None:
    """A state file may name an attribute that has become another type: too secret is the safe side."""
    assert to_plain(mark_paths({"a": "x"}, [("a", "b")])) == ({"a": "x"}, {("a",)})
    assert to_plain(mark_paths((1,), [(5,)])) == ([1], {()})
    outer, marks = unmark(mark_paths(Marked({"a": 1}, BRIEF), [("a",)]))
    assert marks == BRIEF
    assert unmark(outer["a"]) == (1, SECRET)
