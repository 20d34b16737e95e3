"""Rows read and patch XML: one table, both directions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvmform.schema import Block, Row
from kvmform.values.types import BOOL, NUMBER, STRING, ListType
from kvmform.xml.codecs import MIB, PRESENCE, Words
from kvmform.xml.document import Document, element_text
from kvmform.xml.rows import build_element, patch_changes, patch_rows, read_rows

DISK = Block(
    doc="A disk.",
    xml="devices/disk",
    match=(("target",),),
    pair_rest=False,
    rows={
        "target": Row(type=STRING, doc="Target.", xml="target/@dev"),
        "device": Row(type=STRING, doc="Device.", xml="@device"),
        "shared": Row(type=BOOL, doc="Shared.", xml="shareable", codec=PRESENCE),
    },
)
ROWS = {
    "name": Row(type=STRING, doc="Name.", xml="name"),
    "memory": Row(type=NUMBER, doc="Memory.", xml="memory", also=("currentMemory",), codec=MIB),
    "vcpu": Row(type=NUMBER, doc="CPUs.", xml="vcpu"),
    "current": Row(type=NUMBER, doc="CPUs in use.", xml="vcpu/@current"),
    "acpi": Row(type=BOOL, doc="ACPI.", xml="features/acpi", codec=PRESENCE),
    "secure": Row(type=BOOL, doc="Secure boot.", xml="os/loader/@secure"),
    "trust": Row(type=BOOL, doc="Trust.", xml="link/@trust", codec=Words("yes", "no", absent=False)),
    "agent": Row(type=STRING, doc="Agent socket.", xml="devices/channel[@type='unix']/source/@path"),
    "options": Block(
        doc="Options.", xml="qemu:commandline/qemu:arg", rows={"value": Row(type=STRING, doc="V.", xml="@value")}
    ),
    "disk": DISK,
    "running": Row(type=BOOL, doc="No place in the XML."),
    "wait": Block(doc="No place in the XML.", rows={}),
}
XML = """<domain>
  <name>web</name>
  <memory unit='KiB'>524288</memory>
  <currentMemory unit='KiB'>524288</currentMemory>
  <vcpu placement='static' current='1'>2</vcpu>
  <features><acpi/><apic/></features>
  <unknown kept='1'/>
  <devices>
    <disk device='disk'><driver name='qemu'/><target dev='vda' bus='virtio'/><shareable/></disk>
    <disk device='cdrom'><target dev='sda'/></disk>
    <channel type='pty'/>
    <video/>
  </devices>
