"""Panic devices, by which a guest tells that its kernel gave up."""

from __future__ import annotations

from kvmform.resources.domain.device.device import Device
from kvmform.resources.domain.device.rows import text
from kvmform.resources.domain.policies import at_boot
from kvmform.schema import Block
from kvmform.schema.rules import one_of

__all__ = ["PANIC"]

_AT_START = at_boot("a panic device can't be plugged")

PANIC = Device(
    name="panic",
    rules=(one_of("model", ("isa", "hyperv", "pseries", "s390", "pvpanic")),),
    block=Block(
        doc="A device by which the guest tells that its kernel has panicked.",
        xml="devices/panic",
        match=(("model",),),
        change=_AT_START,
        rows={"model": text("`isa`, `hyperv`, `pseries`, `s390` or `pvpanic`.", "@model", _AT_START, default="isa")},
    ),
)
