"""The table of how the guest boots."""

from __future__ import annotations

from kvmform.resources.domain.boot.seed_change import NEXT_BOOT, seed_edited
from kvmform.resources.domain.rows import AT_START, chosen_by_libvirt, text
from kvmform.schema import Block, Disruption, Row
from kvmform.values.types import STRING, ListType, MapType

__all__ = ["BOOT"]

BOOT: dict[str, Row | Block] = {
    "firmware": text(
        "Path of UEFI firmware on the host; BIOS if unset.", xml="os/loader[@readonly='yes'][@type='pflash']"
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
