"""A plan in a file is the same plan."""

from __future__ import annotations

import stat
import zipfile
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest
from configurations import problems_of
from hypothesis import given, settings
from hypothesis import strategies as st

from kvmform import __version__
from kvmform.address import parse_instance
from kvmform.diagnostics import DiagnosticError
from kvmform.plan.change import (
    Action,
    Change,
    CheckedObject,
    CheckResult,
    Drift,
    Mode,
    OutputChange,
    Plan,
    PlannedEdit,
    Recorded,
    Step,
    Verb,
)
from kvmform.plan.planfile import FORMAT, SavedPlan, read_plan, write_plan
from kvmform.schema import Disruption, Effect
from kvmform.values.model import Unknown
from kvmform.values.plain import MapKey
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
steps = st.text(max_size=3) | st.integers(0, 3) | st.builds(MapKey, st.text(max_size=3))
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
path_sets = st.frozensets(st.lists(steps, max_size=3).map(tuple), max_size=2)
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
words = st.text(max_size=5)
checked = st.none() | st.lists(st.builds(CheckedObject, words, words, st.tuples(words)), max_size=2).map(tuple)
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
    beside=st.lists(changes, max_size=2).map(tuple),
    obsolete=st.lists(addresses, max_size=2).map(tuple),
    checks=st.lists(st.builds(CheckResult, kind=words, address=words, status=words, objects=checked), max_size=2).map(
        tuple
    ),
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
            sensitive_before=st.booleans(),
        ),
        max_size=2,
    ).map(tuple),
    targets=st.lists(st.text(max_size=5), max_size=2).map(tuple),
    excluded=st.lists(st.text(max_size=5), max_size=2).map(tuple),
    refreshed=st.booleans(),
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


OURS = f'"format": {FORMAT}, "kvmform": "{__version__}"'
EMPTY = Plan(mode=Mode.NORMAL, lineage="L", serial=0, journal=0, timestamp="", variables={}, changes=(), steps=())


def test_only_its_owner_reads_a_plan_even_where_a_file_was(tmp_path: Path) -> None:
    path = tmp_path / "p"
    path.touch()
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
        ({"kvmform-plan.json": f"{{{OURS}}}"}, "Failed to load plan file"),
        ({"kvmform-plan.json": f'{{{OURS}, "plan": {{"mode": "odd"}}}}'}, "Failed to load plan file"),
        ({"kvmform-plan.json": f'{{{OURS}, "files": [], "plan": []}}'}, "Failed to load plan file"),
        ({"kvmform-plan.json": "[" * 100_000}, "Failed to load plan file"),
        ({"kvmform-plan.json": '{"format": 99, "kvmform": "9.0"}'}, "Invalid plan file"),
        ({"kvmform-plan.json": '{"format": 2}'}, "Invalid plan file"),
        ({"tfplan": "", "tfstate": "{}"}, "Invalid plan file"),
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


def test_a_plan_of_a_newer_version_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "p"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("kvmform-plan.json", f'{{"format": {FORMAT}, "kvmform": "99.0"}}')
    (diagnostic,) = problems_of(lambda: read_plan(path))
    assert "was saved by kvmform 99.0" in diagnostic.detail
    assert f"this is kvmform {__version__}" in diagnostic.detail


@pytest.mark.parametrize("text", ['{"version": 4}', 'resource "libvirt_pool" "a" {}'])
def test_what_is_no_plan_is_not_written_over(tmp_path: Path, text: str) -> None:
    path = tmp_path / "terraform.tfstate"
    path.write_text(text)
    (diagnostic,) = problems_of(lambda: write_plan(path, SavedPlan(EMPTY, {}, tmp_path, "default")))
    assert diagnostic.summary == "Failed to write plan file"
    assert path.read_text() == text


def test_an_older_plan_is_written_over_at_once(tmp_path: Path) -> None:
    path = tmp_path / "p"
    write_plan(path, SavedPlan(EMPTY, {}, tmp_path, "first"))
    held = path.open("rb")
    write_plan(path, SavedPlan(EMPTY, {}, tmp_path, "second"))
    assert read_plan(path).workspace == "second"
    with held, zipfile.ZipFile(held) as archive:  # Whoever was reading it still has the old one whole.
        assert b"first" in archive.read("kvmform-plan.json")
    assert [each.name for each in tmp_path.iterdir()] == ["p"]


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_damaged_plan_is_refused(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.mktemp("plan", numbered=True) / "p"
    files = {Path("/lab"): {"main.tf": "a = 1\n" * 50}}
    write_plan(path, SavedPlan(EMPTY, files, Path("/lab"), "default"))
    whole, content = read_plan(path), bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    else:
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    found: SavedPlan | None = None
    with suppress(DiagnosticError):
        found = read_plan(path)
    # What was hit may be a part of the archive that says nothing: a time, a comment.
    assert found in (None, whole)


def test_a_plan_that_is_moved_takes_its_modules_along() -> None:
    files = {Path("/lab/here"): {"main.tf": ""}, Path("/lab/here/m"): {}, Path("/lab/shared"): {"a.tf": ""}}
    moved = SavedPlan(EMPTY, files, Path("/lab/here"), "default").moved_to(Path("/ci/7/here"))
    assert moved.root_directory == Path("/ci/7/here")
    assert set(moved.files) == {Path("/ci/7/here"), Path("/ci/7/here/m"), Path("/ci/7/shared")}


def test_a_key_of_a_map_stays_one(tmp_path: Path) -> None:
    change = Change(
        address=parse_instance("libvirt_pool.a"),
        provider="p",
        action=Action.CREATE,
        before=None,
        after={},
        sensitive=frozenset([("input", MapKey("k"), 0)]),
    )
    plan = Plan(
        mode=Mode.NORMAL, lineage="l", serial=1, journal=0, timestamp="t", variables={}, changes=(change,), steps=()
    )
    write_plan(tmp_path / "p", SavedPlan(plan, {}, tmp_path, "default"))
    ((_, key, _),) = read_plan(tmp_path / "p").plan.changes[0].sensitive
    assert isinstance(key, MapKey)
