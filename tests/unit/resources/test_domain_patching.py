"""Bringing a definition up to date: what is edited is read back, and all else stays as it is."""

import re

import pytest
from domain_bench import DomainBench, settled

from kvmform.host.host import open_host
from kvmform.plan.diff import planned_edits
from kvmform.resources.domain.definition import definition_xml
from kvmform.resources.domain.disk.patching import find_disk
from kvmform.resources.domain.effects import undertaking
from kvmform.resources.domain.patching import Patch, patch_definition
from kvmform.resources.domain.reading import read_document
from kvmform.resources.domain.resource_type import DOMAIN
from kvmform.resources.domain.shape import agree
from kvmform.schema import Edit, Observed
from kvmform.xml.document import Document, parse_element
from kvmform.xml.owner import Owner, read_owner

QEMU = "http://libvirt.org/schemas/domain/qemu/1.0"
OFF = {"running": False}

EVERYTHING = {
    "name": "web",
    "machine": "q35",
    "type": "qemu",
    "arch": "x86_64",
    "emulator": "/usr/bin/qemu-system-x86_64",
    "memory": 1024,
    "vcpu": 2,
    "title": "web",
    "description": "a web server",
    "features": [{"smm": True, "hyperv": [{"relaxed": True, "spinlocks": 8191}]}],
    "clock": [{"offset": "localtime", "timer": [{"name": "hpet", "present": False}]}],
    "cputune": [{"shares": 512, "vcpupin": [{"vcpu": 0, "cpuset": "0"}, {"vcpu": 1, "cpuset": "1"}]}],
    "memtune": [{"hard_limit": 2048}],
    "sysinfo": [{"system": [{"serial": "1"}], "oem_strings": ["one", "two"]}],
    "seclabel": [{"type": "none", "model": "dac"}],
    "on_crash": "restart",
    "boot_menu": [{"enable": True}],
    "metadata": "some text",
    "cpu": [{"mode": "host-passthrough"}],
    "firmware": "/fw/code.fd",
    "nvram": [{"file": "/fw/web.fd", "template": "/fw/vars.fd"}],
    "kernel": "/boot/vmlinuz",
    "initrd": "/boot/initrd",
    "cmdline": [{"console": "ttyS0"}],
    "boot_device": [{"dev": ["hd"]}],
    "cloudinit": "/v/seed.iso;1",
    "disk": [{"file": "/v/root.qcow2"}, {"file": "/v/data.img"}, {"file": "/v/a.iso"}],
    "network_interface": [{"bridge": "br0"}, {"macvtap": "eth0"}],
    "filesystem": [{"source": "/srv", "target": "share"}],
    "graphics": [{"type": "spice", "listen_type": "address"}],
    "video": [{"type": "qxl"}],
    "console": [{"type": "pty", "target_port": "0", "target_type": "serial"}],
    "tpm": [{"backend_type": "emulator", "backend_version": "2.0"}],
}

