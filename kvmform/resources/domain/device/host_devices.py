"""Whether the host has a device that a guest is to have to itself, and can give it away."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.diagnostics import error
from kvmform.host.errors import NotFoundError
from kvmform.host.host import Host
from kvmform.host.node import list_node_devices, read_node_device
from kvmform.resources.elements import elements
from kvmform.schema import Check, Object, Path, Problem
from kvmform.values.model import Unknown
from kvmform.xml.codecs import PCI_ADDRESS
from kvmform.xml.document import Document

__all__ = ["check_host_device"]


def check_host_device(check: Check[Host], path: Path, hostdev: Object) -> Iterator[Problem]:
    """What keeps the host from giving a device away: it is not there, has no IOMMU, or is another guest's."""
    if any(isinstance(value, Unknown) for value in hostdev.values()) or _knows_no_devices(check.host):
        return
    match hostdev["type"]:
        case "pci":
            yield from _check_pci(check, path, hostdev)
        case "usb":
            yield from _check_usb(check, path, hostdev)
        case "mdev":
            yield from _check_mdev(check, path, hostdev)
        case "scsi" if not hostdev["adapter"] or hostdev["target"] is None or hostdev["unit"] is None:
            yield _missing(path, "A SCSI device is named by adapter, bus, target and unit.")


def _knows_no_devices(host: Host) -> bool:
    """A simulated host can be given devices; one without any says nothing against them."""
    return host.is_simulated and not list_node_devices(host)


def _check_pci(check: Check[Host], path: Path, hostdev: Object) -> Iterator[Problem]:
    address = hostdev["address"]
    if not address:
        yield _missing(path, "A PCI device is named by its address, as `lspci -D` shows it.")
        return
    device = _node_device(check.host, _pci_name(address))
    if device is None:
        yield _absent((*path, "address"), check.host, f"PCI device {address}", "virsh nodedev-list --cap pci")
        return
    group = device.find("capability/iommuGroup")
    if group is None:
        yield Problem(
            (*path, "address"),
            error(
                "No IOMMU on the host",
                f"The PCI device {address} is in no IOMMU group, so no guest can have it. Switch on VT-d or AMD-Vi in "
                "the host's firmware, and boot its kernel with intel_iommu=on (AMD's needs no argument).",
            ),
        )
        return
    yield from _check_group(check, (*path, "address"), address, device)


def _check_group(check: Check[Host], at: Path, address: str, device: Document) -> Iterator[Problem]:
    """All devices of a group go to one guest, or none does; bridges don't count."""
    given = {_pci_name(other["address"]) for other in elements(check.planned["hostdev"]) if _is_known_pci(other)}
    wanting = check.planned["name"]
    for other in check.others("libvirt_domain"):
        if other["name"] == wanting:
            continue
        theirs = {_pci_name(hostdev["address"]) for hostdev in elements(other["hostdev"]) if _is_known_pci(hostdev)}
        if _pci_name(address) in theirs:
            detail = (
                f'The PCI device {address} is given to the domain "{other["name"]}" too; only one guest can have it.'
            )
            yield Problem(at, error("Device given away twice", detail))
    for neighbour in device.find_all("capability/iommuGroup/address"):
        name = _pci_name(PCI_ADDRESS.gather(neighbour.get) or "")
        found = _node_device(check.host, name) if name not in given else None
        if found is not None and not _is_bridge(found):
            product = found.get("capability/product") or name
            detail = (
                f"The PCI device {address} shares its IOMMU group with {name} ({product.strip()}), which stays with "
                "the host. A guest gets all devices of a group or none: give it that one too, or use another slot."
            )
            yield Problem(at, error("IOMMU group is shared", detail))


def _is_known_pci(hostdev: Object) -> bool:
    return hostdev["type"] == "pci" and isinstance(hostdev["address"], str)


def _is_bridge(device: Document) -> bool:
    return (device.get("capability/class") or "").startswith("0x06")


def _check_usb(check: Check[Host], path: Path, hostdev: Object) -> Iterator[Problem]:
    by_id = hostdev["vendor"] and hostdev["product"]
    by_place = hostdev["bus"] is not None and hostdev["device"] is not None
    if not by_id and not by_place:
        yield _missing(path, "A USB device is named by vendor and product, or by bus and device.")
        return
    if hostdev["startup_policy"] in {"optional", "requisite"}:
        return
    names = list_node_devices(check.host, "usb_device")
    devices = (found for found in (_node_device(check.host, name) for name in names) if found is not None)
    if not any(_is_usb(device, hostdev) for device in devices):
        what = f"USB device {hostdev['vendor']}:{hostdev['product']}" if by_id else "USB device at this bus and number"
        yield _absent(path, check.host, what, "lsusb")


def _is_usb(device: Document, hostdev: Object) -> bool:
    found = {
        "vendor": device.get("capability/vendor/@id"),
        "product": device.get("capability/product/@id"),
        "bus": device.get("capability/bus"),
        "device": device.get("capability/device"),
    }
    return all(str(hostdev[name]).lower() == found[name] for name in found if hostdev[name] is not None)


def _check_mdev(check: Check[Host], path: Path, hostdev: Object) -> Iterator[Problem]:
    if not hostdev["uuid"]:
        yield _missing(path, "A mediated device is named by its uuid.")
        return
    name = f"mdev_{hostdev['uuid'].lower().replace('-', '_')}"
    if not any(found.startswith(name) for found in list_node_devices(check.host, "mdev")):
        yield _absent(
            (*path, "uuid"), check.host, f"mediated device {hostdev['uuid']}", "virsh nodedev-list --cap mdev"
        )


def _node_device(host: Host, name: str) -> Document | None:
    try:
        return Document.parse(read_node_device(host, name))
    except NotFoundError:
        return None


def _pci_name(address: str) -> str:
    """The name that libvirt has for a PCI device: `pci_0000_65_00_0`."""
    numbers = PCI_ADDRESS.spread(address)
    return "pci_" + (PCI_ADDRESS.gather(numbers.get) or "").replace(":", "_").replace(".", "_")


def _missing(path: Path, detail: str) -> Problem:
    return Problem(path, error("Which device of the host?", detail))


def _absent(path: Path, host: Host, what: str, command: str) -> Problem:
    return Problem(
        path,
        error("Device not found on the host", f"The host {host.uri} has no {what}. `{command}` lists those it has."),
    )