</domain>"""
OBJECT = {
    "name": "web",
    "memory": 512,
    "vcpu": 2,
    "current": 1,
    "acpi": True,
    "secure": None,
    "trust": False,
    "agent": None,
    "options": [],
    "disk": [
        {"target": "vda", "device": "disk", "shared": True},
        {"target": "sda", "device": "cdrom", "shared": False},
    ],
}


def read(text):
    return read_rows(Document.parse(text).root, ROWS)


def patched(values):
    document = Document.parse(XML)
    patch_rows(document.root, ROWS, values)
    return document.text


def test_everything_with_a_place_is_read():
    assert read(XML) == OBJECT


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", "a&b<'\""),
        ("memory", 2048),
        ("vcpu", 8),
        ("current", None),
        ("acpi", False),
        ("secure", True),
        ("trust", True),
        ("agent", "/run/agent"),
        ("options", [{"value": "-s"}, {"value": "-S"}]),
        ("disk", []),
        ("disk", [{"target": "sda", "device": "disk", "shared": False}]),
    ],
)
def test_a_patch_is_read_back_and_changes_nothing_else(name, value):
    assert read(patched({name: value})) == {**OBJECT, name: value}


def test_an_empty_patch_changes_nothing():
    assert patched({}) == patched(OBJECT) == Document.parse(XML).text


def test_unknown_parts_stay():
    text = patched({"memory": 1, "disk": OBJECT["disk"][:1], "acpi": False})
    for part in ('<unknown kept="1"/>', '<driver name="qemu"/>', "<apic/>", 'bus="virtio"', "<video/>"):
        assert part in text
    assert "cdrom" not in text


def test_a_row_is_written_to_all_its_places():
    document = Document.parse(patched({"memory": 256}))
    assert document.get("memory") == document.get("currentMemory") == "262144"


def test_removing_takes_empty_parents_along():
    document = Document.parse("<domain><features><acpi/></features><name>x</name></domain>")
    patch_rows(document.root, ROWS, {"acpi": False})
    assert document.text == "<domain><name>x</name></domain>"


def test_removing_what_is_not_there_is_done():
    document = Document.parse("<domain><os><loader/></os></domain>")
    patch_rows(document.root, ROWS, {"name": None, "agent": None, "current": None})
    assert document.text == "<domain><os><loader/></os></domain>"


def test_a_size_without_a_unit_is_in_the_units_of_libvirt():
    assert read("<domain><memory>1024</memory></domain>")["memory"] == 1


def test_a_missing_step_is_made_with_its_condition():
    document = Document.parse(patched({"agent": "/run/agent"}))
    assert document.get("devices/channel[@type='unix']/source/@path") == "/run/agent"
    assert document.find("devices/channel[@type='pty']/source") is None


def test_a_new_element_of_a_block_comes_behind_the_last_one():
    text = patched({"disk": [*OBJECT["disk"], {"target": "vdb", "device": "disk", "shared": True}]})
    devices = Document.parse(text).find("devices")
    assert [child.tag for child in devices] == ["disk", "disk", "disk", "channel", "video"]


def test_an_element_can_be_made_of_its_rows_alone():
    element = build_element(DISK, {"target": "vdb", "device": "disk"})
    assert element_text(element) == '<disk device="disk"><target dev="vdb"/></disk>'


def test_a_block_without_a_place_has_no_element():
    with pytest.raises(ValueError, match="place"):
        build_element(ROWS["wait"], {})


@given(
    st.fixed_dictionaries(
        {
            "name": st.text(st.characters(categories=("L", "N", "P")), min_size=1),
            "memory": st.integers(0, 2**30),
            "acpi": st.booleans(),
            "trust": st.booleans(),
            "secure": st.none() | st.booleans(),
        }
    )
)
def test_whatever_is_patched_is_read_back(values):
    assert read(patched(values)) == {**OBJECT, **values}


TUNING = {
    "features": Block(
        doc="Features.",
        xml=".",
        max_items=1,
        rows={
            "acpi": Row(type=BOOL, doc="ACPI.", default=True, xml="features/acpi", codec=PRESENCE),
            "smm": Row(type=STRING, doc="SMM.", xml="features/smm/@state"),
            "spinlocks": Row(type=NUMBER, doc="Spinlocks.", xml="features/hyperv/spinlocks[@state='on']/@retries"),
        },
    ),
    "words": Row(type=ListType(STRING), doc="OEM strings.", xml="sysinfo/oemStrings/entry"),
    "cell": Block(
        doc="Cells.",
        xml="cpu/numa/cell",
        match=(("id",),),
        rows={
            "id": Row(type=NUMBER, doc="Id.", xml="@id"),
            "cpus": Row(type=STRING, doc="CPUs.", xml="@cpus"),
            "memory": Row(type=NUMBER, doc="Memory.", xml="@memory", codec=MIB),
        },
    ),
}


def changed(xml, before, after):
    document = Document.parse(xml)
    patch_changes(document.root, TUNING, before, after)
    return document.text


def test_a_block_without_an_element_of_its_own_is_at_the_places_of_its_rows():
    document = Document.parse("<domain><features><acpi/><apic/></features></domain>")
    assert read_rows(document.root, TUNING)["features"] == [{"acpi": True, "smm": None, "spinlocks": None}]
    one = {"features": [{"acpi": False, "smm": "on", "spinlocks": 4096}]}
    patched = changed(document.text, {"features": []}, one)
    assert patched == (
        '<domain><features><apic/><smm state="on"/><hyperv><spinlocks state="on" retries="4096"/></hyperv>'
        "</features></domain>"
    )
    assert changed(patched, one, {"features": []}) == "<domain><features><apic/><acpi/></features></domain>"


def test_a_list_is_an_element_for_each_item():
    document = Document.parse("<domain/>")
    patch_rows(document.root, TUNING, {"words": ["one", "two"]})
    assert document.text == (
        "<domain><sysinfo><oemStrings><entry>one</entry><entry>two</entry></oemStrings></sysinfo></domain>"
    )
    assert read_rows(document.root, TUNING)["words"] == ["one", "two"]
    patch_rows(document.root, TUNING, {"words": None})
    assert document.text == "<domain/>"
    assert read_rows(document.root, TUNING)["words"] is None


def test_only_what_differs_is_written():
    xml = '<domain><cpu><numa><cell id="0" cpus="0" memory="512" unit="MiB" memAccess="shared"/></numa></cpu></domain>'
    one = {"id": 0, "cpus": "0", "memory": 512}
    assert changed(xml, {"cell": [one]}, {"cell": [one]}) == xml
    assert changed(xml, {"cell": [one]}, {"cell": [one | {"cpus": "0-1"}]}) == xml.replace('cpus="0"', 'cpus="0-1"')


def test_a_size_in_an_attribute_has_its_unit_beside_it():
    one = {"id": 0, "cpus": "0", "memory": 512}
    made = changed("<domain/>", {"cell": []}, {"cell": [one]})
    assert made == '<domain><cpu><numa><cell id="0" cpus="0" memory="524288" unit="KiB"/></numa></cpu></domain>'
    assert read_rows(Document.parse(made).root, TUNING)["cell"] == [one]


def test_an_element_that_nobody_declared_becomes_the_declared_one():
    xml = '<domain><cpu><numa><cell id="0" cpus="0"/><cell id="1" cpus="1"/></numa></cpu></domain>'
    one = {"id": 1, "cpus": "1-2", "memory": None}
    patched = changed(xml, {"cell": []}, {"cell": [one]})
    assert patched == xml.replace('cpus="1"', 'cpus="1-2"')
    assert changed(patched, {"cell": [one]}, {"cell": []}) == xml.replace('<cell id="1" cpus="1"/>', "")
