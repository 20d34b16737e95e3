"""What a running guest is given at once: which calls are made, and that none is made twice."""

import pytest
from domain_bench import DomainBench, settled

from kvmform.diagnostics import DiagnosticError
from kvmform.host.errors import HostError
from kvmform.host.host import open_host
from kvmform.host.networks import define_network
from kvmform.plan.diff import planned_edits
from kvmform.resources.domain import live, running_guest
from kvmform.resources.domain.definition import definition_xml
from kvmform.resources.domain.disk import live as disk
from kvmform.resources.domain.effects import undertaking
from kvmform.resources.domain.interface import live as interface
from kvmform.resources.domain.live import change_live
from kvmform.resources.domain.machine import memory
from kvmform.resources.domain.resource_type import DOMAIN
from kvmform.schema import Edit, Observed
from kvmform.xml.document import Document, parse_element

FACTS = {"running": True, "hotplug": True, "free_ports": 4, "max_memory": 1024, "max_vcpu": 4, "vcpu": 1}
WEB = {
    "name": "web",
    "machine": "q35",
    "memory": 512,
    "disk": [{"file": "/v/root.qcow2"}],
    "network_interface": [{"network_name": "lab"}],
}
DATA = {"file": "/v/data.img"}


@pytest.fixture
def bench(tmp_path):
    host = open_host("test+file:host.xml", tmp_path)
    for name in ("lab", "dmz"):
        define_network(host, f"<network><name>{name}</name><bridge name='br-{name}'/></network>")
    yield DomainBench(host, tmp_path)
    host.close()


@pytest.fixture
def calls(monkeypatch):
    """What the host was asked for, in order."""
    made = []
    for module in (disk, interface, running_guest):
        for verb in ("attach_device", "detach_device", "update_device"):

            def told(_host, _uuid, xml, *_rest, verb=verb, **_more):
                made.append((verb, parse_element(xml)))

            monkeypatch.setattr(module, verb, told, raising=False)
    for module, verb in ((memory, "set_memory"), (live, "set_vcpus")):
        monkeypatch.setattr(module, verb, lambda _h, _u, number, _a, _v=verb: made.append((_v, number)))
    return made


def carry_out(bench, change, *, before=WEB, facts=FACTS, guest=None, pending=()):
    """Change a guest that is as it was planned, or as `guest` makes it."""
    prior = {**settled(bench.plan(before)), "pending": list(pending)}
    planned = settled(bench.plan({**before, **change}, Observed(prior, facts)))
    edits = [Edit(e.path, e.before, e.after) for e in planned_edits(DOMAIN.schema.rows, prior, planned, facts)]
    document = Document.parse(definition_xml(bench.operation(), settled(bench.plan(before))))
    if guest is not None:
        guest(document)
    change_live(bench.operation(), document.text, facts, planned, undertaking(edits, prior, planned, facts))


def shown(calls):
    return [(verb, what if isinstance(what, int) else place_of(what)) for verb, what in calls]


def place_of(device):
    for path, name in (("target", "dev"), ("mac", "address")):
        found = device.find(path)
        if found is not None:
            return found.get(name)
    return device.get("model")


def test_balloon_and_processors(bench, calls):
    carry_out(bench, {"memory": 1024, "vcpu": 2, "max_memory": 1024, "max_vcpu": 4}, before=WEB | {"max_memory": 1024})
    assert shown(calls) == [("set_memory", 1024 * 1024), ("set_vcpus", 2)]


def test_processors_that_are_there_already_are_not_added(bench, calls):
    carry_out(bench, {"vcpu": 2}, before=WEB | {"max_vcpu": 4}, facts=FACTS | {"vcpu": 2})
    assert calls == []


def test_devices_go_before_others_come(bench, calls):
    other = {"bridge": "br0", "mac": "52:54:00:00:00:0b"}
    carry_out(
        bench, {"disk": [DATA], "network_interface": [*WEB["network_interface"], other]}, before=WEB | {"disk": []}
    )
    carry_out(bench, {"disk": []}, before=WEB)
    assert shown(calls) == [
        ("attach_device", "vda"),
        ("attach_device", "52:54:00:00:00:0b"),
        ("detach_device", "vda"),
    ]


def test_what_an_earlier_attempt_plugged_is_not_plugged_again(bench, calls):
    def plugged(document):
        document.add("devices", "<disk><source file='/v/data.img'/><target dev='vdb' bus='virtio'/></disk>")

    carry_out(bench, {"disk": [*WEB["disk"], DATA]}, guest=plugged)
    assert calls == []


def test_a_scsi_disk_brings_its_controller(bench, calls):
    carry_out(bench, {"disk": [*WEB["disk"], {**DATA, "scsi": True}]})
    assert shown(calls) == [("attach_device", "virtio-scsi"), ("attach_device", "sda")]


