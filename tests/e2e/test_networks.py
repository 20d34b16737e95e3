"""Three networks side by side on a real host, and one guest in all of them."""

import re

import pytest
from guest_lab import GuestLab
from inventory import EMPTY

pytestmark = [pytest.mark.libvirt, pytest.mark.guest, pytest.mark.slow]


@pytest.fixture(scope="module")
def lab(host, environment, tmp_path_factory):
    lab = GuestLab.of_example("networks", tmp_path_factory.mktemp("networks"), environment, host)
    lab.in_host("ip", "link", "add", "br-lab", "type", "bridge")
    lab.in_host("ip", "link", "set", "br-lab", "up")
    lab.apply()
    return lab


def test_the_guest_has_an_address_where_libvirt_gives_them_out(lab):
    addresses = lab.output("addresses")
    assert re.fullmatch(r"10\.17\.5\.\d+", addresses["nat"])
    assert re.fullmatch(r"10\.17\.6\.\d+", addresses["isolated"])
    seen = lab.report("router").addresses
    assert len(seen) == 3
    assert {*addresses.values(), ""} == set(seen.values())
    assert lab.plan_is_empty()


def test_the_third_interface_is_on_the_hosts_bridge(lab):
    ports = lab.in_host("ls", "/sys/class/net/br-lab/brif").split()
    assert len(ports) == 1
    assert "<forward mode='bridge'/>" in lab.network_xml("networks-bridged")


def test_the_host_masquerades_for_nat_only(lab):
    rules = lab.in_host("iptables", "-t", "nat", "-S")
    assert "-s 10.17.5.0/24" in rules
    assert "10.17.6.0/24" not in rules


def test_data_sources_tell_the_addresses_of_the_running_guest(lab):
    sources = ("lease", "agent", "any")
    reads = (
        f'data "libvirt_domain_interface_addresses" "{s}" {{\n  domain = "router"\n  source = "{s}"\n}}'
        for s in sources
    )
    values = ", ".join(f"{s} = data.libvirt_domain_interface_addresses.{s}.interfaces" for s in sources)
    lab.add("\n".join([*reads, f'output "told" {{\n  value = {{ {values} }}\n}}', ""]), "told.tf")
    lab.apply()
    told = lab.output("told")
    leased = {found["addr"] for interface in told["lease"] for found in interface["addrs"]}
    assert leased == {address for name, address in lab.output("addresses").items() if name in ("nat", "isolated")}
    assert told["any"] == told["lease"]
    (loopback,) = (interface for interface in told["agent"] if interface["name"] == "lo")
    assert {"type": "ipv4", "addr": "127.0.0.1", "prefix": 8} in loopback["addrs"]
    assert leased < {found["addr"] for interface in told["agent"] for found in interface["addrs"]}
    assert lab.plan_is_empty()


def test_a_name_server_of_the_network_knows_the_hosts_of_the_configuration(lab):
    assert "<hostname>gateway.nat.test</hostname>" in lab.network_xml("networks-nat")
    before = lab.report("router").boot_id
    lab.edit("gateway.nat.test", "way-out.nat.test")
    lab.apply("-max-disruption=live")
    xml = lab.network_xml("networks-nat")
    assert "way-out.nat.test" in xml
    assert "gateway.nat.test" not in xml
    assert lab.report("router").boot_id == before
    assert lab.plan_is_empty()


def test_a_restarted_network_has_its_running_guest_plugged_in_again(lab):
    """libvirt can't change the DNS domain of an active network; the guest keeps running, and its connection."""
    before = lab.report("router")
    lab.edit('domain    = "nat.test"', 'domain    = "lab.test"')
    assert "Disruption: interrupt." in lab.plan()
    assert "Change refused" in lab.fails("apply", "-auto-approve", "-max-disruption=live")
    lab.apply("-max-disruption=interrupt")
    after = lab.report("router")
    assert (after.boot_id, after.addresses) == (before.boot_id, before.addresses)
    assert lab.plan_is_empty()


def test_destroy_leaves_the_hosts_bridge_and_nothing_else(lab):
    lab.destroy()
    assert lab.inventory() == EMPTY
    assert set(lab.in_host("ls", "/sys/class/net").split()) == {"lo", "br-lab"}
