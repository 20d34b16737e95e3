"""What is told about a domain before anything is done."""

import pytest
from domain_bench import DomainBench
from type_bench import complete

from kvmform.host.capabilities import Capabilities, Guest, Machine
from kvmform.host.domain_capabilities import DomainCapabilities
from kvmform.host.domains import define_domain
from kvmform.host.host import open_host
from kvmform.host.networks import define_network, start_network
from kvmform.host.power import start_domain
from kvmform.resources.domain.check import check
from kvmform.resources.domain.resource_type import DOMAIN
from kvmform.schema import Check, Identity
from kvmform.values.model import UNKNOWN

FOREIGN = """
<domain type='test'>
  <name>foreign</name><memory>1024</memory><os><type>hvm</type></os>
  <devices><interface type='user'><mac address='52:54:00:00:00:99'/></interface></devices>
</domain>
"""
DHCP = "<dhcp><range start='10.9.1.2' end='10.9.1.99'/></dhcp>"
NETWORK = (
    "<network><name>{name}</name><bridge name='{name}'/><ip address='10.9.{n}.1' prefix='24'>{dhcp}</ip></network>"
)
PC = Guest("hvm", "x86_64", "/usr/bin/qemu", ("qemu",), {"pc": Machine("pc", "pc-i440fx-7.2", 255)})


@pytest.fixture
def host(tmp_path):
    host = open_host("test+file:host.xml", tmp_path)
    define_domain(host, FOREIGN)
    start_network(host, define_network(host, NETWORK.format(name="lab", n=1, dhcp=DHCP)))
    start_network(host, define_network(host, NETWORK.format(name="plain", n=2, dhcp="")))
    define_network(host, NETWORK.format(name="asleep", n=3, dhcp=""))
    yield host
    host.close()


@pytest.fixture
def bench(host, tmp_path):
    return DomainBench(host, tmp_path)


class LikeQemu:
    """The same host as if it were local QEMU, with capabilities of its own."""

    is_simulated = False
    is_local = True
    account = None
    uri = "qemu:///system"

    def __init__(self, host, *guests):
        self.inventory = host.inventory
        self.capabilities = Capabilities("x86_64", "", 1024, 1, 1, 1, 1, 1, 1, guests)

    def domain_capabilities(self, *_kind):
        choices = {"disk/bus": frozenset({"virtio", "ide", "fdc"}), "disk/diskDevice": frozenset({"disk", "floppy"})}
        return DomainCapabilities(255, choices, (), frozenset(), {}, {})


def problems(bench, written, observed=None, host=None, address="x"):
    planned = bench.plan(written, observed, address)
    mine = bench.planned.setdefault("libvirt_domain", [])
    mine.append(planned)
    found = check(
        Check(
            address=address,
            host=host or bench.host,
            base_directory=bench.base_directory,
            identity=Identity("lineage", address),
            config=complete(DOMAIN, written),
            observed=observed,
            planned=planned,
            replace=False,
            edits=(),
            others=bench._others,
        )
    )
    return [(problem.path, problem.diagnostic.summary) for problem in found]


def test_a_sound_domain_has_no_problem(bench):
    nics = [{"network_name": "lab", "addresses": ["10.9.1.5"], "mac": "52:54:00:00:00:01"}, {"bridge": "br0"}]
    disks = [{"file": "/v/a.img"}, {"volume_id": UNKNOWN}]
    assert problems(bench, {"name": "web", "disk": disks, "network_interface": nics}) == []


def test_problems_tell_what_to_do(bench):
    planned = bench.plan({"name": "foreign"})
    bench.planned["libvirt_domain"] = [planned]
    found = list(
        check(
            Check(
                address="x",
                host=bench.host,
                base_directory=bench.base_directory,
                identity=Identity("lineage", "x"),
                config=complete(DOMAIN, {"name": "foreign"}),
                observed=None,
                planned=planned,
                replace=False,
                edits=(),
                others=bench._others,
            )
        )
    )
    assert "import" in found[0].diagnostic.detail
    assert "another name" in found[0].diagnostic.detail


