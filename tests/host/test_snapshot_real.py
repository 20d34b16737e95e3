"""Snapshots on a real host, of a domain that has a disk and boots nothing."""

import subprocess
from contextlib import closing
from xml.etree import ElementTree as ET

import libvirt
import pytest
from lab_xml import disk_xml, guest_xml
from type_bench import TypeBench

from kvmform.diagnostics import DiagnosticError
from kvmform.host.affect import Affect
from kvmform.host.devices import set_vcpus
from kvmform.host.domains import define_domain, undefine_domain
from kvmform.host.host import open_host
from kvmform.host.operation import Kind
from kvmform.host.power import power_off_domain, start_domain
from kvmform.host.records import PowerState
from kvmform.resources.domain.resource_type import DOMAIN
from kvmform.resources.snapshot.check_revert import obstacles
from kvmform.resources.snapshot.resource_type import SNAPSHOT

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


@pytest.mark.changes("libvirt_snapshot.revert")
@pytest.mark.parametrize("runs", [True, False])
def test_reverting_leaves_the_guest_as_busy_as_it_was(bench, domain, runs):
    off = bench.create(SNAPSHOT, {"name": "off", "domain_id": domain})
    start_domain(bench.host, domain)
    on = bench.create(SNAPSHOT, {"name": "on", "domain_id": domain}, address="y")
    assert (on["state"], on["parent"]) == ("running", "off")
    if not runs:
        power_off_domain(bench.host, domain)
    bench.update(SNAPSHOT, {"name": "off", "domain_id": domain, "revert": "a"}, off)
    assert power(bench, domain) is (PowerState.RUNNING if runs else PowerState.SHUT_OFF)
    bench.update(SNAPSHOT, {"name": "on", "domain_id": domain, "revert": "a"}, on, "y")
    assert power(bench, domain) is (PowerState.RUNNING if runs else PowerState.SHUT_OFF)


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


@pytest.mark.changes("libvirt_snapshot.description")
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


def written_to(image):
    """Write to an image, as a guest does; what tells whether that is in it."""
    subprocess.run(["qemu-io", "-f", "qcow2", "-c", "write -P 7 1M 64k", image], check=True, capture_output=True)
    reading = ["qemu-io", "-r", "-f", "qcow2", "-c", "read -P 7 1M 64k"]
    return lambda other: subprocess.run([*reading, other], capture_output=True, check=False).returncode == 0


def test_external_snapshots_of_a_guest_that_is_off_are_deleted_in_any_order(bench, domain, tmp_path):
    """Their files are named and recorded; what was written to them is in the image in the end."""
    external = {"domain_id": domain, "external": True}
    own = str(tmp_path / "own")
    first = bench.create(SNAPSHOT, {"name": "first", **external})
    second = {"name": "second", **external, "disk": [{"target": "vda", "file": own}]}
    state = bench.create(SNAPSHOT, second, address="y")
    third = bench.create(SNAPSHOT, {"name": "third", **external}, address="z")
    assert [each["files"] for each in (first, state, third)] == [
        [str(tmp_path / "disk.first")],
        [own],
        [str(tmp_path / "own.third")],
    ]
    assert (first["state"], state["parent"], third["parent"]) == ("shutoff", "first", "second")
    assert bench.edits(SNAPSHOT, second, state, "y") == ()
    is_in = written_to(tmp_path / "own.third")
    assert not is_in(tmp_path / "disk")
    for gone in (state, first, third):
        bench.delete(SNAPSHOT, gone)
        assert power(bench, domain) is PowerState.SHUT_OFF
    assert files(tmp_path) == {"disk"}
    assert is_in(tmp_path / "disk")


def test_memory_in_a_file_of_its_own_comes_and_goes_with_its_snapshot(bench, domain, tmp_path):
    start_domain(bench.host, domain)
    external = {"domain_id": domain, "external": True, "memory": True}
    name = bench.host.inventory.domains.get(domain).name
    first = bench.create(SNAPSHOT, {"name": "first", **external})
    assert first["state"] == "running"
    assert first["files"] == [str(tmp_path / "disk.first"), str(tmp_path / f"{name}.first.memory")]
    own = str(tmp_path / "memory")
    second = bench.create(SNAPSHOT, {"name": "second", **external, "memory_file": own}, address="y")
    assert own in second["files"]
    assert power(bench, domain) is PowerState.RUNNING
    bench.delete(SNAPSHOT, first)
    bench.delete(SNAPSHOT, second)
    assert files(tmp_path) == {"disk"}


