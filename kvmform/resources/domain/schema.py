"""The table of `libvirt_domain`: all of provider 0.8's arguments, and what they lacked."""

from __future__ import annotations

from kvmform.resources.domain.device_rows import (
    CONSOLE,
    DISK,
    FILESYSTEM,
    GRAPHICS,
    NETWORK_INTERFACE,
    TPM,
    VIDEO,
)
from kvmform.resources.domain.equivalence import same_flag, same_machine, same_text
from kvmform.resources.domain.policies import (
    REBOOT,
    at_boot,
    memory_edited,
    name_edited,
    pending_edited,
    power_edited,
    seed_edited,
    vcpu_edited,
)
from kvmform.schema import Block, Disruption, Policy, Row, Schema
from kvmform.schema.rules import at_most, named, xml_text
from kvmform.values.types import BOOL, NUMBER, STRING, ListType, MapType
from kvmform.xml.codecs import MIB

__all__ = ["SCHEMA"]

_STARTS = at_boot("QEMU takes it only when it starts")


def _text(doc: str, change: Policy = _STARTS, *, xml: str | None = None, default: str | None = None) -> Row:
    return Row(type=STRING, doc=doc, change=change, xml=xml, default=default, same=same_text)


def _chosen_by_libvirt(doc: str, xml: str, change: Policy = _STARTS) -> Row:
    return Row(type=STRING, computed=True, doc=doc, xml=xml, change=change, same=same_text)


_IDENTITY: dict[str, Row | Block] = {
    "id": Row(
        type=STRING,
        computed=True,
        read_only=True,
        xml="uuid",
        doc="UUID of the domain, derived from the state and the resource's address.",
    ),
    "name": Row(type=STRING, required=True, xml="name", change=name_edited, doc="Name of the domain on its host."),
    "description": _text("A text about the domain.", Disruption.LIVE, xml="description"),
    "metadata": _text("Metadata of the user's own: an XML element with a namespace, or any text.", Disruption.LIVE),
}

_MACHINE: dict[str, Row | Block] = {
    "type": _chosen_by_libvirt("`kvm`, or `qemu` to emulate; by default the provider's `domain_type`.", "@type"),
    "arch": _chosen_by_libvirt("Architecture; the host's own if unset.", "os/type/@arch", Disruption.REPLACE),
    "machine": Row(
        type=STRING,
        computed=True,
        xml="os/type/@machine",
        change=at_boot("another machine type is another mainboard"),
        same=same_machine,
        doc="Machine type, such as `pc` or `q35`; an alias stands for all versions of its family.",
    ),
    "emulator": _chosen_by_libvirt("Path of the emulator; the host's usual one if unset.", "devices/emulator"),
    "cpu": Block(
        doc="The processor that the guest sees.",
        max_items=1,
        computed=True,
        change=_STARTS,
        rows={"mode": _chosen_by_libvirt("`host-passthrough`, `host-model`, `maximum` or `custom`.", "@mode")},
        xml="cpu",
    ),
    "memory": Row(
        type=NUMBER,
        default=512,
        xml="currentMemory",
        codec=MIB,
        change=memory_edited,
        doc="Memory in MiB.",
    ),
    "max_memory": Row(
        type=NUMBER,
        computed=True,
        xml="memory",
        codec=MIB,
        change=at_boot("the maximum is fixed while the guest runs"),
        doc="Up to how much memory, in MiB, the guest can be given while it runs; `memory` if unset.",
    ),
    "vcpu": Row(type=NUMBER, default=1, xml="vcpu/@current", change=vcpu_edited, doc="Number of virtual processors."),
    "max_vcpu": Row(
        type=NUMBER,
        computed=True,
        xml="vcpu",
        change=at_boot("the maximum is fixed while the guest runs"),
        doc="Up to how many processors the guest can be given while it runs; `vcpu` if unset.",
    ),
}

