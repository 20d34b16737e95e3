"""Devices of domains: what changing them costs, which are refused beforehand, and which element is the one meant."""

import pytest
from domain_bench import DomainBench, settled
from type_bench import complete

from kvmform.host.domain_capabilities import DomainCapabilities
from kvmform.host.host import open_host
from kvmform.plan.diff import planned_edits
from kvmform.resources.domain.definition import definition_xml
from kvmform.resources.domain.device.buses import bus_facts
from kvmform.resources.domain.device.check import check_devices
from kvmform.resources.domain.device.devices import DEVICES
from kvmform.resources.domain.device.graphics import GRAPHICS
from kvmform.resources.domain.device.patching import patch_device
from kvmform.resources.domain.device.rng import RNG
from kvmform.resources.domain.reading import read_document
from kvmform.resources.domain.resource_type import DOMAIN
from kvmform.schema import Check, Disruption, Identity
from kvmform.xml.document import Document, parse_element

LIVE, REBOOT, DATA_LOSS = Disruption.LIVE, Disruption.REBOOT, Disruption.DATA_LOSS
Q35 = {
    "running": True,
    "hotplug": True,
    "pending_hot": [],
    "free_ports": 3,
    "free_usb_ports": 2,
    "virtio_serial": True,
    "control_groups": True,
    "shared_memory": True,
}
PC = {**Q35, "free_ports": None}
UUID = "c2177883-f1bb-47f0-914d-32a22e3a8804"
USB_SERIAL, PCI_SERIAL = {"target_type": "usb-serial"}, {"target_type": "pci-serial"}
VNC = {"type": "vnc", "listen_type": "address"}


def domain(**blocks):
    return complete(DOMAIN, {"name": "web", "running": True, "guest_agent_channel": True, **blocks})


def worst(before, after, facts):
    found = planned_edits(DOMAIN.schema.rows, domain(**before), domain(**after), facts)
    return max(edit.effect.disruption for edit in found)


@pytest.mark.parametrize(
    ("before", "after", "facts", "expected"),
    [
        ({}, {"rng": [{}]}, Q35, LIVE),
        ({}, {"rng": [{}]}, {**Q35, "free_ports": 0}, REBOOT),
        ({"rng": [{}]}, {"rng": [{"rate_bytes": 1}]}, {**Q35, "free_ports": 0}, LIVE),
        ({}, {"rng": [{}]}, {**Q35, "hotplug": False}, REBOOT),
        ({}, {"rng": [{}] * 4}, Q35, REBOOT),
        ({}, {"input": [{"type": "tablet"}]}, Q35, LIVE),
        ({}, {"input": [{"type": "tablet"}]}, {**Q35, "free_usb_ports": 0}, REBOOT),
        ({}, {"input": [{"type": "tablet"}]}, {**Q35, "free_usb_ports": None}, REBOOT),
        ({"redirdev": [{}]}, {"redirdev": [{"log_file": "/l"}]}, {**Q35, "free_usb_ports": 0}, LIVE),
        ({"input": [{"type": "mouse"}]}, {"input": [{"type": "mouse", "bus": "ps2"}]}, Q35, REBOOT),
        ({}, {"serial": [USB_SERIAL]}, Q35, LIVE),
        ({}, {"serial": [{}]}, Q35, REBOOT),
        ({}, {"serial": [PCI_SERIAL]}, Q35, REBOOT),
        ({}, {"serial": [PCI_SERIAL]}, PC, LIVE),
        ({"serial": [USB_SERIAL]}, {"serial": [{**USB_SERIAL, "type": "spiceport"}]}, Q35, REBOOT),
        ({}, {"watchdog": [{}]}, PC, LIVE),
        ({}, {"watchdog": [{}]}, Q35, REBOOT),
        ({"watchdog": [{}]}, {"watchdog": [{"model": "ib700"}]}, PC, REBOOT),
        ({}, {"channel": [{"target_name": "a.b"}]}, Q35, LIVE),
        ({}, {"channel": [{"target_name": "a.b"}]}, {**Q35, "virtio_serial": False}, REBOOT),
        ({}, {"guest_agent_channel": False}, Q35, LIVE),
        ({}, {"memballoon": [{"stats_period": 5}]}, Q35, LIVE),
        ({}, {"memballoon": [{"autodeflate": True}]}, Q35, REBOOT),
        ({"memballoon": [{"stats_period": 5}]}, {"memballoon": [{"model": "none"}]}, Q35, REBOOT),
        ({}, {"hostdev": [{"type": "pci", "address": "0:1.0"}]}, Q35, LIVE),
        ({}, {"controller": [{"type": "scsi", "model": "virtio-scsi"}]}, Q35, LIVE),
        ({}, {"controller": [{"type": "usb", "model": "qemu-xhci"}]}, Q35, REBOOT),
        ({}, {"tpm": [{}]}, Q35, REBOOT),
        ({"tpm": [{}]}, {"tpm": [{"backend_encryption_secret": "s"}]}, Q35, DATA_LOSS),
        ({}, {"graphics": [VNC]}, Q35, REBOOT),
        ({"graphics": [VNC]}, {"graphics": [{**VNC, "password": "one"}]}, Q35, REBOOT),
        ({"graphics": [{**VNC, "password": "1"}]}, {"graphics": [{**VNC, "password": "2"}]}, Q35, LIVE),
        ({"graphics": [{**VNC, "password": "1"}]}, {"graphics": [VNC]}, Q35, REBOOT),
        ({"graphics": [{**VNC, "password": "1"}]}, {"graphics": []}, {**Q35, "running": False}, LIVE),
    ],
)
def test_a_change_costs_a_boot_only_where_its_bus_has_no_room(before, after, facts, expected):
    assert worst(before, after, facts) is expected


