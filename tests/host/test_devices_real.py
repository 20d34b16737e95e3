"""Devices of domains on a real host: plugged while the guest runs where they can be, and with a boot where not."""

import shutil
import socket
import subprocess
from contextlib import closing, contextmanager

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
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
    shared = [{"source": "memfd", "access": "shared"}]
    wanted = booted(guest_image, network, root, machine="q35", graphics=graphics, controller=usb, memory_backing=shared)
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
    tcp = {"type": "tcp", "source_host": "127.0.0.2", "protocol": "telnet"}
    wanted = applied(
        bench,
        wanted,
        LIVE,
        rng=[{"model": "virtio-non-transitional"}],
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
            serial=[unix | log | {"target_type": "usb-serial", "target_port": "2"}],
            channel=[unix | log | {"target_name": "org.example.1"}],
            redirdev=[unix | log],
        )
    wanted = applied(
        bench,
        wanted,
        LIVE,
        rng=[{"backend_model": "builtin"}],
        input=[],
        serial=[],
        channel=[{"type": "pty", "target_name": "org.example.1"}],
        redirdev=[{}],
    )
    applied(bench, wanted, LIVE, rng=[], channel=[], redirdev=[], guest_agent_channel=True)
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
        shmem=[{"name": "kvmform-two", "size": 2, "role": "master"}],
        memballoon=[{"stats_period": 3}],
        controller=[{"type": "scsi", "index": 0, "model": "virtio-scsi", "cmd_per_lun": 4, "max_sectors": 128}],
    )
    applied(bench, wanted, LIVE, shmem=[], memballoon=[])


def test_what_is_soldered_comes_with_a_boot(bench, network, tmp_path):
    shared = [{"source": "memfd", "access": "shared"}]
    wanted = bare(
        tmp_path / "disk.qcow2", machine="q35", features=[{"ioapic": "qemu"}], iothreads=1, memory_backing=shared
    )
    bench.make(wanted)
    vnc = {"type": "vnc", "listen_type": "address", "autoport": False, "port": 5977, "websocket": 5777}
    spice = {"type": "spice", "listen_type": "address"}
    egd = {"backend_model": "egd"}
    directory = {"source": str(tmp_path), "target": "share"}
    fast = {"source": "/srv", "target": "fast", "driver_type": "virtiofs"}
    wanted = applied(
        bench,
        wanted,
        REBOOT,
        graphics=[vnc | {"keymap": "de", "share_policy": "force-shared", "password": "one"}, spice],
        video=[{"type": "qxl", "vram": 32768, "ram": 32768, "vgamem": 8192, "vram64": 32768, "heads": 1}],
        filesystem=[directory],
        sound=[{"model": "ich9", "audio_id": 1}],
        audio=[{"id": 1, "type": "none"}],
        watchdog=[{"model": "ib700"}],
        panic=[{}],
        iommu=[{"caching_mode": True, "iotlb": True}],
        memballoon=[{"autodeflate": True, "free_page_reporting": True}],
        console=[{"type": "tcp", "target_port": "0", "target_type": "virtio", "source_service": "4801"}],
        serial=[{"type": "file", "source_path": str(tmp_path / "serial"), "target_type": "isa-serial"}],
        controller=[{"type": "usb", "index": 0, "model": "qemu-xhci", "ports": 6}],
        input=[{"type": "mouse", "bus": "ps2"}, {"type": "keyboard", "bus": "usb"}],
    )
    assert seen(bench, "video/model")[0]["vgamem"] == "8192"
    assert seen(bench, "watchdog") == [{"model": "ib700", "action": "reset"}]
    port = {"type": "spiceport", "source_channel": "org.example.port"}
    wanted = applied(
        bench,
        wanted,
        REBOOT,
        graphics=[
            {"type": "vnc", "listen_type": "socket", "listen_socket": str(tmp_path / "vnc")},
            spice | {"image_compression": "off", "jpeg_compression": "never", "zlib_compression": "never"},
        ],
        rng=[egd | {"backend_type": "tcp", "backend_source_mode": "bind", "backend_source_service": "4700"}],
        video=[{"type": "virtio", "primary": True, "accel3d": False}, {"type": "qxl", "heads": 2}],
        filesystem=[directory | {"accessmode": "passthrough", "readonly": False, "multidevs": "remap"}],
        sound=[{"model": "ac97", "audio_id": 2}],
        audio=[{"id": 1, "type": "none"}, {"id": 2, "type": "file"}],
        watchdog=[{"model": "i6300esb"}],
        iommu=[{"intremap": True, "aw_bits": 48}],
        memballoon=[{"model": "none"}],
        console=[port | {"target_port": "1", "target_type": "virtio"}],
        serial=[port | {"target_type": "isa-serial"}],
        channel=[port | {"target_name": "org.example.0"}],
        redirdev=[port],
        controller=[
            {"type": "usb", "index": 0, "model": "nec-xhci"},
            {"type": "virtio-serial", "index": 0, "ports": 8, "vectors": 3},
            {"type": "scsi", "index": 0, "model": "virtio-scsi", "iothread": 1},
        ],
    )
    with listening(tmp_path / "s") as path:
        unix = {"type": "unix", "source_mode": "connect", "source_path": path}
        wanted = applied(
            bench,
            wanted,
            REBOOT,
            graphics=[
                {"type": "vnc", "listen_type": "network", "listen_network": network},
                spice | {"streaming_mode": "off", "mouse_mode": "server", "clipboard": False, "file_transfer": False},
            ],
            rng=[egd | {"backend_type": "unix", "backend_source_path": path}],
            video=[{"type": "vga"}],
            filesystem=[fast],
            audio=[],
            sound=[],
            panic=[],
            iommu=[{"model": "virtio"}],
            console=[unix | {"target_port": "0", "log_file": str(tmp_path / "log"), "log_append": True}],
            serial=[],
            channel=[],
            redirdev=[],
            controller=[],
        )
    applied(
        bench,
        wanted,
        REBOOT,
        graphics=[vnc | {"listen_address": "0.0.0.0"}],
        rng=[egd | {"backend_type": "udp", "backend_source_host": "127.0.0.2", "backend_source_service": "4701"}],
        filesystem=[fast | {"queue": 512, "cache": "always", "binary_path": "/usr/lib/qemu/virtiofsd"}],
        iommu=[],
        memballoon=[],
        console=[
            {"type": "tcp", "source_host": "127.0.0.2", "source_service": "4802", "protocol": "raw", "target_port": "0"}
        ],
        input=[],
    )
    assert seen(bench, "console/protocol") == [{"type": "raw"}]


