"""Network interfaces of a real guest: each argument is changed, and looked for on the host and in the guest.

One guest for the whole file, which every test leaves as it found it.
"""

import subprocess
import sys

import pytest
from domain_bench import DomainBench
from guest import ask_guest, wait_for_guest
from lab_xml import network_xml
from waiting import wait_until

from kvmform.diagnostics import DiagnosticError
from kvmform.host.host import open_host
from kvmform.host.networks import define_network, start_network, stop_network, undefine_network
from kvmform.resources.domain.resource_type import DOMAIN
from kvmform.schema import Disruption
from kvmform.xml.document import Document

pytestmark = [pytest.mark.libvirt, pytest.mark.guest, pytest.mark.slow]

GROUPS = "<portgroup name='plain' default='yes'/><portgroup name='staff'/></network>"
FILTER = """
<filter name='{0}' chain='root'>
  <rule action='drop' direction='out' priority='500'><tcp dstipaddr='${1}' dstportstart='25'/></rule>
</filter>"""
FILTERS = {"kvmform-test": "TARGET", "kvmform-other": "AIM"}
MAC = "52:54:00:73:00:01"
NIC = {"network_name": "nic-one", "mac": MAC}


@pytest.fixture(scope="module")
def host(lab_host, tmp_path_factory):
    """With two networks, a filter, and a device that interfaces can be connected to directly."""
    host = open_host(lab_host.uri, tmp_path_factory.mktemp("networks"))
    names = {"nic-one": 73, "nic-two": 74}
    for name, subnet in names.items():
        xml = network_xml(name, subnet).replace("</network>", GROUPS)
        start_network(host, define_network(host, xml))
    connection = lab_host.connect()
    filters = [connection.nwfilterDefineXML(FILTER.format(*each)) for each in FILTERS.items()]
    lab_host.exec_(["ip", "link", "add", "nic0", "type", "veth", "peer", "name", "nic1"])
    for device in ("nic0", "nic1"):
        lab_host.exec_(["ip", "link", "set", device, "up"])
    lab_host.exec_(["ip", "link", "set", "nic1", "master", "br-nic-one"])
    yield host
    for each in filters:
        each.undefine()
    connection.close()
    lab_host.exec_(["ip", "link", "delete", "nic0"])
    for name in names:
        network = host.inventory.networks.named(name)
        stop_network(host, network.uuid)
        undefine_network(host, network.uuid)
    host.close()


@pytest.fixture(scope="module")
def root(guest_image, tmp_path_factory):
    """A disk of the tiny guest's."""
    path = tmp_path_factory.mktemp("disk") / "root.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", guest_image, path], check=True)
    return str(path)


@pytest.fixture(scope="module")
def bench(lab_host, host, domain_type, root, tmp_path_factory):
    bench = DomainBench(host, tmp_path_factory.mktemp("bench"), settings={"domain_type": domain_type})
    bench.make(written(root, {**NIC, "wait_for_lease": True}))
    bench.address = bench.state["network_interface"][0]["addresses"][0]
    wait_for_guest(lab_host, bench.address)
    bench.change(written(root, NIC))
    yield bench
    bench.remove()


@pytest.fixture
def change(bench, root):
    """Change the interface; the change is of the class expected, and leaves nothing to do."""

    def change(nic, expected=Disruption.INTERRUPT):
        wanted = written(root, nic)
        assert bench.change(wanted) is expected
        assert bench.changes(wanted) == ()
        assert lasting(bench.look().object) == lasting(bench.state)
        assert bench.state["pending"] == []

    return change


@pytest.fixture
def same_boot(lab_host, bench):
    """The guest is up after the test as it was before, without a reboot in between."""
    before = ask_guest(lab_host, bench.address)
    yield
    assert wait_for_guest(lab_host, bench.address, 20).boot_id == before.boot_id


def written(root, *nics):
    """The agent is asked: nobody else knows the addresses on a bridge or a device of the host."""
    return {
        "qemu_agent": True,
        "name": "nics-real",
        "machine": "q35",
        "memory": 160,
        "disk": [{"file": root}],
        "network_interface": list(nics),
        "timeouts": [{"create": "2m"}],
        "shutdown_timeout": 3,
    }