@pytest.mark.parametrize(
    ("inside", "free"),
    [
        ("", None),
        ("<controller type='usb' index='0' model='none'/>", None),
        ("<controller type='usb' index='0' model='piix3-uhci'/>", 2),
        ("<controller type='usb' index='0' model='qemu-xhci' ports='8'/><input><address type='usb'/></input>", 7),
        (
            "<controller type='usb' model='ich9-ehci1'/><controller type='usb' model='x'><master/></controller>",
            6,
        ),
    ],
)
def test_usb_ports_are_counted(inside, free):
    document = Document.parse(f"<domain><devices>{inside}</devices></domain>")
    assert bus_facts(document)["free_usb_ports"] == free


def pci(slot, function, *, group="", kind="0x030000"):
    return (
        f"<device><name>pci_0000_65_{slot:02x}_{function}</name><parent>computer</parent><capability type='pci'>"
        f"<class>{kind}</class><domain>0</domain><bus>101</bus><slot>{slot}</slot><function>{function}</function>"
        f"<product id='0x1'>GPU</product><vendor id='0x2'>Maker</vendor>{group}</capability></device>"
    )


def group(*members):
    inside = "".join(f"<address domain='0x0000' bus='0x65' slot='{s}' function='{f}'/>" for s, f in members)
    return f"<iommuGroup number='7'>{inside}</iommuGroup>"


DEVICES_OF_HOST = (
    pci(0, 0, group=group((0, 0), (0, 1), (3, 0)))
    + pci(0, 1, group=group((0, 0), (0, 1), (3, 0)))
    + pci(3, 0, kind="0x060400")
    + pci(1, 0, group=group((1, 0)))
    + pci(2, 0)
    + "<device><name>usb_1_2</name><parent>computer</parent><capability type='usb_device'><bus>1</bus>"
    "<device>2</device><product id='0xc52b'>Receiver</product><vendor id='0x046d'>Maker</vendor></capability></device>"
)


@pytest.fixture
def bench(tmp_path):
    (tmp_path / "host.xml").write_text(f"<node>{DEVICES_OF_HOST}</node>")
    host = open_host("test+file:host.xml", tmp_path)
    yield DomainBench(host, tmp_path)
    host.close()


def told(bench, host=None, address="x", **blocks):
    """Summaries of what is told of these devices, each with the argument."""
    written = {"name": address, **blocks}
    planned = bench.plan(written, address=address)
    bench.planned.setdefault("libvirt_domain", []).append(planned)
    check = Check(
        address=address,
        host=host or bench.host,
        base_directory=bench.base_directory,
        identity=Identity("lineage", address),
        config=complete(DOMAIN, written),
        observed=None,
        planned=planned,
        replace=False,
        edits=(),
        others=bench._others,
    )
    return [(problem.path[-1], problem.diagnostic.summary) for problem in check_devices(check)]


