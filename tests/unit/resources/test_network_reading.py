"""How a network looks in the words of the record: what counts as a difference, and what does not."""

from types import SimpleNamespace

import pytest
from type_bench import complete

from kvmform.host.records import NetworkRecord
from kvmform.plan.diff import planned_edits
from kvmform.plan.merge import merge
from kvmform.resources.network.lifecycle import propose
from kvmform.resources.network.reading import read
from kvmform.resources.network.resource_type import NETWORK
from kvmform.schema import Identity, Observed, Proposal

UUID = "0c9d1a52-2b3c-4b8e-9d0e-1c2f3a4b5c6d"
XML = f"""
<network connections='1'>
  <name>lab</name>
  <uuid>{UUID}</uuid>
  <forward mode='nat'><nat><port start='1024' end='65535'/></nat></forward>
  <bridge name='virbr7' stp='on' delay='0'/>
  <mac address='52:54:00:7d:11:22'/>
  <domain name='lab.test'/>
  <dns enable='yes'>
    <host ip='10.17.3.5'><hostname>five</hostname><hostname>cinq</hostname></host>
  </dns>
  <ip family='ipv4' address='10.17.3.1' prefix='24'>
    <dhcp>
      <range start='10.17.3.2' end='10.17.3.254'/>
      <host mac='52:54:00:00:00:01' name='web' ip='10.17.3.10'/>
      <host mac='52:54:00:00:00:02' ip='10.17.3.11'/>
    </dhcp>
  </ip>
</network>"""

WRITTEN = {
    "name": "lab",
    "domain": "lab.test",
    "addresses": ["10.17.3.0/24"],
    "dns": [{"hosts": [{"ip": "10.17.3.5", "hostname": "five"}, {"ip": "10.17.3.5", "hostname": "cinq"}]}],
}

STATE_OF_0_8 = {
    "id": UUID,
    "name": "lab",
    "mode": "nat",
    "domain": "lab.test",
    "bridge": "virbr7",
    "mtu": None,
    "addresses": ["10.17.3.0/24"],
    "autostart": False,
    "dns": [
        {
            "enabled": True,
            "local_only": False,
            "forwarders": [],
            "hosts": [{"ip": "10.17.3.5", "hostname": "cinq"}, {"ip": "10.17.3.5", "hostname": "five"}],
            "srvs": [],
        }
    ],
    "dhcp": [{"enabled": True}],
    "routes": [],
    "dnsmasq_options": [],
    "xml": [],
}
"""What provider 0.8 keeps: arguments that are newer than it are not in it."""


def look(prior, xml=XML, *, live_xml=None, active=True):
    live = (live_xml or xml) if active else None
    record = NetworkRecord(UUID, "lab", active=active, persistent=True, autostart=False, xml=xml, live_xml=live)
    networks = SimpleNamespace(get={UUID: record}.get, named={"lab": record}.get)
    return read(SimpleNamespace(inventory=SimpleNamespace(networks=networks), is_simulated=False), prior)


def edits(written, prior, **how):
    """What a plan would change."""
    observed = look(prior, **how)
    config = complete(NETWORK, written)
    merged = merge(NETWORK.schema.rows, config, observed.object)
    planned = propose(Proposal("x", Identity("l", "x"), config, observed, merged, {}, lambda _: ()))
    return {e.path: (e.before, e.after) for e in planned_edits(NETWORK.schema.rows, observed.object, planned, {})}


def drift(prior, **how):
    """What a plan would tell to have been changed by somebody else."""
    found = planned_edits(NETWORK.schema.rows, prior, look(prior, **how).object, {"active": True})
    return {edit.path for edit in found}


def recorded(written):
    return look({**complete(NETWORK, written), "id": UUID, "bridge": "virbr7"}).object


def with_hosts(*hosts):
    return {**WRITTEN, "dhcp": [{"hosts": list(hosts)}]}


WEB = {"mac": "52:54:00:00:00:01", "ip": "10.17.3.10", "name": "web", "lease": []}
TWO = {"mac": "52:54:00:00:00:02", "ip": "10.17.3.11", "lease": []}


