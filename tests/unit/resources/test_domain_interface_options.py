"""Options of network interfaces: what is refused, what a change costs, and what waits for a boot."""

import pytest
from type_bench import complete

from kvmform.plan.diff import planned_edits
from kvmform.resources.domain.pending import compare
from kvmform.resources.domain.resource_type import DOMAIN
from kvmform.schema import Disruption
from kvmform.values.model import UNKNOWN

BLOCKS = {"driver", "vlan", "bandwidth", "backend", "teaming", "coalesce"}
NIC = {"network_name": "lab", "mac": "52:54:00:00:00:01"}
RUNNING = {"running": True, "hotplug": True, "free_ports": 3}
LIVE, INTERRUPT, REBOOT = Disruption.LIVE, Disruption.INTERRUPT, Disruption.REBOOT


def domain(*nics, **more):
    return complete(DOMAIN, {"name": "web", "machine": "q35", "network_interface": list(nics), **more})


def problems(nic, **more):
    written = domain({**NIC, **nic}, **more)
    return [(found.path[2:], found.diagnostic.summary) for rule in DOMAIN.schema.rules for found in rule(written)]


VALUE, MATCH = "Invalid Attribute Value", "Invalid Attribute Value Match"
SOURCELESS = {"network_name": None}


@pytest.mark.parametrize(
    ("nic", "path", "summary"),
    [
        ({"link_state": "off"}, ("link_state",), MATCH),
        ({"model": "a b"}, ("model",), MATCH),
        ({"target_dev": "vnet7"}, ("target_dev",), MATCH),
        ({"target_dev": "a-name-that-is-too-long"}, ("target_dev",), MATCH),
        ({"mtu": 60}, ("mtu",), VALUE),
        ({"alias": "team"}, ("alias",), MATCH),
        ({"acpi_index": 0}, ("acpi_index",), VALUE),
        ({"teaming": [{"type": "transient"}], "alias": "ua-a"}, ("teaming", 0, "type"), MATCH),
        ({"teaming": [{}]}, ("teaming",), "Team without a name"),
        ({"teaming": [{}], "alias": "ua-a", "model": "e1000e"}, ("teaming",), "Card can't be in a team"),
        ({"coalesce": [{"rx_frames": 65}]}, ("coalesce", 0, "rx_frames"), VALUE),
        ({**SOURCELESS, "macvtap": "eth0", "coalesce": [{"rx_frames": 8}]}, ("coalesce",), "Not on a bridge"),
        ({"driver": [{"queues": 0}]}, ("driver", 0, "queues"), VALUE),
        ({"driver": [{"rx_queue_size": 300}]}, ("driver", 0, "rx_queue_size"), MATCH),
        ({"bandwidth": [{"inbound": [{"peak": 5}]}]}, ("bandwidth", 0, "inbound", 0), "Bandwidth without an average"),
        ({"vlan": [{"tag": [{"id": 4096}]}]}, ("vlan", 0, "tag", 0, "id"), VALUE),
        ({**SOURCELESS, "bridge": "br0", "vlan": [{"tag": [{"id": 1}]}]}, ("vlan",), "VLANs not supported here"),
        ({**SOURCELESS, "bridge": "br0", "portgroup": "a"}, ("portgroup",), "Port group without a network"),
        ({"ip": [{"address": "10.0.0.0"}]}, ("ip",), "Not a user-mode network"),
        ({**SOURCELESS, "port_forward": [{}]}, ("port_forward",), "Port forwarding needs passt"),
        (
            {**SOURCELESS, "backend": [{"type": "passt"}], "port_forward": [{"range": [{"start": 0}]}]},
            ("port_forward", 0, "range", 0, "start"),
            VALUE,
        ),
    ],
)
def test_what_libvirt_would_refuse_is_told_by_validate(nic, path, summary):
    assert problems(nic) == [(path, summary)]


@pytest.mark.parametrize(("name", "value"), [("alias", "ua-a"), ("acpi_index", 3)])
def test_what_names_a_card_names_no_other(name, value):
    written = domain(NIC | {name: value}, {name: value}, {name: UNKNOWN}, {name: UNKNOWN})
    found = [problem.path for rule in DOMAIN.schema.rules for problem in rule(written)]
    assert found == [("network_interface", 1, name)]


@pytest.mark.parametrize(
    "nic",
    [
        {"model": "e1000", "target_dev": "web0", "mtu": 9000, "link_state": "down"},
        {**SOURCELESS, "bridge": "ovs", "vlan": [{"tag": [{"id": 4}]}], "virtualport": [{"type": "openvswitch"}]},
        {**SOURCELESS, "backend": [{"type": "passt"}], "port_forward": [{"proto": "udp"}]},
        {"bandwidth": [{"outbound": [{"average": 100, "peak": 200}]}]},
    ],
)
def test_what_libvirt_takes_is_no_problem(nic):
    assert problems(nic) == []


