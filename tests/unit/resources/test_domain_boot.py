"""How a guest boots, in the words of the user and of libvirt."""

import pytest

from kvmform.diagnostics import DiagnosticError
from kvmform.resources.domain.boot.order import cmdline_text, read_boot_devices, read_cmdline
from kvmform.resources.domain.boot.seeds import read_ignition
from kvmform.resources.domain.device.root_ports import add_root_ports, free_root_ports, root_ports
from kvmform.resources.domain.life.power import parse_duration
from kvmform.resources.domain.machine.defaults import cpu_mode, default_machine
from kvmform.resources.metadata import metadata_xml, read_metadata, write_metadata
from kvmform.xml.document import Document

COMMANDLINE = """
<domain xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:commandline>
<qemu:arg value='-fw_cfg'/><qemu:arg value='name=opt/x,file=/a,b.ign'/></qemu:commandline></domain>
"""


@pytest.mark.parametrize(
    ("cmdline", "text"),
    [
        ([], ""),
        ([{"console": "ttyS0", "_": "quiet splash"}], "quiet splash console=ttyS0"),
        ([{"b": "1", "a": "2"}, {"a": "3"}], "a=2 b=1 a=3"),
    ],
)
def test_kernel_arguments(cmdline, text):
    assert cmdline_text(cmdline) == text


def test_kernel_arguments_are_read_in_the_words_of_the_record():
    document = Document.parse("<domain><os><cmdline>quiet a=1</cmdline></os></domain>")
    assert read_cmdline(document, [{"_": "quiet", "a": "1"}]) == [{"_": "quiet", "a": "1"}]
    assert read_cmdline(document, [{"a": "2"}]) == [{"_": "quiet a=1"}]
    assert read_cmdline(Document.parse("<domain/>"), []) == []


def test_boot_order_is_read_in_the_words_of_the_record():
    document = Document.parse("<domain><os><boot dev='hd'/><boot dev='network'/></os></domain>")
    two = [{"dev": ["hd"]}, {"dev": ["network"]}]
    assert read_boot_devices(document, two) == two
    assert read_boot_devices(document, [{"dev": ["cdrom"]}]) == [{"dev": ["hd", "network"]}]
    assert read_boot_devices(Document.parse("<domain/>"), two) == []


@pytest.mark.parametrize(
    ("arch", "machine"),
    [("x86_64", "pc"), ("aarch64", "virt"), ("s390x", "s390-ccw-virtio"), ("ppc64le", "pseries"), ("riscv64", None)],
)
def test_default_machine_is_that_of_provider_0_8(arch, machine):
    assert default_machine(arch) == machine


@pytest.mark.parametrize(
    ("mode", "domain_type", "expected"),
    [
        ("host-passthrough", "kvm", "host-passthrough"),
        ("host-passthrough", "qemu", "maximum"),
        ("host-model", "qemu", "host-model"),
        (None, "qemu", None),
    ],
)
def test_emulation_has_no_host_cpu_to_pass_through(mode, domain_type, expected):
    assert cpu_mode(mode, domain_type) == expected


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ("<domain/>", (None, None)),
        (COMMANDLINE, ("opt/x", "/a,b.ign")),
        (
            "<domain><devices><disk><source file='/a.ign'/><serial>ignition</serial></disk></devices></domain>",
            (None, "/a.ign"),
        ),
    ],
)
def test_ignition_is_found(xml, expected):
    assert read_ignition(Document.parse(xml)) == expected


@pytest.mark.parametrize("value", ["any text", "<not-closed", "<plain/>", "<a:b xmlns:a='urn:a' c='1'><a:d/></a:b>"])
def test_metadata_is_read_as_it_was_written(value):
    document = Document.parse(f"<domain><metadata>{metadata_xml(value)}</metadata></domain>")
    assert read_metadata(document, value) == value


def test_metadata_may_be_laid_out_anew_by_libvirt():
    value = "<a:b xmlns:a='urn:a'><a:c/></a:b>"
    laid_out = "<x:b xmlns:x='urn:a'>\n  <x:c/>\n</x:b>"
    assert read_metadata(Document.parse(f"<domain><metadata>{laid_out}</metadata></domain>"), value) == value


def test_metadata_changed_past_kvmform_is_told():
    document = Document.parse(f"<domain><metadata>{metadata_xml('other')}</metadata></domain>")
    assert read_metadata(document, "mine") == "other"
    assert read_metadata(document, "<a xmlns='urn:a'/>") is None
    assert read_metadata(document, None) is None


def test_metadata_takes_the_place_of_what_was_written_before():
    document = Document.parse("<domain><metadata><o xmlns='urn:other'/></metadata></domain>")
    for before, after in ((None, "one"), ("one", "<a xmlns='urn:a'/>"), ("<a xmlns='urn:a'/>", "two"), ("two", None)):
        write_metadata(document, before, after)
        assert len(document.find_all("metadata/*")) == (2 if after else 1)
        assert read_metadata(document, after) == after


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("5m", 300), ("1h30m", 5400), ("1.5s", 1.5), ("20ms", 0.02)]
)
def test_durations_are_gos(text, seconds):
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "5", "5 m", "m", "5d", "-5m"])
def test_what_is_no_duration_is_told(text):
    with pytest.raises(DiagnosticError) as caught:
        parse_duration(text)
    assert "5m" in caught.value.diagnostics[0].detail


def test_root_ports_are_spared_where_the_machine_needs_them():
    assert root_ports("q35", 5) == 13
    assert root_ports("pc-q35-7.2", 5) == 13
    assert root_ports("pc", 5) == 0


def machine(*devices):
    """A machine with the root ports 1, 2 and 10, a disk in port 1 and an interface in port 10."""
    port = "<controller type='pci' model='pcie-root-port' index='{}'/>"
    ports = f"{port.format(1)}{port.format(2)}{port.format(10)}<controller type='pci' model='pcie-root' index='0'/>"
    plugged = "<disk><address type='pci' bus='0x01'/></disk><interface><address type='pci' bus='0x0a'/></interface>"
    return Document.parse(f"<domain><devices>{ports}{plugged}{''.join(devices)}</devices></domain>")


def test_free_root_ports_are_those_without_a_device():
    assert free_root_ports(machine()) == 1
    assert free_root_ports(Document.parse("<domain><devices/></domain>")) is None


@pytest.mark.parametrize(
    ("devices", "added"),
    [
        ([], range(11, 18)),
        (["<interface/>", "<disk><target dev='vdb' bus='virtio'/></disk>"], range(11, 20)),
        (["<disk><target dev='sda' bus='sata'/></disk>"], range(11, 18)),
    ],
)
def test_root_ports_are_spared_anew_for_the_next_boot(devices, added):
    document = machine(*devices)
    add_root_ports(document)
    indexes = [int(port.get("index")) for port in document.find_all("devices/controller[@model='pcie-root-port']")]
    assert indexes == [1, 2, 10, *added]
    before = document.text
    add_root_ports(document)
    assert document.text == before


def test_a_machine_without_root_ports_gets_none():
    document = Document.parse("<domain><devices><interface/></devices></domain>")
    add_root_ports(document)
    assert document.find("devices/controller") is None
