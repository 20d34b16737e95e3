"""Entropy for the guest."""

from __future__ import annotations

import os

from kvmform.resources.domain.device.device import Bus, Device
from kvmform.resources.domain.device.policies import hot_plugged
from kvmform.resources.domain.device.rows import number, text
from kvmform.schema import Block, Object
from kvmform.schema.rules import at_least, one_of

__all__ = ["RNG"]


def _bus(_rng: Object) -> Bus:
    return Bus.PCI_EXPRESS


def _usual(domain: Object) -> list[Object]:
    """Where no block is written: as provider 0.8 had it, with its environment variable."""
    if domain["rng"]:
        return []
    source = os.environ.get("TF_LIBVIRT_RNG_DEV") or "/dev/urandom"
    return [dict.fromkeys(RNG.block.rows) | {"model": "virtio", "backend_model": "random", "backend": source}]


def _unwritten(_rng: Object) -> Object:
    return {"backend_source_mode": "connect", "backend_source_host": "127.0.0.1"}


_PLUGGED = hot_plugged(_bus)
_EGD = ("backend_model", ("egd",))

RNG = Device(
    name="rng",
    bus=_bus,
    standing=_usual,
    unwritten=_unwritten,
    offered={"model": "rng/model", "backend_model": "rng/backendModel"},
    rules=(
        one_of("model", ("virtio", "virtio-transitional", "virtio-non-transitional")),
        one_of("backend_model", ("random", "egd", "builtin")),
        one_of("backend_type", ("unix", "tcp", "udp")),
        one_of("backend_source_mode", ("bind", "connect")),
        at_least("rate_bytes", 1),
        at_least("rate_period", 1),
    ),
    block=Block(
        doc="A source of entropy; without a block the guest has one that reads the host's /dev/urandom.",
        xml="devices/rng",
        match=(("model", "backend_model", "backend"), ("backend_model",)),
        pair_rest=False,
        change=_PLUGGED,
        rows={
            "model": text("`virtio`, or one of its `-transitional` forms.", "@model", _PLUGGED, default="virtio"),
            "rate_bytes": number("How many bytes the guest can have in each period.", "rate/@bytes", _PLUGGED),
            "rate_period": number(
                "How long a period is, in milliseconds; a second if unset.", "rate/@period", _PLUGGED
            ),
            "backend": text(
                "Device of the host to read from, for `random`; by default that of the environment variable "
                "TF_LIBVIRT_RNG_DEV, else /dev/urandom.",
                "backend",
                _PLUGGED,
                only_with=("backend_model", ("random",)),
            ),
            "backend_model": text(
                "`random` for a device of the host, `egd` for an entropy daemon, `builtin` for QEMU's own source.",
                "backend/@model",
                _PLUGGED,
                default="random",
            ),
            "backend_type": text(
                "How `egd` is reached: `unix`, `tcp` or `udp`.", "backend/@type", _PLUGGED, only_with=_EGD
            ),
            "backend_source_mode": text(
                "`connect`, as usual, or `bind`, for `egd`.", "backend/source/@mode", _PLUGGED, only_with=_EGD
            ),
            "backend_source_path": text(
                "Socket of `egd`, for `unix`.",
                "backend/source/@path",
                _PLUGGED,
                only_with=("backend_type", ("unix",)),
            ),
            "backend_source_host": text(
                "Address of `egd`, for `tcp` and `udp`; usually 127.0.0.1.",
                "backend/source/@host",
                _PLUGGED,
                only_with=("backend_type", ("tcp", "udp")),
            ),
            "backend_source_service": text(
                "Port of `egd`, for `tcp` and `udp`.",
                "backend/source/@service",
                _PLUGGED,
                only_with=("backend_type", ("tcp", "udp")),
            ),
        },
    ),
)
