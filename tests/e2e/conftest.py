"""Fixtures of the end-to-end tests: a libvirt host for each file, so that examples may have the names they have."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab import environment_for
from labhost import LabHost


@pytest.fixture(scope="module")
def host() -> Iterator[LabHost]:
    """A private libvirt host with nothing on it."""
    reason = LabHost.unavailable()
    if reason is not None:
        pytest.skip(reason)
    with LabHost(Path(tempfile.mkdtemp(prefix="kvmform-lab-", dir="/tmp"))) as host:
        yield host


@pytest.fixture(scope="module")
def environment(host: LabHost, guest_image: Path, domain_type: str) -> dict[str, str]:
    """The environment for commands on that host, with the guest image as `var.base_image`."""
    return environment_for(host.uri, domain_type, base_image=str(guest_image))
