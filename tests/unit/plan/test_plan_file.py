"""A plan in a file is the same plan."""

from __future__ import annotations

import stat
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from configurations import problems_of
from hypothesis import given, settings
from hypothesis import strategies as st

from kvmform.address import parse_instance
from kvmform.plan.change import Action, Change, Drift, Mode, OutputChange, Plan, PlannedEdit, Recorded, Step, Verb
from kvmform.plan.planfile import FORMAT, SavedPlan, read_plan, write_plan
from kvmform.schema import Disruption, Effect
from kvmform.values.model import Unknown
from kvmform.values.types import DYNAMIC, STRING, ListType, object_type

addresses = st.sampled_from(
    [
        "libvirt_pool.a",
        "data.libvirt_pool.a[3]",
        'libvirt_domain.web["b c"]',
        'module.lab["q\\"r\\\\"].module.inner[2].libvirt_domain.web["d\\"e"]',
    ]
).map(parse_instance)
paths = st.lists(st.text(max_size=3) | st.integers(0, 3), max_size=3).map(tuple)
# JSON knows no difference between 1 and 1.0, so floats here are never whole.
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(-1e15, 1e15).filter(lambda number: not number.is_integer())
    | st.just(Decimal("0.1234567890123456789012345678901234567890"))
    | st.text(max_size=8)
    | st.just('<a href="x">&\u2028')
)
types = st.sampled_from([STRING, DYNAMIC, ListType(STRING), object_type({"a": STRING}, frozenset({"a"}))])
unknowns = st.builds(
    Unknown,
    type=types,
    not_null=st.booleans(),
    prefix=st.text(max_size=3),
    min_length=st.integers(0, 2),
    max_length=st.none() | st.integers(3, 5),
)
keys = st.text(max_size=4) | st.sampled_from(["\0unknown", "\0", "\0\0unknown"])
values = st.recursive(
    scalars | unknowns,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(keys, inner, max_size=2),
    max_leaves=5,
)
objects = st.dictionaries(keys, values, max_size=3)
path_sets = st.frozensets(paths, max_size=2)
edits = st.lists(
    st.builds(
        PlannedEdit,
        path=paths,
        before=values,
        after=values,
        effect=st.builds(Effect, st.sampled_from(Disruption), st.text(max_size=5), st.booleans()),
    ),
    max_size=2,
).map(tuple)
texts = st.lists(st.text(max_size=5), max_size=2).map(tuple)
changes = st.builds(
    Change,
    address=addresses,
    provider=st.text(max_size=9),
    action=st.sampled_from(Action),
    before=st.none() | objects,
    after=st.none() | objects,
    reason=st.sampled_from(["", "replace_by_request"]),
    edits=edits,
    disruption=st.sampled_from(Disruption),
    generation=st.integers(0, 9),
    resumes=st.booleans(),
    sensitive=path_sets,
    dependencies=texts,
    recorded=st.none() | st.builds(Recorded, texts, path_sets, st.booleans()),
)
plans = st.builds(
    Plan,
    mode=st.sampled_from(Mode),
    lineage=st.uuids().map(str),
    serial=st.integers(0, 99),
    journal=st.integers(0, 99),
    timestamp=st.just("2026-01-02T03:04:05Z"),
    variables=objects,
    changes=st.lists(changes, max_size=3).map(tuple),
    steps=st.lists(
        st.builds(
            Step,
            number=st.integers(0, 9),
            verb=st.sampled_from(Verb),
            address=st.text(max_size=5),
            needs=st.lists(st.integers(0, 9), max_size=3).map(tuple),
        ),
        max_size=3,
    ).map(tuple),
    drift=st.lists(
        st.builds(
            Drift,
            address=addresses,
            before=objects,
            after=st.none() | objects,
            edits=edits,
            is_shown=st.booleans(),
            sensitive=path_sets,
        ),
        max_size=2,
    ).map(tuple),
    outputs=st.lists(
        st.builds(
            OutputChange,
            name=st.text(max_size=5),
            before=values,
            after=values,
            type=types,
            sensitive=st.booleans(),
            exists_before=st.booleans(),
            exists_after=st.booleans(),
            type_before=types,
        ),
        max_size=2,
    ).map(tuple),
    targets=st.lists(st.text(max_size=5), max_size=2).map(tuple),
    excluded=st.lists(st.text(max_size=5), max_size=2).map(tuple),
)
files = st.dictionaries(st.sampled_from([Path("/lab"), Path("/lab/m")]), st.dictionaries(st.text(), st.text()))


@given(plans, files)
@settings(max_examples=150, deadline=None)
def test_a_plan_that_is_read_is_the_one_that_was_written(
    tmp_path_factory: pytest.TempPathFactory, plan: Plan, texts: dict[Path, dict[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("plan", numbered=True) / "p"
    saved = SavedPlan(plan, texts, Path("/lab"), "default")
    write_plan(path, saved)
    assert read_plan(path) == saved


EMPTY = Plan(mode=Mode.NORMAL, lineage="L", serial=0, journal=0, timestamp="", variables={}, changes=(), steps=())


def test_only_its_owner_reads_a_plan_even_where_a_file_was(tmp_path: Path) -> None:
    path = tmp_path / "p"
    path.write_text("old")
    path.chmod(0o644)
    write_plan(path, SavedPlan(EMPTY, {}, tmp_path, "default"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_plan_that_cannot_be_written(tmp_path: Path) -> None:
    (diagnostic,) = problems_of(lambda: write_plan(tmp_path / "no" / "p", SavedPlan(EMPTY, {}, tmp_path, "default")))
    assert diagnostic.summary == "Failed to write plan file"


@pytest.mark.parametrize(
    ("content", "summary"),
    [
        (None, "Failed to load plan file"),
        (b"no zip", "Failed to load plan file"),
        ({"other": "{}"}, "Failed to load plan file"),
        ({"kvmform-plan.json": "{"}, "Failed to load plan file"),
        ({"kvmform-plan.json": "[]"}, "Failed to load plan file"),
        ({"kvmform-plan.json": "{}"}, "Failed to load plan file"),
        ({"kvmform-plan.json": f'{{"format": {FORMAT}}}'}, "Failed to load plan file"),
        ({"kvmform-plan.json": f'{{"format": {FORMAT}, "plan": {{"mode": "odd"}}}}'}, "Failed to load plan file"),
        ({"kvmform-plan.json": '{"format": 99}'}, "Invalid plan file"),
    ],
)
def test_what_is_no_plan(tmp_path: Path, content: bytes | dict[str, str] | None, summary: str) -> None:
    path = tmp_path / "p"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        with zipfile.ZipFile(path, "w") as archive:
            for name, text in content.items():
                archive.writestr(name, text)
    (diagnostic,) = problems_of(lambda: read_plan(path))
    assert diagnostic.summary == summary
    assert str(path) in diagnostic.detail
