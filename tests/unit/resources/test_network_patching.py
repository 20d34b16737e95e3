"""An existing definition brought up to date: what is asked for changes, and all else stays as it was."""

import re

import pytest
from network_shapes import SHAPES
from type_bench import complete

from kvmform.resources.network.patching import patched
from kvmform.resources.network.rendering import network_xml
from kvmform.resources.network.resource_type import NETWORK
from kvmform.xml.document import Document

NAT = {"name": "lab", "addresses": ["10.17.3.0/24", "fd00:17::/64"]}
OWN = {"mac": "52:54:00:00:00:01", "ip": "10.17.3.10"}
DEFINITION = """
<network xmlns:dnsmasq="http://libvirt.org/schemas/network/dnsmasq/1.0">
  <name>lab</name>
  <uuid>i</uuid>
  <title>by hand</title>
  <forward mode="nat" dev="eth0"><nat><address start="10.9.9.1" end="10.9.9.2"/></nat><interface dev="eth0"/></forward>
  <bridge name="virbr7" zone="lab" stp="on" delay="0"/>
  <mac address="52:54:00:7d:11:22"/>
  <dns><txt name="a" value="b"/><host ip="10.17.3.5"><hostname>five</hostname></host></dns>
  <ip family="ipv4" address="10.17.3.1" prefix="24" localPtr="yes">
    <tftp root="/srv/tftp"/>
    <dhcp>
      <range start="10.17.3.2" end="10.17.3.254"/>
      <host mac="52:54:00:00:00:01" ip="10.17.3.10"/>
      <host mac="52:54:00:00:00:99" name="a-domain" ip="10.17.3.99"/>
      <bootp file="pxelinux.0"/>
    </dhcp>
  </ip>
  <ip family="ipv6" address="fd00:17::1" prefix="64">
    <dhcp><range start="fd00:17::2" end="fd00:17::fffe"/></dhcp>
  </ip>
  <portgroup name="fast"/>
</network>"""
BY_HAND = ("title", "mac/@address", "portgroup/@name", "dns/txt/@name", "bridge/@zone", "forward/@dev")


def network(written):
    return {**complete(NETWORK, NAT | written), "id": "i", "bridge": "virbr7"}


def patch(change, prior=None, xml=DEFINITION):
    """The definition after a change of these arguments."""
    return Document.parse(patched(xml, network(prior or {}), network({**(prior or {}), **change}), set(change)))


def attributes(document, path, name):
    return [element.get(name) for element in document.find_all(path)]


@pytest.mark.parametrize(
    ("change", "path", "value"),
    [
        ({"domain": "lab.test"}, "domain/@name", "lab.test"),
        ({"stp": False}, "bridge/@stp", "off"),
        ({"mtu": 1400}, "mtu/@size", "1400"),
        ({"dns": [{"enabled": True, "forwarders": [{"address": "10.9.9.9"}]}]}, "dns/forwarder/@addr", "10.9.9.9"),
        ({"dns": [{"hosts": [{"ip": "10.17.3.6", "hostname": "six"}]}]}, "dns/host/hostname", "six"),
        ({"routes": [{"cidr": "10.8.0.0/16", "gateway": "10.17.3.9"}]}, "route/@gateway", "10.17.3.9"),
        ({"addresses": ["10.17.4.0/24"]}, "ip/@address", "10.17.4.1"),
    ],
)
def test_what_the_table_lacks_stays(change, path, value):
    document = patch(change)
    assert document.get(path) == value
    assert [document.get(kept) for kept in BY_HAND] == ["by hand", "52:54:00:7d:11:22", "fast", "a", "lab", "eth0"]


def test_what_is_not_edited_stays_even_if_it_is_not_as_planned():
    document = patch({"domain": "lab.test"})
    assert document.get("dns/host/hostname") == "five"
    assert len(document.find_all("ip/dhcp/host")) == 2


def test_options_of_dnsmasq_are_exchanged():
    options = {"dnsmasq_options": [{"options": [{"option_name": "no-ping"}]}]}
    document = patch(options)
    assert attributes(document, "dnsmasq:options/dnsmasq:option", "value") == ["no-ping"]
    assert patch({"dnsmasq_options": []}, options, document.text).find("dnsmasq:options") is None


def test_fixed_addresses_of_domains_stay_and_own_ones_go():
    document = patch({"dhcp": []}, {"dhcp": [{"enabled": True, "hosts": [OWN]}]})
    assert attributes(document, "ip/dhcp/host", "name") == ["a-domain"]
    assert document.get("ip/dhcp/bootp/@file") == "pxelinux.0"
    assert document.get("ip/tftp/@root") == "/srv/tftp"


def test_fixed_addresses_of_domains_are_taken_along_where_they_still_fit_in():
    wider = patch({"addresses": ["10.17.2.0/23"]})
    assert attributes(wider, "ip", "prefix") == ["23"]
    assert attributes(wider, "ip/dhcp/host", "ip") == ["10.17.3.10", "10.17.3.99"]
    assert attributes(patch({"addresses": ["10.99.0.0/24"]}), "ip/dhcp/host", "ip") == []


def test_a_network_that_stays_keeps_its_element():
    document = patch({"addresses": ["10.17.3.0/24", "fd00:99::/64"]})
    assert attributes(document, "ip", "address") == ["10.17.3.1", "fd00:99::1"]
    assert attributes(document, "ip", "localPtr") == ["yes", None]


def test_dhcp_is_turned_off_and_on():
    off = patch({"dhcp": [{"enabled": False}]})
    assert off.find("ip/dhcp") is None
    assert off.find("ip/tftp") is not None
    on = patch({"dhcp": []}, {"dhcp": [{"enabled": False}]}, off.text)
    assert attributes(on, "ip/dhcp/range", "start") == ["10.17.3.2", "fd00:17::2"]


def test_a_network_moves_to_a_bridge_of_the_host():
    document = patch({"mode": "bridge", "bridge": "br0", "addresses": None})
    assert (document.get("forward/@mode"), document.get("bridge/@stp")) == ("bridge", None)
    assert [document.find(refused) for refused in ("ip", "mac")] == [None, None]


def test_an_isolated_network_has_no_forwarding():
    assert patch({"mode": "none"}).find("forward") is None


@pytest.mark.parametrize("before", ["nat", "bridge-of-the-host"])
@pytest.mark.parametrize("after", sorted(SHAPES.keys() - {"changed-by-a-stylesheet"}))
def test_every_shape_can_be_made_of_another(before, after):
    old, new = ({**complete(NETWORK, SHAPES[name]), "id": "i"} for name in (before, after))
    new["bridge"] = new["bridge"] or old["bridge"]
    patched_xml = patched(network_xml(old), old, new, set(new) - {"id", "name", "autostart", "active", "xml"})
    assert shape_of(patched_xml) == shape_of(network_xml(new))


def shape_of(xml):
    """Everything in it, whatever the order. A `<dns>` that says nothing is as good as none."""
    root = Document.parse(xml).root
    places = {element: re.sub(r"\[\d+\]", "", root.getroottree().getpath(element)) for element in root.iter()}
    found = [(path, (e.text or "").strip(), sorted(e.attrib.items())) for e, path in places.items()]
    usual = ("enable", "yes")
    said = [(path, text, [each for each in attributes if each != usual]) for path, text, attributes in found]
    return sorted(entry for entry in said if entry != ("/network/dns", "", []))
