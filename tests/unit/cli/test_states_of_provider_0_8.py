"""State files of dmacvicar/libvirt, as its versions and Terraform's wrote them: read, or refused with a way out."""

import json
import shutil

import pytest
from lab import environment_for
from quick_lab import QuickLab
from state_0_8 import StateFile

POOL = "3fb0e9e3-5c5b-4f4c-8d9c-0d6a1c1d3a01"
NETWORK = "3fb0e9e3-5c5b-4f4c-8d9c-0d6a1c1d3a02"
DOMAIN = "3fb0e9e3-5c5b-4f4c-8d9c-0d6a1c1d3a03"
HOST = f"""
<node>
  <pool type='dir'>
    <name>lab</name>
    <uuid>{POOL}</uuid>
    <target><path>/srv/lab</path></target>
    <volume type='file'>
      <name>disk.qcow2</name>
      <key>/srv/lab/disk.qcow2</key>
      <capacity unit='bytes'>1073741824</capacity>
      <allocation unit='bytes'>0</allocation>
      <target><path>/srv/lab/disk.qcow2</path><format type='qcow2'/></target>
    </volume>
  </pool>
  <network>
    <name>lab</name>
    <uuid>{NETWORK}</uuid>
    <forward mode='nat'/>
    <bridge name='virbr7' stp='on' delay='0'/>
    <ip family='ipv4' address='10.70.0.1' prefix='24'>
      <dhcp><range start='10.70.0.2' end='10.70.0.254'/></dhcp>
    </ip>
  </network>
  <domain type='test'>
    <name>vm</name>
    <uuid>{DOMAIN}</uuid>
    <memory unit='MiB'>512</memory>
    <vcpu>1</vcpu>
    <os><type arch='x86_64' machine='pc'>hvm</type></os>
    <features><acpi/><apic/><pae/></features>
    <devices>
      <disk type='volume' device='disk'>
        <driver name='qemu' type='qcow2'/>
        <source pool='lab' volume='disk.qcow2'/>
        <target dev='vda' bus='virtio'/>
      </disk>
      <interface type='network'>
        <mac address='52:54:00:6a:8f:ca'/>
        <source network='lab'/>
        <model type='virtio'/>
      </interface>
      <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
      <graphics type='spice' autoport='yes'/>
      <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
    </devices>
  </domain>
</node>
"""
LAB = """
resource "libvirt_pool" "lab" {
  name = "lab"
  type = "dir"
  path = "/srv/lab"
}

resource "libvirt_volume" "disk" {
  name = "disk.qcow2"
  pool = libvirt_pool.lab.name
  size = 1073741824
}

resource "libvirt_network" "lab" {
  name      = "lab"
  addresses = ["10.70.0.0/24"]
}

resource "libvirt_domain" "vm" {
  name = "vm"
  type = "test"

  disk {
    volume_id = libvirt_volume.disk.id
  }

  network_interface {
    network_name = "lab"
  }
}
"""
INTERFACE = {
    "addresses": [],
    "bridge": "",
    "hostname": "",
    "mac": "52:54:00:6A:8F:CA",
    "macvtap": "",
    "network_id": NETWORK,
    "network_name": "lab",
    "passthrough": "",
    "private": "",
    "vepa": "",
    "wait_for_lease": False,
}
DISK = {"block_device": "", "file": "", "scsi": False, "url": "", "volume_id": "/srv/lab/disk.qcow2", "wwn": ""}
RECORDS = {
    "libvirt_pool.lab": {
        "allocation": 0,
        "available": 1,
        "capacity": 1,
        "id": POOL,
        "name": "lab",
        "path": "/srv/lab",
        "source": [],
        "target": [],
        "type": "dir",
        "xml": [],
    },
    "libvirt_volume.disk": {
        "base_volume_id": None,
        "base_volume_name": None,
        "base_volume_pool": None,
        "format": "qcow2",
        "id": "/srv/lab/disk.qcow2",
        "name": "disk.qcow2",
        "pool": "lab",
        "size": 1073741824,
        "source": None,
        "xml": [],
    },
    "libvirt_network.lab": {
        "addresses": ["10.70.0.0/24"],
        "autostart": False,
        "bridge": "virbr7",
        "dhcp": [{"enabled": True}],
        "dns": [],
        "dnsmasq_options": [],
        "domain": None,
        "id": NETWORK,
        "mode": "nat",
        "mtu": None,
        "name": "lab",
        "routes": [],
        "xml": [],
    },
    "libvirt_domain.vm": {
        "arch": "x86_64",
        "autostart": False,
        "boot_device": [],
        "cloudinit": None,
        "cmdline": None,
        "console": [],
        "coreos_ignition": None,
        "cpu": [],
        "description": "",
        "disk": [DISK],
        "emulator": None,
        "filesystem": [],
        "firmware": None,
        "fw_cfg_name": "opt/com.coreos/config",
        "graphics": [],
        "id": DOMAIN,
        "initrd": "",
        "kernel": "",
        "machine": "pc",
        "memory": 512,
        "metadata": None,
        "name": "vm",
        "network_interface": [INTERFACE],
        "nvram": [],
        "qemu_agent": False,
        "running": True,
        "timeouts": None,
        "tpm": [],
        "type": "test",
        "vcpu": 1,
        "video": [],
        "xml": [],
    },
}


