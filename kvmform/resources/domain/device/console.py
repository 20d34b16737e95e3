"""Serial and virtio consoles."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.diagnostics import error
from kvmform.host.host import Host
from kvmform.resources.domain.device.in_force import meant
from kvmform.resources.domain.rows import AT_START, text
from kvmform.resources.domain.shape import elements
from kvmform.schema import Block, Object, Row
from kvmform.schema.resource_type import Check
from kvmform.schema.row import Problem
from kvmform.values.types import STRING
from kvmform.xml.document import Document, remove_element
from kvmform.xml.template import render

__all__ = ["CONSOLE", "check_consoles", "patch_consoles"]

CONSOLE = Block(
    doc="A serial or virtio console.",
    xml="devices/console",
    match=(("type", "target_type"),),
    change=AT_START,
    rows={
        "type": Row(
            type=STRING,
            required=True,
            change=AT_START,
            xml="@type",
            doc="`pty`; `tcp` to serve it by telnet; `dev` for a device of the host.",
        ),
        "source_path": text("Device of the host, for `dev`.", xml="source/@path"),
        "source_host": text("Address to listen at, for `tcp`.", xml="source/@host", default="127.0.0.1"),
        "source_service": text("TCP port to listen at, for `tcp`.", xml="source/@service", default="0"),
        "target_port": Row(type=STRING, required=True, change=AT_START, doc="Number of the console in the guest."),
        "target_type": text("`serial` or `virtio`; the machine's usual one if unset.", xml="target/@type"),
    },
)


def patch_consoles(document: Document, planned: Object) -> None:
    """All consoles are made anew: libvirt shows the first serial port a second time, as a console."""
    for path in ("devices/serial", "devices/console"):
        for element in document.find_all(path):
            remove_element(element)
    for console in meant("console", planned["console"]):
        document.add("devices", render(__package__, "console.xml.j2", {"console": console}))


def check_consoles(check: Check[Host]) -> Iterator[Problem]:
    """Every problem of consoles that the plan would run into."""
    for index, console in enumerate(elements(check.planned["console"])[1:], start=1):
        if console["target_type"] in {None, "", "serial"}:
            yield Problem(
                ("console", index, "target_type"),
                error(
                    "Only the first console can be a serial port",
                    'libvirt takes one serial console, and it has to be the first. Write target_type = "virtio" here.',
                ),
            )
