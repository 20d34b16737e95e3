"""Serial and virtio consoles."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.diagnostics import error
from kvmform.host.host import Host
from kvmform.resources.domain.device.building import build_device
from kvmform.resources.domain.device.chardev import CHARDEV_DEFAULTS, CHARDEV_RULES, chardev_rows
from kvmform.resources.domain.device.device import Device
from kvmform.resources.domain.device.rows import text
from kvmform.resources.domain.device.serial import SERIAL
from kvmform.resources.domain.rows import AT_START
from kvmform.resources.elements import elements
from kvmform.schema import Block, Check, Object, Problem, Row
from kvmform.schema.rules import one_of
from kvmform.values.types import STRING
from kvmform.xml.document import Document, insert_element, remove_element

__all__ = ["CONSOLE", "check_consoles", "patch_consoles"]

CONSOLE = Device(
    name="console",
    rules=(*CHARDEV_RULES, one_of("target_type", ("", "serial", "virtio", "sclp", "sclplm", "xen", "lxc"))),
    block=Block(
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
                doc="`pty`; `tcp` to serve it by telnet; `unix`, `file`, `udp`, …; `dev` for a device of the host.",
            ),
            **chardev_rows(defaults=CHARDEV_DEFAULTS | {"protocol": "telnet"}),
            "target_type": text("`serial` or `virtio`; the machine's usual one if unset.", "target/@type"),
            "target_port": Row(
                type=STRING,
                required=True,
                change=AT_START,
                xml="target/@port",
                untold=True,
                doc="Number of the console in the guest.",
            ),
        },
    ),
)


def patch_consoles(document: Document, planned: Object) -> None:
    """All consoles are made anew: libvirt shows the first serial port a second time, as a console.

    A first serial port that is no `serial` block was made for a console, and goes with it.
    """
    for console in document.find_all("devices/console"):
        remove_element(console)
    serial = document.find("devices/serial")
    if serial is not None and not planned["serial"]:
        remove_element(serial)
    parent = document.find("devices")
    assert parent is not None
    for console in planned["console"]:
        insert_element(parent, build_device(CONSOLE, console))


def check_consoles(check: Check[Host]) -> Iterator[Problem]:
    """Every problem of consoles that the plan would run into."""
    consoles, serials = elements(check.planned["console"]), elements(check.planned["serial"])
    for index, console in enumerate(consoles):
        if console["target_type"] not in {None, "", "serial"}:
            continue
        if index > 0:
            yield Problem(
                ("console", index, "target_type"),
                error(
                    "Only the first console can be a serial port",
                    'libvirt takes one serial console, and it has to be the first. Write target_type = "virtio" here.',
                ),
            )
        elif serials and not _is_the_same(CONSOLE.told(console), SERIAL.told(serials[0])):
            yield Problem(
                ("console", 0, "type"),
                error(
                    "The first serial port is the console",
                    "libvirt has a serial console at the first serial port, and this one is to be another. Take the "
                    'console block out, or write target_type = "virtio" in it.',
                ),
            )


def _is_the_same(console: Object, serial: Object) -> bool:
    return all((console[name] or None) == (serial[name] or None) for name in _SAME)


_SAME = ("type", "source_path", "source_host", "source_service")
"""What a console and the serial port that it stands for can't have each for itself."""
