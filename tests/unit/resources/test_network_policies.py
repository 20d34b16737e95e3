"""What changing a network costs the guests on it."""

import pytest
from type_bench import complete

from kvmform.plan.diff import planned_edits
from kvmform.resources.network.resource_type import NETWORK
from kvmform.schema import Disruption
from kvmform.values.model import Unknown
from kvmform.values.types import BOOL, STRING

NAT = {"name": "lab", "addresses": ["10.17.3.0/24"], "bridge": "virbr7"}
BRIDGED = {"name": "lab", "mode": "bridge", "bridge": "br0"}
HOST = {"mac": "52:54:00:00:00:01", "ip": "10.17.3.10"}


def cost(before, after, *, active=True, restarting=False, **facts):
    """The worst effect of what differs."""
    old = {**complete(NETWORK, before), "restarting": restarting}
    found = planned_edits(NETWORK.schema.rows, old, complete(NETWORK, after), {"active": active, **facts})
    return max(edit.effect.disruption for edit in found)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"name": "other"}, Disruption.REPLACE),
        ({"xml": [{"xslt": "<x/>"}]}, Disruption.REPLACE),
        ({"mode": "route"}, Disruption.INTERRUPT),
        ({"domain": "lab.test"}, Disruption.INTERRUPT),
        ({"bridge": "lab0"}, Disruption.INTERRUPT),
        ({"stp": False}, Disruption.INTERRUPT),
        ({"mtu": 1400}, Disruption.INTERRUPT),
        ({"addresses": ["10.17.4.0/24"]}, Disruption.INTERRUPT),
        ({"routes": [{"cidr": "10.9.0.0/24", "gateway": "10.17.3.9"}]}, Disruption.INTERRUPT),
        ({"dnsmasq_options": [{"options": [{"option_name": "no-ping"}]}]}, Disruption.INTERRUPT),
        ({"active": False}, Disruption.INTERRUPT),
        ({"autostart": True}, Disruption.NONE),
    ],
)
def test_arguments(change, expected):
    assert cost(NAT, NAT | change) is expected


@pytest.mark.parametrize("name", ["dns", "dhcp"])
@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([], [{"enabled": True}], Disruption.LIVE),
        ([{"enabled": True}], [], Disruption.LIVE),
        ([], [{"enabled": False}], Disruption.INTERRUPT),
        ([{"enabled": False}], [], Disruption.INTERRUPT),
        ([{"enabled": True}], [{"enabled": False}], Disruption.INTERRUPT),
        ([], [{"enabled": Unknown(BOOL)}], Disruption.INTERRUPT),
        ([], Unknown(), Disruption.INTERRUPT),
    ],
)
def test_servers(name, before, after, expected):
    old = complete(NETWORK, {**NAT, name: before})
    new = complete(NETWORK, {**NAT, name: after if isinstance(after, list) else []})
    new[name] = new[name] if isinstance(after, list) else after
    [edit] = planned_edits(NETWORK.schema.rows, old, new, {"active": True})
    assert edit.effect.disruption is expected


@pytest.mark.parametrize(
    ("name", "part", "element", "expected"),
    [
        ("dhcp", "hosts", HOST, Disruption.LIVE),
        ("dhcp", "hosts", {**HOST, "ip": Unknown(STRING)}, Disruption.LIVE),
        ("dhcp", "ranges", {"start": "10.17.3.20", "end": "10.17.3.30"}, Disruption.LIVE),
        ("dns", "hosts", {"ip": "10.17.3.5", "hostname": "five"}, Disruption.LIVE),
        ("dns", "srvs", {"service": "ldap", "protocol": "tcp", "target": "five"}, Disruption.LIVE),
        ("dns", "forwarders", {"address": "10.9.9.9"}, Disruption.INTERRUPT),
    ],
)
def test_what_is_added_to_a_server_and_removed_from_it(name, part, element, expected):
    with_element, without = {**NAT, name: [{part: [element]}]}, {**NAT, name: [{}]}
    assert cost(without, with_element) is expected
    assert cost(with_element, without) is expected
    assert cost(NAT, with_element) is expected


