"""What a plan left open, filled in just before a step."""

from __future__ import annotations

from typing import Any

import pytest
from configurations import load, problems_of
from fake_host import SCHEMA, THING

from kvmform.address import parse_instance
from kvmform.apply.resolve import Resolved, Setting, broken_promises, resolve
from kvmform.config.decode import Decoded
from kvmform.plan.change import Action, Change
from kvmform.plan.diff import planned_edits
from kvmform.schema import Block, Identity, Object, Proposal
from kvmform.struct import replace
from kvmform.values.model import Unknown
from kvmform.values.types import STRING

ADDRESS = parse_instance("libvirt_thing.a")
SETTING = Setting(Identity("L", str(ADDRESS), 0), {}, lambda _kind: ())
LATER = Unknown(STRING)


def thing(**values: Any) -> Object:
    full = {name: values.get(name, [] if isinstance(row, Block) else None) for name, row in SCHEMA.rows.items()}
    return {"name": "a", **{k: v for k, v in full.items() if k != "name" or v}, "size": values.get("size", 1)}


def part(name: Any, weight: Any = 0, slot: Any = None) -> Object:
    return {"name": name, "weight": weight, "slot": slot, "hole": []}


def resolved(
    planned: Object, config: Object, before: Object | None = None, *, ignore: str = "", **more: Any
) -> Resolved:
    edits = planned_edits(SCHEMA.rows, before, planned, {}) if before is not None else ()
    change = Change(
        address=ADDRESS,
        provider="p",
        action=Action.CREATE if before is None else Action.UPDATE,
        before=before,
        after=planned,
        edits=edits,
        **more,
    )
    lifecycle = f"lifecycle {{\n ignore_changes = [{ignore}]\n }}\n" if ignore else ""
    block = load(f'resource "libvirt_thing" "a" {{\n {lifecycle} }}').resources["managed", "libvirt_thing", "a"]
    return resolve(change, THING, SETTING, Decoded(config), block)


def test_a_plan_that_is_wholly_known_is_carried_out_as_it_is() -> None:
    planned = thing(id="i", label="planned", serial="s")
    assert resolved(planned, thing(label="changed since")).planned == planned


def test_what_is_known_by_now_is_filled_in_and_what_the_host_decides_is_null() -> None:
    planned = thing(id="i", serial=LATER, label=LATER, uses=[LATER, "b"])
    found = resolved(planned, thing(label="now", uses=["a", "b"])).planned
    assert (found["label"], found["uses"], found["serial"], found["id"]) == ("now", ["a", "b"], None, "i")


def test_what_the_plan_said_stays_even_if_its_expression_gives_something_else_now() -> None:
    found = resolved(thing(label="said", serial=LATER), thing(label="other now")).planned
    assert found["label"] == "said"


@pytest.mark.parametrize(
    ("row", "said", "now", "final"),
    [
        ("uses", [LATER, "b"], ["x", "b"], ["x", "b"]),
        ("uses", LATER, ["x", "y"], ["x", "y"]),
        ("tags", {"a": LATER, "b": "1"}, {"a": "x", "b": "1"}, {"a": "x", "b": "1"}),
        ("flags", ["b", LATER], ["a", "b"], ["a", "b"]),
        ("flags", ["b", LATER], ["b"], ["b"]),
        ("label", Unknown(STRING, prefix="v-"), "v-1", "v-1"),
        ("part", [part("p", LATER, "s")], [part("p", 3)], [part("p", 3, "s")]),
        ("part", Unknown(), [part("p", 3)], [part("p", 3)]),
        ("part", Unknown(), [], []),
    ],
)
def test_values_that_agree_with_the_plan(row: str, said: object, now: object, final: object) -> None:
    assert resolved(thing(**{row: said}), thing(**{row: now})).planned[row] == final


@pytest.mark.parametrize(
    ("row", "said", "now", "path"),
    [
        ("uses", [LATER, "b"], ["x", "c"], "uses"),
        ("uses", [LATER, "b"], ["x", "b", "c"], "uses"),
        ("uses", [LATER], None, "uses"),
        ("tags", {"a": LATER, "b": "1"}, {"a": "x", "b": "2"}, "tags"),
        ("tags", {"a": LATER}, {"a": "x", "b": "2"}, "tags"),
        ("flags", ["b", LATER], ["a", "c"], "flags"),
        ("flags", [LATER], ["a", "c"], "flags"),
        ("part", [part("p", LATER)], [part("p", 3), part("q", 3)], "part"),
    ],
)
def test_values_that_disagree_with_the_plan_stop_the_step(row: str, said: object, now: object, path: str) -> None:
    (diagnostic,) = problems_of(lambda: resolved(thing(**{row: said}), thing(**{row: now})))
    assert diagnostic.summary == "Plan and apply disagree"
    assert f"a value for {path}, " in diagnostic.detail


