"""Whatever call fails, before it is made or after: nothing is left, or it is recorded, and the next try works."""

import itertools

import pytest
from type_bench import TypeBench

from kvmform.diagnostics import DiagnosticError
from kvmform.host.errors import HostError
from kvmform.host.host import Host, open_host
from kvmform.resources.pool.resource_type import POOL
from kvmform.resources.volume.resource_type import VOLUME

POOL_WRITTEN = {"name": "images", "type": "dir", "target": [{"path": "/srv/images"}]}
EMPTY = {"name": "data", "pool": "images", "size": 2**20, "format": "raw"}
MADE = [
    (POOL, POOL_WRITTEN),
    (POOL, POOL_WRITTEN | {"active": False, "autostart": False}),
    (VOLUME, EMPTY),
    (VOLUME, {"name": "clone", "pool": "images", "base_volume_name": "base"}),
]
CHANGED = [
    (POOL, POOL_WRITTEN, {"name": "disks"}),
    (POOL, POOL_WRITTEN, {"target": [{"path": "/srv/other"}], "autostart": False}),
    (POOL, POOL_WRITTEN, {"active": False}),
    (VOLUME, EMPTY, {"format": "qcow2"}),
    (VOLUME, EMPTY, {"permissions": [{"mode": "0600"}]}),
]


@pytest.fixture
def bench(tmp_path):
    """A host with one storage pool, unless it is pools that are tested."""
    host = open_host("test+file:host.xml", tmp_path)
    yield TypeBench(host, tmp_path)
    host.close()


def prepare(bench, kind):
    if kind is VOLUME:
        bench.create(POOL, POOL_WRITTEN, address="pool")
        bench.create(VOLUME, {"name": "base", "pool": "images", "size": 2**20}, address="base")
    bench.recorded.clear()


class Failing:
    """Lets the call of a number fail, before or after it is made."""

    def __init__(self, monkeypatch, number, when):
        self.passed = 0
        write = Host.write

        def counted(host, operation, call):
            self.passed += 1
            if self.passed == number and when == "before":
                raise HostError.of("Call failed", f"{operation} was refused.")
            result = write(host, operation, call)
            if self.passed == number:
                raise HostError.of("Call failed", f"The answer to {operation} got lost.")
            return result

        monkeypatch.setattr(Host, "write", counted)


def attempts(monkeypatch, work):
    """Do the work again and again with another call failing; yields while one did."""
    for number, when in itertools.product(range(1, 40), ("before", "after")):
        with monkeypatch.context() as patch:
            failing = Failing(patch, number, when)
            try:
                work()
            except DiagnosticError:
                failed = True
            else:
                failed = False
        if failing.passed < number:
            assert number > 1
            return
        yield failed


@pytest.mark.parametrize(("kind", "written"), MADE)
def test_a_creation_that_fails_anywhere_is_made_good_by_the_next(bench, monkeypatch, kind, written):
    prepare(bench, kind)
    before = everything(bench.host)
    for _ in attempts(monkeypatch, lambda: bench.create(kind, written)):
        leftover = bench.recorded[-1] if bench.recorded else None
        if leftover is None:
            assert everything(bench.host) == before
        state = bench.create(kind, written, leftover=leftover)
        assert bench.edits(kind, written, state) == ()
        bench.delete(kind, state)
        assert everything(bench.host) == before
        bench.recorded.clear()
    # The last one came through.
    bench.delete(kind, bench.recorded[-1])


@pytest.mark.parametrize(("kind", "written", "change"), CHANGED)
def test_a_change_that_fails_anywhere_is_made_good_by_the_next(bench, monkeypatch, kind, written, change):
    prepare(bench, kind)
    present = [bench.create(kind, written)]
    bench.recorded.clear()
    wanted = written | change
    for _ in attempts(monkeypatch, lambda: bench.update(kind, wanted, present[-1])):
        state = bench.recorded[-1] if bench.recorded else present[-1]
        assert kind.read(bench.host, state) is not None
        state = bench.update(kind, wanted, state)
        assert bench.edits(kind, wanted, state) == ()
        assert len(everything(bench.host)) == (3 if kind is VOLUME else 1)
        present.append(bench.update(kind, written, state))
        bench.recorded.clear()


def everything(host):
    pools = host.inventory.pools.all()
    volumes = [volume.key for pool in pools for volume in host.inventory.volumes.of(pool.uuid)]
    return {*(pool.name for pool in pools), *volumes}
