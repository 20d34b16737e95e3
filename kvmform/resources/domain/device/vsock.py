"""Sockets between guest and host without a network."""

from __future__ import annotations

from kvmform.resources.domain.device.device import Bus, Device
from kvmform.resources.domain.device.policies import hot_plugged
from kvmform.resources.domain.device.rows import flag, number, text
from kvmform.schema import Block, Object
from kvmform.schema.rules import at_least, one_of

__all__ = ["VSOCK"]


def _bus(_vsock: Object) -> Bus:
    return Bus.PCI_EXPRESS


_PLUGGED = hot_plugged(_bus)
_FIRST_CID = 3
"""Those below are the hypervisor's, the loopback's and the host's. Source: vsock(7)."""

VSOCK = Device(
    name="vsock",
    bus=_bus,
    sole=True,
    rules=(
        one_of("model", ("virtio", "virtio-transitional", "virtio-non-transitional")),
        at_least("cid", _FIRST_CID),
    ),
    block=Block(
        doc="Sockets of the kind AF_VSOCK between guest and host; the host needs vhost-vsock.",
        max_items=1,
        xml="devices/vsock",
        change=_PLUGGED,
        rows={
            "model": text("`virtio`, or one of its `-transitional` forms.", "@model", _PLUGGED, default="virtio"),
            "auto": flag("Let libvirt choose the address.", "cid/@auto", _PLUGGED, default=True),
            "cid": number(
                "Address of the guest, from 3, where it is not chosen.",
                "cid/@address",
                _PLUGGED,
                only_with=("auto", (False,)),
            ),
        },
    ),
)