CHANGES = {
    "description": {"description": "another"},
    "no description": {"description": None},
    "metadata": {"metadata": "<l:lab xmlns:l='urn:lab'/>"},
    "no metadata": {"metadata": None},
    "type": {"type": "kvm"},
    "machine": {"machine": "pc"},
    "emulator": {"emulator": "/usr/local/bin/qemu"},
    "cpu": {"cpu": [{"mode": "host-model"}]},
    "topology": {"cpu": [{"mode": "host-passthrough", "topology": [{"sockets": 1, "cores": 2, "threads": 1}]}]},
    "model": {"cpu": [{"mode": "custom", "model": "Nehalem", "feature": [{"name": "aes", "policy": "disable"}]}]},
    "numa": {"cpu": [{"mode": "host-passthrough", "numa": [{"cell": [{"id": 0, "cpus": "0-1", "memory": 1024}]}]}]},
    "title": {"title": None},
    "features": {"features": [{"acpi": False, "hyperv": [{"relaxed": False, "vapic": True}]}]},
    "no features": {"features": []},
    "clock": {"clock": [{"offset": "utc", "timer": [{"name": "hpet", "present": True}, {"name": "kvmclock"}]}]},
    "no clock": {"clock": []},
    "shares and pins": {"cputune": [{"shares": 1024, "vcpupin": [{"vcpu": 1, "cpuset": "0-1"}]}]},
    "no tuning": {"cputune": [], "memtune": []},
    "limit of memory": {"memtune": [{"hard_limit": 4096, "soft_limit": 1024}]},
    "history": {"sysinfo": [{"bios": [{"vendor": "x"}], "oem_strings": ["two", "three"]}]},
    "no history": {"sysinfo": []},
    "labels": {"seclabel": []},
    "events": {"on_crash": "preserve", "on_reboot": "destroy"},
    "menu": {"boot_menu": [{"enable": True, "timeout": 3000}]},
    "backing": {"memory_backing": [{"source": "memfd", "access": "shared"}], "iothreads": 2},
    "chosen firmware": {"firmware": "efi", "nvram": []},
    "chosen with secure boot": {"firmware": "efi", "firmware_feature": [{"name": "secure-boot", "enabled": True}]},
    "rom": {"firmware": "/fw/rom.bin", "loader": [{"type": "rom", "readonly": True}], "nvram": []},
    "memory": {"memory": 2048},
    "slots for memory": {"max_memory": 4096, "memory_slots": 4},
    "max_memory": {"max_memory": 4096},
    "vcpu": {"vcpu": 4, "max_vcpu": 8},
    "firmware": {"firmware": "/fw/other.fd"},
    "no firmware": {"firmware": None, "nvram": []},
    "nvram": {"nvram": [{"file": "/fw/other.fd", "template": "/fw/vars.fd"}]},
    "kernel": {"kernel": "/boot/other", "initrd": None, "cmdline": None},
    "cmdline": {"cmdline": [{"_": "quiet"}]},
    "boot order": {"boot_device": [{"dev": ["network", "hd"]}, {"dev": ["cdrom"]}]},
    "seed": {"cloudinit": "/v/other.iso;2"},
    "no seed": {"cloudinit": None},
    "disk added": {"disk": [*EVERYTHING["disk"], {"block_device": "/dev/sdx"}]},
    "SCSI disk added": {"disk": [*EVERYTHING["disk"], {"file": "/v/b.qcow2", "scsi": True}]},
    "disk removed": {"disk": [EVERYTHING["disk"][0], EVERYTHING["disk"][2]]},
    "disk exchanged": {"disk": [{"url": "http://example.com/x.qcow2?a=b"}, *EVERYTHING["disk"][1:]]},
    "disk to SCSI": {"disk": [EVERYTHING["disk"][0], {**EVERYTHING["disk"][1], "scsi": True}, EVERYTHING["disk"][2]]},
    "medium": {"disk": [*EVERYTHING["disk"][:2], {"file": "/v/b.iso"}]},
    "interface added": {"network_interface": [*EVERYTHING["network_interface"], {"vepa": "eth1"}]},
    "interface removed": {"network_interface": EVERYTHING["network_interface"][1:]},
    "interface moved": {"network_interface": [{"macvtap": "eth5"}, {"macvtap": "eth0"}]},
    "mac": {"network_interface": [{"bridge": "br0", "mac": "52:54:00:00:00:77"}, {"macvtap": "eth0"}]},
    "filesystem": {"filesystem": [{"source": "/other", "target": "share", "readonly": False}]},
    "no filesystem": {"filesystem": []},
    "graphics": {"graphics": [{"type": "vnc", "listen_type": "none", "websocket": -1}]},
    "no graphics": {"graphics": []},
    "video": {"video": [{"type": "virtio"}]},
    "console": {"console": [{"type": "tcp", "target_port": "0", "source_service": "4555"}]},
    "consoles": {"console": [*EVERYTHING["console"], {"type": "pty", "target_port": "1", "target_type": "virtio"}]},
    "serial": {"serial": [{"target_type": "usb-serial", "type": "tcp", "source_service": "4555"}]},
    "channels": {"channel": [{"target_name": "org.example.0"}, {"target_name": "org.example.1", "type": "pty"}]},
    "channel of the agent": {"channel": [{"target_name": "org.qemu.guest_agent.0", "source_path": "/run/agent"}]},
    "no channel of the agent": {"guest_agent_channel": False},
    "rng": {"rng": [{"rate_bytes": 1000, "backend": "/dev/hwrng"}, {"backend_model": "builtin"}]},
    "rng by egd": {"rng": [{"backend_model": "egd", "backend_type": "tcp", "backend_source_service": "1"}]},
    "memballoon": {"memballoon": [{"stats_period": 5}]},
    "no memballoon": {"memballoon": [{"model": "none"}]},
    "input": {"input": [{"type": "tablet"}, {"type": "keyboard", "bus": "virtio"}]},
    "sound": {"sound": [{"model": "ac97", "audio_id": 1}], "audio": [{"id": 1, "type": "none"}]},
    "second watchdog": {"watchdog": [{"model": "ib700", "action": "none"}]},
    "panic": {"panic": [{}]},
    "vsock": {"vsock": [{"auto": False, "cid": 7}]},
    "hostdev": {"hostdev": [{"type": "pci", "address": "65:00.0"}, {"type": "usb", "bus": 1, "device": 2}]},
    "redirdev": {"redirdev": [{}, {"type": "tcp", "source_service": "4000"}]},
    "iommu": {"iommu": [{"caching_mode": True}]},
    "shmem": {"shmem": [{"name": "board", "size": 2}]},
    "controller": {"controller": [{"type": "usb", "model": "qemu-xhci", "index": 0}]},
    "several screens": {"graphics": [{"type": "vnc", "password": "one"}, *EVERYTHING["graphics"]]},
    "several cards": {"video": [{"type": "virtio", "heads": 2, "accel3d": False}, {"type": "qxl", "ram": 4096}]},
    "tpm": {"tpm": [{"backend_type": "passthrough", "backend_device_path": "/dev/tpm1"}]},
    "no tpm": {"tpm": []},
}

