"""Where the bytes of a character device go on the host: the rows that serial ports, consoles and channels share.

Source: https://libvirt.org/formatdomain.html#consoles-serial-parallel-channel-devices, "Host interface".
"""

from __future__ import annotations

from collections.abc import Mapping

from kvmform.resources.domain.device.device import Bus
from kvmform.resources.domain.device.rows import flag, text
from kvmform.resources.domain.rows import AT_START
from kvmform.schema import Object, Plain, Policy, Row, Rule
from kvmform.schema.rules import one_of
from kvmform.xml.codecs import ON_OFF

__all__ = ["CHARDEV_DEFAULTS", "CHARDEV_RULES", "CHARDEV_TYPES", "chardev_bus", "chardev_rows", "chardev_unwritten"]

CHARDEV_TYPES = ("pty", "tcp", "udp", "unix", "file", "dev", "pipe", "null", "vc", "stdio", "spicevmc", "spiceport")
"""Kinds of host ends that QEMU takes (`stdio` and `vc` are of use only where it runs in a terminal or window)."""

_NETWORK = ("type", ("tcp", "udp"))
_PATH = ("type", ("dev", "unix", "file", "pipe"))

CHARDEV_RULES: tuple[Rule, ...] = (
    one_of("type", CHARDEV_TYPES),
    one_of("source_mode", ("bind", "connect")),
    one_of("protocol", ("raw", "telnet", "telnets", "tls")),
)
"""What has to be so in every such block."""


_UNPLUGGABLE = frozenset({"pipe", "vc", "stdio", "spiceport"})


def chardev_bus(element: Object, bus: Bus) -> Bus:
    """The bus of a character device; with some host ends QEMU has it only from its start.

    Source: qemuMonitorJSONAttachCharDevGetProps of libvirt 9.0.
    """
    return Bus.SOLDERED if element["type"] in _UNPLUGGABLE else bus


CHARDEV_DEFAULTS = {"source_mode": "bind", "source_host": "127.0.0.1", "source_service": "0", "protocol": "raw"}
"""What libvirt is told where nothing is written."""


def chardev_unwritten(element: Object) -> Mapping[str, Plain]:
    """What libvirt is told beside what is written; a socket without a path is its own affair."""
    return {} if element["type"] == "unix" and not element["source_path"] else CHARDEV_DEFAULTS


def chardev_rows(change: Policy = AT_START, defaults: Mapping[str, str] | None = None) -> dict[str, Row]:
    """Everything but `type`, which each kind of device documents itself."""
    defaults = defaults or {}
    return {
        "source_mode": text(
            "`bind` to listen, as usual, or `connect` to call another program; for `tcp`, `udp` and `unix`.",
            "source/@mode",
            change,
            default=defaults.get("source_mode"),
            only_with=("type", ("tcp", "udp", "unix")),
        ),
        "source_path": text(
            "Path on the host, for `dev`, `file`, `pipe` and `unix`.", "source/@path", change, only_with=_PATH
        ),
        "source_host": text(
            "Address to listen at or to call, for `tcp` and `udp`; usually 127.0.0.1.",
            "source/@host",
            change,
            default=defaults.get("source_host"),
            only_with=_NETWORK,
        ),
        "source_service": text(
            "Port to listen at or to call, for `tcp` and `udp`.",
            "source/@service",
            change,
            default=defaults.get("source_service"),
            only_with=_NETWORK,
        ),
        "source_channel": text(
            "Name of the channel, for `spiceport`.", "source/@channel", change, only_with=("type", ("spiceport",))
        ),
        "protocol": text(
            "`raw` or `telnet`, for `tcp`.",
            "protocol/@type",
            change,
            default=defaults.get("protocol"),
            only_with=("type", ("tcp",)),
        ),
        "log_file": text("File on the host that gets a copy of all that the guest writes.", "log/@file", change),
        "log_append": flag(
            "Go on with an existing log file instead of starting it anew.", "log/@append", change, codec=ON_OFF
        ),
    }
