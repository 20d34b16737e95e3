"""What is told about a snapshot before anything is done."""

import pytest
from type_bench import TypeBench, complete

from kvmform.diagnostics import Severity
from kvmform.host.domains import define_domain
from kvmform.host.host import open_host
from kvmform.host.power import start_domain
from kvmform.host.records import DomainRecord, PowerState, SnapshotRecord
from kvmform.resources.domain import DOMAIN
from kvmform.resources.snapshot import SNAPSHOT
from kvmform.resources.snapshot.check import check
from kvmform.resources.snapshot.definition import is_redefined
from kvmform.resources.volume import VOLUME
from kvmform.schema import Check, Edit, Identity
from kvmform.values.model import UNKNOWN, Unknown
from kvmform.values.types import STRING

UUID = "6a1f7b1e-3c1f-4d0e-9a52-5d7a1c2b3d4e"
XML = """
<domain type='test'><name>web</name><uuid>{uuid}</uuid><memory unit='KiB'>1024</memory><os><type>hvm</type></os>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='{format}'/><source file='/images/web'/><target dev='vda'/>
    </disk>
    <disk type='file' device='disk'><source file='/images/seed'/><target dev='vdz'/><readonly/></disk>
    <disk type='file' device='cdrom'><target dev='sda' bus='sata'/></disk>
  </devices>
</domain>
"""
WRITTEN = {"name": "first", "domain_id": UUID}
KEY = Unknown(STRING, not_null=True, prefix="/images/web.img")


@pytest.fixture
def bench(tmp_path):
    host = open_host("test+file:host.xml", tmp_path)
    yield TypeBench(host, tmp_path)
    host.close()


class LikeQemu:
    """The same objects as on the simulated host, and everything that QEMU can do."""

    def __init__(self, host, able=True):
        self.inventory = host.inventory
        self.able = able

    def can(self, _feature):
        return self.able


def problems(bench, written, *, observed=None, replace=False, host=None, edits=()):
    """Summaries, by path."""
    planned = bench.propose(SNAPSHOT, written, None if replace else observed)
    asked = Check(
        address="x",
        host=host or LikeQemu(bench.host),
        base_directory=bench.base_directory,
        identity=Identity("lineage", "x"),
        config=complete(SNAPSHOT, written),
        observed=observed,
        planned=planned,
        replace=replace,
        edits=edits,
        others=lambda kind: bench.planned.get(kind, []),
    )
    return {problem.path: problem.diagnostic for problem in check(asked)}


def summaries(found):
    return {path: diagnostic.summary for path, diagnostic in found.items()}


def plan_domain(bench, **arguments):
    """Have a planned domain, whose disks are given by their volume's key or file."""
    disks = [{"volume_id": None, "file": None, "block_device": None, **disk} for disk in arguments.pop("disk", [])]
    planned = {**complete(DOMAIN, {"name": "web"}), "id": UUID, "disk": disks, **arguments}
    bench.planned.setdefault("libvirt_domain", []).append(planned)


def plan_volume(bench, format_, key=KEY):
    planned = {**complete(VOLUME, {"name": "web.img"}), "id": key, "format": format_}
    bench.planned.setdefault("libvirt_volume", []).append(planned)


def test_a_snapshot_that_can_be_taken_has_no_problem(bench):
    plan_volume(bench, "qcow2")
    plan_domain(bench, disk=[{"volume_id": KEY}])
    assert problems(bench, WRITTEN) == {}


def test_a_name_with_a_slash_is_refused(bench):
    assert summaries(problems(bench, {**WRITTEN, "name": "a/b"})) == {("name",): "Invalid snapshot name"}


def test_a_snapshot_of_somebody_elses_is_left_alone(bench):
    define_domain(bench.host, XML.format(uuid=UUID, format="qcow2"))
    state = bench.create(SNAPSHOT, WRITTEN)
    found = problems(bench, WRITTEN)
    assert summaries(found) == {("name",): "Snapshot already exists"}
    assert 'has a snapshot "first" that is not in this state' in found["name",].detail
    observed = SNAPSHOT.read(bench.host, state)
    assert problems(bench, WRITTEN, observed=observed) == {}
    assert problems(bench, WRITTEN, observed=observed, replace=True) == {}


@pytest.mark.parametrize(
    ("disk", "name"),
    [
        ({"volume_id": KEY}, "number 1 (/images/web.img)"),
        ({"file": "/images/disk.raw", "target": "vdc"}, "vdc (/images/disk.raw)"),
        ({"block_device": "/dev/sdb"}, "number 1 ()"),
    ],
)
def test_a_planned_raw_disk_is_refused_with_the_way_out(bench, disk, name):
    plan_volume(bench, "raw")
    plan_domain(bench, disk=[disk])
    found = problems(bench, WRITTEN)
    assert summaries(found) == {("domain_id",): "Snapshot of a raw disk"}
    detail = found["domain_id",].detail
    assert name in detail
    assert "qemu-img convert -O qcow2" in detail


@pytest.mark.parametrize("file", ["/images/disk.qcow2", "/images/seed.iso", None, UNKNOWN])
def test_what_may_hold_a_snapshot_or_is_not_captured_is_let_through(bench, file):
    plan_domain(bench, disk=[{"file": file}, {"volume_id": UNKNOWN}, {"volume_id": "/elsewhere"}])
    assert problems(bench, WRITTEN) == {}


