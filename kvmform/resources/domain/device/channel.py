"""Channels between programs of the guest and of the host, and that of the guest agent."""

from __future__ import annotations

from kvmform.resources.domain.device.chardev import CHARDEV_RULES, chardev_bus, chardev_rows, chardev_unwritten
from kvmform.resources.domain.device.device import Bus, Device
from kvmform.resources.domain.device.policies import device_edited, hot_plugged
from kvmform.resources.domain.device.rows import text
from kvmform.schema import Block, EditContext, Effect, Object, Row
from kvmform.values.types import BOOL, STRING
from kvmform.xml.codecs import PRESENCE

__all__ = ["CHANNEL", "GUEST_AGENT_CHANNEL"]

_AGENT = "org.qemu.guest_agent.0"


def _bus(channel: Object) -> Bus:
    return chardev_bus(channel, Bus.VIRTIO_SERIAL)


def _agents_own(domain: Object) -> list[Object]:
    """The channel of the guest agent, unless it is switched off, or written as a block."""
    is_written = any(channel["target_name"] == _AGENT for channel in domain["channel"] or ())
    if is_written or domain.get("guest_agent_channel") is False:
        return []
    return [dict.fromkeys(CHANNEL.block.rows) | {"type": "unix", "target_name": _AGENT}]


_PLUGGED = hot_plugged(_bus)


def _agents_own_edited(context: EditContext) -> Effect:
    """`live` while there is a virtio-serial controller, else `reboot`."""
    return device_edited(context, [Bus.VIRTIO_SERIAL])


CHANNEL = Device(
    name="channel",
    bus=_bus,
    unwritten=chardev_unwritten,
    standing=_agents_own,
    also=("guest_agent_channel",),
    rules=CHARDEV_RULES,
    block=Block(
        doc="A channel between a program of the guest and one of the host; the guest agent's is there by itself.",
        xml="devices/channel",
        match=(("target_name",),),
        pair_rest=False,
        change=_PLUGGED,
        rows={
            "type": text("`unix`, `spicevmc`, `pty`, `tcp`, `spiceport`, …", "@type", _PLUGGED, default="unix"),
            **chardev_rows(_PLUGGED),
            "target_name": Row(
                type=STRING,
                required=True,
                xml="target[@type='virtio']/@name",
                change=_PLUGGED,
                doc="Name of the channel in the guest, such as `com.redhat.spice.0`; of the form `org.example.name`.",
            ),
        },
    ),
)

GUEST_AGENT_CHANNEL = Row(
    type=BOOL,
    computed=True,
    xml=f"devices/channel/target[@name='{_AGENT}']",
    codec=PRESENCE,
    change=_agents_own_edited,
    doc="Whether the guest has the channel over which the host talks with its agent; new domains have it.",
)
