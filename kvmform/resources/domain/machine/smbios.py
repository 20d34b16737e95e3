"""The table of what the guest's firmware says of the machine: vendor, model, serial numbers."""

from __future__ import annotations

from kvmform.resources.domain.rows import AT_START, HERE, group, text
from kvmform.schema import Block, Row
from kvmform.values.types import STRING, ListType

__all__ = ["SYSINFO"]

_SYSINFO = "sysinfo[@type='smbios']"


def _entries(doc: str, element: str, names: dict[str, str]) -> Block:
    """A block of entries of one SMBIOS table."""
    return group(
        doc, {name: text(said, xml=f"{_SYSINFO}/{element}/entry[@name='{name}']") for name, said in names.items()}
    )


SYSINFO = Block(
    doc="What the guest's firmware says of the machine (SMBIOS).",
    max_items=1,
    xml=HERE,
    change=AT_START,
    rows={
        "smbios": text(
            "Whose SMBIOS tables the guest sees: those of this block (`sysinfo`), the host's (`host`), or the "
            "hypervisor's (`emulate`).",
            xml="os/smbios/@mode",
            default="sysinfo",
            choices=("sysinfo", "host", "emulate"),
        ),
        "bios": _entries(
            "The firmware.",
            "bios",
            {
                "vendor": "Who made it.",
                "version": "Its version.",
                "date": "When it was made.",
                "release": "Its release, such as `4.12`.",
            },
        ),
        "system": _entries(
            "The machine.",
            "system",
            {
                "manufacturer": "Who made it.",
                "product": "Its model.",
                "version": "Its version.",
                "serial": "Its serial number, in which cloud images look for `ds=nocloud`.",
                "sku": "Its article number.",
                "family": "Its family.",
            },
        ),
        "base_board": _entries(
            "The mainboard.",
            "baseBoard",
            {
                "manufacturer": "Who made it.",
                "product": "Its model.",
                "version": "Its version.",
                "serial": "Its serial number.",
                "asset": "Its inventory number.",
                "location": "Where in the chassis it is.",
            },
        ),
        "chassis": _entries(
            "The chassis.",
            "chassis",
            {
                "manufacturer": "Who made it.",
                "version": "Its version.",
                "serial": "Its serial number.",
                "asset": "Its inventory number.",
                "sku": "Its article number.",
            },
        ),
        "oem_strings": Row(
            type=ListType(STRING),
            change=AT_START,
            xml=f"{_SYSINFO}/oemStrings/entry",
            doc="Texts for programs in the guest, such as systemd's credentials.",
        ),
    },
)
"""The block `sysinfo`."""