@pytest.mark.parametrize(
    ("written", "path", "summary"),
    [
        ({"name": "foreign"}, ("name",), "Domain already exists"),
        ({"memory": 0}, ("memory",), "Invalid number"),
        ({"memory": 100.5}, ("memory",), "Invalid number"),
        ({"memory": 1024, "max_memory": 512}, ("memory",), "More than max_memory"),
        ({"vcpu": 4, "max_vcpu": 2}, ("vcpu",), "More than max_vcpu"),
        ({"on_reboot_needed": "never"}, ("on_reboot_needed",), "Unknown way to reboot"),
        ({"timeouts": [{"create": "soon"}]}, ("timeouts", 0, "create"), "Invalid duration"),
        ({"xml": [{"xslt": "<x/>"}]}, ("xml", 0, "xslt"), "Invalid XSLT stylesheet"),
        ({"disk": [{}]}, ("disk", 0), "One source for each disk"),
        ({"disk": [{"file": "/a", "url": "http://b/c"}]}, ("disk", 0), "One source for each disk"),
        ({"disk": [{"volume_id": "no-such-key"}]}, ("disk", 0, "volume_id"), "Disk image not found"),
        (
            {"console": [{"type": "pty", "target_port": "0"}, {"type": "pty", "target_port": "1"}]},
            ("console", 1, "target_type"),
            "Only the first console can be a serial port",
        ),
        (
            {"network_interface": [{"network_name": "nowhere"}]},
            ("network_interface", 0, "network_name"),
            "Network not found",
        ),
        ({"network_interface": [{"network_id": "1"}]}, ("network_interface", 0, "network_id"), "Network not found"),
        (
            {"network_interface": [{"network_name": "asleep"}]},
            ("network_interface", 0, "network_name"),
            "Network is not active",
        ),
        (
            {"network_interface": [{"wait_for_lease": True}]},
            ("network_interface", 0, "wait_for_lease"),
            "No network to wait for",
        ),
        (
            {"network_interface": [{"network_name": "lab", "addresses": ["10.9.1"]}]},
            ("network_interface", 0, "addresses"),
            "Invalid address",
        ),
        (
            {"network_interface": [{"network_name": "lab", "addresses": ["10.9.1.5", "10.9.1.6"]}]},
            ("network_interface", 0, "addresses"),
            "Too many addresses",
        ),
        (
            {"network_interface": [{"network_name": "plain", "addresses": ["10.9.2.5"]}]},
            ("network_interface", 0, "addresses"),
            "No DHCP server for the address",
        ),
        (
            {"network_interface": [{"network_name": "lab", "addresses": ["fd00::5"]}]},
            ("network_interface", 0, "addresses"),
            "No DHCP server for the address",
        ),
        (
            {"network_interface": [{"bridge": "b", "mac": "52:54:00:00:00:99"}]},
            ("network_interface", 0, "mac"),
            "MAC address used twice",
        ),
        (
            {"network_interface": [{"bridge": "b", "mac": "52:54:00:00:00:0a"}, {"mac": "52:54:00:00:00:0A"}]},
            ("network_interface", 1, "mac"),
            "MAC address used twice",
        ),
    ],
)
def test_problem_is_told_where_it_is(bench, written, path, summary):
    assert problems(bench, {"name": "web", **written}) == [(path, summary)]


def test_what_this_configuration_makes_is_no_problem(bench):
    bench.planned["libvirt_network"] = [{"id": "1", "name": "new"}]
    bench.planned["libvirt_volume"] = [{"id": "key-of-new"}]
    written = {"name": "web", "disk": [{"volume_id": "key-of-new"}], "network_interface": [{"network_name": "new"}]}
    assert problems(bench, written) == []


