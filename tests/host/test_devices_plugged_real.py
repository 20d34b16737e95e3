"""Devices that are plugged into a running guest, unplugged and changed, on a real host."""

from contextlib import suppress
from itertools import product

import pytest
from device_guests import applied, bare, booted, listening, seen
from failing import failing, writes

from kvmform.diagnostics import DiagnosticError
from kvmform.schema import Disruption

pytestmark = [pytest.mark.libvirt, pytest.mark.slow]

LIVE = Disruption.LIVE


@pytest.mark.guest
@pytest.mark.changes(
    "libvirt_domain.channel",
    "libvirt_domain.channel.log_append",
    "libvirt_domain.channel.log_file",
    "libvirt_domain.channel.protocol",
    "libvirt_domain.channel.source_host",
    "libvirt_domain.channel.source_mode",
    "libvirt_domain.channel.source_path",
    "libvirt_domain.channel.source_service",
    "libvirt_domain.channel.target_name",
    "libvirt_domain.channel.type",
    "libvirt_domain.guest_agent_channel",
    "libvirt_domain.input",
    "libvirt_domain.input.bus",
    "libvirt_domain.input.type",
    "libvirt_domain.redirdev",
    "libvirt_domain.redirdev.log_append",
    "libvirt_domain.redirdev.log_file",
    "libvirt_domain.redirdev.protocol",
    "libvirt_domain.redirdev.source_host",
    "libvirt_domain.redirdev.source_mode",
    "libvirt_domain.redirdev.source_path",
    "libvirt_domain.redirdev.source_service",
    "libvirt_domain.redirdev.type",
    "libvirt_domain.rng",
    "libvirt_domain.rng.backend",
    "libvirt_domain.rng.backend_model",
    "libvirt_domain.rng.backend_source_host",
    "libvirt_domain.rng.backend_source_mode",
    "libvirt_domain.rng.model",
    "libvirt_domain.rng.rate_bytes",
    "libvirt_domain.rng.rate_period",
    "libvirt_domain.serial",
    "libvirt_domain.serial.log_append",
    "libvirt_domain.serial.log_file",
    "libvirt_domain.serial.protocol",
    "libvirt_domain.serial.source_host",
    "libvirt_domain.serial.source_mode",
    "libvirt_domain.serial.source_path",
    "libvirt_domain.serial.source_service",
    "libvirt_domain.serial.target_port",
    "libvirt_domain.serial.target_type",
    "libvirt_domain.serial.type",
)
def test_devices_come_and_go_while_the_guest_runs(bench, guest_image, device_network, tmp_path):
    graphics = [{"type": "spice", "listen_type": "address"}]
    usb = [{"type": "usb", "index": 0, "model": "qemu-xhci", "ports": 8}]
    root = tmp_path / "root.qcow2"
    wanted = booted(guest_image, device_network, root, machine="q35", graphics=graphics, controller=usb)
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


@pytest.mark.changes(
    "libvirt_domain.controller",
    "libvirt_domain.controller.cmd_per_lun",
    "libvirt_domain.controller.index",
    "libvirt_domain.controller.max_sectors",
    "libvirt_domain.controller.model",
    "libvirt_domain.controller.queues",
    "libvirt_domain.controller.type",
    "libvirt_domain.memballoon",
    "libvirt_domain.memballoon.model",
    "libvirt_domain.memballoon.stats_period",
    "libvirt_domain.serial",
    "libvirt_domain.serial.protocol",
    "libvirt_domain.serial.source_host",
    "libvirt_domain.serial.source_mode",
    "libvirt_domain.serial.source_service",
    "libvirt_domain.serial.target_type",
    "libvirt_domain.serial.type",
    "libvirt_domain.shmem",
    "libvirt_domain.shmem.model",
    "libvirt_domain.shmem.name",
    "libvirt_domain.shmem.role",
    "libvirt_domain.shmem.size",
    "libvirt_domain.watchdog",
    "libvirt_domain.watchdog.action",
    "libvirt_domain.watchdog.model",
)
def test_slots_of_a_pc_take_what_express_ports_do_not(bench, tmp_path):
    """They stay plugged in: now and then QEMU 7.2 ends when some of these are taken out and others put in at once."""
    wanted = bare(tmp_path / "disk.qcow2", machine="pc")
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
    assert seen(bench, "watchdog")[0]["action"] == "none"
    assert seen(bench, "memballoon/stats") == [{"period": "2"}]
    tuned = {"type": "scsi", "index": 1, "model": "virtio-scsi", "cmd_per_lun": 4, "max_sectors": 128}
    applied(
        bench,
        wanted,
        LIVE,
        shmem=[*wanted["shmem"], {"name": "kvmform-two", "size": 2, "role": "master"}],
        memballoon=[{"stats_period": 3}],
        controller=[*wanted["controller"], tuned],
    )
    assert seen(bench, "memballoon/stats") == [{"period": "3"}]
    assert seen(bench, "shmem") == [{"name": "kvmform-one"}, {"name": "kvmform-two", "role": "master"}]


def test_devices_that_an_update_plugged_which_then_failed_are_not_plugged_twice(bench, tmp_path):
    wanted = bare(tmp_path / "disk.qcow2", machine="q35")
    bench.make(wanted)
    devices = {"input": [{"type": "tablet"}], "channel": [{"target_name": "org.example.0"}]}
    calls = writes(lambda: applied(bench, wanted, LIVE, **devices))
    assert calls == 3
    for number, made in product(range(1, calls + 1), (False, True)):
        applied(bench, wanted, LIVE)
        with failing(number, made=made), suppress(DiagnosticError):
            bench.change(wanted | devices)
        applied(bench, wanted, LIVE, **devices)
        assert len(seen(bench, "input[@type='tablet']")) == 1
        assert len(seen(bench, "channel")) == 2