def test_a_disagreement_inside_of_a_block_names_its_place() -> None:
    said = [part("p", LATER), {**part("q"), "hole": [{"depth": LATER}]}]
    now = [part("p", 1), {**part("q"), "hole": []}]
    (diagnostic,) = problems_of(lambda: resolved(thing(part=said), thing(part=now)))
    assert "a value for part[1].hole, " in diagnostic.detail


def test_edits_get_their_final_values() -> None:
    before = thing(id="i", label="old", size=1)
    found = resolved(thing(id="i", label=LATER, size=2), thing(label="now", size=2), before)
    assert [(e.path, e.before, e.after) for e in found.edits] == [(("size",), 1, 2), (("label",), "old", "now")]


def test_blocks_that_were_not_known_become_edits_of_blocks() -> None:
    before = thing(id="i", part=[part("p", 1, "s"), part("q", 1, "t")])
    found = resolved(thing(id="i", part=Unknown()), thing(part=[part("r", 5), part("p", 2)]), before)
    assert [(e.path, e.before if e.after is None else e.after) for e in found.edits] == [
        (("part", 0), part("r", 5)),
        (("part", 1, "weight"), 2),
        (("part", 1), part("q", 1, "t")),
    ]


def test_blocks_that_turn_out_as_they_are_need_no_edit_but_the_plans_own() -> None:
    before = thing(id="i", part=[part("p", 1, "s")])
    found = resolved(thing(id="i", part=Unknown()), thing(part=[part("p", 1)]), before)
    assert [(e.path, e.after) for e in found.edits] == [(("part",), [part("p", 1, "s")])]


def test_what_is_ignored_is_still_ignored() -> None:
    before = thing(id="i", label="real", uses=["a"])
    found = resolved(thing(id="i", label="real", uses=[LATER]), thing(label="x", uses=["b"]), before, ignore="label")
    assert (found.planned["label"], found.planned["uses"]) == ("real", ["b"])


def test_a_replacement_is_proposed_as_something_new() -> None:
    seen: list[Proposal] = []

    def propose(proposal: Proposal) -> Object:
        seen.append(proposal)
        return proposal.planned

    kind = replace(THING, propose=propose)
    change = Change(
        address=ADDRESS,
        provider="p",
        action=Action.REPLACE,
        before=thing(id="i", label="old"),
        after=thing(name="b", label=LATER),
    )
    block = load('resource "libvirt_thing" "a" {}').resources["managed", "libvirt_thing", "a"]
    found = resolve(change, kind, SETTING, Decoded(thing(name="b")), block)
    assert seen[0].observed is None
    assert found.planned["label"] is None


def test_sensitive_paths_are_those_of_the_configuration() -> None:
    change = Change(address=ADDRESS, provider="p", action=Action.CREATE, before=None, after=thing(label="x"))
    block = load('resource "libvirt_thing" "a" {}').resources["managed", "libvirt_thing", "a"]
    found = resolve(change, THING, SETTING, Decoded(thing(), {("label",)}), block)
    assert found.sensitive == {("label",)}


# Promises.


@pytest.mark.parametrize(
    ("said", "result", "broken"),
    [
        ({"label": "x"}, {"label": "x"}, []),
        ({"label": "x"}, {"label": "X"}, []),
        ({"label": "x"}, {"label": "y"}, [("label",)]),
        ({"serial": LATER}, {"serial": "s1"}, []),
        ({"seen": 1}, {"seen": 2}, []),
        ({"tags": None}, {"tags": {"a": "1"}}, [("tags",)]),
        ({"part": [part("p", 1, LATER)]}, {"part": [part("p", 1, "s")]}, []),
        ({"part": [part("p", 1)]}, {"part": [part("p", 2)]}, [("part", 0, "weight")]),
        ({"part": []}, {"part": [part("p")]}, [("part", 0)]),
        ({"part": [part("p")]}, {"part": []}, [("part", 0)]),
    ],
)
def test_where_an_object_is_not_as_planned(
    said: dict[str, Any], result: dict[str, Any], broken: list[tuple[Any, ...]]
) -> None:
    change = Change(address=ADDRESS, provider="p", action=Action.CREATE, before=None, after=thing(**said))
    found = Resolved(resolved(thing(**said), thing()).planned if "serial" in said else thing(**said), (), frozenset())
    planned = {name: None if value == LATER else value for name, value in found.planned.items()}
    planned["part"] = [{k: None if v == LATER else v for k, v in p.items()} for p in planned["part"]]
    assert broken_promises(change, SCHEMA.rows, Resolved(planned, (), frozenset()), thing(**result)) == broken
