"""Every kind of object that provider 0.8 could make: arguments, as they were written."""

from __future__ import annotations

from typing import Any

__all__ = ["SHAPES", "STYLE", "UNDONE"]

IMAGES = "/var/lib/libvirt/images"
COPY = """\
<?xml version="1.0" ?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output omit-xml-declaration="yes" indent="yes"/>
  <xsl:template match="node()|@*">
    <xsl:copy><xsl:apply-templates select="node()|@*"/></xsl:copy>
  </xsl:template>
  %s
</xsl:stylesheet>
"""
STYLE = {
    "domain": COPY % '<xsl:template match="/domain/devices/interface/model/@type">'
    '<xsl:attribute name="type">e1000</xsl:attribute></xsl:template>',
    "network": COPY % '<xsl:template match="/network/bridge"><bridge stp="off" delay="0"/></xsl:template>',
    "volume": COPY % '<xsl:template match="/volume/target/permissions/mode/text()">600</xsl:template>',
}
SERIAL = {"type": "pty", "target_port": "0", "target_type": "serial"}

SHAPES: list[tuple[str, str, dict[str, Any]]] = [
    ("pool", "by_path", {"name": "by-path", "type": "dir", "path": f"{IMAGES}/by-path"}),
    ("pool", "lab", {"name": "lab", "type": "dir", "target": [{"path": f"{IMAGES}/lab"}]}),
    ("volume", "bare", {"name": "bare", "pool": "${libvirt_pool.lab.name}"}),
    ("volume", "sized", {"name": "sized.qcow2", "pool": "${libvirt_pool.lab.name}", "size": 10485760}),
    ("volume", "raw", {"name": "raw.img", "pool": "${libvirt_pool.lab.name}", "size": 1048576, "format": "raw"}),
    (
        "volume",
        "on_named",
        {
            "name": "on-named",
            "pool": "${libvirt_pool.by_path.name}",
            "base_volume_name": "${libvirt_volume.sized.name}",
            "base_volume_pool": "${libvirt_pool.lab.name}",
        },
    ),
    (
        "volume",
        "styled",
        {"name": "styled", "pool": "${libvirt_pool.lab.name}", "size": 4096, "xml": [{"xslt": STYLE["volume"]}]},
    ),
    (
        "cloudinit_disk",
        "all",
        {
            "name": "all.iso",
            "pool": "${libvirt_pool.lab.name}",
            "user_data": "#cloud-config\n",
            "meta_data": "instance-id: x\n",
            "network_config": "version: 2\n",
        },
    ),
    ("cloudinit_disk", "none", {"name": "none.iso", "pool": "${libvirt_pool.lab.name}"}),
    (
        "ignition",
        "coreos",
        {"name": "coreos.ign", "pool": "${libvirt_pool.lab.name}", "content": '{"ignition":{"version":"3.0.0"}}'},
    ),
    ("combustion", "micro", {"name": "micro", "pool": "${libvirt_pool.lab.name}", "content": "#!/bin/sh\n"}),
    # Networks.
    ("network", "bare", {"name": "bare", "mode": "none"}),
    ("network", "nat", {"name": "nat", "mode": "NAT", "addresses": ["10.61.0.0/24", "fd00:61::/64"]}),
    (
        "network",
        "isolated",
        {"name": "isolated", "mode": "none", "addresses": ["10.62.0.0/24"], "dhcp": [{"enabled": False}]},
    ),
    (
        "network",
        "routed",
        {
            "name": "routed",
            "mode": "route",
            "addresses": ["10.63.0.0/24"],
            "bridge": "br-routed",
            "mtu": 9000,
            "routes": [{"cidr": "10.64.0.0/16", "gateway": "10.63.0.2"}],
        },
    ),
    ("network", "opened", {"name": "opened", "mode": "open", "addresses": ["10.65.0.0/16"], "autostart": True}),
    ("network", "bridged", {"name": "bridged", "mode": "bridge", "bridge": "hostbr0"}),
    ("network", "domain_only", {"name": "domain-only", "domain": "only.local", "addresses": ["10.66.0.0/24"]}),
    (
        "network",
        "dns",
        {
            "name": "dns",
            "domain": "dns.local",
            "addresses": ["10.67.0.0/24"],
            "dns": [
                {
                    "enabled": True,
                    "local_only": True,
                    "forwarders": [{"address": "10.0.0.53"}, {"address": "10.0.0.54", "domain": "corp.local"}],
                    "hosts": [
                        {"hostname": "a", "ip": "10.67.0.10"},
                        {"hostname": "b", "ip": "10.67.0.10"},
                        {"hostname": "c", "ip": "10.67.0.11"},
                    ],
                    "srvs": [
                        {
                            "service": "etcd-server-ssl",
                            "protocol": "tcp",
                            "domain": "dns.local",
                            "target": "a",
                            "port": "2380",
                            "weight": "10",
                            "priority": "0",
                        }
                    ],
                }
            ],
            "dnsmasq_options": [
                {"options": [{"option_name": "server", "option_value": "/x.y/10.0.0.1"}, {"option_name": "no-ping"}]}
            ],
        },
    ),
    ("network", "dns_off", {"name": "dns-off", "addresses": ["10.68.0.0/24"], "dns": [{"enabled": False}]}),
    ("network", "styled", {"name": "styled", "addresses": ["10.69.0.0/24"], "xml": [{"xslt": STYLE["network"]}]}),
    # Domains.
    ("domain", "bare", {"name": "bare"}),
    (
        "domain",
        "described",
        {
            "name": "described",
            "description": "what it is",
            "vcpu": 2,
            "memory": 64,
            "autostart": True,
            "machine": "q35",
            "boot_device": [{"dev": ["hd", "network"]}],
            "video": [{"type": "qxl"}],
            "qemu_agent": True,
            "metadata": "anything",
            "cpu": [{"mode": "host-model"}],
        },
    ),
    (
        "domain",
        "empty_words",
        {
            "name": "empty-words",
            "cloudinit": "",
            "firmware": "",
            "kernel": "",
            "coreos_ignition": "",
            "description": "",
            "cpu": [{"mode": ""}],
            "nvram": [{"file": "", "template": ""}],
        },
    ),
    (
        "domain",
        "disks",
        {
            "name": "disks",
            "disk": [
                {"volume_id": "${libvirt_volume.sized.id}"},
                {"volume_id": "${libvirt_volume.raw.id}", "scsi": True},
                {"volume_id": "${libvirt_volume.on_named.id}", "scsi": True, "wwn": "000000123456789a"},
                {"file": f"{IMAGES}/lab/all.iso"},
                {"url": "http://example.com:8080/boot.iso"},
                {"block_device": "/dev/loop7"},
            ],
        },
    ),
    (
        "domain",
        "interfaces",
        {
            "name": "interfaces",
            "network_interface": [
                {"network_id": "${libvirt_network.nat.id}", "addresses": ["10.61.0.77"]},
                {"network_name": "${libvirt_network.isolated.name}", "mac": "AA:BB:CC:11:22:33"},
                {"network_name": "dns", "hostname": "named", "addresses": ["10.67.0.77"]},
                {"bridge": "hostbr0", "mac": "52:54:00:b2:2f:87"},
                {"macvtap": "card0"},
                {"vepa": "card0"},
                {"private": "card0"},
                {"passthrough": "card1", "wait_for_lease": False},
                {"hostname": "user"},
            ],
        },
    ),
    (
        "domain",
        "on_bridged",
        {
            "name": "on-bridged",
            "running": True,
            "network_interface": [{"network_name": "${libvirt_network.bridged.name}"}],
        },
    ),
    ("domain", "host_model", {"name": "host-model", "running": True, "cpu": [{"mode": "host-model"}]}),
    (
        "domain",
        "screens",
        {
            "name": "screens",
            "running": True,
            "graphics": [{"type": "vnc", "listen_type": "address", "listen_address": "0.0.0.0", "websocket": -1}],
            "console": [
                SERIAL,
                {
                    "type": "tcp",
                    "target_port": "1",
                    "target_type": "virtio",
                    "source_host": "127.0.1.1",
                    "source_service": "4555",
                },
            ],
        },
    ),
    (
        "domain",
        "spice",
        {
            "name": "spice",
            "graphics": [{"type": "spice", "listen_type": "none", "autoport": False}],
            "console": [{"type": "pty", "target_port": "0"}],
        },
    ),
    (
        "domain",
        "seeds",
        {
            "name": "seeds",
            "running": True,
            "cloudinit": "${libvirt_cloudinit_disk.all.id}",
            "coreos_ignition": "${libvirt_ignition.coreos.id}",
            "console": [SERIAL],
        },
    ),
    (
        "domain",
        "flatcar",
        {
            "name": "flatcar",
            "coreos_ignition": "${libvirt_combustion.micro.id}",
            "fw_cfg_name": "opt/org.opensuse.combustion/script",
        },
    ),
    (
        "domain",
        "kernel",
        {
            "name": "kernel",
            "kernel": "/usr/share/seabios/bios.bin",
            "initrd": "/usr/share/seabios/bios-256k.bin",
            "cmdline": [{"console": "ttyS0", "root": "/dev/vda"}, {"_": "quiet"}],
        },
    ),
    (
        "domain",
        "firmware",
        {
            "name": "firmware",
            "machine": "q35",
            "firmware": "/usr/share/OVMF/OVMF_CODE_4M.fd",
            "nvram": [
                {"file": "/var/lib/libvirt/qemu/nvram/firmware_VARS.fd", "template": "/usr/share/OVMF/OVMF_VARS_4M.fd"}
            ],
            "tpm": [{"backend_type": "emulator", "backend_version": "2.0"}],
        },
    ),
    ("domain", "firmware_alone", {"name": "firmware-alone", "firmware": "/usr/share/OVMF/OVMF_CODE_4M.fd"}),
    (
        "domain",
        "shared",
        {
            "name": "shared",
            "filesystem": [
                {"source": "/srv", "target": "srv"},
                {"source": "/tmp", "target": "tmp", "accessmode": "passthrough", "readonly": False},
            ],
        },
    ),
    (
        "domain",
        "styled",
        {"name": "styled", "network_interface": [{"network_name": "nat"}], "xml": [{"xslt": STYLE["domain"]}]},
    ),
    ("domain", "volume_kernel", {"name": "volume-kernel", "kernel": "${libvirt_volume.raw.id}"}),
]
"""Type, name and arguments; what is referred to stands before."""

UNDONE: dict[tuple[str, str], dict[str, Any]] = {
    ("domain", "described"): {"video": [{"type": "vga"}], "boot_device": [{"dev": ["cdrom"]}]},
}
"""Arguments that 0.8 noted, and did nothing for: what they had been before is on the host."""