@pytest.mark.parametrize(
    ("network", "address", "expected"),
    [
        ({}, "10.8.0.20", []),
        ({}, "10.9.0.20", ["Address outside of the network"]),
        ({"dhcp": [{"enabled": False}]}, "10.8.0.20", ["Address not reserved"]),
        ({"dhcp": [{"enabled": None}]}, "10.8.0.20", []),
        ({"mode": "bridge", "addresses": None}, "10.8.0.20", ["Address not reserved"]),
        ({"addresses": UNKNOWN}, "10.8.0.20", []),
    ],
)
def test_an_address_is_reserved_where_the_planned_network_gives_it_away(bench, network, address, expected):
    usual = {"id": "1", "name": "new", "mode": "nat", "addresses": ["10.8.0.0/24"], "dhcp": []}
    bench.planned["libvirt_network"] = [{**usual, **network}]
    written = {"name": "web", "network_interface": [{"network_name": "new", "addresses": [address]}]}
    assert [summary for _, summary in problems(bench, written)] == expected
    reserved = bench.plan(written)["network_interface"][0]["reserved_addresses"]
    assert reserved == ([] if expected == ["Address not reserved"] else [address])


def test_two_domains_of_one_name_or_address(bench):
    nic = {"bridge": "b", "mac": "52:54:00:00:00:0a"}
    assert problems(bench, {"name": "web", "network_interface": [nic]}, address="a") == []
    assert problems(bench, {"name": "web", "network_interface": [nic]}, address="b") == [
        (("name",), "Name used twice"),
        (("network_interface", 0, "mac"), "MAC address used twice"),
    ]


def test_its_own_object_is_no_problem(bench):
    written = {"name": "web", "network_interface": [{"bridge": "b", "mac": "52:54:00:00:00:0a"}]}
    bench.make(written)
    assert problems(bench, written, bench.look()) == []


def test_a_running_guest_is_not_renamed_where_it_must_not_be_rebooted(bench):
    written = {"name": "web", "on_reboot_needed": "next-boot"}
    bench.make(written)
    found = problems(bench, {**written, "name": "www"}, bench.look())
    assert found == [(("name",), "A running guest can't be renamed")]
    bench.planned.clear()
    assert problems(bench, {**written, "name": "www", "running": False}, bench.look()) == []


def test_domain_type_that_the_host_lacks(bench, host):
    found = problems(bench, {"name": "web"}, host=LikeQemu(host, PC))
    assert found == [(("type",), "Domain type not available")]
    assert problems(bench, {"name": "web2", "type": "qemu"}, host=LikeQemu(host, PC), address="y") == []


@pytest.mark.parametrize(
    ("machine", "expected"), [("pc", []), ("pc-i440fx-7.2", []), ("q36", ["Unknown machine type"])]
)
def test_machine_type_that_the_host_lacks(bench, host, machine, expected):
    found = problems(bench, {"name": "web", "type": "qemu", "machine": machine}, host=LikeQemu(host, PC))
    assert [summary for _, summary in found] == expected


def test_files_are_looked_for_on_a_local_host(bench, host, tmp_path):
    local = LikeQemu(host, PC)
    there, nowhere = tmp_path / "there", str(tmp_path / "nowhere")
    there.touch()
    good = {"name": "web", "type": "qemu", "firmware": str(there), "kernel": str(there), "disk": [{"file": str(there)}]}
    assert problems(bench, good, host=local) == []
    bad = {**good, "name": "b", "firmware": nowhere, "kernel": nowhere, "disk": [{"file": nowhere}]}
    assert problems(bench, bad, host=local, address="b") == [
        (("firmware",), "File not found"),
        (("kernel",), "File not found"),
        (("disk", 0, "file"), "Disk image not found"),
    ]


def test_an_unknown_name_is_not_looked_up(bench):
    assert problems(bench, {"name": UNKNOWN, "memory": UNKNOWN, "type": UNKNOWN}) == []


