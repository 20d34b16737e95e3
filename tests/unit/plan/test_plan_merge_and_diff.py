"""The merge of what is written with what exists, and the difference of two objects."""

from __future__ import annotations

from typing import Any

import pytest
from fake_host import SCHEMA

from kvmform.plan.change import PlannedEdit
from kvmform.plan.diff import differences, planned_edits
from kvmform.plan.merge import contains_unknown, ignore_paths, merge
from kvmform.plan.paths import value_at
from kvmform.schema import Block, Disruption, Effect, Object, Row
from kvmform.values.model import Unknown
from kvmform.values.types import NUMBER, STRING

ROWS = SCHEMA.rows


def thing(**values: Any) -> Object:
    """An object with every row."""
    return {name: values.get(name, [] if isinstance(row, Block) else None) for name, row in ROWS.items()}


def part(name: Any, weight: Any = 0, slot: Any = None, hole: Any = ()) -> Object:
    return {"name": name, "weight": weight, "slot": slot, "hole": list(hole)}


# Merge.


def test_on_creation_what_is_computed_and_not_written_is_unknown() -> None:
    planned = merge(ROWS, thing(name="a", part=[part("p")]), None)
    assert planned["id"] == Unknown(STRING)
    assert planned["label"] == Unknown(STRING)
    assert planned["part"][0]["slot"] == Unknown(STRING)
    assert planned["tags"] is None
    assert planned["name"] == "a"


@pytest.mark.parametrize(
    ("row", "written", "existing", "planned"),
    [
        ("label", None, "old", "old"),
        ("label", "new", "old", "new"),
        ("label", "OLD", "old", "old"),
        ("label", Unknown(STRING), "old", Unknown(STRING)),
        ("tags", None, {"a": "1"}, None),
        ("size", 2, 2, 2),
        ("seen", None, 7, 7),
        ("part", [], [part("p", 3, "s")], []),
        ("part", [part("p", 3)], [part("p", 2, "s")], [part("p", 3, "s")]),
        ("part", Unknown(), [part("p")], Unknown()),
    ],
)
def test_written_over_existing(row: str, written: object, existing: object, planned: object) -> None:
    assert merge(ROWS, thing(**{row: written}), thing(**{row: existing}))[row] == planned


def test_elements_keep_what_is_computed_by_their_key_and_not_their_place() -> None:
    existing = thing(part=[part("a", 1, "slot a"), part("b", 2, "slot b")])
    planned = merge(ROWS, thing(part=[part("c", 3), part("b", 5), part("a", 1)]), existing)["part"]
    assert [(p["name"], p["weight"], p["slot"]) for p in planned] == [
        ("c", 3, Unknown(STRING)),
        ("b", 5, "slot b"),
        ("a", 1, "slot a"),
    ]


def test_a_computed_block_that_is_not_written_stays() -> None:
    rows = {"nic": Block(rows={"mac": Row(type=STRING, doc="")}, computed=True, doc="")}
    assert merge(rows, {"nic": []}, {"nic": [{"mac": "m"}]}) == {"nic": [{"mac": "m"}]}
    assert merge(rows, {"nic": []}, None) == {"nic": []}


@pytest.mark.parametrize(
    ("value", "found"),
    [(1, False), (Unknown(), True), ([1, [Unknown()]], True), ({"a": {"b": Unknown()}}, True), ({"a": [1]}, False)],
)
def test_whether_something_is_unknown(value: object, found: bool) -> None:
    assert contains_unknown(value) is found


# ignore_changes.


@pytest.mark.parametrize(
    ("paths", "row", "kept"),
    [
        ([("size",)], "size", 9),
        ([("size",), ("label",)], "label", "there"),
        ([("tags", "x")], "tags", {"x": "there", "mine": "2"}),
        ([("tags", "mine")], "tags", {"x": "1"}),
        ([("tags", "theirs")], "tags", {"x": "1", "mine": "2", "theirs": "3"}),
        ([("part", 0, "weight")], "part", [part("a", 7)]),
        ([("part", 5, "weight")], "part", [part("a", 1)]),
        ([("part", 0, "hole", 0, "depth")], "part", [part("a", 1)]),
        ([("nothing",)], "size", 1),
    ],
)
def test_what_is_ignored_is_taken_from_the_object(paths: list[Any], row: str, kept: object) -> None:
    config = thing(size=1, label="here", tags={"x": "1", "mine": "2"}, part=[part("a", 1)])
    actual = thing(size=9, label="there", tags={"x": "there", "theirs": "3"}, part=[part("a", 7), part("b", 8)])
    assert ignore_paths(SCHEMA, config, actual, paths)[row] == kept
    assert config["tags"] == {"x": "1", "mine": "2"}


