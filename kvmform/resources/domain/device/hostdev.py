"""Devices of the host that the guest has to itself: PCI functions, USB and SCSI devices, mediated devices."""

from __future__ import annotations

from kvmform.resources.domain.device.device import Bus, Device
from kvmform.resources.domain.device.host_devices import check_host_device
from kvmform.resources.domain.device.policies import hot_plugged
from kvmform.resources.domain.device.rows import flag, number, text
from kvmform.resources.domain.equivalence import same_pci_address
from kvmform.schema import Block, Object, Row
from kvmform.schema.rules import at_least, matching, one_of
from kvmform.values.types import STRING
from kvmform.xml.codecs import ON_OFF, PCI_ADDRESS, PRESENCE, Integer

__all__ = ["HOSTDEV"]

_BUSES = {"pci": Bus.PCI_EXPRESS, "mdev": Bus.PCI_EXPRESS, "usb": Bus.USB, "scsi": Bus.LOOSE}
_PCI, _USB, _SCSI, _MDEV = (("type", (kind,)) for kind in ("pci", "usb", "scsi", "mdev"))
_ID = r"0x[0-9a-fA-F]{4}"


def _bus(hostdev: Object) -> Bus:
    return _BUSES.get(hostdev["type"], Bus.SOLDERED)


def _unwritten(_hostdev: Object) -> Object:
    return {"managed": True, "model": "vfio-pci"}


_PLUGGED = hot_plugged(_bus)

HOSTDEV = Device(
    name="hostdev",
    bus=_bus,
    check=check_host_device,
    unwritten=_unwritten,
    rules=(
        one_of("type", tuple(_BUSES)),
        matching("address", PCI_ADDRESS.pattern, "an address as `lspci -D` shows it, such as 0000:65:00.0"),
        matching("vendor", _ID, "four hexadecimal digits after 0x, as 0x046d"),
        matching("product", _ID, "four hexadecimal digits after 0x, as 0xc52b"),
        matching("uuid", r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", "a UUID"),
        one_of("model", ("vfio-pci", "vfio-ccw", "vfio-ap")),
        one_of("driver", ("vfio", "kvm")),
        one_of("startup_policy", ("mandatory", "requisite", "optional")),
        at_least("boot_order", 1),
    ),
    block=Block(
        doc="A device of the host that the guest has to itself.",
        xml="devices/hostdev[@mode='subsystem']",
        match=(("type", "address"), ("type", "uuid"), ("type", "vendor", "product"), ("type", "bus", "device")),
        pair_rest=False,
        change=_PLUGGED,
        rows={
            "type": Row(
                type=STRING,
                required=True,
                xml="@type",
                change=_PLUGGED,
                doc="`pci`, `usb`, `scsi`, or `mdev` for a mediated device, such as a part of a GPU.",
            ),
            "managed": flag(
                "Whether libvirt takes the PCI device from the host's driver and gives it back; it does if unset.",
                "@managed",
                _PLUGGED,
                only_with=_PCI,
            ),
            "model": text(
                "`vfio-pci`, which it is if unset, `vfio-ccw` or `vfio-ap`, of `mdev`.",
                "@model",
                _PLUGGED,
                only_with=_MDEV,
            ),
            "display": flag(
                "Show the guest's screen from the mediated device.", "@display", _PLUGGED, codec=ON_OFF, only_with=_MDEV
            ),
            "driver": text("`vfio`, which it is if unset.", "driver/@name", _PLUGGED, only_with=_PCI),
            "teaming": text(
                "Alias of the `network_interface` that stands in for this network card while it is taken away.",
                "teaming[@type='transient']/@persistent",
                _PLUGGED,
                only_with=_PCI,
            ),
            "startup_policy": text(
                "What to do where the USB device is missing at a start: `mandatory`, `requisite` or `optional`.",
                "source/@startupPolicy",
                _PLUGGED,
                only_with=_USB,
            ),
            "vendor": text("Vendor of the USB device, `0x046d`.", "source/vendor/@id", _PLUGGED, only_with=_USB),
            "product": text("Product of the USB device, `0xc52b`.", "source/product/@id", _PLUGGED, only_with=_USB),
            "adapter": text(
                "Adapter that the SCSI device is at, such as `scsi_host0`.",
                "source/adapter/@name",
                _PLUGGED,
                only_with=_SCSI,
            ),
            "bus": number(
                "Bus that the USB or SCSI device is on.",
                "source/address/@bus",
                _PLUGGED,
                codec=Integer(base=0),
                only_with=("type", ("usb", "scsi")),
            ),
            "device": number(
                "Number of the USB device on its bus.", "source/address/@device", _PLUGGED, only_with=_USB
            ),
            "target": number("Target of the SCSI device.", "source/address/@target", _PLUGGED, only_with=_SCSI),
            "unit": number("Unit of the SCSI device.", "source/address/@unit", _PLUGGED, only_with=_SCSI),
            "address": Row(
                type=STRING,
                xml="source/address",
                codec=PCI_ADDRESS,
                change=_PLUGGED,
                same=same_pci_address,
                only_with=_PCI,
                doc="Address of the PCI function on the host: `0000:65:00.0`.",
            ),
            "uuid": text("UUID of the mediated device.", "source/address/@uuid", _PLUGGED, only_with=_MDEV),
            "readonly": flag(
                "Whether the guest can't write to the SCSI device.",
                "readonly",
                _PLUGGED,
                codec=PRESENCE,
                only_with=_SCSI,
            ),
            "boot_order": number(
                "Place among the devices that the guest boots from.",
                "boot/@order",
                _PLUGGED,
                only_with=("type", ("pci", "usb")),
            ),
            "rom_enabled": flag(
                "Whether the guest sees the device's boot ROM.", "rom/@enabled", _PLUGGED, only_with=_PCI
            ),
            "rom_bar": flag(
                "Map the boot ROM into the guest's memory.", "rom/@bar", _PLUGGED, codec=ON_OFF, only_with=_PCI
            ),
            "rom_file": text(
                "File with a boot ROM to put in the place of the device's.", "rom/@file", _PLUGGED, only_with=_PCI
            ),
        },
    ),
)
