"""What is told about a snapshot before anything is done."""

import pytest
from type_bench import TypeBench, complete

from kvmform.diagnostics import Severity
from kvmform.host.domains import define_domain
from kvmform.host.host import open_host
from kvmform.host.pools import define_pool, start_pool
from kvmform.host.power import start_domain
from kvmform.host.records import DomainRecord, PowerState, SnapshotRecord
from kvmform.resources.domain.resource_type import DOMAIN
from kvmform.resources.snapshot.check import check
from kvmform.resources.snapshot.check_revert import obstacles
from kvmform.resources.snapshot.definition import is_redefined
from kvmform.resources.snapshot.resource_type import SNAPSHOT
from kvmform.resources.volume.resource_type import VOLUME
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
    written = arguments.pop("disk", [{"file": "/a.qcow2"}])
    sources = dict.fromkeys(("volume_id", "file", "block_device"))
    disks = [sources | disk for disk in written] if isinstance(written, list) else written
    planned = {**complete(DOMAIN, {"name": "web"}), "id": UUID, "disk": disks, **arguments}
    bench.planned.setdefault("libvirt_domain", []).append(planned)


def plan_volume(bench, format_, key=KEY):
    planned = {**complete(VOLUME, {"name": "web.img"}), "id": key, "format": format_}
    bench.planned.setdefault("libvirt_volume", []).append(planned)


def test_a_snapshot_that_can_be_taken_has_no_problem(bench):
    plan_volume(bench, "qcow2")
    plan_domain(bench, disk=[{"volume_id": KEY}])
    assert problems(bench, WRITTEN) == {}


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
        ({"block_device": "/dev/sdb"}, "number 1 (/dev/sdb)"),
    ],
)
def test_a_planned_raw_disk_is_refused_with_the_way_out(bench, disk, name):
    plan_volume(bench, "raw")
    plan_domain(bench, disk=[disk])
    found = problems(bench, WRITTEN)
    assert summaries(found) == {("domain_id",): "Snapshot of a raw disk"}
    detail = found["domain_id",].detail
    assert name in detail
    assert 'Give its volume format = "qcow2"' in detail
    assert "external = true" in detail


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


def record(xml, state=PowerState.SHUT_OFF, **more):
    """A domain that is not on the bench's host."""
    facts = {"autostart": False, "persistent": True, "managed_save": False, "has_snapshots": True, **more}
    live = xml if state is PowerState.RUNNING else None
    return DomainRecord(uuid=UUID, name="web", active=live is not None, xml=xml, live_xml=live, state=state, **facts)


def told(host, domain, kept):
    """Why a domain can't be reverted to a snapshot."""
    snapshot = SnapshotRecord("first", UUID, None, True, f"<domainsnapshot>{kept}</domainsnapshot>")
    return [diagnostic.summary for diagnostic in obstacles(host, domain, snapshot)]


def test_an_external_snapshot_is_reverted_to_only_where_libvirt_can(bench):
    kept = "<disks><disk name='vda' snapshot='external'><source file='/images/web.first'/></disk></disks>"
    assert told(LikeQemu(bench.host), record("<domain/>"), kept) == []
    assert told(LikeQemu(bench.host, able=False), record("<domain/>"), kept) == ["Revert not supported"]


def test_memory_that_qemu_could_not_load_is_not_reverted_to(bench):
    vcpus = (
        "<vcpus><vcpu id='0' enabled='yes' hotpluggable='no'/><vcpu id='1' enabled='{}' hotpluggable='yes'/></vcpus>"
    )
    kept = "<state>{}</state><domain>" + vcpus + "</domain>"
    expected = ["Revert to memory with plugged processors"]
    assert told(bench.host, record("<domain/>"), kept.format("running", "yes")) == expected
    assert told(bench.host, record("<domain/>"), kept.format("running", "no")) == []
    assert told(bench.host, record("<domain/>"), kept.format("shutoff", "yes")) == []


def test_without_an_image_that_it_has_captured_a_snapshot_is_not_reverted_to(bench):
    create_pool(bench, "/images")
    disk = "<domain><devices><disk type='file'><source file='{}'/><target dev='vda'/></disk></devices></domain>"
    captured = "<disks><disk name='vda' snapshot='internal'/></disks>"
    there, gone, outside = (disk.format(path) for path in ("/images/web", "/images/gone", "/srv/elsewhere"))
    assert told(bench.host, record(there), captured + there) == []
    assert told(bench.host, record(there), captured + gone) == ["Image of a snapshot is gone"]
    assert told(bench.host, record(there), captured + outside) == []
    assert told(bench.host, record(there), captured.replace("internal", "no") + gone) == []


def create_pool(bench, path):
    pool = define_pool(bench.host, f"<pool type='dir'><name>p</name><target><path>{path}</path></target></pool>")
    start_pool(bench.host, pool)


def check_of(bench, written, existing, *, planned=None):
    """The problems of a snapshot of a domain that exists as said."""
    bench.planned.clear()
    if planned is not None:
        plan_domain(bench, **planned)
    host = LikeQemu(bench.host)
    host.inventory = Among(existing)
    return problems(bench, {**WRITTEN, **written}, host=host)