def test_a_fixed_address_is_changed_live():
    before, after = ({**NAT, "dhcp": [{"hosts": [host]}]} for host in (HOST, {**HOST, "ip": "10.17.3.11"}))
    assert cost(before, after) is Disruption.LIVE


def test_a_network_that_is_down_is_changed_without_anybody_noticing():
    assert cost({**NAT, "active": False}, {**NAT, "active": False, "mtu": 1400}, active=False) is Disruption.NONE
    assert cost({**NAT, "active": False}, {**NAT, "mtu": 1400}, active=False) is Disruption.LIVE


def test_guests_on_a_bridge_of_the_host_stay_on_it_while_the_network_restarts():
    assert cost(BRIDGED, BRIDGED | {"dns": [{"enabled": False}]}) is Disruption.LIVE
    assert cost(BRIDGED, BRIDGED | {"bridge": "br1"}) is Disruption.INTERRUPT
    assert cost(BRIDGED, NAT) is Disruption.INTERRUPT
    assert cost(NAT, BRIDGED) is Disruption.INTERRUPT


def test_a_restart_that_was_cut_short_is_made_again():
    assert cost(NAT, NAT, restarting=True) is Disruption.INTERRUPT


def test_why_guests_are_interrupted_is_told():
    old, new = complete(NETWORK, NAT), complete(NETWORK, NAT | {"mtu": 1400})
    [edit] = planned_edits(NETWORK.schema.rows, old, new, {"active": True})
    assert edit.effect.reason == "the network restarts, and running guests are plugged in again"


@pytest.mark.parametrize("change", [{"domain": "lab.test"}, {"mode": "route"}, {"active": False}])
def test_where_no_guest_is_nobody_is_interrupted(change):
    assert cost(NAT, NAT | change, in_use=False) is Disruption.LIVE


SHARED = {"name": "lab", "mode": "bridge", "forward": [{"interfaces": [{"dev": "eth0"}]}]}
NO_NAT = [{"interfaces": [{"dev": "eth0"}]}]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (NAT, NAT | {"forward": NO_NAT}, Disruption.LIVE),
        (NAT | {"forward": NO_NAT}, NAT, Disruption.LIVE),
        (NAT, NAT | {"forward": [{"nat": [{"ipv6": True}]}]}, Disruption.INTERRUPT),
        (NAT, SHARED, Disruption.REPLACE),
        (SHARED, NAT, Disruption.REPLACE),
        (SHARED, SHARED | {"forward": [{"interfaces": [{"dev": "eth1"}]}]}, Disruption.LIVE),
    ],
)
def test_the_way_out(before, after, expected):
    assert cost(before, after) is expected


def test_masquerading_that_is_not_known_yet_may_need_a_restart():
    new = complete(NETWORK, NAT | {"forward": [{}]})
    new["forward"][0]["nat"] = Unknown()
    found = planned_edits(NETWORK.schema.rows, complete(NETWORK, NAT), new, {"active": True})
    assert {edit.effect.disruption for edit in found} == {Disruption.INTERRUPT}


A, B = {"name": "a"}, {"name": "b", "default": True}


@pytest.mark.parametrize(
    ("before", "after", "used", "expected"),
    [
        ([A, B], [{**A, "trust_guest_rx_filters": True}, B], ["a"], Disruption.INTERRUPT),
        ([A, B], [{**A, "trust_guest_rx_filters": True}, B], ["", "b"], Disruption.LIVE),
        ([A, B], [A, {**B, "trust_guest_rx_filters": True}], [""], Disruption.INTERRUPT),
        ([A, B], [A], [""], Disruption.INTERRUPT),
        ([B], [A, B], [""], Disruption.LIVE),
        ([], [A, B], ["a"], Disruption.INTERRUPT),
    ],
)
def test_a_port_group_is_plugged_in_again_where_somebody_is_in_it(before, after, used, expected):
    old, new = (NAT | {"portgroups": groups} for groups in (before, after))
    assert cost(old, new, port_groups=used) is expected
