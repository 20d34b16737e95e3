"""The life of Ignition's and Combustion's seeds, on a simulated host: all but what a guest reads."""

import json

import pytest
from type_bench import TypeBench

from kvmform.diagnostics import DiagnosticError
from kvmform.host.host import open_host
from kvmform.host.volumes import create_volume, delete_volume
from kvmform.resources.combustion.resource_type import COMBUSTION
from kvmform.resources.ignition.resource_type import IGNITION
from kvmform.resources.pool.resource_type import POOL
from kvmform.resources.seed.lifecycle import key_of
from kvmform.schema import Disruption
from kvmform.values.model import Unknown
from kvmform.values.types import STRING

JSON = json.dumps({"ignition": {"version": "3.4.0"}}, indent=1)
SCRIPT = "#!/bin/bash\n# combustion: network\necho hello\n"
KEY = "/srv/images/seed"
WRITTEN = {"name": "seed", "pool": "images"}
BOTH = pytest.mark.parametrize(("kind", "content"), [(IGNITION, JSON), (COMBUSTION, SCRIPT)], ids=lambda x: str(x)[:9])


@pytest.fixture
def bench(tmp_path):
    host = open_host("test+file:host.xml", tmp_path)
    bench = TypeBench(host, tmp_path)
    bench.create(POOL, {"name": "images", "type": "dir", "target": [{"path": "/srv/images"}]}, address="pool")
    bench.recorded.clear()
    yield bench
    host.close()


@BOTH
def test_what_was_made_needs_no_change_and_other_contents_are_another_id(bench, kind, content):
    wanted = {**WRITTEN, "content": content}
    assert bench.propose(kind, wanted)["id"] == Unknown(STRING, not_null=True, prefix=KEY)
    state = bench.create(kind, wanted)
    assert key_of(state["id"]) == KEY
    assert bench.edits(kind, wanted, state) == ()
    changed = {**wanted, "content": content.replace("3.4.0", "3.5.0").replace("hello", "good bye")}
    edits = bench.edits(kind, changed, state)
    assert {edit.path: edit.effect.disruption for edit in edits} == {
        ("id",): Disruption.NEXT_BOOT,
        ("content",): Disruption.NEXT_BOOT,
    }
    after = bench.update(kind, changed, state)
    assert key_of(after["id"]) == KEY
    assert after["id"] != state["id"]
    assert bench.edits(kind, changed, after) == ()


@BOTH
@pytest.mark.parametrize("is_relative", [True, False])
def test_contents_of_a_file_are_compared_too(bench, tmp_path, kind, content, is_relative):
    (tmp_path / "file").write_text(content)
    wanted = {**WRITTEN, "content": "file" if is_relative else str(tmp_path / "file")}
    state = bench.create(kind, wanted)
    assert bench.edits(kind, wanted, state) == ()
    (tmp_path / "file").write_text(content + "\n")
    [edit] = bench.edits(kind, wanted, state)
    assert edit.path == ("id",)
    after = bench.update(kind, wanted, state)
    assert after["id"] == edit.after
    assert bench.edits(kind, wanted, after) == ()


def test_a_file_that_is_made_later_is_not_known_yet(bench, tmp_path):
    wanted = {**WRITTEN, "content": "later.ign"}
    assert bench.check(IGNITION, wanted) == []
    with pytest.raises(DiagnosticError) as caught:
        bench.create(IGNITION, wanted)
    assert 'neither JSON nor the path of a file: there is no file "later.ign"' in caught.value.diagnostics[0].detail
    assert bench.recorded == []
    assert bench.host.inventory.volumes.get(KEY) is None
    (tmp_path / "later.ign").write_text(JSON)
    state = bench.create(IGNITION, wanted)
    (tmp_path / "later.ign").unlink()
    assert [edit.after for edit in bench.edits(IGNITION, wanted, state)] == [
        Unknown(STRING, not_null=True, prefix=f"{KEY};")
    ]


def test_a_script_of_one_line_is_no_path(bench):
    wanted = {**WRITTEN, "content": "true"}
    assert bench.edits(COMBUSTION, wanted, bench.create(COMBUSTION, wanted)) == ()


def test_a_file_that_changes_between_plan_and_apply_is_told(bench, tmp_path):
    (tmp_path / "file").write_text(JSON)
    wanted = {**WRITTEN, "content": "file"}
    state = bench.create(IGNITION, wanted)
    (tmp_path / "file").write_text(JSON + " ")
    planned = bench.propose(IGNITION, wanted, IGNITION.read(bench.host, state))
    (tmp_path / "file").write_text(JSON + "  ")
    with pytest.raises(DiagnosticError, match="changed since the plan"):
        IGNITION.update(bench.operation(), state, planned, ())
    assert bench.host.inventory.volumes.get(KEY) is not None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"ignition": ', "in line 1, column 14"),
        ("variant: fcos\nversion: 1.5.0\n", "Butane"),
        ('\n["a list"]', "JSON object"),
        ("{" * 5000, "JSON"),
    ],
)
def test_what_ignition_could_not_read_is_told_at_once(bench, tmp_path, content, words):
    wanted = {**WRITTEN, "content": content}
    (rule,) = [rule for rule in IGNITION.schema.rules if rule.__name__ == "is_json"]
    [problem] = rule(wanted)
    assert problem.path == ("content",)
    assert words in problem.diagnostic.detail
    (tmp_path / "file").write_text(content)
    [problem] = bench.check(IGNITION, {**WRITTEN, "content": "file"})
    assert words in problem.diagnostic.detail
    with pytest.raises(DiagnosticError):
        bench.create(IGNITION, wanted)
    assert bench.recorded == []


@BOTH
def test_a_missing_volume_is_drift_and_a_foreign_one_an_error(bench, kind, content):
    wanted = {**WRITTEN, "content": content}
    state = bench.create(kind, wanted)
    delete_volume(bench.host, KEY)
    assert kind.read(bench.host, state) is None
    pool = bench.host.inventory.pools.named("images").uuid
    create_volume(bench.host, pool, "<volume><name>seed</name><capacity>7</capacity></volume>")
    bench.planned.clear()
    [problem] = bench.check(kind, wanted)
    assert problem.path == ("name",)
    assert "import it" in problem.diagnostic.detail
    assert "Choose another name" in problem.diagnostic.detail


@BOTH
def test_an_id_of_another_tool_is_kept_until_the_contents_change(bench, kind, content):
    wanted = {**WRITTEN, "content": content}
    state = {**bench.create(kind, wanted), "id": f"{KEY};8d5ad3e6-9b4e-4b7e-a7c0-3fe4f4ff4f4f"}
    assert bench.edits(kind, wanted, state) == ()
    assert bench.edits(kind, {**wanted, "content": content + "\n"}, state) != ()


def test_what_is_imported_has_no_revision_yet(bench):
    wanted = {**WRITTEN, "content": JSON}
    bench.create(IGNITION, wanted)
    assert IGNITION.find(bench.host, "images/seed") == {"id": KEY}
    assert bench.edits(IGNITION, wanted, {**wanted, "id": KEY}) == ()
