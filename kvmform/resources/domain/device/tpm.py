"""The Trusted Platform Module."""

from __future__ import annotations

from kvmform.resources.domain.equivalence import same_flag
from kvmform.resources.domain.rows import AT_START, text
from kvmform.schema import Block, Row
from kvmform.values.types import BOOL

__all__ = ["TPM"]

TPM = Block(
    doc="A Trusted Platform Module.",
    max_items=1,
    xml="devices/tpm",
    change=AT_START,
    rows={
        "model": text("`tpm-tis`, `tpm-crb`, `tpm-spapr`, …; the machine's usual one if unset.", xml="@model"),
        "backend_type": text(
            "`emulator` (needs swtpm on the host) or `passthrough`.", xml="backend/@type", default="emulator"
        ),
        "backend_device_path": text("The host's TPM, for `passthrough`.", xml="backend/device/@path"),
        "backend_encryption_secret": text(
            "UUID of a libvirt secret that encrypts the emulator's state.", xml="backend/encryption/@secret"
        ),
        "backend_version": text("`1.2` or `2.0`, for `emulator`.", xml="backend/@version"),
        "backend_persistent_state": Row(
            type=BOOL,
            change=AT_START,
            xml="backend/@persistent_state",
            same=same_flag,
            doc="Keep the emulator's state when the domain is undefined.",
        ),
    },
)