@pytest.fixture
def lab(tmp_path):
    lab = QuickLab.of_text(LAB, tmp_path / "lab", environment_for("test+file:host.xml"))
    lab.add(HOST, "host.xml")
    return lab


def state_of(records, **about):
    state = StateFile(**about)
    for address, attributes in records.items():
        state.add(address, attributes)
    return state


def records_of_0_6():
    """What 0.6.2 noted: fewer attributes, numbers in words, and a processor that was a map."""
    pool = {
        name: RECORDS["libvirt_pool.lab"][name]
        for name in ("allocation", "capacity", "id", "name", "path", "type", "xml")
    }
    gone = {"type", "tpm", "cpu"}
    domain = {name: value for name, value in RECORDS["libvirt_domain.vm"].items() if name not in gone}
    interface = {name: value for name, value in INTERFACE.items() if name != "private"}
    return RECORDS | {
        "libvirt_pool.lab": pool | {"available": None},
        "libvirt_domain.vm": domain | {"cpu": None, "firmware": "", "network_interface": [interface]},
    }


ADDRESSES = [
    'provider["registry.terraform.io/dmacvicar/libvirt"]',
    'provider["registry.opentofu.org/dmacvicar/libvirt"]',
    'provider["lab.org/beast/libvirt"]',
    'provider["registry.terraform.io/-/libvirt"]',
    "provider.libvirt",
]
"""Terraform's, OpenTofu's, that of a plugin installed by hand, that of an upgraded 0.12, and 0.12's."""


@pytest.mark.parametrize("provider", ADDRESSES)
def test_whoever_brought_the_provider(lab, provider):
    state_of(RECORDS, provider=provider).write(lab.directory)
    assert lab.plan_is_empty()
    assert "Resources: 0 added, 0 changed, 0 destroyed." in lab.apply()
    assert lab.plan_is_empty()
    assert "Resources: 4 destroyed." in lab.destroy()


def test_a_state_of_0_6(lab):
    state_of(records_of_0_6()).write(lab.directory, terraform_version="0.13.7")
    assert lab.plan_is_empty()
    lab.apply()
    assert lab.plan_is_empty()


def test_the_providers_of_an_alias_and_of_a_module(lab):
    (lab.directory / "m").mkdir()
    (lab.directory / "main.tf").rename(lab.directory / "m" / "main.tf")
    call = 'module "lab" {\n  source    = "./m"\n  providers = { libvirt = libvirt.east }\n}\n'
    lab.add('provider "libvirt" {\n  alias = "east"\n  uri   = "test+file:host.xml"\n}\n' + call, "main.tf")
    within = {f"module.lab.{address}": attributes for address, attributes in RECORDS.items()}
    state_of(within, provider=f"{ADDRESSES[0]}.east").write(lab.directory)
    assert lab.plan_is_empty()
    lab.apply()
    assert lab.plan_is_empty()
    assert lab.addresses() == sorted(within)