@pytest.mark.skipif(shutil.which("swtpm") is None, reason="the host has no TPM emulator")
def test_a_tpm_is_of_the_model_that_is_written(lab_host, bench, tmp_path):
    wanted = bare(tmp_path / "disk.qcow2", machine="q35", tpm=[{"model": "tpm-tis"}])
    bench.make(wanted)
    wanted = applied(bench, wanted, REBOOT, tpm=[{"model": "tpm-crb", "backend_version": "2.0"}])
    assert seen(bench, "tpm") == [{"model": "tpm-crb"}]
    secret = secret_of(lab_host)
    wanted["tpm"] = [{"backend_encryption_secret": secret}]
    assert max(edit.effect.disruption for edit in bench.changes(wanted)) is Disruption.DATA_LOSS
    bench.remove()
    bench.make(wanted)
    assert seen(bench, "tpm/backend/encryption") == [{"secret": secret}]
    kept = {"backend_encryption_secret": secret, "backend_persistent_state": True}
    wanted = applied(bench, wanted, REBOOT, tpm=[kept])
    assert seen(bench, "tpm/backend")[0]["persistent_state"] == "yes"
    applied(bench, wanted, REBOOT, tpm=[])


def secret_of(lab_host):
    """A secret of the host, by its UUID."""
    xml = "<secret ephemeral='yes' private='yes'><usage type='vtpm'><name>devices</name></usage></secret>"
    with closing(lab_host.connect()) as connection:
        secret = connection.secretDefineXML(xml)
        secret.setValue(b"0123456789abcdef")
        return secret.UUIDString()


def test_a_screen_asks_for_its_password(bench, tmp_path):
    path = tmp_path / "screen"
    screen = {"type": "vnc", "listen_type": "socket", "listen_socket": str(path)}
    wanted = bare(tmp_path / "disk.qcow2", graphics=[screen | {"password": "one"}])
    bench.make(wanted)
    assert vnc_lets_in(path, "one")
    assert not vnc_lets_in(path, "two")
    wanted = applied(bench, wanted, LIVE, graphics=[screen | {"password": "two"}])
    assert vnc_lets_in(path, "two")
    assert not vnc_lets_in(path, "one")
    past = {"password_valid_to": "2001-01-01T00:00:00"}
    wanted = applied(bench, wanted, LIVE, graphics=[screen | {"password": "two"} | past])
    assert not vnc_lets_in(path, "two")
    wanted = applied(bench, wanted, LIVE, graphics=[screen | {"password": "two"}])
    assert vnc_lets_in(path, "two")
    wanted = applied(bench, wanted, REBOOT, graphics=[screen])
    assert vnc_lets_in(path, None)
    applied(bench, wanted, REBOOT, graphics=[screen | {"password": "three"}])
    assert vnc_lets_in(path, "three")


def vnc_lets_in(path, password):
    """Whether a screen shows itself to somebody with this password. Source: RFC 6143, 7.1 and 7.2."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        stream = client.makefile("rwb", buffering=0)
        stream.write(stream.read(12))
        kinds = stream.read(stream.read(1)[0])
        if password is None:
            return kinds == b"\x01"
        stream.write(b"\x02")
        stream.write(answer(stream.read(16), password))
        return stream.read(4) == bytes(4)


def answer(challenge, password):
    """The challenge, encrypted by DES with the password, each byte of which has its bits in reverse."""
    key = bytes(int(f"{byte:08b}"[::-1], 2) for byte in password.encode().ljust(8, b"\0"))
    encryptor = Cipher(TripleDES(key * 3), modes.ECB()).encryptor()
    return encryptor.update(challenge) + encryptor.finalize()
