"""Guests whose devices are changed on a real host, and what is true after each change."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from domain_bench import DomainBench

from kvmform.schema import Disruption, Object
from kvmform.xml.document import Document

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["applied", "bare", "booted", "listening", "seen"]


def blank(path: Path) -> str:
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", path, "16M"], check=True)
    return str(path)


def booted(image: Path, network: str, path: Path, **more: Any) -> Object:
    """A guest that answers when a device is to be unplugged."""
    command: list[str | Path] = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", image, path]
    subprocess.run(command, check=True)
    return {
        "name": "devices",
        "memory": 128,
        "disk": [{"file": str(path)}],
        "network_interface": [{"network_name": network, "wait_for_lease": True}],
        **more,
    }


def bare(path: Path, **more: Any) -> Object:
    """A guest without an operating system, which is off as soon as it is told to."""
    return {"name": "devices", "memory": 64, "disk": [{"file": blank(path)}], "shutdown_timeout": 0, **more}


def applied(bench: DomainBench, wanted: Object, expected: Disruption, **more: Any) -> Object:
    """Apply a change, which is of this class, is in the guest and the definition, and leaves nothing to do."""
    wanted = wanted | more
    before = identity(bench)
    assert bench.change(wanted) is expected
    assert bench.changes(wanted) == ()
    assert bench.look().object == bench.state
    assert bench.state["pending"] == []
    assert (identity(bench) == before) is (expected is Disruption.LIVE)
    return wanted


def identity(bench: DomainBench) -> str | None:
    """Of the process that the guest is."""
    record = bench.host.inventory.domains.get(bench.state["id"])
    assert record is not None
    assert record.live_xml is not None
    return Document.parse(record.live_xml).get("@id")


def seen(bench: DomainBench, path: str) -> list[dict[str, str]]:
    """Attributes of devices, which are the same in the running guest and in the definition."""
    record = bench.host.inventory.domains.get(bench.state["id"])
    assert record is not None
    assert record.live_xml is not None
    live, definition = (
        [
            {str(name): str(value) for name, value in item.attrib.items()}
            for item in Document.parse(xml).find_all(f"devices/{path}")
        ]
        for xml in (record.live_xml, record.xml)
    )
    assert live == definition
    return live


@contextmanager
def listening(path: Path) -> Iterator[str]:
    """Somebody who waits for QEMU at a socket."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen(8)
        yield str(path)


def _attributes(element: Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in element.attrib.items()}