def test_the_states_of_named_workspaces(lab):
    state_of(RECORDS).write(lab.directory)
    home = lab.directory / "terraform.tfstate.d" / "other"
    home.mkdir(parents=True)
    (lab.directory / "terraform.tfstate").rename(home / "terraform.tfstate")
    (lab.directory / ".terraform" / "environment").write_text("other")
    assert "* other" in lab.kvmform("workspace", "list").stdout
    assert lab.plan_is_empty()


def test_what_terraform_keeps_beside_it_stays(lab):
    state_of(RECORDS).write(lab.directory)
    kept = {path: path.read_bytes() for path in (lab.directory / ".terraform").rglob("*") if path.is_file()}
    kept[lab.directory / ".terraform.lock.hcl"] = (lab.directory / ".terraform.lock.hcl").read_bytes()
    lab.kvmform("init")
    lab.apply()
    assert {path: path.read_bytes() for path in kept} == kept
    assert json.loads((lab.directory / "terraform.tfstate.backup").read_text())["serial"] == 17


def test_real_drift_is_told(lab):
    state_of(RECORDS).write(lab.directory)
    lab.edit("<memory unit='MiB'>512</memory>", "<memory unit='MiB'>256</memory>", "host.xml")
    text = lab.plan()
    lab.kvmform("plan", "-out=p")
    (drift,) = json.loads(lab.kvmform("show", "-json", "p").stdout)["resource_drift"]
    assert drift["address"] == "libvirt_domain.vm"
    assert drift["change"]["after"]["memory"] == 256
    assert "Provider 0.8 may never have done this" in text
    assert "libvirt_domain.vm: memory" in text


def test_a_state_of_0_9_is_refused_with_what_takes_its_objects_up(lab):
    records = {
        "libvirt_pool.lab": {"name": "lab", "type": "dir", "id": POOL, "create": None, "destroy": None},
        "libvirt_volume.disk": {"name": "disk.qcow2", "pool": "lab", "path": "/srv/lab/disk.qcow2", "create": None},
        "libvirt_network.lab": {"name": "lab", "ips": [], "forward": {"mode": "nat"}, "id": NETWORK},
        "libvirt_domain.vm": {"name": "vm", "id": 7, "uuid": DOMAIN, "devices": {}, "memory": 524288, "os": None},
    }
    state_of(records).write(lab.directory)
    told = lab.fails("plan")
    assert "Error: State of provider 0.9" in told
    lab.kvmform("state", "rm", *records)
    ids = {"libvirt_volume.disk": "/srv/lab/disk.qcow2"}
    blocks = [f'import {{\n  to = {a}\n  id = "{ids.get(a, records[a]["name"])}"\n}}\n' for a in records]
    assert all(" ".join(block.split()) in told for block in blocks)
    quoted = " ".join(f"'{address}'" for address in records)
    assert f"kvmform state rm {quoted}" in told
    lab.add("".join(blocks), "imports.tf")
    lab.apply()
    assert lab.plan_is_empty()
    assert lab.addresses() == sorted(records)


def test_a_state_of_terraform_0_11_is_refused(lab):
    lab.add('{"version": 3, "terraform_version": "0.11.10", "serial": 1, "modules": []}', "terraform.tfstate")
    assert "from before Terraform 0.12" in lab.fails("plan")


def test_a_copy_of_the_lab_is_taken_over_as_well(lab, tmp_path):
    """As by somebody who tries kvmform on a copy first."""
    state_of(RECORDS).write(lab.directory)
    shutil.copytree(lab.directory, tmp_path / "copy")
    assert QuickLab(tmp_path / "copy", lab.environment).plan_is_empty()
