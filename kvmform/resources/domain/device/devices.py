"""The kinds of devices that are wholly described by their tables, in the order in which one thinks of them."""

from __future__ import annotations

from kvmform.resources.domain.device.channel import CHANNEL
from kvmform.resources.domain.device.console import CONSOLE
from kvmform.resources.domain.device.controller import CONTROLLER
from kvmform.resources.domain.device.device import Device
from kvmform.resources.domain.device.filesystem import FILESYSTEM
from kvmform.resources.domain.device.graphics import GRAPHICS
from kvmform.resources.domain.device.hostdev import HOSTDEV
from kvmform.resources.domain.device.input import INPUT
from kvmform.resources.domain.device.iommu import IOMMU
from kvmform.resources.domain.device.memballoon import MEMBALLOON
from kvmform.resources.domain.device.panic import PANIC
from kvmform.resources.domain.device.redirdev import REDIRDEV
from kvmform.resources.domain.device.rng import RNG
from kvmform.resources.domain.device.serial import SERIAL
from kvmform.resources.domain.device.shmem import SHMEM
from kvmform.resources.domain.device.smartcard import SMARTCARD
from kvmform.resources.domain.device.sound import AUDIO, SOUND
from kvmform.resources.domain.device.tpm import TPM
from kvmform.resources.domain.device.video import VIDEO
from kvmform.resources.domain.device.vsock import VSOCK
from kvmform.resources.domain.device.watchdog import WATCHDOG

__all__ = ["DEVICES", "device_named"]

DEVICES: tuple[Device, ...] = (
    SERIAL,
    CONSOLE,
    FILESYSTEM,
    GRAPHICS,
    VIDEO,
    TPM,
    CHANNEL,
    RNG,
    MEMBALLOON,
    INPUT,
    SOUND,
    AUDIO,
    WATCHDOG,
    PANIC,
    VSOCK,
    HOSTDEV,
    REDIRDEV,
    SMARTCARD,
    IOMMU,
    SHMEM,
    CONTROLLER,
)
"""Every kind; the definition of a new domain has them in this order."""


def device_named(argument: str) -> Device | None:
    """The kind whose block this is, or that the argument decides about."""
    return next((device for device in DEVICES if argument == device.name or argument in device.also), None)
