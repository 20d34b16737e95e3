"""Devices of domains on a real host: plugged while the guest runs where they can be, and with a boot where not."""

import socket
import subprocess
from contextlib import contextmanager

import pytest
from domain_bench import DomainBench
from lab_xml import network_xml

from kvmform.host.host import open_host
from kvmform.host.networks import define_network, start_network, stop_network, undefine_network
from kvmform.schema import Disruption
from kvmform.xml.document import Document

pytestmark = [pytest.mark.libvirt, pytest.mark.slow]

LIVE, REBOOT = Disruption.LIVE, Disruption.REBOOT


@pytest.fixture
def bench(lab_host, domain_type, tmp_path):
    host = open_host(lab_host.uri, tmp_path)
    bench = DomainBench(host, tmp_path, settings={"domain_type": domain_type})
    yield bench
    bench.state = bench.state or bench.recorded[-1]
    bench.remove()
    host.close()


@pytest.fixture
def network(lab_host, tmp_path):
    host = open_host(lab_host.uri, tmp_path)
    uuid = define_network(host, network_xml("devices", 77))
    start_network(host, uuid)
    yield "devices"
    stop_network(host, uuid)
    undefine_network(host, uuid)
    host.close()


def blank(path):
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", path, "16M"], check=True)
    return str(path)


def booted(image, network, path, **more):
    """A guest that answers when a device is to be unplugged."""
    command = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", image, path]
    subprocess.run(command, check=True)
    return {
        "name": "devices",
        "memory": 128,
        "disk": [{"file": str(path)}],
        "network_interface": [{"network_name": network, "wait_for_lease": True}],
        **more,
    }


def bare(path, **more):
    """A guest without an operating system, which is off as soon as it is told to."""
    return {"name": "devices", "memory": 64, "disk": [{"file": blank(path)}], "shutdown_timeout": 0, **more}


def applied(bench, wanted, expected, **more):
    """Apply a change, which is of this class, is in the guest and the definition, and leaves nothing to do."""
    wanted = wanted | more
    before = identity(bench)
    assert bench.change(wanted) is expected
    assert bench.changes(wanted) == ()
    assert bench.look().object == bench.state
    assert bench.state["pending"] == []
    assert (identity(bench) == before) is (expected is LIVE)
    return wanted


def identity(bench):
    """Of the process that the guest is."""
    record = bench.host.inventory.domains.get(bench.state["id"])
    return Document.parse(record.live_xml).get("@id")


def seen(bench, path):
    """Attributes of devices, which are the same in the running guest and in the definition."""
    record = bench.host.inventory.domains.get(bench.state["id"])
    live, definition = (
        [dict(item.attrib) for item in Document.parse(xml).find_all(f"devices/{path}")]
        for xml in (record.live_xml, record.xml)
    )
    assert live == definition
    return live


@pytest.mark.guest
def test_devices_come_and_go_while_the_guest_runs(bench, guest_image, network, tmp_path):
    graphics = [{"type": "spice", "listen_type": "address"}]
    usb = [{"type": "usb", "index": 0, "model": "qemu-xhci", "ports": 8}]
    root = tmp_path / "root.qcow2"
    wanted = booted(guest_image, network, root, machine="q35", graphics=graphics, controller=usb)
    bench.make(wanted)
    assert bench.changes(wanted) == ()
    wanted = applied(
        bench,
        wanted,
        LIVE,
        rng=[{"rate_bytes": 1000, "rate_period": 100, "backend": "/dev/random"}],
        input=[{"type": "tablet"}],
        serial=[{"target_type": "usb-serial", "target_port": "1"}],
        channel=[{"target_name": "org.example.0"}],
        redirdev=[{"type": "spicevmc"}],
        guest_agent_channel=False,
    )
    assert seen(bench, "rng/rate") == [{"bytes": "1000", "period": "100"}]
    assert seen(bench, "channel/target[@name='org.qemu.guest_agent.0']") == []
    egd = {"backend_model": "egd", "backend_source_mode": "bind"}
    tcp = {"type": "tcp", "source_host": "127.0.0.2", "protocol": "telnet"}
    wanted = applied(
        bench,
        wanted,
        LIVE,
        rng=[egd | {"backend_type": "tcp", "backend_source_host": "127.0.0.3", "backend_source_service": "4700"}],
        input=[{"type": "keyboard", "bus": "virtio"}],
        serial=[tcp | {"target_type": "usb-serial", "target_port": "1", "source_service": "4701"}],
        channel=[tcp | {"target_name": "org.example.1", "source_service": "4702"}],
        redirdev=[tcp | {"source_service": "4703"}],
    )
    with listening(tmp_path / "s") as path:
        unix = {"type": "unix", "source_mode": "connect", "source_path": path}
        log = {"log_file": str(tmp_path / "log"), "log_append": True}
        wanted = applied(
            bench,
            wanted,
            LIVE,
            rng=[egd | {"backend_type": "unix", "backend_source_path": str(tmp_path / "egd")}],
            serial=[unix | log | {"target_type": "usb-serial", "target_port": "2"}],
            channel=[unix | log | {"target_name": "org.example.1"}],
            redirdev=[unix | log],
        )
    wanted = applied(
        bench,
        wanted,
        LIVE,
        rng=[{"model": "virtio-non-transitional", "backend_model": "builtin"}],
        input=[],
        serial=[],
        channel=[{"type": "pty", "target_name": "org.example.1"}],
        redirdev=[{}],
    )
    applied(bench, wanted, LIVE, rng=[], serial=[], channel=[], redirdev=[], guest_agent_channel=True)
    assert seen(bench, "rng/backend") == [{"model": "random"}]