HAND_MADE = (
    "<watchdog model='i6300esb' action='reset'/>",
    "<disk type='file' device='disk'><source file='/hand.img'/><target dev='vdq' bus='virtio'/></disk>",
    "<interface type='bridge'><mac address='52:54:00:ff:ff:ff'/><source bridge='hand'/></interface>",
)
"""What somebody added past kvmform."""

NOT_IN_XML = {
    *("running", "paused", "autostart", "qemu_agent", "on_reboot_needed", "pending", "timeouts", "xml"),
    *("shutdown_mode", "shutdown_timeout", "on_shutdown_timeout", "on_destroy"),
}


@pytest.fixture
def bench(tmp_path):
    host = open_host("test+file:host.xml", tmp_path)
    yield DomainBench(host, tmp_path)
    host.close()


def defined(bench, written):
    document = Document.parse(definition_xml(bench.operation(), settled(bench.plan(written))))
    for xml in HAND_MADE:
        document.add("devices", xml)
    return document


def change_of(bench, change):
    """What is planned, and the edits that lead there."""
    prior = settled(bench.plan(EVERYTHING))
    planned = settled(bench.plan({**EVERYTHING, **change}, Observed(prior, OFF)))
    edits = [Edit(e.path, e.before, e.after) for e in planned_edits(DOMAIN.schema.rows, prior, planned, OFF)]
    return planned, undertaking(edits, prior, planned, OFF)


def patch(bench, document, planned, work, live=None):
    patch_definition(Patch(bench.host, document, planned, work, live), Owner("lineage", "moved"))


def differing(bench, document, wanted):
    """Rows that the definition has otherwise than they are wanted."""
    found = read_document(bench.host, document, wanted)
    return {
        name: (wanted[name], found[name])
        for name, row in DOMAIN.schema.rows.items()
        if name not in NOT_IN_XML and not agree(row, wanted[name], found[name])
    }


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_edited_is_read_back_and_the_rest_too(bench, name):
    document = defined(bench, EVERYTHING)
    planned, work = change_of(bench, CHANGES[name])
    assert work.edits
    patch(bench, document, planned, work)
    assert differing(bench, document, planned) == {}


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_added_by_hand_stays(bench, name):
    document = defined(bench, EVERYTHING)
    planned, work = change_of(bench, CHANGES[name])
    patch(bench, document, planned, work)
    assert document.find("devices/watchdog[@model='i6300esb']") is not None
    assert document.find("devices/disk/source[@file='/hand.img']") is not None
    assert document.find("devices/interface/source[@bridge='hand']") is not None


@pytest.mark.parametrize("name", CHANGES)
def test_patching_twice_is_patching_once(bench, name):
    document = defined(bench, EVERYTHING)
    planned, work = change_of(bench, CHANGES[name])
    patch(bench, document, planned, work)
    once = document.text
    patch(bench, document, planned, work)
    assert normal(document.text) == normal(once)


def normal(xml):
    """The elements in any order, without indentation."""
    root = Document.parse(re.sub(r">\s+<", "><", xml)).root
    devices = sorted(Document(item).text for item in root.find("devices"))
    root.remove(root.find("devices"))
    return devices, sorted(Document(item).text for item in root)


def test_no_edit_changes_no_more_than_the_owner(bench):
    document = defined(bench, EVERYTHING)
    before = document.text
    planned, work = change_of(bench, {})
    patch(bench, document, planned, work)
    assert document.text == before.replace('address="x"', 'address="moved"')
    assert read_owner(document) == Owner("lineage", "moved")


