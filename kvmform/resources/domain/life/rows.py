"""The table of the guest's life."""

from __future__ import annotations

from kvmform.resources.domain.equivalence import same_flag, same_text
from kvmform.resources.domain.escape.rows import ESCAPE
from kvmform.resources.domain.policies import REBOOT, pause_edited, pending_edited, power_edited
from kvmform.resources.domain.rows import text
from kvmform.schema import Block, Disruption, Row
from kvmform.values.types import BOOL, NUMBER, STRING, ListType

__all__ = ["EVENTS", "FAIL", "LIFE", "POWER_OFF", "SHUTDOWN"]

POWER_OFF = "power-off"
FAIL = "fail"
SHUTDOWN = "shutdown"
"""Values of `on_shutdown_timeout` and `on_destroy`."""

_ACTIONS = ("destroy", "restart", "preserve")

LIFE: dict[str, Row | Block] = {
    "running": Row(
        type=BOOL, default=True, change=power_edited, doc="Whether the guest runs; enforced in both directions."
    ),
    "paused": Row(
        type=BOOL,
        default=False,
        change=pause_edited,
        same=same_flag,
        doc="Whether a guest that runs stands still; one that is started so waits before its first instruction.",
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
    "shutdown_mode": Row(
        type=ListType(STRING),
        change=Disruption.NONE,
        doc="How the guest is asked to shut down: `agent`, `acpi`, in the order to try them; libvirt chooses if unset.",
    ),
    "shutdown_timeout": Row(
        type=NUMBER,
        default=60,
        change=Disruption.NONE,
        doc="Seconds that the guest has to shut down by itself.",
    ),
    "on_shutdown_timeout": Row(
        type=STRING,
        default=POWER_OFF,
        change=Disruption.NONE,
        same=same_text,
        choices=(POWER_OFF, FAIL),
        doc="What to do with a guest that is still on by then: `power-off`, or `fail` and leave it running.",
    ),
    "on_destroy": Row(
        type=STRING,
        default=POWER_OFF,
        change=Disruption.NONE,
        same=same_text,
        choices=(POWER_OFF, SHUTDOWN),
        doc="What to do with a running guest whose domain is deleted: `power-off` at once, or `shutdown` first.",
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
    "xml": ESCAPE,
}
"""The rows, in the order in which one thinks of them."""

EVENTS: dict[str, Row | Block] = {
    "on_poweroff": text(
        "What libvirt does when the guest shuts down: `destroy`, which is to power it off, `restart` or `preserve`.",
        Disruption.LIVE,
        xml="on_poweroff",
        choices=_ACTIONS,
    ),
    "on_reboot": text(
        "What it does when the guest reboots: `restart`, `destroy` or `preserve`.",
        Disruption.LIVE,
        xml="on_reboot",
        choices=_ACTIONS,
    ),
    "on_crash": text(
        "What it does when the guest crashes: `destroy`, `restart` or `preserve`; or one of the first two after a dump "
        "of the memory, `coredump-destroy` and `coredump-restart`.",
        Disruption.LIVE,
        xml="on_crash",
        choices=(*_ACTIONS, "coredump-destroy", "coredump-restart"),
    ),
}
"""Rows that are no more than their places in the XML, and that a running guest gets at once."""
