"""The tiny guest: what it sees of its hardware and its seed, told by itself from inside a private host."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import libvirt
import pytest
from guest import GuestReport, ask_guest, mark_guest, wait_for_guest, wait_for_lease
from lab_xml import disk_xml, guest_xml, interface_xml, network_xml, write_seed
from labhost import LabHost
from waiting import wait_until

pytestmark = [pytest.mark.libvirt, pytest.mark.guest]

MAC = "52:54:00:00:00:01"
SECOND_MAC = "52:54:00:00:00:02"


@pytest.fixture
def connection(lab_host: LabHost) -> Iterator[libvirt.virConnect]:
    """Connection to a host with the network `bed`; the network and its guests are gone after the test."""
    opened = lab_host.connect()
    network = opened.networkCreateXML(network_xml("bed", 210))
    yield opened
    for domain in opened.listAllDomains():
        if not domain.name().startswith("bed-"):
            continue
        persistent = domain.isPersistent()
        if domain.isActive():
            domain.destroy()
        if persistent:
            domain.undefine()
    network.destroy()
    opened.close()


@pytest.fixture
def clone(guest_image: Path, tmp_path: Path) -> Path:
    return _clone(guest_image, tmp_path)


def _clone(image: Path, directory: Path) -> Path:
    """Linked clone of a guest image."""
    file = directory / "root.qcow2"
    words = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", str(image), str(file)]
    subprocess.run(words, check=True)
    return file


def _boot(host: LabHost, domain: libvirt.virDomain) -> tuple[str, GuestReport]:
    domain.create()
    address = wait_for_lease(host, "bed", MAC)
    return address, wait_for_guest(host, address)


def _power_off(domain: libvirt.virDomain) -> None:
    """Press the power button until the guest is off: one pressed too early is lost."""

    def off() -> bool:
        with contextlib.suppress(libvirt.libvirtError):  # it is off already
            domain.shutdown()
        return not domain.isActive()

    assert wait_until(off, 20, pause=0.3)


def test_a_guest_is_hot_plugged_without_a_reboot(
    connection: libvirt.virConnect, lab_host: LabHost, clone: Path, domain_type: str, tmp_path: Path
) -> None:
    """A disk, a network interface and a virtual CPU arrive in the running guest; the power button turns it off."""
    seed = write_seed(tmp_path / "seed.iso", "plugged", '#cloud-config\nruncmd:\n- "echo seeded > /data/mark"\n')
    devices = [disk_xml(clone, "vda"), disk_xml(seed, "vdb", format_="raw"), interface_xml("bed", MAC)]
    domain = connection.defineXML(guest_xml("bed-plugged", domain_type, *devices))
    address, before = _boot(lab_host, domain)
    assert (before.hostname, before.boots, before.cpus, before.mark) == ("plugged", 1, 1, "seeded")

    extra = tmp_path / "extra.raw"
    extra.write_bytes(bytes(5 << 20))
    domain.attachDevice(disk_xml(extra, "vdc", format_="raw"))
    domain.attachDevice(interface_xml("bed", SECOND_MAC))
    domain.setVcpusFlags(2, libvirt.VIR_DOMAIN_AFFECT_LIVE)

    def plugged() -> GuestReport | None:
        report = ask_guest(lab_host, address)
        complete = report.cpus == 2 and "vdc" in report.disks and report.addresses.get(SECOND_MAC)
        return report if complete else None

    after = wait_until(plugged, 20)
    assert after is not None, ask_guest(lab_host, address)
    assert after.disks["vdc"] == 5 << 20
    assert after.addresses == lab_host.leases("bed")
    assert (after.boots, after.boot_id) == (before.boots, before.boot_id)
    _power_off(domain)


def test_a_guest_counts_its_boots_and_keeps_its_data(
    connection: libvirt.virConnect, lab_host: LabHost, clone: Path, domain_type: str, tmp_path: Path
) -> None:
    """On the i440FX machine with the seed on an IDE CD-ROM; the seed's script runs once, the mark stays."""
    seed = write_seed(tmp_path / "seed.iso", "counted", "#!/bin/sh\ncat /data/boots >> /data/script-runs\n")
    cdrom = disk_xml(seed, "hdc", "ide", format_="raw", device="cdrom")
    devices = [disk_xml(clone, "vda"), cdrom, interface_xml("bed", MAC)]
    domain = connection.defineXML(guest_xml("bed-counted", domain_type, *devices, machine="pc"))
    address, first = _boot(lab_host, domain)
    mark_guest(lab_host, address, "kept")
    _power_off(domain)
    _, second = _boot(lab_host, domain)
    assert (first.hostname, first.instance, first.boots) == ("counted", "i-1", 1)
    assert (second.boots, second.mark, second.boot_id == first.boot_id) == (2, "kept", False)


def test_the_guest_agent_answers(
    connection: libvirt.virConnect, lab_host: LabHost, clone: Path, domain_type: str, tmp_path: Path
) -> None:
    """The agent tells the addresses and shuts down; here with a seed on a SCSI CD-ROM."""
    seed = write_seed(tmp_path / "seed.iso", "spoken")
    cdrom = disk_xml(seed, "sda", "scsi", format_="raw", device="cdrom")
    scsi = "<controller type='scsi' model='virtio-scsi'/>"
    devices = [disk_xml(clone, "vda"), scsi, cdrom, interface_xml("bed", MAC)]
    domain = connection.defineXML(guest_xml("bed-spoken", domain_type, *devices))
    address, report = _boot(lab_host, domain)
    assert report.hostname == "spoken"

    def told() -> str | None:
        try:
            return str(domain.interfaceAddresses(libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT))
        except libvirt.libvirtError:  # not connected yet
            return None

    assert address in (wait_until(told, 10) or "")
    domain.shutdownFlags(libvirt.VIR_DOMAIN_SHUTDOWN_GUEST_AGENT)
    assert wait_until(lambda: not domain.isActive(), 10)


def test_the_generic_kernel_reads_a_seed_from_sata(
    connection: libvirt.virConnect, lab_host: LabHost, guest_image_generic: Path, domain_type: str, tmp_path: Path
) -> None:
    """Cloud kernels drive no AHCI; this image stands for guests that do."""
    seed = write_seed(tmp_path / "seed.iso", "serial-ata")
    cdrom = disk_xml(seed, "sda", "sata", format_="raw", device="cdrom")
    devices = [disk_xml(_clone(guest_image_generic, tmp_path), "vda"), cdrom, interface_xml("bed", MAC)]
    connection.createXML(guest_xml("bed-serial-ata", domain_type, *devices))
    report = wait_for_guest(lab_host, wait_for_lease(lab_host, "bed", MAC))
    assert report.hostname == "serial-ata"


def test_the_kernel_and_initramfs_boot_without_a_disk(
    connection: libvirt.virConnect, lab_host: LabHost, guest_image: Path, domain_type: str, tmp_path: Path
) -> None:
    """They lie beside the image, for domains that name a kernel."""
    for name in ("vmlinuz", "initrd.img"):
        shutil.copy(guest_image.with_name(name), tmp_path)
    boot = f"""
    <kernel>{tmp_path}/vmlinuz</kernel>
    <initrd>{tmp_path}/initrd.img</initrd>
    <cmdline>console=ttyS0 quiet no_timer_check</cmdline>"""
    connection.createXML(guest_xml("bed-direct", domain_type, interface_xml("bed", MAC), boot=boot))
    report = wait_for_guest(lab_host, wait_for_lease(lab_host, "bed", MAC))
    assert (report.boots, report.disks) == (1, {})