def pci_device(address):
    return {"type": "pci", "address": address}


@pytest.mark.parametrize(
    ("hostdevs", "expected"),
    [
        ([pci_device("0000:65:01.0")], []),
        ([pci_device("65:00.0"), pci_device("65:00.1")], []),
        ([pci_device("65:00.0")], [("address", "IOMMU group is shared")]),
        ([pci_device("65:02.0")], [("address", "No IOMMU on the host")]),
        ([pci_device("65:09.0")], [("address", "Device not found on the host")]),
        ([{"type": "pci"}], [(0, "Which device of the host?")]),
        ([{"type": "usb", "vendor": "0x046d", "product": "0xC52B"}], []),
        ([{"type": "usb", "bus": 1, "device": 2}], []),
        ([{"type": "usb", "vendor": "0x046d", "product": "0x0001"}], [(0, "Device not found on the host")]),
        ([{"type": "usb", "vendor": "0x046d", "product": "0x0001", "startup_policy": "optional"}], []),
        ([{"type": "usb", "vendor": "0x046d"}], [(0, "Which device of the host?")]),
        (
            [{"type": "mdev", "uuid": UUID}],
            [("uuid", "Device not found on the host")],
        ),
        ([{"type": "scsi", "adapter": "scsi_host0"}], [(0, "Which device of the host?")]),
    ],
)
def test_a_device_that_the_host_can_not_give_away_is_refused(bench, hostdevs, expected):
    assert told(bench, hostdev=hostdevs) == expected


def test_only_one_guest_has_a_device(bench):
    assert told(bench, hostdev=[pci_device("0000:65:01.0")]) == []
    assert told(bench, address="y", hostdev=[pci_device("65:01.0")]) == [("address", "Device given away twice")]


def test_a_simulated_host_without_devices_says_nothing_against_them(tmp_path):
    host = open_host("test+file:bare.xml", tmp_path)
    assert told(DomainBench(host, tmp_path), hostdev=[pci_device("65:00.0")]) == []
    host.close()


class WithoutSpice:
    """A host whose emulator has neither SPICE nor TPMs."""

    uri = "qemu:///system"

    def __init__(self, host):
        self.capabilities = host.capabilities

    def domain_capabilities(self, *_kind):
        choices = {"graphics/type": frozenset({"vnc"}), "video/modelType": frozenset({"vga", "virtio"})}
        return DomainCapabilities(255, choices, (), frozenset(), {}, {"tpm": False})


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ({"graphics": [{"type": "vnc"}], "video": [{"type": "virtio"}]}, []),
        ({"graphics": [{"type": "spice"}]}, [("type", "Device not available")]),
        ({"video": [{"type": "qxl"}]}, [("type", "Device not available")]),
        ({"tpm": [{}]}, [("backend_type", "Device not available")]),
        ({"rng": [{"backend_model": "builtin"}]}, []),
    ],
)
def test_what_the_emulator_has_not_is_refused(bench, blocks, expected):
    assert told(bench, WithoutSpice(bench.host), arch="x86_64", machine="q35", type="qemu", **blocks) == expected


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ({"channel": [{"type": "spicevmc", "target_name": "a"}]}, [("type", "No SPICE to end at")]),
        ({"channel": [{"type": "spicevmc", "target_name": "a"}], "graphics": [{"type": "spice"}]}, []),
        ({"redirdev": [{}], "graphics": [VNC]}, [("type", "No SPICE to end at")]),
        ({"redirdev": [{"type": "tcp"}]}, []),
        (
            {"console": [{"type": "pty", "target_port": "0"}], "serial": [{"type": "file", "source_path": "/l"}]},
            [("type", "The first serial port is the console")],
        ),
        ({"console": [{"type": "pty", "target_port": "0"}], "serial": [{}]}, []),
    ],
)
def test_what_belongs_together_is_told(bench, blocks, expected):
    assert told(bench, **blocks) == expected