class Among:
    """The inventory of a host that has one domain."""

    def __init__(self, domain):
        self.domains, self.snapshots, self.volumes = self, self, self
        self.domain = domain

    def get(self, *identity):
        return self.domain if identity == (UUID,) else None

    def of(self, _domain):
        return ()


AGENT = "<channel><target name='org.qemu.guest_agent.0' state='{}'/></channel>"
QCOW2 = "<disk type='file'><driver type='qcow2'/><source file='/images/web.img'/><target dev='vda'/></disk>"

SECOND = QCOW2.replace("web.img", "b.img").replace("vda", "vdb")


def running(*devices, os=""):
    xml = f"<domain><vcpu current='1'>2</vcpu>{os}<devices>{''.join(devices)}</devices></domain>"
    return record(xml, PowerState.RUNNING)


@pytest.mark.parametrize(
    ("quiesce", "agent", "memory", "expected"),
    [
        ("mandatory", "connected", False, {}),
        ("mandatory", "disconnected", False, {("quiesce",): "Guest agent does not answer"}),
        ("optional", "disconnected", False, {}),
        ("optional", "connected", True, {("quiesce",): "Nothing to quiesce"}),
        ("mandatory", "connected", None, {("quiesce",): "Nothing to quiesce"}),
    ],
)
def test_file_systems_are_frozen_where_the_agent_answers_and_disks_are_taken_alone(
    bench, quiesce, agent, memory, expected
):
    existing = running(QCOW2, AGENT.format(agent))
    assert summaries(check_of(bench, {"quiesce": quiesce, "memory": memory}, existing)) == expected


@pytest.mark.parametrize(
    ("written", "path", "expected"),
    [
        ({"disk": [{"target": "vdx", "snapshot": "no"}], "external": True}, (0, "target"), "No such disk"),
        ({"disk": [{"target": "vda", "snapshot": "no"}]}, (0,), "Disk of an internal snapshot"),
        ({"disk": [{"target": "vda", "file": "/a"}], "external": False}, (0,), "Disk of an internal snapshot"),
        (
            {"disk": [{"target": "vda", "snapshot": "internal"}], "external": True, "memory": False},
            (0, "snapshot"),
            "Disk of an external snapshot",
        ),
    ],
)
def test_a_disk_is_captured_as_its_snapshot_is(bench, written, path, expected):
    assert summaries(check_of(bench, written, running(QCOW2))) == {("disk", *path): expected}


@pytest.mark.parametrize("word", ["no", "external"])
def test_what_a_disk_says_of_snapshots_itself_is_heeded(bench, word):
    """libvirt takes no internal snapshot then, and leaves the disk out of an external one, or doesn't."""
    existing = running(QCOW2.replace("type='file'", f"type='file' snapshot='{word}'"), SECOND)
    assert summaries(check_of(bench, {}, existing)) == {("domain_id",): "Disk of an internal snapshot"}
    assert check_of(bench, {"external": True, "memory": False}, existing) == {}
    disk = {"file": "/images/web.qcow2", "target": "vda", "snapshot": word}
    found = check_of(bench, {}, existing, planned={"disk": [disk]})
    assert summaries(found) == {("domain_id",): "Disk of an internal snapshot"}


def test_a_shared_disk_is_left_out_of_an_external_snapshot(bench):
    shared = QCOW2.replace("<target", "<shareable/><target")
    external = {"external": True, "memory": False}
    assert summaries(check_of(bench, external, running(shared))) == {("domain_id",): "Snapshot of a shared disk"}
    without = external | {"disk": [{"target": "vda", "snapshot": "no"}]}
    assert check_of(bench, without, running(shared, SECOND)) == {}


@pytest.mark.parametrize(
    ("disk", "expected"),
    [
        ({"file": "/a.raw", "readonly": True}, {}),
        ({"file": "/a.raw", "device": "cdrom"}, {}),
        ({"file": "/a.raw", "device": "floppy"}, {("domain_id",): "Snapshot of a raw disk"}),
        ({"file": "/a.raw", "format": "qcow2"}, {}),
        ({"file": "/a.qcow2", "format": "raw"}, {("domain_id",): "Snapshot of a raw disk"}),
        ({"source": [{"name": "export"}], "format": "raw"}, {("domain_id",): "Snapshot of a raw disk"}),
    ],
)
def test_a_planned_disk_counts_as_its_arguments_say(bench, disk, expected):
    plan_domain(bench, disk=[disk, {"file": "/b.qcow2"}])
    assert summaries(problems(bench, WRITTEN)) == expected