def test_a_network_of_provider_0_8_is_taken_over_without_a_difference():
    assert drift(STATE_OF_0_8) == set()
    assert edits({**WRITTEN, "dhcp": [{"enabled": True}]}, STATE_OF_0_8) == {}


@pytest.mark.parametrize("empty", [{"domain": ""}, {"mtu": 0}, {"dns": []}, {"dhcp": []}, {"mode": "NAT"}])
def test_empty_and_missing_are_the_same_in_a_record_of_provider_0_8(empty):
    xml = XML.replace("<domain name='lab.test'/>", "").replace("<hostname>five</hostname><hostname>cinq</hostname>", "")
    assert drift({**STATE_OF_0_8, "domain": None, "dns": [], **empty}, xml=xml) == set()


def test_a_network_that_provider_0_8_left_with_dns_though_it_should_have_none_gets_none():
    written = {"name": "lab", "addresses": ["10.17.3.0/24"], "dns": [{"enabled": False}]}
    xml = XML.replace("<domain name='lab.test'/>", "")
    xml = xml[: xml.index("<dns")] + xml[xml.index("</dns>") + len("</dns>") :]
    prior = {**STATE_OF_0_8, "domain": None, "dns": [{"enabled": False}], "dhcp": []}
    assert edits(written, prior, xml=xml) == {("dns", 0, "enabled"): (True, False)}


def test_an_import_finds_everything_but_the_fixed_addresses():
    found = look({**complete(NETWORK, WRITTEN), "id": UUID})
    assert found.object == {**recorded(WRITTEN), "dns": found.object["dns"]}
    assert found.object["dhcp"] == []
    assert edits(WRITTEN, found.object) == {}


def test_without_any_record_everything_is_told():
    found = look({"id": UUID}).object
    assert [host["ip"] for host in found["dhcp"][0]["hosts"]] == ["10.17.3.10", "10.17.3.11"]
    assert (found["dhcp"][0]["enabled"], found["dns"][0]["enabled"]) == (True, True)


def test_what_is_gone_is_not_found():
    assert look({"id": "another", "name": "lab"}) is None
    assert look({}) is None


def test_order_and_spelling_are_those_of_the_record():
    prior = recorded({**with_hosts(TWO | {"mac": "52:54:00:00:00:02".upper()}, WEB), "addresses": ["10.17.3.77/24"]})
    assert prior["addresses"] == ["10.17.3.77/24"]
    assert [host["ip"] for host in prior["dhcp"][0]["hosts"]] == ["10.17.3.11", "10.17.3.10"]
    assert [name["hostname"] for name in recorded(WRITTEN)["dns"][0]["hosts"]] == ["five", "cinq"]


def test_a_fixed_address_that_is_not_recorded_is_another_ones():
    assert recorded(WRITTEN)["dhcp"] == []
    assert recorded(with_hosts(WEB))["dhcp"][0]["hosts"] == [WEB]


def test_a_name_that_a_domain_gave_to_a_fixed_address_is_no_difference():
    nameless = {**WEB, "name": None}
    assert edits(with_hosts(nameless), recorded(with_hosts(nameless))) == {}


def test_a_fixed_address_that_somebody_changed_or_removed_is_a_difference():
    prior = recorded(with_hosts(WEB, TWO))
    changed = XML.replace("10.17.3.10", "10.17.3.99").replace("<host mac='52:54:00:00:00:02' ip='10.17.3.11'/>", "")
    assert edits(with_hosts(WEB, TWO), prior, xml=changed) == {
        ("dhcp", 0, "hosts", 0, "ip"): ("10.17.3.99", "10.17.3.10"),
        ("dhcp", 0, "hosts", 1): (None, {**TWO, "name": None}),
    }


def test_a_fixed_address_that_is_no_longer_written_goes():
    assert edits(with_hosts(WEB), recorded(with_hosts(WEB, TWO))) == {
        ("dhcp", 0, "hosts", 1): ({**TWO, "name": None}, None)
    }
    assert set(edits(WRITTEN, recorded(with_hosts(WEB)))) == {("dhcp", 0)}


def test_the_usual_range_need_not_be_written_and_another_one_does():
    assert recorded(WRITTEN)["dhcp"] == []
    other = XML.replace("end='10.17.3.254'", "end='10.17.3.99'")
    [edit] = edits(WRITTEN, recorded(WRITTEN), xml=other).values()
    assert edit[0]["ranges"] == [{"start": "10.17.3.2", "end": "10.17.3.99", "lease": []}]