@pytest.mark.parametrize(
    ("block", "element", "name"),
    [
        ("graphics", {"type": "vnc", "password": "ninechars"}, "password"),
        ("graphics", {"type": "vnc", "tls_port": 5900}, "tls_port"),
        ("graphics", {"type": "rdp"}, "type"),
        ("graphics", {"password_valid_to": "tomorrow"}, "password_valid_to"),
        ("rng", {"backend_model": "urandom"}, "backend_model"),
        ("hostdev", {"type": "pci", "address": "65-00-0"}, "address"),
        ("hostdev", {"type": "usb", "vendor": "46d"}, "vendor"),
        ("serial", {"type": "serial"}, "type"),
        ("watchdog", {"action": "bark"}, "action"),
        ("vsock", {"auto": False, "cid": 2}, "cid"),
        ("shmem", {"name": "s", "size": 0}, "size"),
        ("controller", {"type": "usb", "ports": 0}, "ports"),
    ],
)
def test_values_that_libvirt_does_not_take_are_told_by_validate(block, element, name):
    written = domain(**{block: [element]})
    found = [problem for rule in DOMAIN.schema.rules for problem in rule(written)]
    assert [problem.path for problem in found] == [(block, 0, name)]
    assert "ninechars" not in found[0].diagnostic.detail


def test_the_entropy_of_provider_0_8_comes_from_the_device_that_its_variable_names(bench, monkeypatch):
    monkeypatch.setenv("TF_LIBVIRT_RNG_DEV", "/dev/hwrng")
    assert defined(bench, name="web").get("devices/rng/backend") == "/dev/hwrng"


def defined(bench, **written):
    return Document.parse(definition_xml(bench.operation(), settled(bench.plan(written))))


def test_an_argument_without_a_meaning_is_neither_written_nor_looked_for():
    for device in DEVICES:
        for name, row in device.block.rows.items():
            if row.only_with is not None:
                other, values = row.only_with
                assert other in device.block.rows, (device.name, name)
                assert values, (device.name, name)


def test_a_device_of_which_there_can_be_one_is_changed_where_somebody_added_it(bench):
    document = defined(bench, name="web")
    document.add("devices", "<graphics type='vnc' port='-1' autoport='yes' keymap='de'/>")
    document.add("devices", "<graphics type='spice' autoport='yes'/>")
    patch_device(document, GRAPHICS, [], domain(graphics=[{**VNC, "password": "one"}])["graphics"], None)
    screens = document.find_all("devices/graphics")
    assert [(screen.get("type"), screen.get("keymap"), screen.get("passwd")) for screen in screens] == [
        ("vnc", "de", "one"),
        ("spice", None, None),
    ]


def test_of_devices_that_look_alike_only_as_many_go_as_were_written(bench):
    document = defined(bench, name="web", rng=[{"backend": "/dev/random"}, {"backend": "/dev/random"}])
    document.add("devices", "<rng model='virtio'><backend model='random'>/dev/hwrng</backend></rng>")
    before = domain(rng=[{"backend": "/dev/random"}] * 2)["rng"]
    after = before[:1]
    patch_device(document, RNG, before, after, None)
    assert [element.text for element in document.find_all("devices/rng/backend")] == ["/dev/random", "/dev/hwrng"]


def test_a_second_device_gets_the_address_that_the_guest_gave_the_second(bench):
    document, live = defined(bench, name="web", rng=[{}]), defined(bench, name="web", rng=[{}, {}])
    for index, element in enumerate(live.find_all("devices/rng")):
        element.append(parse_element(f"<address type='pci' bus='0x0{index}'/>"))
    document.find("devices/rng").append(parse_element("<address type='pci' bus='0x00'/>"))
    patch_device(document, RNG, domain(rng=[{}])["rng"], domain(rng=[{}, {}])["rng"], live)
    assert [item.get("bus") for item in document.find_all("devices/rng/address")] == ["0x00", "0x01"]


def test_a_device_that_is_gone_is_not_mistaken_for_one_that_libvirt_has_by_itself(bench):
    wanted = settled(bench.plan({"name": "web", "input": [{"type": "mouse"}], "channel": [{"target_name": "a.b"}]}))
    document = defined(bench, name="web")
    document.add("devices", "<input type='mouse' bus='ps2'/>")
    found = read_document(bench.host, document, wanted)
    assert (found["input"], found["channel"]) == ([], [])