def test_a_medium_is_exchanged_once(bench, calls):
    before = WEB | {"disk": [{"file": "/v/a.iso"}]}
    change = {"disk": [{"file": "/v/b.iso"}]}
    carry_out(bench, change, before=before)
    assert shown(calls) == [("update_device", "sda")]
    calls.clear()
    carry_out(bench, change, before=before, guest=lambda d: d.find("devices/disk/source").set("file", "/v/b.iso"))
    assert calls == []


def test_an_interface_goes_to_another_network_by_way_of_its_bridge(bench, calls):
    carry_out(bench, {"network_interface": [{"network_name": "dmz"}]})
    updates = [device for verb, device in calls if verb == "update_device"]
    assert [dict(device.find("source").attrib) for device in updates] == [
        {"bridge": "br-dmz"},
        {"network": "dmz"},
        {"network": "dmz"},
    ]
    assert [device.find("link").get("state") for device in updates] == ["up", "down", "up"]


@pytest.mark.parametrize(
    ("options", "path", "expected"),
    [
        ({"bandwidth": [{"inbound": [{"average": 100}]}]}, "bandwidth/inbound", {"average": "100"}),
        ({"vlan": [{"tag": [{"id": 5}]}]}, "vlan/tag", {"id": "5"}),
        ({"link_state": "down"}, "link", {"state": "down"}),
    ],
)
def test_what_libvirt_changes_live_is_one_update(bench, calls, options, path, expected):
    nic = WEB["network_interface"][0]
    carry_out(bench, {"network_interface": [{**nic, **options}]})
    ((verb, device),) = calls
    assert (verb, dict(device.find(path).attrib)) == ("update_device", expected)
    calls.clear()
    carry_out(bench, {}, before={**WEB, "network_interface": [{**nic, **options}]})
    assert calls == []


def test_a_card_that_is_not_taken_is_followed_by_the_one_that_was_there(bench, calls, monkeypatch):
    def refuse(_host, _uuid, xml, *_rest):
        calls.append(("attach_device", parse_element(xml)))
        if "mtu" in xml:
            raise HostError.of("No", "It is refused.")

    monkeypatch.setattr(interface, "attach_device", refuse)
    nic = WEB["network_interface"][0]
    with pytest.raises(DiagnosticError):
        carry_out(bench, {"network_interface": [{**nic, "mtu": 1400}]})
    assert [(verb, device.find("mtu") is not None) for verb, device in calls] == [
        ("detach_device", False),
        ("attach_device", True),
        ("attach_device", False),
    ]


@pytest.mark.parametrize(
    "after", [{"network_name": "lab", "mac": "52:54:00:00:00:0c"}, {"macvtap": "eth0"}, {"vepa": "eth0"}, {}]
)
def test_what_cannot_move_is_unplugged_and_plugged_in_again(bench, calls, after):
    carry_out(bench, {"network_interface": [after]})
    assert [verb for verb, _ in calls] == ["detach_device", "attach_device"]


@pytest.mark.parametrize("kind", ["network", "bridge", "direct"])
def test_a_new_hostname_does_not_touch_the_interface(bench, calls, kind):
    """A running interface of a network in bridge mode says `bridge` or `direct` beside the network."""

    def running(document):
        interface = document.find("devices/interface")
        interface.set("type", kind)
        interface.find("source").set("bridge", "br0")

    carry_out(bench, {"network_interface": [{"network_name": "lab", "hostname": "www"}]}, guest=running)
    assert calls == []


def test_what_was_unplugged_past_kvmform_is_plugged_in_again(bench, calls):
    def without_devices(document):
        for name in ("disk", "interface"):
            document.find("devices").remove(document.find(f"devices/{name}"))

    facts = FACTS | {"pending_hot": ["disk", "network_interface"]}
    carry_out(bench, {}, facts=facts, guest=without_devices, pending=["disk", "network_interface"])
    assert [verb for verb, _ in calls] == ["attach_device", "attach_device"]


def test_what_awaits_a_boot_is_left_alone(bench, calls):
    before = WEB | {"on_reboot_needed": "next-boot"}
    change = {"memory": 4096, "disk": [*WEB["disk"], {"file": "/v/a.iso"}]}
    carry_out(
        bench,
        change,
        before=before,
        facts=FACTS | {"pending_hot": ["network_interface"]},
        pending=["network_interface"],
    )
    assert calls == []


def test_without_hotplug_no_device_is_touched(bench, calls):
    carry_out(bench, {"memory": 256, "disk": []}, facts=FACTS | {"hotplug": False})
    assert shown(calls) == [("set_memory", 256 * 1024)]
