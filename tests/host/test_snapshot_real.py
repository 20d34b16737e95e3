"""Snapshots on a real host, of a domain that has a disk and boots nothing."""

import subprocess

import pytest
from lab_xml import disk_xml, guest_xml
from type_bench import TypeBench

from kvmform.diagnostics import DiagnosticError
from kvmform.host.domains import define_domain, undefine_domain
from kvmform.host.host import open_host
from kvmform.host.power import power_off_domain, start_domain
from kvmform.host.records import PowerState
from kvmform.resources.snapshot import SNAPSHOT

pytestmark = pytest.mark.libvirt


@pytest.fixture
def bench(lab_host, tmp_path):
    host = open_host(lab_host.uri, tmp_path)
    yield TypeBench(host, tmp_path)
    host.close()


@pytest.fixture
def domain(bench, tmp_path, request):
    """UUID of a domain that is off, whose disk has the format that the test asks for."""
    format_ = getattr(request, "param", "qcow2")
    image = tmp_path / "disk"
    subprocess.run(["qemu-img", "create", "-q", "-f", format_, image, "8M"], check=True)
    name = f"snapshot-{request.node.originalname[:40]}"
    uuid = define_domain(bench.host, guest_xml(name, "qemu", disk_xml(image, "vda", format_=format_)))
    yield uuid
    power_off_domain(bench.host, uuid)
    undefine_domain(bench.host, uuid)


def power(bench, domain):
    return bench.host.inventory.domains.get(domain).state


def files(tmp_path):
    return {path.name for path in tmp_path.iterdir()}


def summaries(bench, written):
    return [problem.diagnostic.summary for problem in bench.check(SNAPSHOT, written)]


@pytest.mark.parametrize("runs", [True, False])
@pytest.mark.parametrize("memory", [None, True, False])
def test_what_is_made_is_read_back_without_a_difference_and_deleted_without_a_trace(
    bench, domain, tmp_path, runs, memory
):
    if runs:
        start_domain(bench.host, domain, paused=True)
    written = {"name": "first", "domain_id": domain, "description": "<&> ü", "memory": memory}
    if memory and not runs:
        with pytest.raises(DiagnosticError, match="Snapshot without memory"):
            bench.create(SNAPSHOT, written)
        return
    state = bench.create(SNAPSHOT, written)
    expected = "shutoff" if not runs else "disk-snapshot" if memory is False else "paused"
    assert state["state"] == expected
    assert bench.edits(SNAPSHOT, written, state) == ()
    assert files(tmp_path) == ({"disk", "disk.first"} if expected == "disk-snapshot" else {"disk"})
    bench.delete(SNAPSHOT, state)
    bench.delete(SNAPSHOT, state)
    assert bench.host.inventory.snapshots.of(domain) == ()
    assert files(tmp_path) == {"disk"}


@pytest.mark.parametrize("runs", [True, False])
def test_reverting_leaves_the_guest_as_busy_as_it_was(bench, domain, runs):
    """Taken while it was off: who ran goes on running. Taken while it ran: it runs again, with its memory."""
    off = bench.create(SNAPSHOT, {"name": "off", "domain_id": domain})
    start_domain(bench.host, domain)
    on = bench.create(SNAPSHOT, {"name": "on", "domain_id": domain}, address="y")
    assert (on["state"], on["parent"]) == ("running", "off")
    if not runs:
        power_off_domain(bench.host, domain)
    bench.update(SNAPSHOT, {"name": "off", "domain_id": domain, "revert": "a"}, off)
    assert power(bench, domain) is (PowerState.RUNNING if runs else PowerState.SHUT_OFF)
    bench.update(SNAPSHOT, {"name": "on", "domain_id": domain, "revert": "a"}, on, "y")
    assert power(bench, domain) is PowerState.RUNNING


def test_the_branches_of_a_tree_are_deleted_in_any_order(bench, domain):
    """A snapshot with two that follow it, where libvirt 9.0 crashes if it is asked to delete them all at once."""
    first = bench.create(SNAPSHOT, {"name": "first", "domain_id": domain})
    left = bench.create(SNAPSHOT, {"name": "left", "domain_id": domain}, address="l")
    bench.update(SNAPSHOT, {"name": "first", "domain_id": domain, "revert": "a"}, first)
    right = bench.create(SNAPSHOT, {"name": "right", "domain_id": domain}, address="r")
    assert (left["parent"], right["parent"]) == ("first", "first")
    for state in (first, left, right):
        bench.delete(SNAPSHOT, state)
    assert bench.host.inventory.snapshots.of(domain) == ()


def test_a_description_is_changed_without_touching_the_tree(bench, domain):
    first = {"name": "first", "domain_id": domain, "description": "old"}
    state = bench.create(SNAPSHOT, first)
    bench.create(SNAPSHOT, {"name": "second", "domain_id": domain}, address="y")
    changed = bench.update(SNAPSHOT, {**first, "description": "new"}, state)
    assert changed["description"] == "new"
    tree = {record.name: (record.parent, record.current) for record in bench.host.inventory.snapshots.of(domain)}
    assert tree == {"first": (None, False), "second": ("first", True)}


@pytest.mark.parametrize("domain", ["raw"], indirect=True)
def test_what_the_plan_says_of_a_raw_disk_is_what_libvirt_does(bench, domain):
    internal = {"name": "first", "domain_id": domain}
    assert summaries(bench, internal) == ["Snapshot of a raw disk"]
    with pytest.raises(DiagnosticError) as caught:
        bench.create(SNAPSHOT, internal)
    assert "internal snapshot for disk vda unsupported for storage type raw" in caught.value.diagnostics[0].detail
    bench.planned.clear()
    start_domain(bench.host, domain, paused=True)
    external = {**internal, "memory": False}
    assert summaries(bench, external) == []
    state = bench.create(SNAPSHOT, external)
    bench.delete(SNAPSHOT, state)


def test_what_the_plan_says_of_two_kinds_is_what_libvirt_does(bench, domain):
    """Made in spite of the plan, the external one can't be deleted."""
    start_domain(bench.host, domain, paused=True)
    bench.create(SNAPSHOT, {"name": "first", "domain_id": domain})
    external = {"name": "second", "domain_id": domain, "memory": False}
    assert summaries(bench, external) == ["Two kinds of snapshots"]
    state = bench.create(SNAPSHOT, external, address="y")
    with pytest.raises(DiagnosticError) as caught:
        bench.delete(SNAPSHOT, state)
    assert "external snapshot that has internal snapshot as parent not supported" in caught.value.diagnostics[0].detail