@pytest.mark.parametrize(("format_", "expected"), [("raw", {("domain_id",): "Snapshot of a raw disk"}), ("qcow2", {})])
def test_a_domain_that_is_not_in_the_configuration_is_looked_at(bench, format_, expected):
    """Of its disks only those that libvirt would capture: no CD-ROM, nothing read-only, no empty drive."""
    define_domain(bench.host, XML.format(uuid=UUID, format=format_))
    assert summaries(problems(bench, WRITTEN)) == expected


def test_disks_alone_of_a_running_guest_may_be_raw(bench):
    plan_domain(bench, disk=[{"file": "/images/disk.raw"}])
    assert problems(bench, {**WRITTEN, "memory": False}) == {}


def test_disks_alone_of_a_guest_that_is_off_are_kept_in_the_images(bench):
    plan_domain(bench, running=False, disk=[{"file": "/images/disk.raw"}])
    assert summaries(problems(bench, {**WRITTEN, "memory": False})) == {("domain_id",): "Snapshot of a raw disk"}


@pytest.mark.parametrize(("running", "expected"), [(True, {}), (False, {("memory",): "Snapshot without memory"})])
def test_only_a_running_guest_has_memory_to_keep(bench, running, expected):
    plan_domain(bench, running=running)
    assert summaries(problems(bench, {**WRITTEN, "memory": True})) == expected


def test_a_host_without_external_snapshots_says_so(bench):
    plan_domain(bench)
    found = problems(bench, {**WRITTEN, "memory": False}, host=bench.host)
    assert summaries(found) == {("memory",): "External snapshot not supported"}


@pytest.mark.parametrize("order", [(None, False), (False, None)])
def test_a_domain_has_snapshots_of_one_kind(bench, order):
    """Which is told of each of two that are planned together."""
    first, second = order
    plan_domain(bench)
    bench.propose(SNAPSHOT, {**WRITTEN, "name": "other", "memory": first}, address="y")
    found = problems(bench, {**WRITTEN, "memory": second})
    assert summaries(found) == {("memory",): "Two kinds of snapshots"}
    assert ": other." in found["memory",].detail


def test_snapshots_that_are_there_count_too_but_not_the_one_that_is_replaced(bench):
    define_domain(bench.host, XML.format(uuid=UUID, format="qcow2"))
    start_domain(bench.host, UUID)
    state = bench.create(SNAPSHOT, WRITTEN)
    bench.planned.clear()
    external = {**WRITTEN, "memory": False}
    assert summaries(problems(bench, {**external, "name": "other"})) == {("memory",): "Two kinds of snapshots"}
    bench.planned.clear()
    assert problems(bench, external, observed=SNAPSHOT.read(bench.host, state), replace=True) == {}


def test_an_external_snapshot_is_reverted_to_only_where_libvirt_can(bench):
    define_domain(bench.host, XML.format(uuid=UUID, format="qcow2"))
    observed = SNAPSHOT.read(bench.host, bench.create(SNAPSHOT, WRITTEN))
    observed.object["state"] = "disk-snapshot"
    edits = [Edit(("revert",), None, "monday")]
    wanted = {**WRITTEN, "revert": "monday"}
    assert problems(bench, wanted, observed=observed, edits=edits) == {}
    found = problems(bench, wanted, observed=observed, edits=edits, host=LikeQemu(bench.host, able=False))
    assert summaries(found) == {("revert",): "Revert not supported"}
    gone = [Edit(("revert",), "monday", None)]
    assert problems(bench, WRITTEN, observed=observed, edits=gone, host=LikeQemu(bench.host, able=False)) == {}


def test_a_definition_that_comes_back_is_a_warning(bench):
    define_domain(bench.host, XML.format(uuid=UUID, format="qcow2"))
    observed = SNAPSHOT.read(bench.host, bench.create(SNAPSHOT, WRITTEN))
    define_domain(bench.host, XML.format(uuid=UUID, format="qcow2").replace("1024", "2048"))
    found = problems(bench, WRITTEN, observed=observed, edits=[Edit(("revert",), None, "monday")])
    assert summaries(found) == {("revert",): "Reverting takes the definition back too"}
    assert found["revert",].severity is Severity.WARNING


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        ("<domain><memory>2</memory></domain><inactiveDomain><memory>1</memory></inactiveDomain>", False),
        ("<domain><memory>1</memory></domain><inactiveDomain><memory>2</memory></inactiveDomain>", True),
        ("<domain>\n    <memory>1</memory>\n  </domain>", False),
        ("<domain><memory>1</memory><vcpu>2</vcpu></domain>", True),
        ("", False),
    ],
)
def test_the_definition_is_what_would_hold_at_the_next_start(kept, expected):
    domain = DomainRecord(
        uuid=UUID,
        name="web",
        active=False,
        persistent=True,
        autostart=False,
        xml="<domain><memory>1</memory></domain>",
        live_xml=None,
        state=PowerState.SHUT_OFF,
        managed_save=False,
        has_snapshots=True,
    )
    snapshot = SnapshotRecord("first", UUID, None, True, f"<domainsnapshot>{kept}</domainsnapshot>")
    assert is_redefined(domain, snapshot) is expected