def lasting(domain):
    """All but the addresses, which the agent tells once the guest has them."""
    return domain | {"network_interface": [nic | {"addresses": None} for nic in domain["network_interface"]]}


def interface(bench):
    """The element of the definition, and that of the running guest."""
    record = bench.host.inventory.domains.get(bench.state["id"])
    return [Document(Document.parse(xml).find("devices/interface")) for xml in (record.xml, record.live_xml)]


def at(bench, path):
    """What stands at a place of the interface, in the definition and in the running guest alike."""
    defined, live = (element.get(path) for element in interface(bench))
    assert defined == live
    return defined


def device(bench):
    """Name of the interface on the host."""
    return interface(bench)[1].get("target/@dev")


def addresses(bench):
    """The addresses that a new command sees."""
    return bench.look().object["network_interface"][0]["addresses"]


def link(lab_host, bench):
    """What the host says of it."""
    return lab_host.exec_(["ip", "-d", "link", "show", "dev", device(bench)])


def port(lab_host, bench):
    """What the host says of it as a bridge's port."""
    return lab_host.exec_(["bridge", "-d", "link", "show", "dev", device(bench)])


ASK_FRAMES = """
import array, fcntl, socket, struct, sys
told = array.array("I", [0x0E, *[0] * 22])  # ETHTOOL_GCOALESCE
place = struct.pack("16sP", sys.argv[1].encode(), told.buffer_info()[0])
fcntl.ioctl(socket.socket(socket.AF_INET, socket.SOCK_DGRAM), 0x8946, place)  # SIOCETHTOOL
print(told[2])
"""


def frames(lab_host, bench):
    """How many packets the host hands over together, as the kernel tells."""
    return int(lab_host.exec_([sys.executable, "-c", ASK_FRAMES, device(bench)]))


BLOCK = "libvirt_domain.network_interface"


@pytest.mark.changes(
    *(f"{BLOCK}.{name}" for name in ("link_state", "isolated", "coalesce", "coalesce.rx_frames", "filterref")),
    *(f"{BLOCK}.filterref.{name}" for name in ("filter", "parameter", "parameter.name", "parameter.value")),
)
@pytest.mark.usefixtures("same_boot")
def test_what_libvirt_changes_reaches_a_connected_interface(lab_host, bench, change):
    slot = at(bench, "address/@bus")

    def live(**options):
        change({**NIC, **options}, Disruption.LIVE)

    live(link_state="down")
    assert at(bench, "link/@state") == "down"
    with pytest.raises(subprocess.CalledProcessError):
        ask_guest(lab_host, bench.address)
    live(link_state="up")
    assert wait_for_guest(lab_host, bench.address, 10)

    live(isolated=True)
    assert "isolated on" in port(lab_host, bench)
    live(isolated=False)
    assert "isolated off" in port(lab_host, bench)

    live(coalesce=[{"rx_frames": 16}])
    assert frames(lab_host, bench) == 16
    live(coalesce=[{"rx_frames": 32}])
    assert frames(lab_host, bench) == 32
    live()
    assert frames(lab_host, bench) == 0

    rule = {"filter": "kvmform-test", "parameter": [{"name": "TARGET", "value": "10.9.9.9"}]}
    live(filterref=[rule])
    assert "10.9.9.9" in lab_host.exec_(["iptables", "-S"])
    live(filterref=[{**rule, "parameter": [{"name": "TARGET", "value": "10.9.9.8"}]}])
    assert "10.9.9.8" in lab_host.exec_(["iptables", "-S"])
    live(filterref=[{"filter": "kvmform-other", "parameter": [{"name": "AIM", "value": "10.9.9.7"}]}])
    assert "10.9.9.7" in lab_host.exec_(["iptables", "-S"])
    live()
    assert "10.9.9." not in lab_host.exec_(["iptables", "-S"])
    assert at(bench, "address/@bus") == slot


