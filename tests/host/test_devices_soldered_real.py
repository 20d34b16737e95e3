"""Devices that come with a boot, on a real host: screens and their passwords, TPMs, and what is part of the machine."""

import shutil
import socket
from contextlib import closing

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from device_guests import applied, bare, listening, seen

from kvmform.schema import Disruption

pytestmark = [pytest.mark.libvirt, pytest.mark.slow]

LIVE, REBOOT = Disruption.LIVE, Disruption.REBOOT


@pytest.mark.changes(
    "libvirt_domain.audio",
    "libvirt_domain.audio.id",
    "libvirt_domain.audio.type",
    "libvirt_domain.channel",
    "libvirt_domain.channel.protocol",
    "libvirt_domain.channel.source_channel",
    "libvirt_domain.channel.source_host",
    "libvirt_domain.channel.source_mode",
    "libvirt_domain.channel.source_service",
    "libvirt_domain.channel.target_name",
    "libvirt_domain.channel.type",
    "libvirt_domain.console",
    "libvirt_domain.console.log_append",
    "libvirt_domain.console.log_file",
    "libvirt_domain.console.protocol",
    "libvirt_domain.console.source_channel",
    "libvirt_domain.console.source_host",
    "libvirt_domain.console.source_mode",
    "libvirt_domain.console.source_path",
    "libvirt_domain.console.source_service",
    "libvirt_domain.console.target_port",
    "libvirt_domain.console.target_type",
    "libvirt_domain.console.type",
    "libvirt_domain.controller",
    "libvirt_domain.controller.index",
    "libvirt_domain.controller.iothread",
    "libvirt_domain.controller.model",
    "libvirt_domain.controller.ports",
    "libvirt_domain.controller.type",
    "libvirt_domain.controller.vectors",
    "libvirt_domain.graphics",
    "libvirt_domain.graphics.autoport",
    "libvirt_domain.graphics.clipboard",
    "libvirt_domain.graphics.file_transfer",
    "libvirt_domain.graphics.gl",
    "libvirt_domain.graphics.image_compression",
    "libvirt_domain.graphics.jpeg_compression",
    "libvirt_domain.graphics.keymap",
    "libvirt_domain.graphics.listen_address",
    "libvirt_domain.graphics.listen_network",
    "libvirt_domain.graphics.listen_socket",
    "libvirt_domain.graphics.listen_type",
    "libvirt_domain.graphics.mouse_mode",
    "libvirt_domain.graphics.password",
    "libvirt_domain.graphics.port",
    "libvirt_domain.graphics.share_policy",
    "libvirt_domain.graphics.streaming_mode",
    "libvirt_domain.graphics.type",
    "libvirt_domain.graphics.websocket",
    "libvirt_domain.graphics.zlib_compression",
    "libvirt_domain.input",
    "libvirt_domain.input.bus",
    "libvirt_domain.input.type",
    "libvirt_domain.iommu",
    "libvirt_domain.iommu.aw_bits",
    "libvirt_domain.iommu.caching_mode",
    "libvirt_domain.iommu.intremap",
    "libvirt_domain.iommu.iotlb",
    "libvirt_domain.iommu.model",
    "libvirt_domain.memballoon",
    "libvirt_domain.memballoon.autodeflate",
    "libvirt_domain.memballoon.free_page_reporting",
    "libvirt_domain.memballoon.model",
    "libvirt_domain.panic",
    "libvirt_domain.panic.model",
    "libvirt_domain.redirdev",
    "libvirt_domain.redirdev.protocol",
    "libvirt_domain.redirdev.source_channel",
    "libvirt_domain.redirdev.source_host",
    "libvirt_domain.redirdev.source_mode",
    "libvirt_domain.redirdev.source_service",
    "libvirt_domain.redirdev.type",
    "libvirt_domain.rng",
    "libvirt_domain.rng.backend_model",
    "libvirt_domain.rng.backend_source_host",
    "libvirt_domain.rng.backend_source_mode",
    "libvirt_domain.rng.backend_source_path",
    "libvirt_domain.rng.backend_source_service",
    "libvirt_domain.rng.backend_type",
    "libvirt_domain.rng.model",
    "libvirt_domain.serial",
    "libvirt_domain.serial.protocol",
    "libvirt_domain.serial.source_channel",
    "libvirt_domain.serial.source_host",
    "libvirt_domain.serial.source_mode",
    "libvirt_domain.serial.source_path",
    "libvirt_domain.serial.source_service",
    "libvirt_domain.serial.target_type",
    "libvirt_domain.serial.type",
    "libvirt_domain.sound",
    "libvirt_domain.sound.audio_id",
    "libvirt_domain.sound.model",
    "libvirt_domain.video",
    "libvirt_domain.video.accel3d",
    "libvirt_domain.video.heads",
    "libvirt_domain.video.primary",
    "libvirt_domain.video.ram",
    "libvirt_domain.video.type",
    "libvirt_domain.video.vgamem",
    "libvirt_domain.video.vram",
    "libvirt_domain.video.vram64",
    "libvirt_domain.watchdog",
    "libvirt_domain.watchdog.action",
    "libvirt_domain.watchdog.model",
)
def test_what_is_soldered_comes_with_a_boot(bench, device_network, tmp_path):
    wanted = bare(tmp_path / "disk.qcow2", machine="q35", features=[{"ioapic": "qemu"}], iothreads=1)
    bench.make(wanted)
    vnc = {"type": "vnc", "listen_type": "address", "autoport": False, "port": 5977, "websocket": 5777}
    spice = {"type": "spice", "listen_type": "address"}
    egd = {"backend_model": "egd"}
    wanted = applied(
        bench,
        wanted,
        REBOOT,
        graphics=[vnc | {"keymap": "de", "share_policy": "force-shared", "password": "one"}, spice],
        video=[{"type": "qxl", "vram": 32768, "ram": 32768, "vgamem": 8192, "vram64": 32768, "heads": 1}],
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
                {"type": "vnc", "listen_type": "network", "listen_network": device_network},
                spice
                | {
                    "gl": False,
                    "streaming_mode": "off",
                    "mouse_mode": "server",
                    "clipboard": False,
                    "file_transfer": False,
                },
            ],
            rng=[egd | {"backend_type": "unix", "backend_source_path": path}],
            video=[{"type": "vga"}],
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
        iommu=[],
        memballoon=[],
        console=[
            {"type": "tcp", "source_host": "127.0.0.2", "source_service": "4802", "protocol": "raw", "target_port": "0"}
        ],
        input=[],
    )
    assert seen(bench, "console/protocol") == [{"type": "raw"}]


@pytest.mark.skipif(shutil.which("swtpm") is None, reason="the host has no TPM emulator")
@pytest.mark.changes(
    "libvirt_domain.tpm",
    "libvirt_domain.tpm.backend_encryption_secret",
    "libvirt_domain.tpm.backend_persistent_state",
    "libvirt_domain.tpm.backend_type",
    "libvirt_domain.tpm.backend_version",
    "libvirt_domain.tpm.model",
)
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


@pytest.mark.changes(
    "libvirt_domain.graphics.password",
    "libvirt_domain.graphics.password_valid_to",
)
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