def test_a_disk_is_left_out_where_it_says_so(bench, domain, tmp_path):
    extra = tmp_path / "extra"
    subprocess.run(["qemu-img", "create", "-q", "-f", "raw", extra, "8M"], check=True)
    definition = bench.host.inventory.domains.get(domain).xml
    define_domain(bench.host, definition.replace("<serial", f"{disk_xml(extra, 'vdb', format_='raw')}<serial", 1))
    without = {"name": "first", "domain_id": domain, "external": True, "disk": [{"target": "vdb", "snapshot": "no"}]}
    assert summaries(bench, without) == []
    state = bench.create(SNAPSHOT, without)
    assert state["files"] == [str(tmp_path / "disk.first")]
    bench.delete(SNAPSHOT, state)
    assert files(tmp_path) == {"disk", "extra"}


def test_what_the_plan_says_of_an_agent_that_is_not_there_is_what_libvirt_does(bench, domain, tmp_path):
    start_domain(bench.host, domain)
    alone = {"name": "first", "domain_id": domain, "memory": False}
    assert summaries(bench, {**alone, "quiesce": "mandatory"}) == ["Guest agent does not answer"]
    bench.planned.clear()
    assert summaries(bench, {**alone, "quiesce": "optional"}) == []
    state = bench.create(SNAPSHOT, {**alone, "quiesce": "optional"})
    assert state["files"] == [str(tmp_path / "disk.first")]
    assert any("file systems are not frozen" in words for words, *_ in bench.said)
    bench.delete(SNAPSHOT, state)


def test_what_the_plan_says_of_plugged_processors_is_what_libvirt_does(bench, domain):
    """libvirt takes the snapshot, can't go back to it, and leaves the guest off."""
    start_domain(bench.host, domain)
    set_vcpus(bench.host, domain, 2, Affect.LIVE)
    written = {"name": "first", "domain_id": domain}
    assert summaries(bench, written) == ["Memory of a guest with plugged processors"]
    state = bench.create(SNAPSHOT, written)
    with pytest.raises(DiagnosticError, match="Cannot revert"):
        bench.update(SNAPSHOT, {**written, "revert": "a"}, state)
    assert power(bench, domain) is PowerState.SHUT_OFF
    record = bench.host.inventory.domains.get(domain)
    (found,) = obstacles(bench.host, record, bench.host.inventory.snapshots.get(domain, "first"))
    assert found.summary == "Revert to memory with plugged processors"


UEFI = (
    "<loader readonly='yes' secure='no' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>"
    "<nvram template='/usr/share/OVMF/OVMF_VARS_4M.fd'/>"
)
TPM = "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>"


def test_a_guest_with_uefi_and_a_tpm_is_captured_outside_of_its_images_and_goes_whole(bench, tmp_path):
    """Undefined with its variables, the TPM's, a checkpoint, saved memory, and snapshots that nobody knows of."""
    image = tmp_path / "disk"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", image, "8M"], check=True)
    uuid = define_domain(bench.host, guest_xml("snapshot-uefi", "qemu", disk_xml(image, "vda"), TPM, boot=UEFI))
    internal = {"name": "first", "domain_id": uuid}
    assert summaries(bench, internal) == ["Internal snapshot of a UEFI guest", "Snapshot without the TPM"]
    with pytest.raises(DiagnosticError) as caught:
        bench.create(SNAPSHOT, internal)
    assert "pflash based firmware are not supported" in caught.value.diagnostics[0].detail
    bench.planned.clear()
    start_domain(bench.host, uuid)
    external = {**internal, "external": True}
    assert summaries(bench, external) == ["Snapshot without the TPM"]
    state = bench.create(SNAPSHOT, external)
    bench.create(SNAPSHOT, {**external, "name": "second"}, address="y")
    bench.delete(SNAPSHOT, state)
    with closing(libvirt.open(bench.host.uri)) as connection:
        domain = connection.lookupByUUIDString(uuid)
        nvram = ET.fromstring(domain.XMLDesc()).findtext("os/nvram")
        domain.checkpointCreateXML("<domaincheckpoint><name>c</name></domaincheckpoint>")
        domain.managedSave()
    bench.host.inventory.forget(Kind.DOMAIN, uuid)
    bench.delete(DOMAIN, {"id": uuid, "name": "snapshot-uefi", "nvram": [], "network_interface": []})
    assert bench.host.inventory.domains.get(uuid) is None
    assert files(tmp_path) == {"disk"}
    with closing(libvirt.open(bench.host.uri)) as connection:
        assert not connection.listAllDomains()
    assert nvram is not None


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
