"""The table of the guest's life."""

from __future__ import annotations

from kvmform.resources.domain.equivalence import same_flag, same_text
from kvmform.resources.domain.policies import REBOOT, pending_edited, power_edited
from kvmform.schema import Block, Disruption, Row
from kvmform.values.types import BOOL, NUMBER, STRING, ListType

__all__ = ["LIFE"]

LIFE: dict[str, Row | Block] = {
    "running": Row(
        type=BOOL, default=True, change=power_edited, doc="Whether the guest runs; enforced in both directions."
    ),
    "autostart": Row(
        type=BOOL,
        computed=True,
        change=Disruption.LIVE,
        same=same_flag,
        doc="Whether libvirt starts the guest when the host boots.",
    ),
    "qemu_agent": Row(
        type=BOOL,
        default=False,
        change=Disruption.NONE,
        same=same_flag,
        doc="Ask the guest agent, beside DHCP leases, for addresses.",
    ),
    "on_reboot_needed": Row(
        type=STRING,
        default=REBOOT,
        change=Disruption.NONE,
        doc="What to do where a change takes effect only at boot: `reboot` the guest, or leave it for its `next-boot`.",
    ),
    "shutdown_timeout": Row(
        type=NUMBER,
        default=60,
        change=Disruption.NONE,
        doc="Seconds that the guest has to shut down by itself before it is powered off.",
    ),
    "pending": Row(
        type=ListType(STRING),
        computed=True,
        read_only=True,
        volatile=True,
        change=pending_edited,
        doc="Arguments whose new values the running guest does not have yet.",
    ),
    "timeouts": Block(
        doc="How long verbs may take.",
        max_items=1,
        change=Disruption.NONE,
        rows={
            "create": Row(
                type=STRING,
                change=Disruption.NONE,
                doc="How long to wait for addresses (`5m`, which it is if unset).",
            )
        },
    ),
    "xml": Block(
        doc="A change to the domain's XML before it is defined.",
        max_items=1,
        change=Disruption.REPLACE,
        rows={"xslt": Row(type=STRING, change=Disruption.REPLACE, same=same_text, doc="An XSLT 1.0 stylesheet.")},
    ),
}
"""The rows, in the order in which one thinks of them."""
