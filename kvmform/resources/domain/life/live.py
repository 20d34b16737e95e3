"""Change at once what libvirt keeps of a running guest, and the guest does not see."""

from __future__ import annotations

from collections.abc import Collection

from kvmform.host.affect import Affect
from kvmform.host.domains import set_domain_event_action, set_domain_metadata, set_domain_text
from kvmform.resources.domain.running_guest import RunningGuest
from kvmform.resources.metadata import live_metadata
from kvmform.schema import Object

__all__ = ["LIVE_ROWS", "announce_live"]

_TEXTS = ("title", "description")
_EVENTS = {"on_poweroff": "destroy", "on_reboot": "restart", "on_crash": "destroy"}
"""What libvirt does at an event where nothing is written."""

LIVE_ROWS = frozenset({*_TEXTS, *_EVENTS, "metadata"})
"""Rows that change nothing for the guest, and are changed beside its definition at any time."""


def announce_live(guest: RunningGuest, prior: Object, names: Collection[str]) -> None:
    """Carry out those edits of `prior` that are named, and that the guest doesn't see.

    Raises:
        HostError: libvirt refuses.
    """
    host, uuid, planned = guest.host, guest.uuid, guest.planned
    for name in _TEXTS:
        if name in names:
            set_domain_text(host, uuid, name, planned[name] or None, Affect.LIVE)
    for name in _in_order(planned):
        if name in names:
            action = planned[name] or _EVENTS[name]
            set_domain_event_action(host, uuid, name.removeprefix("on_"), action, Affect.LIVE)
    if "metadata" in names:
        for namespace, (prefix, xml) in live_metadata(prior["metadata"], planned["metadata"]).items():
            set_domain_metadata(host, uuid, xml, prefix, namespace, Affect.LIVE)


def _in_order(planned: Object) -> list[str]:
    """QEMU has no guest that restarts when it is shut down, and goes when it reboots; nor on the way to another one."""
    goes = planned["on_reboot"] == "destroy"
    return ["on_poweroff", "on_reboot", "on_crash"] if goes else ["on_reboot", "on_poweroff", "on_crash"]
