"""Storage pools on a real host: which directory is made, and which is ever removed."""

import pytest
from type_bench import Killed, TypeBench

from kvmform.diagnostics import DiagnosticError
from kvmform.host.host import open_host
from kvmform.host.pools import stop_pool
from kvmform.resources.pool.resource_type import POOL

pytestmark = pytest.mark.libvirt


@pytest.fixture
def bench(lab_host, tmp_path):
    host = open_host(lab_host.uri, tmp_path)
    yield TypeBench(host, tmp_path)
    host.close()


@pytest.fixture
def pool(bench, request):
    """A pool of the test's own; what is left of it is deleted in the end."""
    written = {"name": request.node.name, "type": "dir", "target": [{"path": f"{bench.base_directory}/deep/pool"}]}
    yield written
    bench.delete(POOL, bench.propose(POOL, written))


@pytest.fixture
def directory(tmp_path):
    return tmp_path / "deep" / "pool"


def test_a_missing_directory_is_made_and_removed_again(bench, pool, directory):
    state = bench.create(POOL, pool)
    assert directory.is_dir()
    assert state["created_directory"] is True
    assert state["available"] > 0
    assert POOL.read(bench.host, state).object == state
    assert bench.edits(POOL, pool, state) == ()
    bench.delete(POOL, state)
    assert not directory.exists()
    assert bench.host.inventory.pools.get(state["id"]) is None


def test_a_directory_that_was_there_stays(bench, pool, directory):
    directory.mkdir(parents=True)
    state = bench.create(POOL, pool)
    assert state["created_directory"] is False
    bench.delete(POOL, state)
    assert directory.is_dir()


def test_a_directory_with_files_in_it_stays_and_that_is_told(bench, pool, directory):
    state = bench.create(POOL, pool)
    (directory / "precious").write_text("data")
    bench.delete(POOL, state)
    assert (directory / "precious").read_text() == "data"
    assert bench.host.inventory.pools.get(state["id"]) is None
    [told] = bench.warned
    assert told.summary == f"The directory {directory} stays"
    assert "not empty" in told.detail


def test_a_directory_that_someone_removed_does_not_hinder(bench, pool, directory):
    state = bench.create(POOL, pool)
    directory.rmdir()
    bench.delete(POOL, state)
    assert bench.host.inventory.pools.get(state["id"]) is None


@pytest.mark.parametrize("verb", ["build_pool", "start_pool", "set_pool_autostart"])
def test_a_run_that_was_killed_is_continued(bench, pool, directory, monkeypatch, verb):
    def killed(*_arguments, **_named):
        raise Killed

    with monkeypatch.context() as patch:
        room = "lifecycle" if verb == "set_pool_autostart" else "redefining"
        patch.setattr(f"kvmform.resources.pool.{room}.{verb}", killed)
        with pytest.raises(Killed):
            bench.create(POOL, pool)
    state = bench.create(POOL, pool, leftover=bench.recorded[-1])
    assert state["created_directory"] is True
    assert bench.host.inventory.pools.get(state["id"]).active
    bench.delete(POOL, state)
    assert not directory.exists()


def test_a_directory_that_cannot_be_made_is_a_diagnostic(bench, pool, directory):
    directory.parent.write_text("a file where a directory should be")
    with pytest.raises(DiagnosticError, match="start storage pool"):
        bench.create(POOL, pool)
    assert bench.recorded[-1]["id"] is not None
    bench.delete(POOL, bench.recorded[-1])
    assert bench.host.inventory.pools.get(bench.recorded[-1]["id"]) is None


def test_a_pool_that_is_not_active_is_read_and_deleted(bench, pool, directory):
    state = bench.create(POOL, pool)
    stop_pool(bench.host, state["id"])
    assert [edit.path for edit in bench.edits(POOL, pool, state)] == [("active",)]
    bench.delete(POOL, state)
    assert not directory.exists()


def test_a_path_written_with_a_slash_at_its_end_is_no_change(bench, pool, directory):
    with_slash = {**pool, "target": [{"path": f"{directory}/"}]}
    state = bench.create(POOL, with_slash)
    assert bench.edits(POOL, with_slash, state) == ()
    assert bench.edits(POOL, pool, state) == ()
    bench.delete(POOL, state)
