"""The memory balloon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kvmform.host.devices import set_memory_stats_period
from kvmform.resources.domain.device.device import Device
from kvmform.resources.domain.device.rows import flag, number, text
from kvmform.resources.domain.policies import at_boot, idle_effect
from kvmform.resources.domain.running_guest import RunningGuest
from kvmform.schema import Block, Disruption, EditContext, Effect, Object
from kvmform.schema.rules import at_least, one_of
from kvmform.xml.codecs import ON_OFF

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["MEMBALLOON"]

_USUAL = "virtio"
_AT_START = at_boot("the balloon can't be plugged")


def _usual(domain: Object) -> list[Object]:
    return [] if domain["memballoon"] else [dict.fromkeys(MEMBALLOON.block.rows) | {"model": _USUAL}]


def _period_edited(context: EditContext) -> Effect:
    """`live`."""
    return idle_effect(context) or Effect(Disruption.LIVE, "the balloon asks the guest from now on")


def _added_or_removed(context: EditContext) -> Effect:
    """`live` where only `stats_period` differs from the usual balloon, else `reboot`."""
    block = context.edit.after or context.edit.before
    others = [name for name in block if name not in {"model", "stats_period"} and block[name] is not None]
    return _AT_START(context) if block["model"] != _USUAL or others else _period_edited(context)


def _set_period(guest: RunningGuest, _element: Element, values: Object) -> None:
    set_memory_stats_period(guest.host, guest.uuid, values["stats_period"] or 0)


MEMBALLOON = Device(
    name="memballoon",
    standing=_usual,
    sole=True,
    updates=frozenset({"stats_period"}),
    update=_set_period,
    rules=(
        one_of("model", ("virtio", "virtio-transitional", "virtio-non-transitional", "none")),
        at_least("stats_period", 0),
    ),
    block=Block(
        doc="The balloon by which memory is taken from a running guest and given back; without a block a virtio one.",
        max_items=1,
        xml="devices/memballoon",
        change=_added_or_removed,
        rows={
            "model": text(
                "`virtio`, one of its `-transitional` forms, or `none`.", "@model", _AT_START, default=_USUAL
            ),
            "autodeflate": flag(
                "Give memory back before the guest would have to end a program for want of it.",
                "@autodeflate",
                _AT_START,
                codec=ON_OFF,
            ),
            "free_page_reporting": flag(
                "Let the guest tell which of its pages are free.", "@freePageReporting", _AT_START, codec=ON_OFF
            ),
            "stats_period": number(
                "Every how many seconds the guest is asked how it uses its memory; 0 is never.",
                "stats/@period",
                _period_edited,
            ),
        },
    ),
)