def test_the_name_is_not_patched(bench):
    document = defined(bench, EVERYTHING)
    patch(bench, document, *change_of(bench, {"name": "other"}))
    assert document.get("name") == "web"


def test_a_new_disk_gets_the_address_that_the_running_guest_gave_it(bench):
    document, live = defined(bench, EVERYTHING), defined(bench, EVERYTHING)
    planned, work = change_of(bench, CHANGES["disk added"])
    plugged = live.add("devices", "<disk><source dev='/dev/sdx'/><target dev='vdc' bus='virtio'/></disk>")
    plugged.append(parse_element("<address type='pci' bus='0x09'/>"))
    patch(bench, document, planned, work, live)
    assert find_disk(document, "vdc").find("address").get("bus") == "0x09"


def test_another_source_leaves_the_tuning_of_a_disk(bench):
    document = defined(bench, EVERYTHING)
    find_disk(document, "vda").find("driver").set("cache", "none")
    patch(bench, document, *change_of(bench, CHANGES["disk exchanged"]))
    disk = find_disk(document, "vda")
    assert disk.find("driver").get("cache") == "none"
    assert disk.find("driver").get("type") == "qcow2"
    assert disk.find("source").get("file") is None
    assert disk.find("source").get("protocol") == "http"


def test_an_overlay_of_a_snapshot_stays_the_source_of_its_disk(bench):
    """To put the base in its place would throw away what was written since the snapshot."""
    written = {"name": "web", "disk": [{"file": "/v/root.qcow2", "scsi": True}]}
    document = Document.parse(definition_xml(bench.operation(), settled(bench.plan(written))))
    disk = find_disk(document, "sda")
    disk.find("source").set("file", "/v/root.snap")
    disk.append(parse_element("<backingStore><source file='/v/root.qcow2'/></backingStore>"))
    prior = settled(bench.plan(written))
    planned = {**prior, "disk": [{**prior["disk"][0], "wwn": "05abcd0000000000"}]}
    edits = [Edit(("disk", 0, "wwn"), prior["disk"][0]["wwn"], "05abcd0000000000")]
    patch(bench, document, planned, undertaking(edits, prior, planned, OFF))
    assert find_disk(document, "sda").find("source").get("file") == "/v/root.snap"
    assert document.get("devices/disk/wwn") == "05abcd0000000000"


def test_another_mainboard_leaves_no_trace_of_the_old_one(bench):
    document = defined(bench, EVERYTHING)
    find_disk(document, "vda").append(parse_element("<address type='pci' bus='0x01'/>"))
    patch(bench, document, *change_of(bench, CHANGES["machine"]))
    assert document.find("devices/controller") is None
    assert document.find("devices/disk/address") is None
    assert find_disk(document, "hda") is not None
    assert document.get("devices/disk[serial='cloudinit']/target/@bus") == "ide"


def test_without_spice_there_is_no_spice_audio(bench):
    document = defined(bench, EVERYTHING)
    document.add("devices", "<audio id='1' type='spice'/>")
    patch(bench, document, *change_of(bench, CHANGES["graphics"]))
    assert document.find("devices/audio") is None


def test_the_list_of_single_processors_goes_with_their_number(bench):
    document = defined(bench, EVERYTHING)
    document.add("", "<vcpus><vcpu id='0' enabled='yes'/></vcpus>")
    patch(bench, document, *change_of(bench, CHANGES["vcpu"]))
    assert document.find("vcpus") is None


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, "/v/a.ign;1", ["-fw_cfg", "name=opt/com.coreos/config,file=/v/a.ign"]),
        ("/v/a.ign;1", "/v/b.ign;2", ["-fw_cfg", "name=opt/com.coreos/config,file=/v/b.ign"]),
        ("/v/a.ign;1", None, []),
    ],
)
def test_ignition_is_handed_over_once(bench, before, after, expected):
    written = {"name": "core", "coreos_ignition": before}
    document = Document.parse(definition_xml(bench.operation(), settled(bench.plan(written))))
    if before:
        document.add("qemu:commandline", f"<q:arg xmlns:q='{QEMU}' value='-hand-made'/>")
        expected = ["-hand-made", *expected]
    prior = settled(bench.plan(written))
    planned = settled(bench.plan({**written, "coreos_ignition": after}, Observed(prior, OFF)))
    edits = [Edit(("coreos_ignition",), before, after)]
    patch(bench, document, planned, undertaking(edits, prior, planned, OFF))
    assert [argument.get("value") for argument in document.find_all("qemu:commandline/qemu:arg")] == expected
