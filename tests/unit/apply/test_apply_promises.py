"""Nothing is lost: killed at any instant, a re-run converges, and leaves nothing behind.

The process ends at a random write to the journal or call to the host (before or after it).
The next run knows only what is on disk and on the host; the configuration may have changed.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from labs import Lab, actions

from kvmform.plan.change import Mode
from kvmform.state.model import Status

NAMES = ["a", "b", "c", "d"]
TITLES = ["one", "two", "three", "four", "five"]

Wanted = dict[str, tuple[str, int, tuple[str, ...], tuple[str, ...]]]
"""By resource: title, size, what it uses (by serial), and its parts."""


@st.composite
def configurations(draw: st.DrawFn) -> Wanted:
    """Some things with titles of their own; each may use those before it."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=4))
    titles = draw(st.permutations(TITLES))
    wanted: Wanted = {}
    for index, name in enumerate(names):
        used = draw(st.lists(st.sampled_from(names[:index]), unique=True, max_size=2)) if index else []
        parts = draw(st.lists(st.sampled_from(["p", "q"]), unique=True, max_size=2))
        wanted[name] = (titles[index], draw(st.integers(1, 3)), tuple(used), tuple(parts))
    return wanted


def text_of(wanted: Wanted) -> str:
    blocks = []
    for name, (title, size, used, parts) in wanted.items():
        uses = ", ".join(f"libvirt_thing.{other}.serial" for other in used)
        inner = "\n".join(f'  part {{ name = "{part}" }}' for part in parts)
        blocks.append(
            f'resource "libvirt_thing" "{name}" {{\n  name = "{title}"\n  size = {size}\n  uses = [{uses}]\n{inner}\n}}'
            f'\noutput "{name}" {{ value = libvirt_thing.{name}.serial }}'
        )
    return "\n".join(blocks)


def assert_converged(lab: Lab, wanted: Wanted) -> None:
    """The host is as the configuration says, state knows all of it, and there is nothing more to do."""
    assert len(lab.host.objects) == len(wanted)
    serials = {}
    for name, (title, size, used, parts) in wanted.items():
        found = lab.host.named(title)
        serials[name] = found["serial"]
        assert found["started"]
        assert found["size"] == size
        assert found["uses"] == [lab.host.named(wanted[other][0])["serial"] for other in used]
        assert {part["name"] for part in found["part"]} == set(parts)
        assert lab.recorded()[f"libvirt_thing.{name}"]["serial"] == found["serial"]
    assert {instance.status for instance in lab.state.instances.values()} <= {Status.OK}
    assert len(lab.recorded()) == len(wanted)
    assert lab.outputs() == serials
    plan = lab.plan()
    assert not plan.is_applyable
    assert not actions(plan)
    assert not lab.directory.joinpath("terraform.tfstate.journal").exists()


@given(
    before=configurations(),
    between=configurations(),
    after=configurations(),
    instants=st.lists(st.integers(1, 90), min_size=1, max_size=3),
    parallelism=st.sampled_from([1, 3]),
)
@settings(max_examples=50, deadline=None)
def test_killed_at_any_instant_a_rerun_converges_and_destroying_leaves_nothing(
    tmp_path_factory: pytest.TempPathFactory,
    before: Wanted,
    between: Wanted,
    after: Wanted,
    instants: list[int],
    parallelism: int,
) -> None:
    lab = Lab(tmp_path_factory.mktemp("lab", numbered=True))
    lab.applied(text_of(before))
    assert_converged(lab, before)
    for wanted in (between, after):
        lab.write(text_of(wanted))
        for instant in instants:
            lab.killed_at(instant, parallelism=parallelism)
    report = lab.apply(parallelism=parallelism)
    assert not report.diagnostics
    assert_converged(lab, after)
    lab.host.torn.clear()
    lab.killed_at(instants[0], mode=Mode.DESTROY, parallelism=parallelism)
    assert not lab.destroy().diagnostics
    assert not lab.host.objects
    assert not lab.host.torn
    assert not lab.recorded()


def test_killed_at_each_instant_of_a_first_apply(tmp_path: Path) -> None:
    wanted: Wanted = {"a": ("one", 1, (), ()), "b": ("two", 2, ("a",), ("p",))}
    instant = 0
    killed = True
    while killed:
        instant += 1
        lab = Lab(tmp_path / str(instant)).write(text_of(wanted))
        killed = lab.killed_at(instant)
        assert not lab.apply().diagnostics
        assert_converged(lab, wanted)
    assert instant > 20


def test_killed_at_each_instant_of_a_replacement_what_uses_the_object_is_told(tmp_path: Path) -> None:
    """The new object can't be told from the old one by what its user refers to."""
    before: Wanted = {"a": ("one", 1, (), ()), "b": ("two", 2, ("a",), ())}
    instant = 0
    killed = True
    while killed:
        instant += 1
        lab = Lab(tmp_path / str(instant))
        lab.host.serial_is_name = True
        lab.applied(text_of(before))
        lab.write(text_of(before).replace("size = 1", 'size = 1\n  frame { kind = "new" }'))
        lab.host.calls.clear()
        killed = lab.killed_at(instant)
        assert not lab.apply().diagnostics
        calls = lab.host.calls
        assert calls.index("make one") < len(calls) - 1 - calls[::-1].index("change two"), calls
        assert_converged(lab, before)
    assert instant > 20


@given(configurations(), st.data())
@settings(max_examples=25, deadline=None)
def test_calls_that_fail_at_random_are_made_good_by_the_next_run(
    tmp_path_factory: pytest.TempPathFactory, wanted: Wanted, data: st.DataObject
) -> None:
    lab = Lab(tmp_path_factory.mktemp("lab", numbered=True)).write(text_of(wanted))
    verbs = st.sampled_from(["make", "change", "start", "delete"])
    bad = {f"{verb} {title}" for verb, title in data.draw(st.lists(st.tuples(verbs, st.sampled_from(TITLES))))}
    lab.host.failing = lambda call: call in bad
    lab.apply()
    lab.host.failing = lambda _call: False
    assert not lab.apply().diagnostics
    assert_converged(lab, wanted)