@contextmanager
def listening(path):
    """Somebody who waits for QEMU at a socket."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen(8)
        yield str(path)


@pytest.mark.guest
def test_slots_of_a_pc_take_what_express_ports_do_not(bench, guest_image, network, tmp_path):
    wanted = booted(guest_image, network, tmp_path / "root.qcow2", machine="pc")
    bench.make(wanted)
    wanted = applied(
        bench,
        wanted,
        LIVE,
        watchdog=[{"action": "none"}],
        shmem=[{"name": "kvmform-one", "size": 1}],
        serial=[{"target_type": "pci-serial"}],
        memballoon=[{"stats_period": 2}],
        controller=[{"type": "scsi", "index": 0, "model": "virtio-scsi", "queues": 2}],
    )
    assert seen(bench, "memballoon/stats") == [{"period": "2"}]
    wanted = applied(
        bench,
        wanted,
        LIVE,
        watchdog=[{"action": "poweroff"}],
        shmem=[{"name": "kvmform-two", "size": 2}],
        memballoon=[{"stats_period": 3}],
        controller=[{"type": "scsi", "index": 0, "model": "virtio-scsi", "cmd_per_lun": 4, "max_sectors": 128}],
    )
    applied(bench, wanted, LIVE, shmem=[], memballoon=[])


def test_what_is_soldered_comes_with_a_boot(bench, tmp_path):
    wanted = bare(tmp_path / "disk.qcow2", machine="q35")
    bench.make(wanted)
    wanted = applied(
        bench,
        wanted,
        REBOOT,
        graphics=[
            {
                "type": "vnc",
                "listen_type": "address",
                "autoport": False,
                "port": 5977,
                "websocket": 5777,
                "keymap": "de",
                "share_policy": "force-shared",
                "password": "one",
            },
            {
                "type": "spice",
                "listen_type": "address",
                "image_compression": "off",
                "jpeg_compression": "never",
                "zlib_compression": "never",
                "streaming_mode": "off",
                "mouse_mode": "server",
                "clipboard": False,
                "file_transfer": False,
            },
        ],
        video=[
            {"type": "qxl", "vram": 32768, "ram": 32768, "vgamem": 8192, "vram64": 32768, "heads": 1, "primary": True}
        ],
        sound=[{"model": "ich9", "audio_id": 1}],
        audio=[{"id": 1, "type": "none"}],
        watchdog=[{"model": "ib700"}],
        panic=[{}],
        iommu=[{"caching_mode": True, "iotlb": True, "aw_bits": 48}],
        memballoon=[{"autodeflate": True, "free_page_reporting": True}],
        console=[{"type": "tcp", "target_port": "0", "target_type": "virtio", "source_service": "4801"}],
        serial=[{"type": "file", "source_path": str(tmp_path / "serial"), "target_type": "isa-serial"}],
        controller=[
            {"type": "usb", "index": 0, "model": "qemu-xhci", "ports": 6},
            {"type": "virtio-serial", "index": 0, "ports": 8, "vectors": 3},
        ],
        input=[{"type": "mouse", "bus": "ps2"}, {"type": "keyboard", "bus": "usb"}],
    )
