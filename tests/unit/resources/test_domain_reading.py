"""Reading a domain: what is told of it, and what a running guest has otherwise than its definition."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
from domain_bench import DomainBench, settled

from kvmform.host.features import Feature
from kvmform.host.records import DomainRecord, NetworkRecord, PowerState, VolumeRecord
from kvmform.resources.domain.definition import definition_xml
from kvmform.resources.domain.interface import addresses
from kvmform.resources.domain.reading import read
from kvmform.schema import Identity
from kvmform.xml.document import Document

UUID = Identity("lineage", "x").uuid
WEB = {
    "name": "web",
    "machine": "q35",
    "type": "kvm",
    "arch": "x86_64",
    "disk": [{"volume_id": "/v/root.qcow2"}],
    "network_interface": [{"network_name": "lab"}],
}
LAB = """
<network><name>lab</name>
<ip address='10.0.0.1'><dhcp><range start='10.0.0.2' end='10.0.0.9'/>{hosts}</dhcp></ip></network>
"""


class Shelf:
    def __init__(self, *records):
        self.records = list(records)

    def get(self, identity):
        return next((r for r in self.records if identity in {getattr(r, "uuid", ""), getattr(r, "key", "")}), None)

    def named(self, *names):
        return next((r for r in self.records if r.name == names[-1]), None)


@dataclass(eq=False)
class FakeHost:
    """A host with one domain, whose two documents a test writes, and one network."""

    live: bool = True
    features: frozenset = frozenset(Feature)
    is_simulated: bool = False
    capabilities: object = field(default_factory=lambda: SimpleNamespace(arch="x86_64"))

    def __post_init__(self):
        snapshots = SimpleNamespace(of=lambda _domain: ())
        self.inventory = SimpleNamespace(
            domains=Shelf(), networks=Shelf(), volumes=Shelf(), pools=Shelf(), snapshots=snapshots
        )
        self.network()

    def can(self, feature):
        return feature in self.features

    def network(self, uuid="1", hosts="", *, active=True):
        xml = LAB.format(hosts=hosts)
        self.inventory.networks.records = [NetworkRecord(uuid, "lab", active, True, True, xml, xml if active else None)]

    def has_control_groups(self, _uuid):
        return False

    def domain(self, definition, live=None, state=PowerState.RUNNING):
        active = live is not None
        state = state if active else PowerState.SHUT_OFF
        text = live.text if active else None
        self.inventory.domains.records = [
            DomainRecord(UUID, "web", active, True, False, definition.text, text, state, False, False)
        ]


@pytest.fixture
def host():
    return FakeHost()


@pytest.fixture
def bench(host, tmp_path):
    return DomainBench(host, tmp_path)


@pytest.fixture(autouse=True)
def leases(monkeypatch):
    """Leases that the network tells; a test adds some."""
    told = []
    monkeypatch.setattr(addresses, "read_leases", lambda _host, _uuid: tuple(told))
    return told


def documents(bench, written):
    xml = definition_xml(bench.operation(), settled(bench.plan(written)))
    return Document.parse(xml), Document.parse(xml)


def record_of(bench, written=WEB, **changes):
    """The record of the domain as its creation leaves it."""
    planned = settled(bench.plan(written))
    nics = [{"network_id": "1", **nic} for nic in planned["network_interface"]]
    return {**planned, "network_interface": [{**nic, "network_id": "1", "addresses": []} for nic in nics], **changes}


def test_nothing_is_read_where_nothing_is(host):
    assert read(host, {"id": UUID}) is None
    assert read(host, {"id": None}) is None


def test_a_domain_reads_as_it_was_made(bench, host):
    host.domain(*documents(bench, WEB))
    record = record_of(bench)
    found = read(host, record)
    assert found.object == {**record, "max_memory": 512, "running": True}
    assert found.facts["running"] is True
    assert found.facts["free_ports"] == 15


@pytest.mark.parametrize(
    ("state", "running", "paused"),
    [
        (PowerState.RUNNING, True, False),
        (PowerState.PAUSED, True, True),
        (PowerState.ASLEEP, True, False),
        (PowerState.CRASHED, False, False),
    ],
)
def test_a_paused_guest_runs_and_one_that_crashed_does_not(bench, host, state, running, paused):
    host.domain(*documents(bench, WEB), state)
    found = read(host, record_of(bench))
    assert (found.object["running"], found.object["paused"], found.facts["running"]) == (running, paused, running)


def test_what_nobody_declared_is_not_told(bench, host):
    definition, live = documents(bench, WEB)
    for document in (definition, live):
        document.add("", "<description>by hand</description>")
        document.add("devices", "<graphics type='vnc'/>")
        document.add("devices", "<disk type='file'><source file='/hand.img'/><target dev='vdb' bus='virtio'/></disk>")
        document.add("devices", "<interface type='bridge'><mac address='52:54:00:ff:ff:ff'/></interface>")
    host.domain(definition, live)
    record = record_of(bench)
    found = read(host, record)
    assert found.object == {**record, "max_memory": 512}
    assert found.facts["unrecorded_disks"].keys() == {"vdb"}


def test_an_import_tells_everything(bench, host):
    disk = {"volume_id": "/v/root.qcow2", "bus": "sata", "cache": "none"}
    pm = {"suspend_to_mem": False}
    definition, _ = documents(
        bench, {**WEB, "description": "x", "network_interface": [{"bridge": "br0"}], "disk": [disk], "pm": [pm]}
    )
    host.domain(definition)
    found = read(host, {"id": UUID}).object
    assert found["description"] == "x"
    (disk,) = found["disk"]
    assert (disk["file"], disk["bus"], disk["device"], disk["cache"]) == ("/v/root.qcow2", "sata", "disk", "none")
    assert found["pm"] == [{"suspend_to_mem": False, "suspend_to_disk": None}], "what is said to be off is said"
    assert found["memtune"] == []
    assert found["network_interface"][0]["bridge"] == "br0"


def test_a_record_of_provider_0_8_is_taken_over(bench, host):
    """Its disks have no target and empty strings, and its XML names volumes by pool."""
    definition, _ = documents(bench, WEB)
    disk = definition.find("devices/disk")
    disk.set("type", "volume")
    source = disk.find("source")
    del source.attrib["file"]
    source.set("pool", "images")
    source.set("volume", "root.qcow2")
    host.domain(definition)
    host.inventory.pools.records = [SimpleNamespace(uuid="p", name="images")]
    host.inventory.volumes.records = [VolumeRecord("/v/root.qcow2", "root.qcow2", "/v/root.qcow2", "p", "<volume/>")]
    old = record_of(bench)
    for name in ("max_memory", "max_vcpu", "pending", "on_reboot_needed", "shutdown_timeout", "timeouts"):
        del old[name]
    old["disk"] = [{"volume_id": "/v/root.qcow2", "url": "", "file": "", "block_device": "", "scsi": False, "wwn": ""}]
    old["network_interface"][0].pop("reserved_addresses")
    old |= {"description": "", "firmware": "", "cloudinit": "", "metadata": None}
    found = read(host, old).object
    assert found["disk"][0]["volume_id"] == "/v/root.qcow2"
    assert found["disk"][0]["target"] == "vda"
    bench.planned["libvirt_network"] = [{"id": "1", "name": "lab"}]
    bench.host = host
    bench.state = old
    host.inventory.domains.all = list
    assert bench.changes({**WEB, "running": False}) == ()


@pytest.mark.parametrize(
    ("change", "name", "value"),
    [
        (lambda d: d.find("currentMemory").set("unit", "GiB"), "memory", 512 * 1024),
        (lambda d: d.find("os/type").set("machine", "pc-i440fx-7.2"), "machine", "pc-i440fx-7.2"),
        (lambda d: d.root.set("type", "qemu"), "type", "qemu"),
        (lambda d: d.find("vcpu").set("current", "3"), "vcpu", 3),
    ],
)
def test_what_was_changed_past_kvmform_is_told(bench, host, change, name, value):
    definition, _ = documents(bench, WEB)
    change(definition)
    host.domain(definition)
    assert read(host, record_of(bench)).object[name] == value


def test_an_alias_stays_in_the_record(bench, host):
    definition, _ = documents(bench, WEB)
    definition.find("os/type").set("machine", "pc-q35-7.2")
    host.domain(definition)
    assert read(host, record_of(bench)).object["machine"] == "q35"


def test_another_disk_image_is_told(bench, host):
    definition, _ = documents(bench, WEB)
    definition.find("devices/disk/source").set("file", "/other.img")
    host.domain(definition)
    disk = read(host, record_of(bench)).object["disk"][0]
    assert (disk["volume_id"], disk["file"]) == (None, "/other.img")


def test_an_overlay_of_a_snapshot_is_still_the_disk(bench, host):
    definition, live = documents(bench, WEB)
    for document in (definition, live):
        document.find("devices/disk/source").set("file", "/v/root.snap")
    chain = "<backingStore type='file'><source file='/v/root.qcow2'/></backingStore>"
    live.find("devices/disk").append(Document.parse(chain).root)
    overlay = "<volume><backingStore><path>/v/root.qcow2</path></backingStore></volume>"
    host.inventory.volumes.records = [VolumeRecord("/v/root.snap", "root.snap", "/v/root.snap", "p", overlay)]
    host.domain(definition, live)
    found = read(host, record_of(bench)).object
    assert found["disk"][0]["volume_id"] == "/v/root.qcow2"
    assert found["pending"] == []


def test_an_interface_on_another_network_is_told(bench, host):
    definition, _ = documents(bench, WEB)
    interface = definition.find("devices/interface")
    interface.set("type", "bridge")
    source = interface.find("source")
    del source.attrib["network"]
    source.set("bridge", "br0")
    host.domain(definition)
    nic = read(host, record_of(bench)).object["network_interface"][0]
    assert (nic["network_name"], nic["network_id"], nic["bridge"]) == (None, None, "br0")


def test_a_network_made_anew_leaves_a_running_guest_unconnected(bench, host):
    host.domain(*documents(bench, WEB))
    host.network(uuid="2")
    found = read(host, record_of(bench))
    assert found.object["network_interface"][0]["network_id"] == "1"
    assert found.facts["network_ids"] == {"lab": "2"}
    planned = bench.plan(WEB, found)
    assert planned["network_interface"][0]["network_id"] == "2"


def test_a_guest_that_is_off_gets_the_new_network_by_itself(bench, host):
    host.domain(documents(bench, WEB)[0])
    host.network(uuid="2")
    assert read(host, record_of(bench)).object["network_interface"][0]["network_id"] == "2"


def test_an_inactive_network_connects_nobody(bench, host):
    host.domain(*documents(bench, WEB))
    host.network(active=False)
    assert read(host, record_of(bench)).object["network_interface"][0]["network_id"] is None


@pytest.mark.parametrize(
    ("change", "names", "hot"),
    [
        (lambda d: d.find("memory").__setattr__("text", "256"), ["memory"], []),
        (lambda d: d.find("vcpu").__setattr__("text", "0"), ["vcpu"], []),
        (lambda d: d.find("vcpu").set("current", "5"), ["vcpu"], []),
        (lambda d: d.find("os/type").set("machine", "pc"), ["machine"], []),
        (lambda d: d.find("devices").remove(d.find("devices/disk")), ["disk"], ["disk"]),
        (lambda d: d.find("devices/disk/source").set("file", "/old.img"), ["disk"], []),
        (
            lambda d: d.find("devices").remove(d.find("devices/interface")),
            ["network_interface"],
            ["network_interface"],
        ),
        (lambda d: d.find("currentMemory").__setattr__("text", "1"), [], []),  # the balloon is still at it
    ],
)
def test_what_the_guest_lacks_is_pending(bench, host, change, names, hot):
    definition, live = documents(bench, WEB)
    change(live)
    host.domain(definition, live)
    found = read(host, record_of(bench))
    assert found.object["pending"] == names
    assert found.facts["pending_hot"] == hot


def test_without_hotplug_nothing_pending_is_hot(bench, host):
    definition, live = documents(bench, WEB)
    live.find("devices").remove(live.find("devices/disk"))
    host.domain(definition, live)
    host.features = frozenset()
    assert read(host, record_of(bench)).facts["pending_hot"] == []


def test_a_device_gone_from_the_definition_only_is_still_there(bench, host):
    definition, live = documents(bench, WEB)
    definition.find("devices").remove(definition.find("devices/disk"))
    host.domain(definition, live)
    found = read(host, record_of(bench)).object
    assert [disk["target"] for disk in found["disk"]] == ["vda"]
    assert found["pending"] == ["disk"]


@pytest.mark.parametrize(("mode", "pending"), [("custom", []), ("maximum", ["cpu"])])
def test_the_expanded_host_model_is_no_difference(bench, host, mode, pending):
    written = {**WEB, "cpu": [{"mode": "host-model"}]}
    definition, running = documents(bench, written)
    running.find("cpu").set("mode", mode)
    host.domain(definition, running)
    assert read(host, record_of(bench, written)).object["pending"] == pending


def lease(mac, address):
    return SimpleNamespace(mac=mac.lower(), address=address)


def test_addresses_are_those_leased(bench, host, leases):
    host.domain(*documents(bench, WEB))
    record = record_of(bench)
    mac = record["network_interface"][0]["mac"]
    leases += [lease(mac, "fd00::7"), lease(mac, "10.0.0.7"), lease("52:54:00:00:00:00", "10.0.0.8")]
    assert read(host, record).object["network_interface"][0]["addresses"] == ["10.0.0.7", "fd00::7"]


def test_addresses_found_otherwise_stay_while_the_guest_runs(bench, host):
    record = record_of(bench)
    record["network_interface"][0]["addresses"] = ["192.168.7.7"]
    host.domain(*documents(bench, WEB))
    assert read(host, record).object["network_interface"][0]["addresses"] == ["192.168.7.7"]
    host.domain(documents(bench, WEB)[0])
    assert read(host, record).object["network_interface"][0]["addresses"] == []


def test_a_reservation_of_ours_is_told_instead_of_leases(bench, host, leases):
    record = record_of(bench)
    mac = record["network_interface"][0]["mac"]
    record["network_interface"][0]["reserved_addresses"] = ["10.0.0.5", "10.0.0.6"]
    leases.append(lease(mac, "10.0.0.7"))
    host.network(hosts=f"<host mac='{mac.lower()}' ip='10.0.0.5'/>")
    host.domain(*documents(bench, WEB))
    nic = read(host, record).object["network_interface"][0]
    assert nic["addresses"] == nic["reserved_addresses"] == ["10.0.0.5"]


def test_a_reservation_of_the_networks_own_is_not_ours(bench, host):
    record = record_of(bench)
    mac = record["network_interface"][0]["mac"]
    host.network(hosts=f"<host mac='{mac.lower()}' ip='10.0.0.5'/>")
    host.domain(*documents(bench, WEB))
    assert read(host, record).object["network_interface"][0]["reserved_addresses"] == []
