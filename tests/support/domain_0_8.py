"""How dmacvicar/libvirt 0.8 made a domain, and what it noted of it in state; see provider_0_8."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET

import libvirt
from lxml import etree

__all__ = ["Attributes", "Domains08", "format_of", "transformed", "xml_text"]

Attributes = dict[str, Any]
"""The arguments of a block, or the attributes of an object."""

_DISK = {"block_device": "", "file": "", "scsi": False, "url": "", "volume_id": "", "wwn": ""}
_INTERFACE = {
    "addresses": [],
    **dict.fromkeys(("bridge", "hostname", "mac", "macvtap", "network_id", "network_name", "passthrough"), ""),
    "private": "",
    "vepa": "",
    "wait_for_lease": False,
}
_CONSOLE = {"source_host": "127.0.0.1", "source_path": "", "source_service": "0", "target_type": ""}
_GRAPHICS = {"autoport": True, "listen_address": "127.0.0.1", "listen_type": "none", "type": "spice", "websocket": 0}
_TPM = {
    "backend_device_path": "",
    "backend_encryption_secret": "",
    "backend_persistent_state": False,
    "backend_type": "emulator",
    "backend_version": "",
    "model": "",
}
_FILESYSTEM = {"accessmode": "mapped", "readonly": True}
_DOMAIN = {
    "arch": "x86_64",
    "autostart": False,
    "boot_device": [],
    "cloudinit": None,
    "cmdline": None,
    "console": [],
    "coreos_ignition": None,
    "cpu": [],
    "description": "",
    "disk": [],
    "filesystem": [],
    "firmware": None,
    "fw_cfg_name": "opt/com.coreos/config",
    "graphics": [],
    "initrd": "",
    "kernel": "",
    "machine": "pc",
    "memory": 512,
    "metadata": None,
    "network_interface": [],
    "nvram": [],
    "qemu_agent": False,
    "running": True,
    "timeouts": None,
    "tpm": [],
    "type": "kvm",
    "vcpu": 1,
    "video": [],
    "xml": [],
}
_DIRECT = {"vepa": "vepa", "private": "private", "macvtap": "bridge", "passthrough": "passthrough"}


def xml_text(root: ET.Element) -> str:
    """A document as 0.8 sent it."""
    return ET.tostring(root, encoding="unicode")


def transformed(xml: str, given: Mapping[str, Any]) -> str:
    """What the stylesheet of `xml { xslt }` makes of it, if there is one."""
    for block in given.get("xml") or ():
        sheet = etree.XSLT(etree.fromstring(block["xslt"].strip().encode()))
        xml = str(sheet(etree.fromstring(xml)))
    return xml


def format_of(volume: libvirt.virStorageVol) -> str:
    """The format that libvirt tells of a volume."""
    found = ET.fromstring(volume.XMLDesc()).find("target/format")
    assert found is not None
    return found.get("type", "")


class Domains08:
    """Makes domains on a host, as 0.8 did.

    Args:
        connection: to the host.
        choose: random numbers.
    """

    def __init__(self, connection: libvirt.virConnect, choose: random.Random) -> None:
        self._connection = connection
        self._choose = choose

    def domain(self, **given: Any) -> Attributes:
        """`libvirt_domain`: defined, and started where it is to run."""
        wanted = {**_DOMAIN, **given}
        root = ET.Element(
            "domain", {"type": wanted["type"], "xmlns:qemu": "http://libvirt.org/schemas/domain/qemu/1.0"}
        )
        ET.SubElement(root, "name").text = wanted["name"]
        ET.SubElement(root, "description").text = wanted["description"]
        ET.SubElement(root, "memory", unit="MiB").text = str(wanted["memory"])
        ET.SubElement(root, "vcpu").text = str(wanted["vcpu"])
        _os_xml(root, wanted)
        features = ET.SubElement(root, "features")
        for feature in ("pae", "acpi", "apic"):
            ET.SubElement(features, feature)
        mode = wanted["cpu"][0]["mode"] if wanted["cpu"] else None
        ET.SubElement(root, "cpu", {"mode": mode} if mode else {})
        devices = ET.SubElement(root, "devices")
        self._disks(devices, wanted)
        _device_xml(devices, wanted)
        macs = [self._interface(devices, wanted, each) for each in wanted["network_interface"]]
        if wanted["coreos_ignition"]:
            command = ET.SubElement(root, "qemu:commandline")
            file = wanted["coreos_ignition"].partition(";")[0]
            for word in ("-fw_cfg", f"name={wanted['fw_cfg_name']},file={file}"):
                ET.SubElement(command, "qemu:arg", value=word)
        domain = self._connection.defineXML(transformed(xml_text(root), wanted))
        if wanted["autostart"]:
            domain.setAutostart(1)
        if wanted["running"]:
            domain.create()
        return self._recorded_domain(wanted, domain, macs)

    def _disks(self, devices: ET.Element, wanted: Attributes) -> None:
        drives = scsi = 0
        for index, given in enumerate(wanted["disk"]):
            disk = ET.SubElement(devices, "disk")
            target, bus, device, kind = f"vd{chr(97 + index)}", "virtio", "disk", "raw"
            if given.get("scsi"):
                target, bus, scsi = f"sd{chr(97 + scsi)}", "scsi", scsi + 1
                ET.SubElement(disk, "wwn").text = given.get("wwn") or "05abcd" + self._hex(10)
            if given.get("volume_id"):
                volume = self._connection.storageVolLookupByKey(given["volume_id"])
                kind = format_of(volume)
                pool = volume.storagePoolLookupByVolume().name()
                disk.set("type", "volume")
                ET.SubElement(disk, "source", pool=pool, volume=volume.name())
            else:
                place = given.get("url") or given.get("file") or given.get("block_device")
                kind = "qcow2" if place.endswith(".qcow2") else "raw"
                _source_xml(disk, given)
                if place.endswith(".iso"):
                    target, bus, device, drives = f"hd{chr(97 + drives)}", "ide", "cdrom", drives + 1
            disk.set("device", device)
            ET.SubElement(disk, "driver", name="qemu", type=kind)
            ET.SubElement(disk, "target", dev=target, bus=bus)
        if wanted["cloudinit"]:
            disk = ET.SubElement(devices, "disk", type="file", device="cdrom")
            ET.SubElement(disk, "driver", name="qemu", type="raw")
            ET.SubElement(disk, "source", file=wanted["cloudinit"].partition(";")[0])
            ET.SubElement(disk, "target", dev="hdd", bus="ide")
            ET.SubElement(disk, "serial").text = "cloudinit"
        if scsi:
            ET.SubElement(devices, "controller", type="scsi", model="virtio-scsi")

    def _interface(self, devices: ET.Element, wanted: Attributes, given: Attributes) -> str:
        """Its MAC address, in upper case as in state."""
        mac = (given.get("mac") or ":".join(["52", "54", "00", *(self._hex(2) for _ in range(3))])).upper()
        name = given.get("network_name")
        if not name and given.get("network_id"):
            name = self._connection.networkLookupByUUIDString(given["network_id"]).name()
        direct = next((each for each in _DIRECT if given.get(each)), None)
        kind = "network" if name else "bridge" if given.get("bridge") else "direct" if direct else "user"
        interface = ET.SubElement(devices, "interface", type=kind)
        ET.SubElement(interface, "mac", address=mac)
        if name:
            ET.SubElement(interface, "source", network=name)
            self._reserve(name, mac, given.get("hostname") or wanted["name"], given.get("addresses") or ())
        elif given.get("bridge"):
            ET.SubElement(interface, "source", bridge=given["bridge"])
        elif direct:
            ET.SubElement(interface, "source", dev=given[direct], mode=_DIRECT[direct])
        ET.SubElement(interface, "model", type="virtio")
        return mac

    def _reserve(self, network: str, mac: str, name: str, addresses: Sequence[str]) -> None:
        for address in addresses:
            self._connection.networkLookupByName(network).update(
                libvirt.VIR_NETWORK_UPDATE_COMMAND_ADD_LAST,
                libvirt.VIR_NETWORK_SECTION_IP_DHCP_HOST,
                -1,
                f"<host mac='{mac}' name='{name}' ip='{address}'/>",
                libvirt.VIR_NETWORK_UPDATE_AFFECT_LIVE | libvirt.VIR_NETWORK_UPDATE_AFFECT_CONFIG,
            )

    def _hex(self, digits: int) -> str:
        return "".join(self._choose.choice("0123456789abcdef") for _ in range(digits))

    def _recorded_domain(self, wanted: Attributes, domain: libvirt.virDomain, macs: Sequence[str]) -> Attributes:
        """What 0.8 told of it after its own read."""
        document = ET.fromstring(domain.XMLDesc())
        mode = document.find("cpu")
        nvram = document.find("os/nvram")
        said = {"file": nvram.text or "", "template": nvram.get("template", "")} if nvram is not None else None
        return {
            **wanted,
            "id": domain.UUIDString(),
            "emulator": document.findtext("devices/emulator"),
            "cpu": [{"mode": mode.get("mode")}] if mode is not None and mode.get("mode") else wanted["cpu"],
            "nvram": [said] if said else wanted["nvram"],
            "kernel": wanted["kernel"] or "",
            "disk": [*filter(None, map(self._recorded_disk, document.findall("devices/disk")))],
            "console": [{**_CONSOLE, **each} for each in wanted["console"]],
            "graphics": [{**_GRAPHICS, **each} for each in wanted["graphics"]],
            "tpm": [{**_TPM, **each} for each in wanted["tpm"]],
            "filesystem": [{**_FILESYSTEM, **each} for each in wanted["filesystem"]],
            "network_interface": [
                self._recorded_interface(*each)
                for each in zip(wanted["network_interface"], document.findall("devices/interface"), macs, strict=True)
            ],
        }

    def _recorded_disk(self, disk: ET.Element) -> Attributes | None:
        """A disk as it stands in the XML, in the order of that; the drive of a seed is none."""
        source, target = disk.find("source"), disk.find("target")
        assert source is not None
        assert target is not None
        if disk.findtext("serial") == "cloudinit":
            return None
        scsi = {"scsi": True, "wwn": disk.findtext("wwn") or ""} if target.get("bus") == "scsi" else {}
        match disk.get("type"):
            case "volume":
                pool = self._connection.storagePoolLookupByName(source.get("pool", ""))
                place = {"volume_id": pool.storageVolLookupByName(source.get("volume", "")).key()}
            case "network":
                host = source.find("host")
                assert host is not None
                port = host.get("port", "")
                place = {"url": f"{source.get('protocol')}://{host.get('name')}:{port}{source.get('name')}"}
            case "block":
                place = {"block_device": source.get("dev", "")}
            case _:
                place = {"file": source.get("file", "")}
        return {**_DISK, **place, **scsi}

    def _recorded_interface(self, given: Attributes, interface: ET.Element, mac: str) -> Attributes:
        """An interface as it stands in the XML: a running guest on a network of a bridge is on the bridge."""
        source = interface.find("source")
        found = {**_INTERFACE, **given, "mac": mac}
        if interface.get("type") == "bridge" and source is not None:
            return found | {"bridge": source.get("bridge"), "network_id": "", "network_name": ""}
        if source is not None and source.get("network"):
            network = self._connection.networkLookupByName(source.get("network", ""))
            found |= {"network_id": network.UUIDString(), "network_name": network.name()}
        return found


def _os_xml(root: ET.Element, wanted: Attributes) -> None:
    os_ = ET.SubElement(root, "os")
    ET.SubElement(os_, "type", arch=wanted["arch"], machine=wanted["machine"]).text = "hvm"
    if wanted["firmware"]:
        loader = ET.SubElement(os_, "loader", readonly="yes", type="pflash", secure="no")
        loader.text = wanted["firmware"]
        for each in wanted["nvram"]:
            template = {"template": each["template"]} if each.get("template") else {}
            ET.SubElement(os_, "nvram", template).text = each.get("file")
    for name in ("kernel", "initrd"):
        if wanted[name]:
            ET.SubElement(os_, name).text = wanted[name]
    words = [v if k == "_" else f"{k}={v}" for each in wanted["cmdline"] or () for k, v in each.items()]
    if words:
        ET.SubElement(os_, "cmdline").text = " ".join(sorted(words))
    for each in wanted["boot_device"]:
        for device in each["dev"]:
            ET.SubElement(os_, "boot", dev=device)


def _source_xml(disk: ET.Element, given: Attributes) -> None:
    if given.get("url"):
        scheme, _, rest = given["url"].partition("://")
        host, _, path = rest.partition("/")
        disk.set("type", "network")
        source = ET.SubElement(disk, "source", protocol=scheme, name=f"/{path}")
        name, _, port = host.partition(":")
        ET.SubElement(source, "host", {"name": name, **({"port": port} if port else {})})
    elif given.get("file"):
        disk.set("type", "file")
        ET.SubElement(disk, "source", file=given["file"])
    else:
        disk.set("type", "block")
        ET.SubElement(disk, "source", dev=given["block_device"])


def _device_xml(devices: ET.Element, wanted: Attributes) -> None:
    graphics = {**_GRAPHICS, **wanted["graphics"][0]} if wanted["graphics"] else None
    if graphics is None:
        ET.SubElement(devices, "graphics", type="spice", autoport="yes")
    else:
        _graphics_xml(devices, graphics)
    for video in wanted["video"]:
        ET.SubElement(ET.SubElement(devices, "video"), "model", type=video["type"])
    for given in wanted["console"]:
        each = {**_CONSOLE, **given}
        console = ET.SubElement(devices, "console", type=each["type"])
        if each["type"] == "tcp":
            ET.SubElement(console, "source", mode="bind", host=each["source_host"], service=each["source_service"])
            ET.SubElement(console, "protocol", type="telnet")
        elif each["source_path"]:
            ET.SubElement(console, "source", path=each["source_path"])
        kind = {"type": each["target_type"]} if each["target_type"] else {}
        ET.SubElement(console, "target", {**kind, "port": each["target_port"]})
    for given in wanted["tpm"]:
        each = {**_TPM, **given}
        tpm = ET.SubElement(devices, "tpm")
        version = {"version": each["backend_version"]} if each["backend_version"] else {}
        state = {"persistent_state": "yes"} if each["backend_persistent_state"] else {}
        ET.SubElement(tpm, "backend", {"type": each["backend_type"], **version, **state})
    for given in wanted["filesystem"]:
        each = {**_FILESYSTEM, **given}
        system = ET.SubElement(devices, "filesystem", type="mount", accessmode=each["accessmode"])
        ET.SubElement(system, "source", dir=each["source"])
        ET.SubElement(system, "target", dir=each["target"])
        if each["readonly"]:
            ET.SubElement(system, "readonly")
    channel = ET.SubElement(devices, "channel", type="unix")
    ET.SubElement(channel, "target", type="virtio", name="org.qemu.guest_agent.0")
    rng = ET.SubElement(devices, "rng", model="virtio")
    ET.SubElement(rng, "backend", model="random").text = "/dev/urandom"


def _graphics_xml(devices: ET.Element, given: Attributes) -> None:
    autoport = "yes" if given["autoport"] else "no"
    element = ET.SubElement(devices, "graphics", type=given["type"], autoport=autoport)
    if given["websocket"]:
        element.set("websocket", str(given["websocket"]))
    match given["listen_type"]:
        case "address":
            ET.SubElement(element, "listen", type="address", address=given["listen_address"])
        case "none":
            pass
        case kind:
            ET.SubElement(element, "listen", type=kind)
