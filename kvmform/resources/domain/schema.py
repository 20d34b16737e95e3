"""The table of `libvirt_domain`: all of provider 0.8's arguments, and what they lacked."""

from __future__ import annotations

from kvmform.resources.domain.boot.rows import BOOT, BOOT_SCREEN
from kvmform.resources.domain.boot.seed_change import CHOICES
from kvmform.resources.domain.cloning.identity import IDENTITY_RESET, IDENTITY_RULES
from kvmform.resources.domain.cloning.likeness import LIKENESS
from kvmform.resources.domain.cloning.rows import CLONING
from kvmform.resources.domain.device.channel import GUEST_AGENT_CHANNEL
from kvmform.resources.domain.device.devices import DEVICES
from kvmform.resources.domain.disk.rows import DISK, IOTHREADS
from kvmform.resources.domain.disk.rules import DISK_RULES
from kvmform.resources.domain.escape.rows import check_texts
from kvmform.resources.domain.identity_rows import IDENTITY, TITLE
from kvmform.resources.domain.interface.rows import NETWORK_INTERFACE
from kvmform.resources.domain.interface.rules import INTERFACE_RULES
from kvmform.resources.domain.life.rows import EVENTS, LIFE
from kvmform.resources.domain.life.rules import LIFE_RULES
from kvmform.resources.domain.machine.rows import MACHINE, TUNING
from kvmform.resources.domain.machine.rules import MACHINE_RULES
from kvmform.resources.domain.readiness.rows import READINESS
from kvmform.resources.domain.readiness.rules import READINESS_RULES
from kvmform.schema import Block, Row, Schema
from kvmform.schema.rules import among, at_most, each, named, one_of, xml_text

__all__ = ["PLACED", "SCHEMA"]

PLACED: dict[str, Row | Block] = {**TUNING, **BOOT_SCREEN, **EVENTS, **TITLE}
"""Rows that are no more than their places in the XML: the template and the verbs know nothing of them."""

_ROWS: dict[str, Row | Block] = {
    **IDENTITY,
    **TITLE,
    **CLONING,
    **MACHINE,
    **BOOT,
    "iothreads": IOTHREADS,
    "disk": DISK,
    "network_interface": NETWORK_INTERFACE,
    **{device.name: device.block for device in DEVICES},
    "guest_agent_channel": GUEST_AGENT_CHANNEL,
    **PLACED,
    **LIFE,
    **IDENTITY_RESET,
    **READINESS,
}

SCHEMA = Schema(
    doc="A virtual machine.",
    other_dialect=frozenset({"os", "devices", "memory_unit"}),
    likeness=LIKENESS,
    rules=(
        xml_text,
        check_texts,
        named,
        among(_ROWS),
        at_most("memory", 2**43 - 1),
        at_most("vcpu", 2**16 - 1),
        one_of("on_seed_change", CHOICES),
        *DISK_RULES,
        *INTERFACE_RULES,
        *(each(device.name, *device.rules) for device in DEVICES),
        *IDENTITY_RULES,
        *READINESS_RULES,
        *LIFE_RULES,
        *MACHINE_RULES,
    ),
    rows=_ROWS,
)
"""The table; arguments in the order in which one thinks of them."""
