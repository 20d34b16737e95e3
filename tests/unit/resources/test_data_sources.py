"""Data sources of libvirt that provider 0.8 has: the same attributes, values and ids."""

import zlib
from pathlib import Path
from types import SimpleNamespace

import pytest

from kvmform.resources import DATA_SOURCES
from kvmform.schema import Reading, Row


def read(source_name, host=None, **arguments):
    """What a data source tells."""
    source = DATA_SOURCES[source_name]
    config = {
        row: arguments.get(row, known.default) for row, known in source.schema.rows.items() if isinstance(known, Row)
    }
    return source.read(Reading(host, Path()), config)


def answering(answer):
    """A host that answers every call with this."""
    return SimpleNamespace(uri="qemu:///system", read=lambda _operation, _call: answer)


@pytest.mark.parametrize(
    ("name", "arguments", "as_go_prints_it"),
    [
        ("dns_host", {"ip": "FD00::1", "hostname": "one"}, "map[hostname:one ip:fd00::1]"),
        ("dns_srv", {"service": "etcd", "protocol": "tcp", "port": ""}, "map[protocol:tcp service:etcd]"),
        ("dnsmasq_options", {"option_name": "no-ping"}, "map[option_name:no-ping]"),
    ],
)
def test_a_template_has_what_is_written_and_the_id_of_the_provider(name, arguments, as_go_prints_it):
    told = read(f"libvirt_network_{name}_template", **arguments)
    shown = " ".join(f"{key}:{value}" for key, value in sorted(told["rendered"].items()))
    assert f"map[{shown}]" == as_go_prints_it
    assert told["id"] == str(zlib.crc32(as_go_prints_it.encode()))


def test_a_template_of_an_address_that_is_none_is_refused():
    (rule,) = DATA_SOURCES["libvirt_network_dns_host_template"].schema.rules
    assert [problem.path for problem in rule({"ip": "10.0.0", "hostname": "x"})] == [("ip",)]


def test_the_memory_of_a_host_is_in_kib():
    told = read("libvirt_node_info", answering(["x86_64", 2048, 8, 2400, 1, 2, 2, 2]))
    assert (told["cpu_model"], told["memory_total_kb"], told["cpu_cores_total"]) == ("x86_64", 2097152, 8)
    padded = " ".join(map(str, [*b"x86_64", *bytes(26)]))
    assert told["id"] == str(zlib.crc32(f"[{padded}]209715281222".encode()))


def device(capability, *, rest=""):
    """What is told of a device, beside what is empty."""
    xml = f"<device><name>x</name><path>/sys/x</path><parent>computer</parent>{rest}{capability}</device>"
    told = read("libvirt_node_device_info", answering(xml), name="x")
    assert (told["path"], told["parent"], told["xml"]) == ("/sys/x", "computer", xml)
    (found,) = told["capability"]
    return {name: value for name, value in found.items() if value}, told["devnode"]


def test_a_pci_function_has_its_address_in_decimal_and_its_iommu_group():
    found, _ = device(
        "<capability type='pci'><class>0x030000</class><domain>0</domain><bus>10</bus><slot>0</slot>"
        "<function>1</function><product id='0x1b80'>GP104</product><vendor id='0x10de'/>"
        "<iommuGroup number='15'><address domain='0x0000' bus='0x0a' slot='0x00' function='0x1'/></iommuGroup>"
        "</capability>"
    )
    assert found == {
        "type": "pci",
        "class": "0x030000",
        "domain": "0",
        "bus": "10",
        "slot": "0",
        "function": "1",
        "product": {"id": "0x1b80", "name": "GP104"},
        "vendor": {"id": "0x10de", "name": ""},
        "iommu_group": [
            {"number": "15", "addresses": [{"domain": "0x0000", "bus": "0x0a", "slot": "0x00", "function": "0x1"}]}
        ],
    }


@pytest.mark.parametrize(
    ("capability", "expected"),
    [
        (
            "<capability type='usb'><number>1</number><class>9</class><subclass>0</subclass></capability>",
            {"number": "1", "class": "9", "subclass": "0", "protocol": "0"},
        ),
        (
            (
                "<capability type='storage'><block>/dev/sda</block><drive_type>disk</drive_type><model>M</model>"
                "<size>512</size><num_blocks>1</num_blocks></capability>"
            ),
            {
                "block": "/dev/sda",
                "drive_type": "disk",
                "model": "M",
                "size": "512",
                "logical_block_size": "0",
                "num_blocks": "1",
            },
        ),
        (
            (
                "<capability type='scsi'><host>2</host><bus>0</bus><target>1</target><lun>0</lun><type>disk</type>"
                "</capability>"
            ),
            {"host": "2", "bus": "0", "target": "1", "lun": "0", "scsi_type": "disk"},
        ),
        ("<capability type='scsi_host'><host>2</host></capability>", {"host": "2", "unique_id": "0"}),
        ("<capability type='drm'><type>render</type></capability>", {"drm_type": "render"}),
        (
            "<capability type='system'><product>PC</product><hardware><vendor>V</vendor></hardware></capability>",
            {
                "product": {"name": "PC"},
                "hardware": {"vendor": "V", "version": "", "serial": "", "uuid": ""},
                "firmware": {"vendor": "", "version": "", "release_date": ""},
            },
        ),
        ("<capability type='ccw'><cssid>0x0</cssid></capability>", {}),
    ],
)
def test_each_sort_of_device_has_its_own_attributes(capability, expected):
    found, _ = device(capability)
    assert {name: value for name, value in found.items() if name != "type"} == expected


def test_the_files_of_a_device_are_told():
    _, files = device("<capability type='drm'/>", rest="<devnode type='dev'>/dev/dri/card0</devnode>")
    assert files == [{"type": "dev", "path": "/dev/dri/card0"}]