@pytest.mark.parametrize(
    "nic",
    [
        {name: UNKNOWN}
        for name in (
            "model",
            "target_dev",
            "mtu",
            "link_state",
            "boot_order",
            "driver",
            "vlan",
            "portgroup",
            "bandwidth",
            "alias",
            "acpi_index",
            "teaming",
            "coalesce",
        )
    ]
    + [{**SOURCELESS, "backend": UNKNOWN, "port_forward": [{}]}, {"vlan": [{"tag": [{"id": UNKNOWN}]}]}],
)
def test_what_is_not_known_yet_is_no_problem(nic):
    options = {**NIC, **nic}
    blocks = {name: value for name, value in options.items() if value is UNKNOWN and name in BLOCKS}
    written = domain({name: value for name, value in options.items() if name not in blocks})
    written["network_interface"][0] |= blocks
    assert [problem for rule in DOMAIN.schema.rules for problem in rule(written)] == []


def test_one_order_of_devices_to_boot_from():
    assert problems({"boot_order": 1}, boot_device=[{"dev": ["hd"]}])
    assert problems({"boot_order": 1}, disk=[{"file": "/v/a.img", "boot_order": 1}])


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {"link_state": "down"}, LIVE),
        ({}, {"link_state": "up"}, None),
        ({"bandwidth": [{"inbound": [{"average": 1}]}]}, {"bandwidth": [{"inbound": [{"average": 2}]}]}, LIVE),
        ({"filterref": [{"filter": "a"}]}, {}, LIVE),
        ({"vlan": [{"tag": [{"id": 1}]}]}, {"vlan": [{"tag": [{"id": 2}]}]}, LIVE),
        ({}, {"isolated": True}, LIVE),
        ({}, {"isolated": False}, None),
        ({}, {"mtu": 1400}, INTERRUPT),
        ({}, {"driver": [{"queues": 2}]}, INTERRUPT),
        ({"driver": [{}]}, {"driver": [{"queues": 1}]}, None),
        ({}, {"portgroup": "a"}, INTERRUPT),
        ({}, {"trust_guest_rx_filters": True}, INTERRUPT),
        ({}, {"model": "e1000e"}, INTERRUPT),
        ({}, {"model": "rtl8139"}, REBOOT),
        ({"model": "rtl8139"}, {"model": "virtio"}, REBOOT),
        ({"model": "rtl8139"}, {"model": "rtl8139", "mtu": 1400}, REBOOT),
        ({"model": "rtl8139"}, {"model": "rtl8139", "link_state": "down"}, LIVE),
        ({}, {"rom": [{"bar": False}]}, REBOOT),
        ({}, {"rom": [{"enabled": False}]}, INTERRUPT),
        ({}, {"boot_order": 1}, REBOOT),
    ],
)
def test_a_change_costs_no_more_than_it_must(before, after, expected):
    assert worst(domain({**NIC, **before}), domain({**NIC, **after})) is expected


def worst(before, after, **facts):
    edits = planned_edits(DOMAIN.schema.rows, before, after, RUNNING | facts)
    return max((edit.effect.disruption for edit in edits), default=None)


def test_on_pc_any_card_is_plugged():
    before, after = (domain({**NIC, "model": model}, machine="pc") for model in ("virtio", "e1000"))
    assert worst(before, after) is INTERRUPT


def test_a_card_without_a_slot_comes_and_goes_with_a_boot():
    with_it, without = domain(NIC, {"bridge": "br0", "model": "e1000"}), domain(NIC)
    assert worst(without, with_it) is REBOOT
    assert worst(with_it, without) is REBOOT


@pytest.mark.parametrize(
    ("definition", "hot", "expected"),
    [({"mtu": 1400}, True, INTERRUPT), ({"link_state": "down"}, True, LIVE), ({"boot_order": 1}, False, REBOOT)],
)
def test_what_the_guest_lacks_of_its_definition_is_told_by_what_it_takes(definition, hot, expected):
    found, live = (
        domain({**NIC, **options}, pending=[], max_memory=1, max_vcpu=1, vcpu=1, memory=1)
        for options in (definition, {})
    )
    pending = compare(found, live, {"hotplug": True})
    assert pending.names == ("network_interface",)
    assert (pending.hot == ("network_interface",)) is hot
    facts = {"pending_hot": list(pending.hot), "pending_interrupts": pending.interrupts}
    before, after = ({**found, "pending": waiting} for waiting in (list(pending.names), []))
    assert worst(before, after, **facts) is expected
