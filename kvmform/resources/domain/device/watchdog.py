"""The watchdog, which acts when the guest does not."""

from __future__ import annotations

from kvmform.resources.domain.device.device import Bus, Device
from kvmform.resources.domain.device.policies import hot_plugged
from kvmform.resources.domain.device.rows import text
from kvmform.schema import Block, Object
from kvmform.schema.rules import one_of

__all__ = ["WATCHDOG"]


def _bus(watchdog: Object) -> Bus:
    return Bus.PCI if watchdog["model"] == "i6300esb" else Bus.SOLDERED


_PLUGGED = hot_plugged(_bus)

WATCHDOG = Device(
    name="watchdog",
    bus=_bus,
    rules=(
        one_of("model", ("i6300esb", "ib700", "diag288", "itco")),
        one_of("action", ("reset", "shutdown", "poweroff", "pause", "none", "dump", "inject-nmi")),
    ),
    block=Block(
        doc="A watchdog: what becomes of a guest that no longer feeds it.",
        xml="devices/watchdog",
        match=(("model",),),
        change=_PLUGGED,
        rows={
            "model": text(
                "`i6300esb`, `ib700`, `itco` (`q35`) or `diag288` (s390x).", "@model", _PLUGGED, default="i6300esb"
            ),
            "action": text(
                "`reset`, `shutdown`, `poweroff`, `pause`, `none`, `dump` or `inject-nmi`.",
                "@action",
                _PLUGGED,
                default="reset",
            ),
        },
    ),
)
