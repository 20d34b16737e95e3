"""The firmware that the guest starts with: a file of the host's, or one that libvirt chooses.

`firmware` is a path, as in provider 0.8, or the kind that libvirt is to choose one of (`efi`,
`bios`). Of all kinds of UEFI libvirt prefers the one with secure boot and enrolled keys, which
most kernels of a lab can't boot; so that is only chosen where a `firmware_feature` asks for it.
"""

from __future__ import annotations

from kvmform.resources.domain.rows import AT_START, chosen_by_libvirt, flag, group, text
from kvmform.schema import Block, Object, Plain, Row
from kvmform.values.types import STRING
from kvmform.xml.codecs import YES_NO, Words
from kvmform.xml.document import Document, remove_element
from kvmform.xml.rows import patch_rows

__all__ = [
    "FIRMWARE",
    "chosen_kind",
    "firmware_features",
    "has_no_variables",
    "is_path",
    "loader_attributes",
    "patch_firmware",
    "read_firmware",
]

_KINDS = frozenset({"efi", "bios"})

FIRMWARE: dict[str, Row | Block] = {
    "firmware": text("Path of UEFI firmware on the host; or `efi` or `bios`, and libvirt chooses one; BIOS if unset."),
    "firmware_feature": Block(
        doc="What firmware that libvirt chooses has to have, or must not have; no secure boot if unset.",
        xml="os/firmware/feature",
        match=(("name",),),
        pair_rest=False,
        change=AT_START,
        rows={
            "name": Row(
                type=STRING,
                required=True,
                change=AT_START,
                xml="@name",
                choices=("secure-boot", "enrolled-keys"),
                doc="`secure-boot` or `enrolled-keys`.",
            ),
            "enabled": flag("Whether it has to be there.", "@enabled", codec=YES_NO),
        },
    ),
    "loader": group(
        "How the file that `firmware` names is taken; as read-only flash memory if unset.",
        {
            "type": text("`pflash`, or `rom`.", xml="os/loader/@type", default="pflash", choices=("pflash", "rom")),
            "readonly": flag("Whether the guest can't write to it.", "os/loader/@readonly", codec=YES_NO),
            "secure": flag("Whether it boots only what is signed.", "os/loader/@secure", codec=Words("yes", "no")),
            "stateless": flag("Whether it keeps no variables.", "os/loader/@stateless", codec=YES_NO),
        },
    ),
    "nvram": Block(
        doc="Where UEFI keeps its variables.",
        max_items=1,
        computed=True,
        change=AT_START,
        xml="os/nvram",
        rows={
            "file": chosen_by_libvirt("Path of the file with the variables.", "."),
            "template": chosen_by_libvirt("Path of the file that they are copied from at first.", "@template"),
        },
    ),
}
"""The rows, in the order in which one thinks of them."""

_LOADER = {"readonly": "yes", "secure": "no", "type": "pflash"}
"""The loader of provider 0.8."""


def is_path(firmware: Plain) -> bool:
    """Whether it names a file, and is no kind that libvirt chooses one of."""
    return bool(firmware) and firmware not in _KINDS


def has_no_variables(domain: Object) -> bool:
    """Whether nothing is to be said of where its firmware keeps its variables: it has none, or libvirt chooses."""
    return not is_path(domain["firmware"]) or any(loader["stateless"] for loader in domain["loader"] or ())


def chosen_kind(domain: Object) -> str | None:
    """The kind that libvirt is to choose firmware of; Arm machines have no other than UEFI."""
    firmware: str | None = domain["firmware"]
    if firmware in _KINDS:
        return firmware
    return "efi" if domain["arch"] == "aarch64" and not firmware else None


def firmware_features(domain: Object) -> list[Object]:
    """What the firmware that libvirt chooses has to have."""
    written: list[Object] = domain["firmware_feature"] or []
    if written or domain["firmware"] != "efi" or domain["arch"] not in {"x86_64", "i686"}:
        return written
    return [{"name": "secure-boot", "enabled": False}]


def read_firmware(document: Document, known: Plain) -> str | None:
    """The path, or the kind that libvirt chooses one of, in the words of the record.

    The XML of a running guest has what libvirt chose, and no longer that it did.
    """
    path = document.get("os/loader")
    if known in _KINDS and document.get("@id") and path:
        return "efi" if document.get("os/loader/@type") == "pflash" else "bios"
    return document.get("os/@firmware") or path


def patch_firmware(document: Document, domain: Object) -> None:
    """Another firmware; its variables stay, as long as it is UEFI and libvirt is not to choose it."""
    root, kind = document.root, chosen_kind(domain)
    gone = ["os/firmware", *(["os/loader"] if not is_path(domain["firmware"]) else [])]
    if has_no_variables(domain) and not domain["nvram"]:
        gone.append("os/nvram")
    for path in gone:
        for element in document.find_all(path):
            remove_element(element)
    patch_rows(root, {"kind": text("", xml="os/@firmware")}, {"kind": kind})
    patch_rows(root, FIRMWARE, {"firmware_feature": firmware_features(domain)})
    if is_path(domain["firmware"]):
        loader = document.find("os/loader")
        if loader is None:
            loader = document.add("os", "<loader/>")
        loader.text = domain["firmware"]
        for name, value in loader_attributes(domain).items():
            loader.set(name, value)


def loader_attributes(domain: Object) -> dict[str, str]:
    """The attributes of the loader: those of provider 0.8, and what is written otherwise."""
    written = {
        name: value if isinstance(value, str) else YES_NO.encode(value)
        for block in domain["loader"] or ()
        for name, value in block.items()
        if value is not None
    }
    return (_LOADER if written.get("type", "pflash") == "pflash" else {}) | written
