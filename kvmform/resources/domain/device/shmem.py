"""Memory that guests share."""

from __future__ import annotations

from kvmform.resources.domain.device.device import Bus, Device
from kvmform.resources.domain.device.policies import hot_plugged
from kvmform.resources.domain.device.rows import flag, number, text
from kvmform.schema import Block, Object, Row
from kvmform.schema.rules import at_least, one_of
from kvmform.values.types import STRING
from kvmform.xml.codecs import ON_OFF, Quantity

__all__ = ["SHMEM"]


def _bus(_shmem: Object) -> Bus:
    return Bus.PCI


_PLUGGED = hot_plugged(_bus)
_DOORBELL = ("model", ("ivshmem-doorbell",))

SHMEM = Device(
    name="shmem",
    bus=_bus,
    rules=(
        one_of("model", ("ivshmem-plain", "ivshmem-doorbell")),
        one_of("role", ("master", "peer")),
        at_least("size", 1),
        at_least("msi_vectors", 1),
    ),
    block=Block(
        doc="Memory that guests with a block of the same name share.",
        xml="devices/shmem",
        match=(("name",),),
        pair_rest=False,
        change=_PLUGGED,
        rows={
            "name": Row(
                type=STRING, required=True, xml="@name", change=_PLUGGED, doc="Name by which guests find each other."
            ),
            "role": text("`master` or `peer`; only a master's memory goes along in migration.", "@role", _PLUGGED),
            "model": text(
                "`ivshmem-plain`, or `ivshmem-doorbell` with a server.",
                "model/@type",
                _PLUGGED,
                default="ivshmem-plain",
            ),
            "size": number(
                "Size in MiB, a power of two; 4 if unset.",
                "size",
                _PLUGGED,
                codec=Quantity("MiB", "M"),
                only_with=("model", ("ivshmem-plain",)),
            ),
            "server_path": text(
                "Socket of the server, for `ivshmem-doorbell`.", "server/@path", _PLUGGED, only_with=_DOORBELL
            ),
            "msi_vectors": number("Number of interrupt vectors.", "msi/@vectors", _PLUGGED, only_with=_DOORBELL),
            "msi_ioeventfd": flag(
                "Handle interrupts outside QEMU.", "msi/@ioeventfd", _PLUGGED, codec=ON_OFF, only_with=_DOORBELL
            ),
        },
    ),
)
