"""Fixtures of the real test bed: a private libvirt host, bootable guest images, the domain type that works here.

What they hand out lives in tests/support/: `LabHost`, `wait_until`, and the questions to a guest in `guest`.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import libvirt
import pytest
from hypothesis import HealthCheck, settings
from labhost import LabHost

SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"

# How long examples take to make or to test says nothing but how busy the machine is.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

# Errors reach the tests as exceptions; libvirt would also print each to stderr.
libvirt.registerErrorHandler(lambda _context, _error: None, None)


@pytest.fixture(scope="session")
def lab_host() -> Iterator[LabHost]:
    """A libvirt host that is all the tests' own, one per xdist worker; its end checks that nothing is left.

    Tests share it: give objects names of the test's own, and networks subnets of their own.
    """
    yield from _lab_host()


@pytest.fixture
def fresh_lab_host() -> Iterator[LabHost]:
    """A libvirt host for one test alone, for those that crash it or fill it; costs about two seconds."""
    yield from _lab_host()


@pytest.fixture(scope="session")
def guest_image() -> Path:
    """Bootable qcow2 disk of the tiny guest (BIOS). Read-only: clone it, or upload it."""
    return _build_guest("cloud")


@pytest.fixture(scope="session")
def guest_image_generic() -> Path:
    """The same with a kernel that drives SATA and emulated network cards too; boots about 4 s slower without KVM."""
    return _build_guest("generic")


@pytest.fixture(scope="session")
def domain_type() -> str:
    """Domain type that boots a guest on this machine: "kvm" or "qemu"."""
    return _output_of(SCRIPTS / "probe_accelerator")


def _lab_host() -> Iterator[LabHost]:
    reason = LabHost.unavailable()
    if reason is not None:
        pytest.skip(reason)
    # Not pytest's own temporary directory: its path is too long for a Unix socket with some TMPDIRs.
    with LabHost(Path(tempfile.mkdtemp(prefix="kvmform-lab-", dir="/tmp"))) as host:
        yield host


def _build_guest(flavour: str) -> Path:
    return Path(_output_of(SCRIPTS / "guest" / "build", flavour))


def _output_of(*command: str | Path) -> str:
    """Last line that a script prints; what it says on stderr is for the reader of the test's log."""
    ran = subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE)
    return ran.stdout.splitlines()[-1]