@pytest.mark.parametrize(
    ("before", "after", "paths"),
    [
        ("mode='nat'", "mode='route'", [("mode",)]),
        ("lab.test", "other.test", [("domain",)]),
        ("stp='on'", "stp='off'", [("stp",)]),
        ("virbr7", "virbr8", []),
        ("prefix='24'", "netmask='255.255.255.0'", []),
        ("prefix='24'", "prefix='25'", [("addresses",), ("dhcp", 0)]),
        ("dns enable='yes'", "dns enable='no'", [("dns", 0, "enabled")]),
        ("<hostname>cinq</hostname>", "", [("dns", 0, "hosts", 1)]),
        ("name='lab.test'", "name='lab.test' localOnly='yes'", [("dns", 0, "local_only")]),
        ("</network>", "<mtu size='1400'/></network>", [("mtu",)]),
        ("</network>", "<route address='10.9.0.0' prefix='24' gateway='10.17.3.9'/></network>", [("routes", 0)]),
        ("</network>", "<title>kept</title></network>", []),
    ],
)
def test_what_somebody_changed_is_a_difference_if_the_table_has_it(before, after, paths):
    changed = XML.replace(before, after)
    assert changed != XML
    assert sorted(edits(WRITTEN, recorded(WRITTEN), xml=changed)) == sorted(paths)


def test_the_definition_and_the_running_network_both_count():
    other = XML.replace("lab.test", "other.test")
    prior = recorded(WRITTEN)
    assert set(edits(WRITTEN, prior, xml=other, live_xml=XML)) == {("domain",)}
    assert set(edits(WRITTEN, prior, xml=XML, live_xml=other)) == {("domain",)}
    assert edits(WRITTEN, prior, xml=XML, live_xml=XML) == {}


def test_an_inactive_network_is_told():
    observed = look(recorded(WRITTEN), active=False)
    assert isinstance(observed, Observed)
    assert dict(observed.facts) == {"active": False, "in_use": False, "port_groups": []}
    assert edits(WRITTEN, observed.object, active=False) == {("active",): (False, True)}


def test_a_restart_that_was_cut_short_is_to_be_made_again():
    assert edits(WRITTEN, {**recorded(WRITTEN), "restarting": True}) == {("restarting",): (True, None)}


def test_a_block_that_is_written_with_the_usual_values_is_taken_into_the_record():
    written = {**WRITTEN, "dhcp": [{"enabled": True}]}
    assert set(edits(written, recorded(WRITTEN))) == {("dhcp", 0)}
    assert edits(written, recorded(written)) == {}


def test_a_block_with_the_usual_values_may_go_without_a_change():
    assert edits(WRITTEN, recorded({**WRITTEN, "dhcp": [{"enabled": True}]})) == {}


STYLESHEET = (
    '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
    '<xsl:template match="node()|@*"><xsl:copy><xsl:apply-templates select="node()|@*"/></xsl:copy></xsl:template>'
    '<xsl:template match="domain"><domain name="sheet.test"/></xsl:template></xsl:stylesheet>'
)


@pytest.mark.parametrize(("sheet", "paths"), [(STYLESHEET, set()), ("what only xsltproc takes", {("domain",)})])
def test_what_a_stylesheet_made_of_a_value_is_no_difference(sheet, paths):
    prior = {**STATE_OF_0_8, "xml": [{"xslt": sheet}]}
    assert drift(prior, xml=XML.replace("lab.test", "sheet.test")) == paths


def test_what_somebody_made_of_a_value_that_a_stylesheet_made_is_a_difference():
    prior = {**STATE_OF_0_8, "xml": [{"xslt": STYLESHEET}]}
    assert drift(prior, xml=XML.replace("lab.test", "hand.test")) == {("domain",)}


def test_a_range_that_is_written_and_usual_is_read():
    prior = {**STATE_OF_0_8, "dhcp": [{"enabled": True, "ranges": [{"start": "10.17.3.2", "end": "10.17.3.254"}]}]}
    assert drift(prior) == set()