@pytest.mark.parametrize(
    ("mine", "theirs", "goes"),
    [
        ({}, {}, False),
        ({"shareable": True}, {"shareable": True}, True),
        ({"shareable": True}, {}, False),
        ({}, {"shareable": True}, False),
        ({"readonly": True}, {}, False),
        ({"readonly": True}, {"readonly": True}, True),
        ({"readonly": True}, {"shareable": True}, False),
        ({"readonly": True, "shareable": True}, {}, True),
        ({"readonly": True, "shareable": True}, {"shareable": True}, True),
        ({"device": "cdrom"}, {"readonly": True}, True),
        ({"device": "cdrom"}, {}, False),
    ],
)
def test_two_running_guests_have_one_image_as_qemu_lets_them(bench, mine, theirs, goes):
    image = {"file": "/v/data.img"}
    problems(bench, {"name": "db", "disk": [{**image, **theirs}]}, address="a")
    found = problems(bench, {"name": "web", "disk": [{**image, **mine}]}, address="b")
    assert [summary for _, summary in found] == ([] if goes else ["Disk of another guest"])
    found = problems(bench, {"name": "off", "running": False, "disk": [{**image, **mine}]}, address="c")
    assert found == []


def test_the_disk_of_a_guest_that_runs_besides_is_not_taken(bench, host):
    other = "<disk type='file'><source file='/v/busy.img'/><target dev='vda' bus='virtio'/></disk>"
    define_domain(host, FOREIGN.replace("foreign", "busy").replace("<interface", f"{other}<interface"))
    taken = {"name": "web", "disk": [{"file": "/v/busy.img"}]}
    assert problems(bench, taken, address="a") == []
    start_domain(host, host.inventory.domains.named("busy").uuid)
    assert problems(bench, {**taken, "name": "www"}, address="b")[0] == (("disk", 0), "Disk of another guest")


def test_one_guest_has_no_image_twice(bench):
    found = problems(bench, {"name": "web", "disk": [{"file": "/v/a.img"}, {"file": "/v/a.img"}]})
    assert found == [(("disk", 0), "Disk of another guest"), (("disk", 1), "Disk of another guest")]


def test_only_a_raw_image_is_shared(bench):
    bench.planned["libvirt_volume"] = [{"id": "key-of-new", "format": "qcow2"}]
    found = problems(bench, {"name": "a", "disk": [{"volume_id": "key-of-new", "shareable": True}]}, address="a")
    assert found == [(("disk", 0, "shareable"), "Image can't be shared")]
    assert problems(bench, {"name": "b", "disk": [{"file": "/v/a.img", "shareable": True}]}, address="b") == []


def test_only_a_qcow2_image_has_tables_to_keep(bench):
    bench.planned["libvirt_volume"] = [{"id": "key-of-new", "format": UNKNOWN}]
    kept = {"metadata_cache": 65536}
    assert problems(bench, {"name": "a", "disk": [{"volume_id": "key-of-new", **kept}]}, address="a") == []
    found = problems(bench, {"name": "b", "disk": [{"file": "/v/a.img", **kept}]}, address="b")
    assert found == [(("disk", 0, "metadata_cache"), "No tables to keep")]


def test_a_drive_may_be_empty_and_a_disk_may_not(bench):
    assert problems(bench, {"name": "a", "disk": [{"device": "cdrom"}, {"device": "floppy"}]}, address="a") == []
    found = problems(bench, {"name": "b", "disk": [{"bus": "sata"}]}, address="b")
    assert found == [(("disk", 0), "One source for each disk")]


def test_buses_and_devices_that_the_machine_lacks(bench, host, tmp_path):
    there = tmp_path / "there"
    there.touch()
    image = {"file": str(there)}
    wanted = {"type": "qemu", "machine": "pc", "name": "a"}
    found = problems(bench, {**wanted, "disk": [{**image, "bus": "sata"}]}, host=LikeQemu(host, PC), address="a")
    assert found == [(("disk", 0, "bus"), "No such bus")]
    drives = [{**image, "bus": "ide"} for _ in range(5)]
    found = problems(bench, {**wanted, "name": "b", "disk": drives}, host=LikeQemu(host, PC), address="b")
    assert ((("disk", 4), "Too many drives on a bus")) in found
