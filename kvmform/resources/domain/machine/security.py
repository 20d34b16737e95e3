"""The tables of how the guest is kept apart from others, and from its host."""

from __future__ import annotations

from kvmform.resources.domain.rows import AT_START, flag, number, text
from kvmform.schema import Block, Row
from kvmform.values.types import STRING
from kvmform.xml.codecs import YES_NO

__all__ = ["LAUNCH_SECURITY", "SECLABEL"]

SECLABEL = Block(
    doc="A label by which the host's security driver confines the guest.",
    xml="seclabel",
    match=(("model",),),
    change=AT_START,
    rows={
        "type": text(
            "`dynamic`, `static` or `none`.", xml="@type", default="dynamic", choices=("dynamic", "static", "none")
        ),
        "model": text("`selinux`, `apparmor` or `dac`; the host's first driver if unset.", xml="@model"),
        "relabel": flag("Label the guest's files too.", "@relabel", codec=YES_NO),
        "label": text("The label, for `static`.", xml="label"),
        "baselabel": text("What a dynamic label is made from.", xml="baselabel"),
    },
)

LAUNCH_SECURITY = Block(
    doc="Encryption of the guest's memory by the processor.",
    max_items=1,
    xml="launchSecurity",
    change=AT_START,
    rows={
        "type": Row(
            type=STRING,
            required=True,
            change=AT_START,
            xml="@type",
            choices=("sev", "s390-pv"),
            doc="`sev` or `s390-pv`.",
        ),
        "policy": text("The guest's policy, such as `0x0003`, for `sev`.", xml="policy"),
        "cbitpos": number("Which bit of an address says that the page is encrypted, for `sev`.", "cbitpos"),
        "reduced_phys_bits": number("How many bits addresses lose by it, for `sev`.", "reducedPhysBits"),
        "kernel_hashes": flag(
            "Measure kernel, initial RAM disk and command line too, for `sev`.", "@kernelHashes", codec=YES_NO
        ),
        "dh_cert": text("The owner's Diffie-Hellman key, for `sev`.", xml="dhCert"),
        "session": text("The owner's session, for `sev`.", xml="session"),
    },
)
