"""The table of a domain's devices: one block each, in the order of provider 0.8's documentation."""

from __future__ import annotations

from kvmform.resources.domain.equivalence import same_flag, same_mac, same_text
from kvmform.resources.domain.policies import (
    at_boot,
    disk_added_or_removed,
    disk_exchanged,
    interface_added_or_removed,
    interface_edited,
)
from kvmform.schema import Block, Disruption, Object, Policy, Row
from kvmform.values.types import BOOL, NUMBER, STRING, ListType
from kvmform.xml.codecs import PRESENCE, Words

__all__ = ["CONSOLE", "DISK", "FILESYSTEM", "GRAPHICS", "NETWORK_INTERFACE", "TPM", "VIDEO", "in_force"]

_DEVICES = at_boot("QEMU takes this device only when it starts")


def _text(doc: str, change: Policy = _DEVICES, *, xml: str | None = None, default: str | None = None) -> Row:
    return Row(type=STRING, doc=doc, change=change, xml=xml, default=default, same=same_text)


DISK = Block(
    doc="A disk, or a CD-ROM drive where its image ends in `.iso`; exactly one source is given.",
    match=(("volume_id",), ("file",), ("url",), ("block_device",), ("target",)),
    change=disk_added_or_removed,
    rows={
        "volume_id": _text("Id of a `libvirt_volume`.", disk_exchanged),
        "url": _text("URL of an image that QEMU reads over HTTP(S) or FTP(S).", disk_exchanged),
        "file": _text("Path of an image on the host.", disk_exchanged),
        "block_device": _text("Path of a block device on the host.", disk_exchanged),
        "scsi": Row(
            type=BOOL,
            default=False,
            change=at_boot("the disk moves to another bus"),
            same=same_flag,
            doc="Put the disk on a virtio-scsi bus instead of giving it a virtio device of its own.",
        ),
        "wwn": Row(
            type=STRING,
            computed=True,
            change=disk_exchanged,
            same=same_text,
            doc="World Wide Name of a SCSI disk, 16 hexadecimal digits; kvmform chooses one.",
        ),
        "target": Row(
            type=STRING,
            computed=True,
            change=at_boot("the disk moves to another place"),
            same=same_text,
            doc="Name of the drive on its bus, such as `vda`; a disk keeps it when others come or go.",
        ),
    },
)

NETWORK_INTERFACE = Block(
    doc="A virtio network interface; without a source it is on QEMU's user-mode network.",
    match=(("mac",), ("network_id",), ("network_name",), ("bridge",), ("macvtap",), ("vepa",), ("passthrough",)),
    change=interface_added_or_removed,
    rows={
        "network_id": Row(
            type=STRING, computed=True, change=interface_edited, same=same_text, doc="Id of a `libvirt_network`."
        ),
        "network_name": Row(
            type=STRING,
            computed=True,
            change=interface_edited,
            same=same_text,
            doc="Name of a libvirt network; it counts more than `network_id`.",
        ),
        "bridge": _text("Bridge of the host.", interface_edited),
        "vepa": _text("Device of the host, connected in VEPA mode.", interface_edited),
        "macvtap": _text("Device of the host, connected in bridge mode.", interface_edited),
        "private": _text("Device of the host, connected in private mode.", interface_edited),
        "passthrough": _text("Device of the host that is handed to the guest as a whole.", interface_edited),
        "hostname": _text("Name that a static DHCP reservation has; the domain's name if unset.", Disruption.LIVE),
        "mac": Row(
            type=STRING,
            computed=True,
            change=interface_edited,
            same=same_mac,
            doc="MAC address; where none is written it is derived from the resource's address, and never changes.",
        ),
        "addresses": Row(
            type=ListType(STRING),
            computed=True,
            volatile=True,
            change=Disruption.LIVE,
            doc="Addresses that the network's DHCP server reserves for the interface; where none are written, "
            "those that it has got.",
        ),
        "wait_for_lease": Row(
            type=BOOL,
            default=False,
            change=Disruption.NONE,
            same=same_flag,
            doc="Wait for an address of the interface after the guest was started.",
        ),
        "reserved_addresses": Row(
            type=ListType(STRING),
            computed=True,
            read_only=True,
            change=Disruption.LIVE,
            doc="Static reservations that kvmform made in the network; they are removed with the interface.",
        ),
    },
)

