"""The table of how the guest boots."""

from __future__ import annotations

from kvmform.resources.domain.boot.firmware import FIRMWARE
from kvmform.resources.domain.boot.seed_change import NEXT_BOOT, seed_edited
from kvmform.resources.domain.rows import AT_START, flag, group, number, text
from kvmform.schema import Block, Disruption, Row
from kvmform.values.types import STRING, ListType, MapType
from kvmform.xml.codecs import YES_NO

__all__ = ["BOOT", "BOOT_SCREEN"]

BOOT: dict[str, Row | Block] = {
    **FIRMWARE,
    "boot_device": Block(
        doc="What to boot from.",
        change=AT_START,
        rows={
            "dev": Row(
                type=ListType(STRING), change=AT_START, doc="`hd`, `network`, `cdrom`, `fd`, in the order to try them."
            )
        },
    ),
    "kernel": text("Path of a kernel on the host, or id of a volume, to boot directly.", xml="os/kernel"),
    "initrd": text("The same for the initial RAM disk.", xml="os/initrd"),
    "dtb": text("The same for the device tree of an Arm or POWER machine.", xml="os/dtb"),
    "cmdline": Row(
        type=ListType(MapType(STRING)),
        change=AT_START,
        doc="The kernel's arguments as maps of names and values; words without a value are under `_`.",
    ),
    "cloudinit": text("Id of a `libvirt_cloudinit_disk`.", seed_edited),
    "coreos_ignition": text("Id of a `libvirt_ignition` or `libvirt_combustion`.", seed_edited),
    "fw_cfg_name": text(
        "Name under which the guest's firmware configuration has the Ignition file.",
        seed_edited,
        default="opt/com.coreos/config",
    ),
    "on_seed_change": Row(
        type=STRING,
        default=NEXT_BOOT,
        change=Disruption.NONE,
        doc="What to do when `cloudinit` or `coreos_ignition` changes: the guest gets it for its `next-boot`; `reboot` "
        "it now; `replace` the domain, but none of its volumes; or `ignore` it, and leave guest and definition alone.",
    ),
}
"""The rows, in the order in which one thinks of them."""

BOOT_SCREEN: dict[str, Row | Block] = {
    "boot_menu": group(
        "The firmware's menu of devices to boot from.",
        {
            "enable": flag("Whether it is offered.", "os/bootmenu/@enable", codec=YES_NO),
            "timeout": number("For how many milliseconds.", "os/bootmenu/@timeout"),
        },
    ),
    "bios": group(
        "The BIOS.",
        {
            "use_serial": flag("Write to the serial port too.", "os/bios/@useserial", codec=YES_NO),
            "reboot_timeout": number(
                "After how many milliseconds to try again where nothing can be booted; -1: never.",
                "os/bios/@rebootTimeout",
            ),
        },
    ),
}
"""Rows that are no more than their places in the XML."""
