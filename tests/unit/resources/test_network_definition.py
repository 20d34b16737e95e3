"""What new networks are made from: golden cases, and that what is written is read back.

A case is a folder in tests/cases/network: `written.json` has the arguments, `expected.xml` what is made of them.
KVMFORM_REGENERATE=1 writes the expected files anew; look at their difference then.
"""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from lxml import etree
from network_shapes import CASES, SHAPES
from type_bench import TypeBench, complete

from kvmform.host.records import NetworkRecord
from kvmform.plan.diff import planned_edits
from kvmform.resources.network.definition import subnets
from kvmform.resources.network.reading import read
from kvmform.resources.network.rendering import network_xml
from kvmform.resources.network.resource_type import NETWORK
from kvmform.schema import Block
from kvmform.values.model import Unknown

LIBVIRT_SCHEMA = Path("/usr/share/libvirt/schemas/network.rng")

every_case = pytest.mark.parametrize("name", SHAPES)


def planned(name):
    """The planned object of a case; what only the host would tell is None."""
    found = TypeBench(host=None, base_directory=Path()).propose(NETWORK, SHAPES[name])
    return {key: None if isinstance(value, Unknown) else value for key, value in found.items()}


def look(network, xml):
    """How a host with this XML shows the network."""
    flags = {"active": network["active"], "persistent": True, "autostart": network["autostart"]}
    live_xml = xml if network["active"] else None
    record = NetworkRecord(uuid=network["id"], name=network["name"], xml=xml, live_xml=live_xml, **flags)
    networks = SimpleNamespace(get={network["id"]: record}.get)
    return read(SimpleNamespace(inventory=SimpleNamespace(networks=networks), is_simulated=False), network)


@every_case
def test_definition_is_as_expected(name):
    xml, path = network_xml(planned(name)), CASES / name / "expected.xml"
    if os.environ.get("KVMFORM_REGENERATE"):
        path.write_text(xml)
    assert xml == path.read_text()


@pytest.mark.skipif(not LIBVIRT_SCHEMA.exists(), reason="libvirt's XML schemas are not installed")
@every_case
def test_definition_is_valid_for_libvirt(name):
    etree.RelaxNG(etree.parse(LIBVIRT_SCHEMA)).assertValid(etree.parse(CASES / name / "expected.xml"))


@every_case
def test_what_is_written_is_read_back(name):
    wanted = planned(name)
    found = look(wanted, (CASES / name / "expected.xml").read_text()).object
    assert planned_edits(NETWORK.schema.rows, found, wanted, {}) == ()
    assert found == wanted


def rows(table, path=()):
    for name, row in table.items():
        yield (*path, name), row
        if isinstance(row, Block):
            yield from rows(row.rows, (*path, name))


def test_every_row_tells_what_it_is():
    assert [path for path, row in rows(NETWORK.schema.rows) if not row.doc.endswith(".")] == []


def test_every_argument_is_in_some_case():
    def written(value, path=()):
        for name, item in value.items():
            yield (*path, name)
            for element in item if isinstance(item, list) else ():
                yield from written(element, (*path, name)) if isinstance(element, dict) else ()

    used = {path for shape in SHAPES.values() for path in written(shape)}
    table = dict(rows(NETWORK.schema.rows))
    assert {path for path, row in table.items() if not getattr(row, "read_only", False)} == used


@pytest.mark.parametrize(
    ("cidr", "address", "first", "last"),
    [
        ("10.231.1.0/24", "10.231.1.1", "10.231.1.2", "10.231.1.254"),
        ("10.231.1.77/24", "10.231.1.1", "10.231.1.2", "10.231.1.254"),
        ("10.231.1.8/29", "10.231.1.9", "10.231.1.10", "10.231.1.14"),
        ("10.0.0.0/8", "10.0.0.1", "10.0.0.2", "10.0.255.254"),
        ("fd00::/64", "fd00::1", "fd00::2", "fd00::fffe"),
    ],
)
def test_the_host_has_the_first_address_and_dhcp_gives_away_the_others(cidr, address, first, last):
    [subnet] = subnets(complete(NETWORK, {"name": "x", "addresses": [cidr]}))
    assert (subnet.address, subnet.ranges) == (address, ({"start": first, "end": last, "lease": []},))


def test_a_stylesheet_can_not_change_what_the_network_is_known_by():
    root = etree.fromstring(network_xml(planned("changed-by-a-stylesheet")))
    assert root.findtext("uuid") == planned("changed-by-a-stylesheet")["id"]
    assert root.find("mtu").get("size") == "1300"


def test_an_address_of_a_dns_host_that_is_spelled_in_two_ways_is_one():
    hosts = [{"ip": "fd00::5", "hostname": "a"}, {"ip": "fd00:0::0005", "hostname": "b"}]
    written = {"name": "x", "mode": "none", "dns": [{"hosts": hosts}]}
    root = etree.fromstring(network_xml({**complete(NETWORK, written), "id": "i"}))
    assert [name.text for name in root.findall("dns/host/hostname")] == ["a", "b"]
    assert len(root.findall("dns/host")) == 1