def test_all_is_ignored() -> None:
    assert ignore_paths(SCHEMA, thing(size=1), thing(size=2), None)["size"] == 2


# Differences.


def edits(before: Object, after: Object) -> list[tuple[Any, ...]]:
    return [(e.path, e.before, e.after) for e in differences(ROWS, before, after)]


def test_equal_objects_do_not_differ() -> None:
    one = thing(name="a", size=1, label="L", tags={"a": "1"}, part=[part("p"), part("q")])
    assert not edits(one, thing(**{**one, "label": "l"}))


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"size": 1}, {"size": 2}, [(("size",), 1, 2)]),
        ({"fast": True}, {"fast": None}, [(("fast",), True, None)]),
        ({"size": 1}, {"size": True}, [(("size",), 1, True)]),
        ({"size": 1}, {"size": Unknown(NUMBER)}, [(("size",), 1, Unknown(NUMBER))]),
        ({"uses": ["a"]}, {"uses": ["a", Unknown()]}, [(("uses",), ["a"], ["a", Unknown()])]),
        ({"part": [part("p")]}, {"part": Unknown()}, [(("part",), [part("p")], Unknown())]),
        ({"part": [part("p")]}, {"part": []}, [(("part", 0), part("p"), None)]),
        ({"part": []}, {"part": [part("p")]}, [(("part", 0), None, part("p"))]),
        (
            {"part": [part("p"), part("q", 1)]},
            {"part": [part("q", 2)]},
            [(("part", 0, "weight"), 1, 2), (("part", 0), part("p"), None)],
        ),
        (
            {"part": [part("p", hole=[{"depth": 1}])]},
            {"part": [part("n"), part("p", hole=[{"depth": 2}])]},
            [(("part", 0), None, part("n")), (("part", 1, "hole", 0, "depth"), 1, 2)],
        ),
    ],
)
def test_what_differs(before: dict[str, Any], after: dict[str, Any], found: list[tuple[Any, ...]]) -> None:
    assert edits(thing(**before), thing(**after)) == found


def test_the_order_of_blocks_is_no_difference() -> None:
    assert not edits(thing(part=[part("p"), part("q")]), thing(part=[part("q"), part("p")]))


@pytest.mark.parametrize(
    ("before", "after", "started", "effect"),
    [
        ({"size": 1}, {"size": 2}, True, Effect(Disruption.LIVE)),
        ({"size": 1}, {"size": 2}, False, Effect(Disruption.NONE)),
        ({"size": 2}, {"size": 1}, True, Effect(Disruption.DATA_LOSS, "shrinks")),
        ({"name": "a"}, {"name": "b"}, True, Effect(Disruption.REPLACE)),
        ({"fast": True}, {"fast": False}, True, Effect(Disruption.REBOOT)),
        ({"part": []}, {"part": [part("p")]}, True, Effect(Disruption.LIVE)),
        ({"frame": [{"kind": "a"}]}, {"frame": [{"kind": "b"}]}, True, Effect(Disruption.REPLACE)),
        ({"frame": []}, {"frame": [{"kind": "b"}]}, True, Effect(Disruption.REPLACE)),
    ],
)
def test_each_edit_has_the_effect_of_its_row(
    before: dict[str, Any], after: dict[str, Any], started: bool, effect: Effect
) -> None:
    (edit,) = planned_edits(ROWS, thing(**before), thing(**after), {"started": started})
    assert isinstance(edit, PlannedEdit)
    assert edit.effect == effect


def test_an_effect_replaces_unless_it_is_in_place() -> None:
    assert Effect(Disruption.DATA_LOSS).replaces
    assert not Effect(Disruption.DATA_LOSS, in_place=True).replaces


@pytest.mark.parametrize(
    ("path", "value"),
    [((), {"a": [{"b": 1}]}), (("a", 0, "b"), 1), (("a", 1), None), (("a", "b"), None), (("x", "y"), None)],
)
def test_the_value_at_a_path(path: tuple[Any, ...], value: object) -> None:
    assert value_at({"a": [{"b": 1}]}, path) == value