@pytest.mark.changes(
    *(
        f"{BLOCK}.{name}"
        for name in ("network_name", "network_id", "bridge", "macvtap", "vepa", "private", "passthrough")
    ),
    *(f"{BLOCK}.{name}" for name in ("portgroup", "mac", "trust_guest_rx_filters")),
    *(f"{BLOCK}.{name}" for name in ("ip", "ip.address", "ip.prefix")),
    "libvirt_domain.qemu_agent",
)
@pytest.mark.usefixtures("same_boot")
def test_an_interface_is_connected_where_it_is_told_to_be(lab_host, bench, root, change):
    change({**NIC, "portgroup": "staff"})
    assert at(bench, "source/@portgroup") == "staff"
    change({"network_name": "nic-two", "mac": MAC})
    assert " master br-nic-two " in port(lab_host, bench)
    change({"network_id": bench.host.inventory.networks.named("nic-one").uuid, "mac": MAC})
    assert " master br-nic-one " in port(lab_host, bench)
    bridged = written(root, {"bridge": "br-nic-two", "mac": MAC})
    assert bench.change({**bridged, "qemu_agent": False}) is Disruption.INTERRUPT
    assert " master br-nic-two " in port(lab_host, bench)
    assert addresses(bench) == []
    assert bench.change(bridged) is Disruption.NONE
    assert addresses(bench) == [bench.address]
    for argument, mode in (
        ("macvtap", "bridge"),
        ("vepa", "vepa"),
        ("private", "private"),
        ("passthrough", "passthru"),
    ):
        change({argument: "nic0", "mac": MAC})
        assert argument != "macvtap" or wait_until(lambda: addresses(bench) == [bench.address], 20)
        assert f"macvtap mode {mode}" in link(lab_host, bench)
    other = {"macvtap": "nic0", "mac": "52:54:00:73:00:02"}
    change({**other, "trust_guest_rx_filters": True})
    assert at(bench, "@trustGuestRxFilters") == "yes"
    assert "52:54:00:73:00:02" in link(lab_host, bench)
    change(other)
    assert at(bench, "@trustGuestRxFilters") is None
    change({"mac": MAC, "ip": [{"address": "172.17.2.0", "prefix": 24}]})
    assert at(bench, "@type") == "user"
    assert at(bench, "ip/@address") == "172.17.2.0"
    change(NIC)


@pytest.mark.usefixtures("same_boot")
def test_a_card_that_cannot_be_plugged_leaves_the_guest_the_one_it_had(bench, root):
    with pytest.raises(DiagnosticError, match="Cannot attach a device"):
        bench.change(written(root, {**NIC, "rom": [{"file": "/nowhere.rom"}]}))
    assert at(bench, "rom/@file") is None
    assert bench.changes(written(root, NIC)) == ()


@pytest.mark.parametrize("way", ["inbound", "outbound"])
def test_a_host_that_cannot_limit_bandwidth_says_so_and_is_left_as_it_was(bench, root, way):
    """The kernels of some machines can: then the limit is there."""
    refused = ""
    try:
        bench.change(written(root, {**NIC, "bandwidth": [{way: [{"average": 1000}]}]}))
    except DiagnosticError as problem:
        refused = problem.diagnostics[0].detail
    assert at(bench, f"bandwidth/{way}/@average") == (None if refused else "1000")
    assert not refused or "can't limit bandwidth" in refused
    bench.change(written(root, NIC))
    assert bench.changes(written(root, NIC)) == ()
    assert at(bench, f"bandwidth/{way}/@average") is None


@pytest.mark.parametrize(
    ("options", "summary"),
    [
        ({"filterref": [{"filter": "nobody-has-it"}]}, "Network filter not found"),
        ({"filterref": [{"filter": "kvmform-test"}]}, None),
        ({"vlan": [{"tag": [{"id": 42}]}]}, "VLANs not supported here"),
        ({"network_name": None, "bridge": "br-nic-two"}, None),
        ({"network_name": None, "bridge": "br-nobody"}, "Bridge not found"),
    ],
)
def test_what_the_host_cannot_give_an_interface_is_told_by_the_plan(bench, root, options, summary):
    bench.planned.clear()
    found = bench.check(DOMAIN, written(root, {**NIC, **options}), bench.look())
    assert [problem.diagnostic.summary for problem in found] == ([summary] if summary else [])


