"""Controllers that devices are plugged into, beside those that libvirt and kvmform add by themselves."""

from __future__ import annotations

from kvmform.resources.domain.device.device import Bus, Device
from kvmform.resources.domain.device.policies import hot_plugged
from kvmform.resources.domain.device.rows import number, text
from kvmform.schema import Block, Object, Row
from kvmform.schema.rules import at_least, one_of
from kvmform.values.types import STRING
from kvmform.xml.document import Document, remove_element

__all__ = ["CONTROLLER", "remove_companions"]


def _bus(controller: Object) -> Bus:
    is_pluggable = controller["type"] == "scsi" and str(controller["model"] or "").startswith("virtio")
    return Bus.PCI_EXPRESS if is_pluggable else Bus.SOLDERED


_PLUGGED = hot_plugged(_bus)
_SCSI = ("type", ("scsi",))

CONTROLLER = Device(
    name="controller",
    bus=_bus,
    key=("type", "index"),
    rules=(
        one_of("type", ("usb", "scsi", "virtio-serial", "sata", "ide", "fdc", "ccid", "pci", "xenbus")),
        *(at_least(name, 0) for name in ("index", "vectors")),
        *(at_least(name, 1) for name in ("ports", "queues", "iothread", "cmd_per_lun", "max_sectors")),
    ),
    block=Block(
        doc="A controller; libvirt adds the usual ones for the devices that there are.",
        xml="devices/controller",
        match=(("type", "index"), ("type", "model")),
        pair_rest=False,
        change=_PLUGGED,
        rows={
            "type": Row(
                type=STRING,
                required=True,
                xml="@type",
                change=_PLUGGED,
                doc="`usb`, `scsi`, `virtio-serial`, `sata`, `pci`, …",
            ),
            "index": number("Which of its type it is, from 0; chosen if unset.", "@index", _PLUGGED),
            "model": text(
                "`qemu-xhci`, `piix3-uhci`, `none`, … of `usb`; `virtio-scsi`, `lsilogic`, … of `scsi`; "
                "`pcie-root-port`, … of `pci`.",
                "@model",
                _PLUGGED,
            ),
            "ports": number(
                "Number of ports, of `usb` and `virtio-serial`.",
                "@ports",
                _PLUGGED,
                only_with=("type", ("usb", "virtio-serial")),
            ),
            "vectors": number(
                "Number of interrupt vectors, of `virtio-serial`.",
                "@vectors",
                _PLUGGED,
                only_with=("type", ("virtio-serial",)),
            ),
            "queues": number("Number of request queues, of `scsi`.", "driver/@queues", _PLUGGED, only_with=_SCSI),
            "cmd_per_lun": number(
                "Requests that each disk can have in the queue.", "driver/@cmd_per_lun", _PLUGGED, only_with=_SCSI
            ),
            "max_sectors": number("Longest request, in sectors.", "driver/@max_sectors", _PLUGGED, only_with=_SCSI),
            "iothread": number("I/O thread that serves it.", "driver/@iothread", _PLUGGED, only_with=_SCSI),
        },
    ),
)


def remove_companions(document: Document) -> None:
    """Take out the USB controllers that stand beside one of ICH9 where that is another one now."""
    has_ich9 = document.find("devices/controller[@type='usb'][@model='ich9-ehci1']") is not None
    for controller in document.find_all("devices/controller[@type='usb']"):
        if controller.get("model", "").startswith("ich9-uhci") and not has_ich9:
            remove_element(controller)
