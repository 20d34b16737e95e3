"""Libvirt XML for tests that go past kvmform: a network with quick leases, a guest, a seed."""

from __future__ import annotations

import io
from pathlib import Path

import pycdlib

__all__ = ["disk_xml", "guest_xml", "interface_xml", "network_xml", "write_seed"]


def network_xml(name: str, subnet: int) -> str:
    """NAT network 10.SUBNET.0.0/24 whose guests have their lease without the usual three seconds' wait.

    No spanning tree on the bridge, and no ping of dnsmasq's at an address before it is given away.
    """
    return f"""
    <network xmlns:dnsmasq='http://libvirt.org/schemas/network/dnsmasq/1.0'>
      <name>{name}</name>
      <forward mode='nat'/>
      <bridge name='br-{name}' stp='off' delay='0'/>
      <ip address='10.{subnet}.0.1' netmask='255.255.255.0'>
        <dhcp><range start='10.{subnet}.0.2' end='10.{subnet}.0.254'/></dhcp>
      </ip>
      <dnsmasq:options><dnsmasq:option value='no-ping'/></dnsmasq:options>
    </network>"""


def guest_xml(name: str, domain_type: str, *devices: str, machine: str = "q35", boot: str = "") -> str:
    """Domain with one virtual CPU of at most two, 128 MiB, a serial console and the agent's channel.

    Args:
        machine: "pc" or "q35".
        boot: further children of <os>, such as <kernel>.
    """
    port = "<controller type='pci' model='pcie-root-port'/>"  # each takes one device, and the guest has seven already
    ports = "<controller type='pci' index='0' model='pcie-root'/>" + port * 12 if machine == "q35" else ""
    return f"""
    <domain type='{domain_type}'>
      <name>{name}</name>
      <memory unit='MiB'>128</memory>
      <vcpu current='1'>2</vcpu>
      <os><type arch='x86_64' machine='{machine}'>hvm</type>{boot}</os>
      <features><acpi/><apic/></features>
      <devices>
        {ports}
        <serial type='pty'/>
        <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
        <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
        {"".join(devices)}
      </devices>
    </domain>"""


def disk_xml(file: Path, target: str, bus: str = "virtio", *, format_: str = "qcow2", device: str = "disk") -> str:
    """Disk or CD-ROM on a file of the machine."""
    read_only = "<readonly/>" if device == "cdrom" else ""
    return f"""
    <disk type='file' device='{device}'>
      <driver name='qemu' type='{format_}'/>
      <source file='{file}'/>
      <target dev='{target}' bus='{bus}'/>
      {read_only}
    </disk>"""


def interface_xml(network: str, mac: str) -> str:
    """Virtio network interface without a boot ROM."""
    return f"""
    <interface type='network'>
      <mac address='{mac}'/>
      <source network='{network}'/>
      <model type='virtio'/>
      <rom enabled='no'/>
    </interface>"""


def write_seed(file: Path, hostname: str, user_data: str = "#cloud-config\n", instance: str = "i-1") -> Path:
    """Write a NoCloud seed image, and return its path."""
    image = pycdlib.PyCdlib()
    image.new(joliet=3, rock_ridge="1.09", vol_ident="cidata")
    texts = {"meta-data": f"instance-id: {instance}\nlocal-hostname: {hostname}\n", "user-data": user_data}
    for name, text in texts.items():
        data = text.encode()
        plain = "/" + name.upper().replace("-", "")
        image.add_fp(io.BytesIO(data), len(data), f"{plain}.;1", rr_name=name, joliet_path=f"/{name}")
    image.write(str(file))
    image.close()
    return file