def test_an_external_snapshot_needs_files_that_are_free(bench):
    twins = [QCOW2, QCOW2.replace("web.img", "web.raw").replace("vda", "vdb")]
    external = {"external": True}
    found = check_of(bench, external, running(*twins))
    assert summaries(found) == {("domain_id",): "File of a snapshot is taken"}
    assert "/images/web.first" in found["domain_id",].detail
    told_apart = {"disk": [{"target": "vdb", "file": "/images/b.first"}]}
    assert check_of(bench, external | told_apart, running(*twins)) == {}
    block = "<disk type='block'><source dev='/dev/vg/lv'/><target dev='vda'/></disk>"
    assert summaries(check_of(bench, external, running(block))) == {("domain_id",): "No place for an external snapshot"}
    without = external | {"disk": [{"target": "vda", "snapshot": "no"}]}
    assert check_of(bench, without, running(block, SECOND)) == {}
    assert summaries(check_of(bench, without, running(block))) == {("domain_id",): "Nothing to capture"}


def test_without_a_disk_there_is_only_memory_to_capture(bench):
    assert summaries(check_of(bench, {}, running())) == {("domain_id",): "Nothing to capture"}
    assert summaries(check_of(bench, {}, None, planned={"disk": []})) == {("domain_id",): "Nothing to capture"}
    assert check_of(bench, {"external": True, "memory": True}, running()) == {}
    assert check_of(bench, {}, None, planned={"disk": UNKNOWN}) == {}


PFLASH = "<os><loader type='pflash'>/usr/share/OVMF/OVMF_CODE.fd</loader><nvram{}>/vars.fd</nvram></os>"
UEFI = {("domain_id",): "Internal snapshot of a UEFI guest"}


@pytest.mark.parametrize(
    ("written", "os", "planned", "expected"),
    [
        ({}, PFLASH.format(""), None, UEFI),
        ({}, "<os firmware='efi'/>", None, UEFI),
        ({}, PFLASH.format(" format='qcow2'"), None, {}),
        ({"external": True}, PFLASH.format(""), None, {}),
        ({}, "", {"firmware": "/usr/share/OVMF/OVMF_CODE.fd"}, UEFI),
        ({}, "", {"firmware": "efi"}, UEFI),
        ({}, "", {"firmware": "bios"}, {}),
        ({}, "", {"firmware": "/usr/share/OVMF/OVMF.fd", "loader": [{"type": "rom"}]}, {}),
        ({}, "<os firmware='efi'/>", {}, UEFI),
    ],
)
def test_the_variables_of_uefi_are_in_no_internal_snapshot(bench, written, os, planned, expected):
    assert summaries(check_of(bench, written, running(QCOW2, os=os), planned=planned)) == expected


def test_a_tpm_is_captured_only_together_with_memory(bench):
    tpm = "<tpm><backend type='emulator'/></tpm>"
    assert check_of(bench, {}, running(QCOW2, tpm)) == {}
    found = check_of(bench, {"memory": False}, running(QCOW2, tpm))
    assert summaries(found) == {("domain_id",): "Snapshot without the TPM"}
    assert found["domain_id",].severity is Severity.WARNING


PLUGGED = {("memory",): "Memory of a guest with plugged processors"}


@pytest.mark.parametrize(
    ("xml", "planned", "expected"),
    [
        ("<vcpus><vcpu id='1' enabled='yes' hotpluggable='yes'/></vcpus>", None, PLUGGED),
        ("<vcpus><vcpu id='1' enabled='no' hotpluggable='yes'/></vcpus>", None, {}),
        ("", {"vcpu": 2}, PLUGGED),
        ("", {"vcpu": 1}, {}),
        ("", {"vcpu": 3}, {}),
    ],
)
def test_memory_of_a_guest_with_plugged_processors_is_not_taken(bench, xml, planned, expected):
    """One that gets more than it can be given while it runs is rebooted, and has started with them then."""
    existing = record(f"<domain><vcpu current='1'>2</vcpu>{xml}<devices>{QCOW2}</devices></domain>", PowerState.RUNNING)
    assert summaries(check_of(bench, {}, existing, planned=planned)) == expected
    assert check_of(bench, {"memory": False}, existing, planned=planned) == {}


def test_beside_saved_memory_no_disks_are_taken(bench):
    existing = record(running(QCOW2).xml, managed_save=True)
    assert summaries(check_of(bench, {}, existing)) == {("domain_id",): "Snapshot beside saved memory"}
    assert check_of(bench, {}, existing, planned={"running": True}) == {}


def test_memory_of_a_paused_guest_is_kept_only_within_the_image(bench):
    existing = record(running(QCOW2).xml, PowerState.PAUSED)
    assert check_of(bench, {"memory": True}, existing) == {}
    for planned in (None, {"paused": True}):
        found = check_of(bench, {"memory": True, "external": True}, existing, planned=planned)
        assert summaries(found) == {("memory",): "Memory of a paused guest"}
    assert check_of(bench, {"memory": True, "external": True}, existing, planned={"paused": False}) == {}


def test_a_running_guest_is_not_captured_in_its_images_without_its_memory(bench):
    plan_domain(bench)
    found = problems(bench, {**WRITTEN, "memory": False, "external": False})
    assert summaries(found) == {("memory",): "Snapshot without memory"}


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
    domain = record("<domain><memory>1</memory></domain>")
    snapshot = SnapshotRecord("first", UUID, None, True, f"<domainsnapshot>{kept}</domainsnapshot>")
    assert is_redefined(domain, snapshot) is expected
