"""The order of steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvmform.address import InstanceAddress, ResourceAddress, parse_instance, parse_target
from kvmform.graph.dag import Graph
from kvmform.plan.change import Action, Change, Step, Verb
from kvmform.plan.order import Dependencies, order_steps
from kvmform.schema import Claim, Object

ACTING = {Action.CREATE, Action.READ, Action.UPDATE, Action.DELETE, Action.REPLACE, Action.FORGET}


def change(address: str, action: Action, before: str | None = None, after: str | None = None, **more: Any) -> Change:
    """A change; `before` and `after` are the names that its object has."""
    return Change(
        address=parse_instance(address),
        provider=more.get("provider", "p"),
        action=action,
        before=None if action in {Action.CREATE, Action.READ} else {"name": before, **more.get("was", {})},
        after=None if action in {Action.DELETE, Action.FORGET} else {"name": after, **more.get("becomes", {})},
        new_first=more.get("new_first", False),
        deposed=more.get("deposed", ""),
    )


def steps(
    changes: Sequence[Change],
    reads: Mapping[str, Sequence[str]] | None = None,
    recorded: Mapping[str, Sequence[str]] | None = None,
) -> tuple[Step, ...]:
    """Steps; a read of a whole resource has a star behind it."""
    found = {parse_instance(address): [_read(text) for text in texts] for address, texts in (reads or {}).items()}
    was = {parse_instance(address): list(used) for address, used in (recorded or {}).items()}
    return order_steps(changes, Dependencies(found, was), _claims, _line)


def _claims(kind: str, found: Object) -> Iterator[Claim]:
    yield (kind, *(found.get(name, "") for name in ("name", "pool", "domain_id")))


def _line(_kind: str, found: Object) -> Claim | None:
    line = found.get("line")
    return None if line is None else ("line", line)


def _read(text: str) -> InstanceAddress | ResourceAddress:
    if text.endswith("*"):
        resource = parse_target(text[:-1])
        assert isinstance(resource, ResourceAddress)
        return resource
    return parse_instance(text)


def before(found: Sequence[Step]) -> dict[str, set[str]]:
    """For each step the steps that come before it, joins followed through: `create a` → {`delete a`}."""
    by_number = {step.number: step for step in found}

    def behind(step: Step) -> set[str]:
        names: set[str] = set()
        for number in step.needs:
            needed = by_number[number]
            names |= behind(needed) if needed.verb is Verb.JOIN else {_name(needed)} | behind(needed)
        return names

    return {_name(step): behind(step) for step in found if step.verb is not Verb.JOIN}


def _name(step: Step) -> str:
    return f"{step.verb.value} {step.address.removeprefix('x.')}"


def test_what_is_left_alone_has_no_step() -> None:
    assert steps([change("x.a", Action.NO_OP)]) == ()


@pytest.mark.parametrize(
    ("action", "verbs"),
    [
        (Action.CREATE, [Verb.CREATE]),
        (Action.READ, [Verb.READ]),
        (Action.UPDATE, [Verb.UPDATE]),
        (Action.DELETE, [Verb.DELETE]),
        (Action.REPLACE, [Verb.DELETE, Verb.CREATE]),
        (Action.FORGET, [Verb.FORGET]),
    ],
)
def test_verbs_of_each_action(action: Action, verbs: list[Verb]) -> None:
    assert [step.verb for step in steps([change("x.a", action)])] == verbs


def test_a_replacement_deletes_first() -> None:
    assert before(steps([change("x.a", Action.REPLACE)])) == {"delete a": set(), "create a": {"delete a"}}


@pytest.mark.parametrize("first", [Action.CREATE, Action.UPDATE, Action.READ])
@pytest.mark.parametrize("second", [Action.CREATE, Action.UPDATE, Action.READ])
def test_a_step_waits_for_what_it_reads(first: Action, second: Action) -> None:
    found = steps([change("x.a", first), change("x.b", second)], {"x.a": [], "x.b": ["x.a"]})
    assert before(found)[f"{second.value} b"] == {f"{first.value} a"}


def test_it_waits_through_what_is_left_alone() -> None:
    found = steps(
        [change("x.a", Action.UPDATE), change("x.n", Action.NO_OP), change("x.b", Action.CREATE)],
        {"x.a": [], "x.n": ["x.a"], "x.m": ["x.n*"], "x.b": ["x.m"]},
    )
    assert before(found)["create b"] == {"update a"}


def test_reading_a_whole_resource_waits_for_all_its_instances_through_one_join() -> None:
    changes = [change(f"x.a[{n}]", Action.CREATE) for n in range(5)]
    users = [change(f"x.b[{n}]", Action.CREATE) for n in range(5)]
    reads = {f"x.a[{n}]": [] for n in range(5)} | {f"x.b[{n}]": ["x.a*"] for n in range(5)}
    found = steps([*changes, *users], reads)
    assert before(found)["create b[3]"] == {f"create a[{n}]" for n in range(5)}
    assert sum(len(step.needs) for step in found) == 10


def test_an_instance_waits_only_for_the_instance_that_it_reads() -> None:
    changes = [change(f"x.{name}[{n}]", Action.CREATE) for name in "ab" for n in range(3)]
    reads = {f"x.a[{n}]": [] for n in range(3)} | {f"x.b[{n}]": [f"x.a[{n}]"] for n in range(3)}
    found = before(steps(changes, reads))
    assert found["create b[1]"] == {"create a[1]"}


def test_deletions_go_from_the_users_to_the_used() -> None:
    changes = [change(f"x.{name}", Action.DELETE) for name in "abc"]
    found = before(steps(changes, recorded={"x.b": ["x.a"], "x.c": ["x.b", "x.a"]}))
    assert found == {"delete a": {"delete b", "delete c"}, "delete b": {"delete c"}, "delete c": set()}


def test_forgetting_counts_as_going() -> None:
    changes = [change("x.a", Action.DELETE), change("x.b", Action.FORGET)]
    assert before(steps(changes, recorded={"x.b": ["x.a"]}))["delete a"] == {"forget b"}


def test_a_deletion_waits_for_the_change_of_what_used_it() -> None:
    changes = [change("x.a", Action.DELETE), change("x.b", Action.UPDATE)]
    assert before(steps(changes, {"x.b": []}, {"x.b": ["x.a"]}))["delete a"] == {"update b"}


def test_a_replacement_comes_before_the_change_of_what_uses_it() -> None:
    changes = [change("x.a", Action.REPLACE), change("x.b", Action.UPDATE)]
    found = before(steps(changes, {"x.a": [], "x.b": ["x.a"]}, {"x.b": ["x.a"]}))
    assert found["delete a"] == set()
    assert found["update b"] == {"create a", "delete a"}


def test_replacing_two_that_use_each_other() -> None:
    changes = [change("x.a", Action.REPLACE), change("x.b", Action.REPLACE)]
    found = before(steps(changes, {"x.a": [], "x.b": ["x.a"]}, {"x.b": ["x.a"]}))
    assert found["delete a"] == {"delete b"}
    assert found["create a"] == {"delete a", "delete b"}
    assert found["create b"] == {"delete a", "create a", "delete b"}


@pytest.mark.parametrize("action", [Action.CREATE, Action.UPDATE, Action.REPLACE])
def test_a_new_object_waits_for_the_old_one_of_its_name(action: Action) -> None:
    changes = [change("x.old", Action.DELETE, "n"), change("x.new", action, "m", "n")]
    verb = "update" if action is Action.UPDATE else "create"
    assert "delete old" in before(steps(changes))[f"{verb} new"]


def test_a_name_that_a_replacement_gives_up_is_waited_for() -> None:
    changes = [change("x.a", Action.REPLACE, "one", "two"), change("x.b", Action.REPLACE, "two", "one")]
    found = before(steps(changes))
    assert found["create a"] == found["create b"] == {"delete a", "delete b"}


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ({}, {"provider": "q"}),
        ({"was": {"pool": "p"}}, {"becomes": {"pool": "q"}}),
        ({"was": {"domain_id": "p"}}, {"becomes": {"domain_id": "q"}}),
    ],
)
def test_the_same_name_elsewhere_is_another_one(was: dict[str, Any], becomes: dict[str, Any]) -> None:
    changes = [change("x.old", Action.DELETE, "n", **was), change("x.new", Action.CREATE, None, "n", **becomes)]
    assert before(steps(changes))["create new"] == set()


@pytest.mark.parametrize("action", [Action.CREATE, Action.UPDATE])
def test_a_name_that_a_change_gives_up_is_waited_for(action: Action) -> None:
    found = steps([change("x.b", action, "two", "one"), change("x.a", Action.UPDATE, "one", "three")])
    assert before(found) == {f"{action.value} b": {"update a"}, "update a": set()}


def test_of_two_that_exchange_their_names_one_is_first() -> None:
    found = steps([change("x.a", Action.UPDATE, "one", "two"), change("x.b", Action.UPDATE, "two", "one")])
    assert before(found) == {"update a": {"update b"}, "update b": set()}


def test_objects_without_a_name_are_not_taken_for_the_same() -> None:
    changes = [change("x.old", Action.DELETE), change("x.new", Action.CREATE)]
    assert before(steps(changes))["create new"] == set()


def test_a_deletion_does_not_wait_for_what_waits_for_it() -> None:
    """b is changed from the old object to the new one of the same name, which needs the old one gone."""
    changes = [
        change("x.old", Action.DELETE, "n"),
        change("x.new", Action.CREATE, None, "n"),
        change("x.b", Action.UPDATE, "b", "b"),
    ]
    found = before(steps(changes, {"x.new": [], "x.b": ["x.new"]}, {"x.b": ["x.old"]}))
    assert found["delete old"] == set()
    assert found["update b"] == {"create new", "delete old"}


def test_a_deletion_does_not_wait_for_what_waits_for_a_replacement_behind_it() -> None:
    """The pool is replaced, so the volume in it goes first; the domain moves to another volume in the new pool."""
    changes = [
        change("x.pool", Action.REPLACE),
        change("x.gone", Action.DELETE),
        change("x.fresh", Action.CREATE),
        change("x.domain", Action.UPDATE),
    ]
    reads = {"x.pool": [], "x.fresh": ["x.pool"], "x.domain": ["x.fresh"]}
    recorded = {"x.gone": ["x.pool"], "x.domain": ["x.gone"]}
    found = before(steps(changes, reads, recorded))
    assert found["delete pool"] == {"delete gone"}
    assert found["update domain"] >= {"create fresh", "create pool", "delete pool", "delete gone"}


def test_records_that_contradict_each_other_make_no_cycle() -> None:
    changes = [change("x.a", Action.DELETE), change("x.b", Action.DELETE)]
    found = steps(changes, recorded={"x.a": ["x.b"], "x.b": ["x.a"]})
    assert sorted(len(needed) for needed in before(found).values()) == [0, 1]


def test_instances_of_one_resource_do_not_wait_for_each_other() -> None:
    changes = [change(f"x.a[{n}]", Action.DELETE) for n in range(3)]
    found = before(steps(changes, recorded={f"x.a[{n}]": ["x.a"] for n in range(3)}))
    assert all(not needed for needed in found.values())


# Whatever the plan.

names = st.sampled_from([f"x.{name}" for name in "abcdefgh"])


@st.composite
def situations(
    draw: st.DrawFn, *, beside: bool = False
) -> tuple[list[Change], dict[str, list[str]], dict[str, list[str]]]:
    """Random changes, with reads that go back only and records that may say anything.

    `beside`: also with new objects beside old ones.
    """
    addresses: list[str] = []
    for name in draw(st.lists(names, unique=True, max_size=8)):
        count = draw(st.integers(0, 2))
        addresses += [f"{name}[{n}]" for n in range(count)] if count else [name]
    titles = st.sampled_from(["n1", "n2", "n3"])
    changes, reads, recorded = [], {}, {}
    for index, address in enumerate(addresses):
        action = draw(st.sampled_from(Action))
        new_first = beside and action is Action.REPLACE and draw(st.booleans())
        sides = {side: {"line": draw(st.sampled_from([None, "one", "two"]))} for side in ("was", "becomes")}
        changes.append(change(address, action, draw(titles), draw(titles), new_first=new_first, **sides))
        if beside and draw(st.integers(0, 3)) == 0:
            changes.append(change(address, Action.DELETE, draw(titles), deposed="00000000"))
        if action not in {Action.DELETE, Action.FORGET}:
            earlier = [a for a in addresses[:index] if a.split("[")[0] != address.split("[")[0]]
            possible = [*earlier, *(f"{a.split('[')[0]}*" for a in earlier)]
            reads[address] = draw(st.lists(st.sampled_from(possible), max_size=3)) if possible else []
        if action is not Action.CREATE:
            recorded[address] = draw(st.lists(names, max_size=3))
    return changes, reads, recorded


def test_what_shares_a_line_is_dealt_with_one_after_the_other() -> None:
    """Deletions first, from the end; then the rest in the order of the configuration, not of the names."""
    one = {"was": {"line": "one"}, "becomes": {"line": "one"}}
    changes = [
        change("x.domain", Action.UPDATE, **one),
        change("x.first", Action.DELETE, **one),
        change("x.second", Action.DELETE, **one),
        change("x.a", Action.CREATE, **one),
        change("x.b", Action.REPLACE, **one),
        change("x.other", Action.CREATE, becomes={"line": "two"}),
        change("x.none", Action.CREATE),
    ]
    reads = {"x.domain": [], "x.b": [], "x.a": [], "x.other": [], "x.none": []}
    order = before(steps(changes, reads))
    assert order["delete first"] == {"delete second"}
    assert order["delete b"] == {"delete second", "delete first"}
    assert order["update domain"] == {"delete second", "delete first", "delete b"}
    assert order["create b"] == {*order["update domain"], "update domain"}
    assert order["create a"] == {*order["create b"], "create b"}
    assert order["create other"] == order["create none"] == set()


@pytest.mark.parametrize("provider", ["p", "q"])
def test_a_line_is_of_one_host(provider: str) -> None:
    changes = [
        change("x.a", Action.CREATE, becomes={"line": "one"}),
        change("x.b", Action.CREATE, becomes={"line": "one"}, provider=provider),
    ]
    assert before(steps(changes))["create b"] == ({"create a"} if provider == "p" else set())


def test_a_line_gives_way_to_what_is_read() -> None:
    changes = [change(f"x.{name}", Action.CREATE, becomes={"line": "one"}) for name in "abc"]
    assert before(steps(changes, {"x.b": [], "x.a": ["x.b"]}))["create a"] == {"create b"}


@given(situations(beside=True))
@settings(max_examples=300, deadline=None)
def test_whatever_the_plan_every_change_has_its_steps_and_there_is_no_cycle(
    situation: tuple[list[Change], dict[str, list[str]], dict[str, list[str]]],
) -> None:
    changes, reads, recorded = situation
    found = steps(changes, reads, recorded)
    graph: Graph[int] = Graph(step.number for step in found)
    for step in found:
        for needed in step.needs:
            graph.add_edge(step.number, needed)
    assert graph.cycle() is None
    performed = sorted((s.address, s.verb.value) for s in found if s.verb is not Verb.JOIN)
    assert performed == sorted(
        (c.key, verb.value)
        for c in changes
        if c.action in ACTING
        for verb in ([Verb.DELETE, Verb.CREATE] if c.action is Action.REPLACE else [Verb(c.action.value)])
    )
    order = before(found)
    for address, texts in reads.items():
        own = {f"{verb} {address[2:]}" for verb in ("create", "update", "read")} & order.keys()
        for text in (t for t in texts if not t.endswith("*")):
            needed = {f"{verb} {text[2:]}" for verb in ("create", "update", "read")} & order.keys()
            assert all(needed <= order[name] for name in own)


@given(situations())
@settings(max_examples=200, deadline=None)
def test_whatever_the_plan_what_used_something_goes_before_it(
    situation: tuple[list[Change], dict[str, list[str]], dict[str, list[str]]],
) -> None:
    """Records that don't contradict each other are always followed where both go."""
    changes, reads, recorded = situation
    gone = {str(c.address) for c in changes if c.action in {Action.DELETE, Action.REPLACE}}
    earlier: set[str] = set()
    sound: dict[str, list[str]] = {}
    for each in changes:
        sound[str(each.address)] = [used for used in recorded.get(str(each.address), ()) if used in earlier]
        earlier.add(str(each.address.resource))
    order = before(steps(changes, reads, sound))
    for user, used in sound.items():
        own = str(parse_instance(user).resource)
        for victim in (v for v in gone for u in used if str(parse_instance(v).resource) == u != own):
            if user in gone:
                assert f"delete {user[2:]}" in order[f"delete {victim[2:]}"]
