"""The accelerator probe, with a QEMU of the test's own that boots, is silent, or gives up."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

PROBE = Path(__file__).resolve().parents[2] / "scripts" / "probe_accelerator"


@dataclass
class Machine:
    """A machine as the probe sees it: a QEMU on PATH, a device, a cache with a guest image in it."""

    directory: Path

    def install_qemu(self, words: str) -> None:
        """Put a QEMU on the path that does `words` when it is to run a guest, and counts its runs."""
        program = self.directory / "bin" / "qemu-system-x86_64"
        program.parent.mkdir(exist_ok=True)
        counter = self.directory / "runs"
        program.write_text(
            f'#!/bin/sh\n[ "$1" = --version ] && echo "QEMU of the test" && exit\necho run >> {counter}\n{words}\n'
        )
        program.chmod(0o755)

    def probe(self, **environment: str) -> tuple[str, str]:
        """What the probe prints, and what it says about it."""
        device = self.directory / "kvm"
        ran = subprocess.run(
            [PROBE],
            check=True,
            text=True,
            capture_output=True,
            env={
                "PATH": f"{self.directory}/bin:{os.environ['PATH']}",
                "KVMFORM_CACHE": str(self.directory / "cache"),
                "KVMFORM_KVM_DEVICE": str(device),
                "KVMFORM_PROBE_IMAGE": str(self.directory / "guest.qcow2"),
                "KVMFORM_PROBE_SECONDS": "0.5",
                **environment,
            },
        )
        return ran.stdout.strip(), ran.stderr.strip()

    @property
    def runs(self) -> int:
        counter = self.directory / "runs"
        return counter.read_text().count("run") if counter.exists() else 0


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    (tmp_path / "kvm").touch()
    return Machine(tmp_path)


def test_kvm_that_boots_a_guest_is_used(machine: Machine) -> None:
    machine.install_qemu('echo "guest: ready"; exec sleep 10')
    assert machine.probe() == ("kvm", "")


def test_kvm_that_boots_nothing_in_time_is_passed_over(machine: Machine) -> None:
    """As on hosts whose KVM opens but runs no kernel."""
    machine.install_qemu("echo SeaBIOS; exec sleep 10")
    answer, said = machine.probe()
    assert answer == "qemu"
    assert "did not boot a guest within 0.5 s" in said


def test_what_qemu_said_when_it_gave_up_is_told(machine: Machine) -> None:
    machine.install_qemu("echo 'failed to initialize kvm: No such device' >&2; exit 1")
    answer, said = machine.probe()
    assert answer == "qemu"
    assert "failed to initialize kvm: No such device" in said


def test_without_a_device_no_guest_is_tried(machine: Machine) -> None:
    (machine.directory / "kvm").unlink()
    machine.install_qemu("exit 1")
    answer, said = machine.probe()
    assert (answer, machine.runs) == ("qemu", 0)
    assert "there is no" in said


def test_the_finding_is_remembered_until_the_machine_changes(machine: Machine) -> None:
    machine.install_qemu('echo "guest: ready"')
    machine.probe()
    machine.probe()
    assert machine.runs == 1
    (machine.directory / "kvm").unlink()
    assert machine.probe()[0] == "qemu"


def test_a_broken_memory_is_no_hindrance(machine: Machine) -> None:
    machine.install_qemu('echo "guest: ready"')
    (machine.directory / "cache").mkdir()
    (machine.directory / "cache" / "accelerator.json").write_text("{half a fin")
    assert machine.probe()[0] == "kvm"


def test_the_environment_has_the_last_word(machine: Machine) -> None:
    """KVMFORM_DOMAIN_TYPE is repeated without a look at the machine."""
    machine.install_qemu("exit 1")
    assert machine.probe(KVMFORM_DOMAIN_TYPE="kvm") == ("kvm", "")
    assert machine.runs == 0