GRAPHICS = Block(
    doc="A graphical console; without this block the guest has none.",
    max_items=1,
    xml="devices/graphics",
    change=_DEVICES,
    rows={
        "type": _text("`spice` or `vnc`.", xml="@type", default="spice"),
        "autoport": Row(
            type=BOOL,
            default=True,
            change=_DEVICES,
            xml="@autoport",
            codec=Words("yes", "no", absent=True),
            doc="Let libvirt choose the TCP port.",
        ),
        "listen_type": _text("`none`, `address`, `network` or `socket`.", xml="listen/@type", default="none"),
        "listen_address": _text(
            "Address to listen at, for `listen_type` `address`.", xml="listen/@address", default="127.0.0.1"
        ),
        "websocket": Row(
            type=NUMBER, change=_DEVICES, xml="@websocket", doc="Port for VNC over WebSocket; -1 chooses one."
        ),
    },
)

VIDEO = Block(
    doc="The video card.",
    max_items=1,
    xml="devices/video",
    change=_DEVICES,
    rows={"type": _text("`cirrus`, `virtio`, `qxl`, `vga`, `bochs`, …", xml="model/@type", default="cirrus")},
)

CONSOLE = Block(
    doc="A serial or virtio console.",
    xml="devices/console",
    match=(("type", "target_type"),),
    change=_DEVICES,
    rows={
        "type": Row(
            type=STRING,
            required=True,
            change=_DEVICES,
            xml="@type",
            doc="`pty`; `tcp` to serve it by telnet; `dev` for a device of the host.",
        ),
        "source_path": _text("Device of the host, for `dev`.", xml="source/@path"),
        "source_host": _text("Address to listen at, for `tcp`.", xml="source/@host", default="127.0.0.1"),
        "source_service": _text("TCP port to listen at, for `tcp`.", xml="source/@service", default="0"),
        "target_port": Row(type=STRING, required=True, change=_DEVICES, doc="Number of the console in the guest."),
        "target_type": _text("`serial` or `virtio`; the machine's usual one if unset.", xml="target/@type"),
    },
)

FILESYSTEM = Block(
    doc="A directory of the host that the guest mounts by 9p.",
    xml="devices/filesystem",
    match=(("target",),),
    change=_DEVICES,
    rows={
        "source": Row(
            type=STRING, required=True, change=_DEVICES, xml="source/@dir", doc="Path of the directory on the host."
        ),
        "target": Row(
            type=STRING, required=True, change=_DEVICES, xml="target/@dir", doc="Tag by which the guest mounts it."
        ),
        "accessmode": _text("`mapped`, `passthrough` or `squash`.", xml="@accessmode", default="mapped"),
        "readonly": Row(
            type=BOOL,
            default=True,
            change=_DEVICES,
            xml="readonly",
            codec=PRESENCE,
            doc="Whether the guest can't write to it.",
        ),
    },
)

TPM = Block(
    doc="A Trusted Platform Module.",
    max_items=1,
    xml="devices/tpm",
    change=_DEVICES,
    rows={
        "model": _text("`tpm-tis`, `tpm-crb`, `tpm-spapr`, …; the machine's usual one if unset.", xml="@model"),
        "backend_type": _text(
            "`emulator` (needs swtpm on the host) or `passthrough`.", xml="backend/@type", default="emulator"
        ),
        "backend_device_path": _text("The host's TPM, for `passthrough`.", xml="backend/device/@path"),
        "backend_encryption_secret": _text(
            "UUID of a libvirt secret that encrypts the emulator's state.", xml="backend/encryption/@secret"
        ),
        "backend_version": _text("`1.2` or `2.0`, for `emulator`.", xml="backend/@version"),
        "backend_persistent_state": Row(
            type=BOOL,
            change=_DEVICES,
            xml="backend/@persistent_state",
            same=same_flag,
            doc="Keep the emulator's state when the domain is undefined.",
        ),
    },
)

_IN_FORCE = {
    "graphics": {
        "autoport": ("listen_type", {"address", "network"}),
        "listen_address": ("listen_type", {"address"}),
        "websocket": ("type", {"vnc"}),
    },
    "console": {
        "source_path": ("type", {"dev"}),
        "source_host": ("type", {"tcp"}),
        "source_service": ("type", {"tcp"}),
    },
    "tpm": {
        "backend_device_path": ("backend_type", {"passthrough"}),
        "backend_encryption_secret": ("backend_type", {"emulator"}),
        "backend_version": ("backend_type", {"emulator"}),
        "backend_persistent_state": ("backend_type", {"emulator"}),
    },
}


def in_force(block: str, element: Object) -> frozenset[str]:
    """The arguments of a device that have a meaning: `listen_address` has none with `listen_type` `none`.

    The others are not written to the XML, and not looked for in it.
    """
    idle = {name for name, (other, values) in _IN_FORCE.get(block, {}).items() if element.get(other) not in values}
    return frozenset(element) - idle