@pytest.mark.usefixtures("same_boot")
def test_what_takes_a_boot_may_wait_for_it_while_the_rest_is_live(bench, root):
    wanted = written(root, {**NIC, "model": "rtl8139", "link_state": "down"}) | {"on_reboot_needed": "next-boot"}
    assert bench.change(wanted) is Disruption.NEXT_BOOT
    assert bench.state["pending"] == ["network_interface"]
    assert bench.changes(wanted) == ()
    defined, live = interface(bench)
    assert [each.get("model/@type") for each in (defined, live)] == ["rtl8139", "virtio"]
    assert at(bench, "link/@state") == "down"
    back = written(root, NIC) | {"on_reboot_needed": "next-boot"}
    assert bench.change(back) is Disruption.NEXT_BOOT
    assert bench.state["pending"] == []
    assert bench.changes(back) == ()
    assert at(bench, "model/@type") == "virtio"
    assert bench.change(written(root, NIC)) is Disruption.NONE


CARD = ("model", "mtu", "target_dev", "alias", "acpi_index", "teaming", "teaming.type", "boot_order", "driver", "rom")
DRIVER = ("name", "queues", "rx_queue_size", "ioeventfd", "event_idx", "iommu", "packed", "host", "guest")
OFF = dict.fromkeys(("csum", "tso4", "tso6", "ecn", "ufo"), False)
HOST_OFF = OFF | {"gso": False, "mrg_rxbuf": False}


@pytest.mark.changes(
    *(f"{BLOCK}.{name}" for name in CARD),
    *(f"{BLOCK}.driver.{name}" for name in DRIVER),
    *(f"{BLOCK}.driver.guest.{name}" for name in OFF),
    *(f"{BLOCK}.driver.host.{name}" for name in HOST_OFF),
    *(f"{BLOCK}.rom.{name}" for name in ("enabled", "bar", "file")),
)
def test_a_card_is_plugged_anew_and_one_without_a_slot_takes_a_boot(lab_host, bench, change, tmp_path):
    image = tmp_path / "boot.rom"
    image.write_bytes(bytes(512))
    before = ask_guest(lab_host, bench.address)
    change({**NIC, "mtu": 1400, "target_dev": "web0"})
    assert device(bench) == "web0"
    assert " mtu 1400 " in link(lab_host, bench)
    change({**NIC, "driver": [{"name": "qemu", "queues": 2, "rx_queue_size": 512, "event_idx": False}]})
    found = [at(bench, f"driver/@{name}") for name in ("name", "queues", "rx_queue_size", "event_idx")]
    assert found == ["qemu", "2", "512", "off"]
    change({**NIC, "driver": [{"queues": 1, "iommu": True, "ioeventfd": True}], "rom": [{"enabled": False}]})
    assert [at(bench, path) for path in ("driver/@iommu", "driver/@ioeventfd", "rom/@enabled")] == ["on", "on", "no"]
    named = {"alias": "ua-team", "acpi_index": 7, "teaming": [{"type": "persistent"}]}
    change({**NIC, **named, "driver": [{"packed": True, "host": [HOST_OFF], "guest": [OFF]}]})
    assert [at(bench, path) for path in ("alias/@name", "acpi/@index", "teaming/@type")] == [
        "ua-team",
        "7",
        "persistent",
    ]
    assert at(bench, "driver/@packed") == "on"
    assert {at(bench, f"driver/guest/@{name}") for name in OFF} == {"off"}
    assert {at(bench, f"driver/host/@{name}") for name in HOST_OFF} == {"off"}
    change({**NIC, "model": "e1000e", "rom": [{"file": str(image)}]})
    assert [at(bench, path) for path in ("model/@type", "rom/@file")] == ["e1000e", str(image)]
    change(NIC)
    assert [at(bench, path) for path in ("model/@type", "rom/@file")] == ["virtio", None]
    assert wait_for_guest(lab_host, bench.address, 20).boot_id == before.boot_id

    change({**NIC, "model": "rtl8139", "boot_order": 1, "rom": [{"bar": False}]}, Disruption.REBOOT)
    assert [at(bench, path) for path in ("model/@type", "boot/@order", "rom/@bar")] == ["rtl8139", "1", "off"]
    change(NIC, Disruption.REBOOT)
    assert at(bench, "boot/@order") is None
    assert wait_for_guest(lab_host, bench.address).boots > before.boots
