"""Clones of originals with every argument that there is: the golden cases of domains, on a simulated host."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from lab import environment_for
from quick_lab import QuickLab

from kvmform.resources.domain.cloning.likeness import LIKENESS
from kvmform.resources.domain.schema import SCHEMA
from kvmform.schema import Block

CASES = sorted((Path(__file__).parents[2] / "cases" / "domain").iterdir())
NOT_THERE = {"user-mode-by-passt"}
"""Cases that a simulated host refuses, of any domain."""
USB_NOT_THERE = ("redirdev", "smartcard")
SEEDS = ("cloudinit", "coreos_ignition")
OWN_PLACES = {
    *("domain/uuid", "domain/name", "domain/metadata/owner@address", "domain/os/nvram"),
    "domain/devices/interface/mac@address",
}


def without_nulls(value):
    match value:
        case dict():
            return {name: without_nulls(item) for name, item in value.items() if item is not None}
        case list():
            return [without_nulls(item) for item in value]
    return value


@pytest.fixture
def lab(tmp_path):
    lab = QuickLab.of_text("", tmp_path / "lab", environment_for(f"test+file:{tmp_path}/host.xml"))
    lab.add('resource "libvirt_network" "lab" {\n  name = "lab"\n  addresses = ["10.9.9.0/24"]\n}\n', "network.tf")
    return lab


def has(lab, **domains):
    lab.add(json.dumps({"resource": {"libvirt_domain": domains}}), "lab.tf.json")
    lab.apply()
    assert lab.plan_is_empty()


def original(case):
    written = without_nulls(json.loads((case / "written.json").read_text()))
    kept = {name: value for name, value in written.items() if name not in USB_NOT_THERE}
    return {**kept, "name": "golden", "running": False, "depends_on": ["libvirt_network.lab"]}


def clone(**written):
    return {"name": "clone", "clone_of": "${libvirt_domain.golden.id}", "running": False, **written}


def definitions(lab):
    host = ET.parse(lab.directory.parent / "host.xml").getroot()
    return {domain.findtext("name"): domain for domain in host.iterfind("domain")}


def places(element, path=""):
    path = f"{path}/{element.tag.rpartition('}')[2]}".lstrip("/")
    yield path, (element.text or "").strip()
    yield from ((f"{path}@{name}", value) for name, value in element.attrib.items())
    for inner in element:
        yield from places(inner, path)


@pytest.mark.parametrize("case", [case for case in CASES if case.name not in NOT_THERE], ids=lambda case: case.name)
def test_a_clone_of_any_domain_can_be_had_and_stays_as_it_is(lab, case):
    has(lab, golden=original(case), clone=clone(clone_disks="shared"))
    found = definitions(lab)
    assert found["golden"].findtext("uuid") != found["clone"].findtext("uuid")
    macs = [{mac.get("address") for mac in found[name].iterfind("devices/interface/mac")} for name in found]
    assert macs[0].isdisjoint(macs[1])
    has(lab, golden=original(case) | {"description": "another"}, clone=clone(clone_disks="shared"))
    assert definitions(lab)["clone"].findtext("description") == "another"


def case_named(name):
    return next(case for case in CASES if case.name == name)


@pytest.mark.parametrize("name", ["tuned", "windows", "q35-with-every-disk", "slots-and-nodes"])
def test_nothing_else_of_it_is_another_thing(lab, name):
    golden = {row: value for row, value in original(case_named(name)).items() if row not in SEEDS}
    has(lab, golden=golden, clone=clone(clone_disks="shared"))
    golden, found = (sorted(places(definitions(lab)[name])) for name in ("golden", "clone"))
    differing = {place for place, _ in set(golden) ^ set(found)}
    assert differing <= OWN_PLACES | {"domain/genid", "domain/devices/disk/wwn"}, differing


def test_devices_that_only_one_can_have_are_left_out_or_go_elsewhere(lab):
    has(lab, golden=original(case_named("every-chardev")), clone=clone())
    found = definitions(lab)["clone"]
    assert [port.get("type") for port in found.iterfind("devices/serial")] == ["pty"]
    assert found.find("devices/console[@type='unix']") is None
    assert [one.find("target").get("name") for one in found.iterfind("devices/channel")] == [
        "com.redhat.spice.0",
        "org.example.0",
        "org.spice-space.webdav.0",
    ]
    assert "/run/" not in ET.tostring(found).decode()
    assert "/var/log/" not in ET.tostring(found).decode()


def test_devices_of_the_host_stay_with_the_original(lab):
    has(lab, golden=original(case_named("devices-of-the-host")), clone=clone())
    assert definitions(lab)["golden"].find("devices/hostdev") is not None
    assert definitions(lab)["clone"].find("devices/hostdev") is None


def test_what_a_clone_never_takes_over_are_rows_that_there_are():
    for place in LIKENESS.own:
        rows = SCHEMA.rows
        for name in place:
            row = rows[name]
            rows = row.rows if isinstance(row, Block) else {}
    assert LIKENESS.once <= SCHEMA.rows.keys()


def test_a_saved_plan_makes_them_as_well(lab):
    nic = {"network_id": "${libvirt_network.lab.id}", "addresses": ["10.9.9.20"]}
    golden = {"name": "golden", "running": False, "memory": 64, "network_interface": [nic]}
    lab.add(json.dumps({"resource": {"libvirt_domain": {"golden": golden, "clone": clone()}}}), "lab.tf.json")
    lab.plan("-out=p")
    lab.kvmform("apply", "p")
    assert lab.plan_is_empty()