_BOOT: dict[str, Row | Block] = {
    "firmware": _text(
        "Path of UEFI firmware on the host; BIOS if unset.", xml="os/loader[@readonly='yes'][@type='pflash']"
    ),
    "nvram": Block(
        doc="Where UEFI keeps its variables.",
        max_items=1,
        computed=True,
        change=_STARTS,
        xml="os/nvram",
        rows={
            "file": _chosen_by_libvirt("Path of the file with the variables.", "."),
            "template": _chosen_by_libvirt("Path of the file that they are copied from at first.", "@template"),
        },
    ),
    "boot_device": Block(
        doc="What to boot from.",
        change=_STARTS,
        rows={
            "dev": Row(
                type=ListType(STRING), change=_STARTS, doc="`hd`, `network`, `cdrom`, `fd`, in the order to try them."
            )
        },
    ),
    "kernel": _text("Path of a kernel on the host, or id of a volume, to boot directly.", xml="os/kernel"),
    "initrd": _text("The same for the initial RAM disk.", xml="os/initrd"),
    "cmdline": Row(
        type=ListType(MapType(STRING)),
        change=_STARTS,
        doc="The kernel's arguments as maps of names and values; words without a value are under `_`.",
    ),
    "cloudinit": _text("Id of a `libvirt_cloudinit_disk`.", seed_edited),
    "coreos_ignition": _text("Id of a `libvirt_ignition` or `libvirt_combustion`.", seed_edited),
    "fw_cfg_name": _text(
        "Name under which the guest's firmware configuration has the Ignition file.",
        seed_edited,
        default="opt/com.coreos/config",
    ),
}

_LIFE: dict[str, Row | Block] = {
    "running": Row(
        type=BOOL, default=True, change=power_edited, doc="Whether the guest runs; enforced in both directions."
    ),
    "autostart": Row(
        type=BOOL,
        computed=True,
        change=Disruption.LIVE,
        same=same_flag,
        doc="Whether libvirt starts the guest when the host boots.",
    ),
    "qemu_agent": Row(
        type=BOOL,
        default=False,
        change=Disruption.NONE,
        same=same_flag,
        doc="Ask the guest agent, beside DHCP leases, for addresses.",
    ),
    "on_reboot_needed": Row(
        type=STRING,
        default=REBOOT,
        change=Disruption.NONE,
        doc="What to do where a change takes effect only at boot: `reboot` the guest, or leave it for its `next-boot`.",
    ),
    "shutdown_timeout": Row(
        type=NUMBER,
        default=60,
        change=Disruption.NONE,
        doc="Seconds that the guest has to shut down by itself before it is powered off.",
    ),
    "pending": Row(
        type=ListType(STRING),
        computed=True,
        read_only=True,
        volatile=True,
        change=pending_edited,
        doc="Arguments whose new values the running guest does not have yet.",
    ),
    "timeouts": Block(
        doc="How long verbs may take.",
        max_items=1,
        change=Disruption.NONE,
        rows={
            "create": Row(
                type=STRING,
                change=Disruption.NONE,
                doc="How long to wait for addresses (`5m`, which it is if unset).",
            )
        },
    ),
    "xml": Block(
        doc="A change to the domain's XML before it is defined.",
        max_items=1,
        change=Disruption.REPLACE,
        rows={"xslt": Row(type=STRING, change=Disruption.REPLACE, same=same_text, doc="An XSLT 1.0 stylesheet.")},
    ),
}

SCHEMA = Schema(
    doc="A virtual machine.",
    rules=(xml_text, named, at_most("memory", 2**43 - 1), at_most("vcpu", 2**16 - 1)),
    rows={
        **_IDENTITY,
        **_MACHINE,
        **_BOOT,
        "disk": DISK,
        "filesystem": FILESYSTEM,
        "network_interface": NETWORK_INTERFACE,
        "graphics": GRAPHICS,
        "video": VIDEO,
        "console": CONSOLE,
        "tpm": TPM,
        **_LIFE,
    },
)
"""The table; arguments in the order in which one thinks of them."""
