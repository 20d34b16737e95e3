"""The Trusted Platform Module."""

from __future__ import annotations

from kvmform.resources.domain.device.device import Device
from kvmform.resources.domain.device.rows import text
from kvmform.resources.domain.equivalence import same_flag
from kvmform.resources.domain.rows import AT_START
from kvmform.schema import Block, Disruption, EditContext, Effect, Row
from kvmform.schema.rules import one_of
from kvmform.values.types import BOOL

__all__ = ["TPM"]

_EMULATOR = ("backend_type", ("emulator",))


def _encryption_edited(_context: EditContext) -> Effect:
    """`data-loss`: swtpm neither encrypts nor decrypts what it has written already, so the TPM is a new one."""
    return Effect(Disruption.DATA_LOSS, "the TPM is made anew, and what is sealed by the old one is lost")


TPM = Device(
    name="tpm",
    sole=True,
    offered={"model": "tpm/model", "backend_type": "tpm/backendModel", "backend_version": "tpm/backendVersion"},
    rules=(
        one_of("model", ("", "tpm-tis", "tpm-crb", "tpm-spapr", "tpm-spapr-proxy")),
        one_of("backend_type", ("", "emulator", "passthrough")),
        one_of("backend_version", ("", "1.2", "2.0")),
    ),
    block=Block(
        doc="A Trusted Platform Module.",
        max_items=1,
        xml="devices/tpm",
        change=AT_START,
        rows={
            "model": text("`tpm-tis`, `tpm-crb`, `tpm-spapr`, …; the machine's usual one if unset.", "@model"),
            "backend_type": text(
                "`emulator` (needs swtpm on the host) or `passthrough`.", "backend/@type", default="emulator"
            ),
            "backend_device_path": text(
                "The host's TPM, for `passthrough`; /dev/tpm0 if unset.",
                "backend/device/@path",
                only_with=("backend_type", ("passthrough",)),
            ),
            "backend_version": text("`1.2` or `2.0`, for `emulator`.", "backend/@version", only_with=_EMULATOR),
            "backend_persistent_state": Row(
                type=BOOL,
                change=AT_START,
                xml="backend/@persistent_state",
                same=same_flag,
                only_with=_EMULATOR,
                doc="Keep the emulator's state when the domain is undefined.",
            ),
            "backend_encryption_secret": text(
                "UUID of a libvirt secret that encrypts the emulator's state.",
                "backend/encryption/@secret",
                _encryption_edited,
                only_with=_EMULATOR,
            ),
        },
    ),
)
