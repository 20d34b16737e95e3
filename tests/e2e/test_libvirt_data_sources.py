"""Data sources of libvirt on a real host: what somebody else made, what the same plan makes, and the host itself."""

import contextlib

import libvirt
import pytest
from lab import Lab, environment_for
from lab_xml import disk_xml, guest_xml, interface_xml

pytestmark = pytest.mark.libvirt

OTHERS = """
provider "libvirt" {}

provider "libvirt" {
  alias = "simulated"
  uri   = "test:///default"
}

data "libvirt_network" "net" { name = "others" }
data "libvirt_pool" "pool" { name = "others" }

data "libvirt_volume" "disk" {
  name = "disk"
  pool = data.libvirt_pool.pool.name
}

data "libvirt_volume" "same" { id = data.libvirt_volume.disk.id }
data "libvirt_domain" "guest" { id = "6f5f3a0c-2c52-4f9c-8d3c-b2a5ad3e0c11" }

data "libvirt_snapshot" "before" {
  domain_id = data.libvirt_domain.guest.id
  name      = "before"
}

data "libvirt_domain_interface_addresses" "guest" { domain = "others" }

data "libvirt_network" "default" {
  provider = libvirt.simulated
  name     = "default"
}

data "libvirt_node_info" "host" {}
data "libvirt_node_devices" "net" { capability = "net" }

data "libvirt_node_device_info" "each" {
  for_each = data.libvirt_node_devices.net.devices
  name     = each.key
}

output "network" { value = data.libvirt_network.net }
output "pool" { value = data.libvirt_pool.pool }
output "disk" { value = data.libvirt_volume.disk }
output "same" { value = data.libvirt_volume.same }
output "guest" { value = data.libvirt_domain.guest }
output "before" { value = data.libvirt_snapshot.before }
output "addresses" { value = data.libvirt_domain_interface_addresses.guest.interfaces }
output "simulated" { value = data.libvirt_network.default.addresses }
output "host" { value = data.libvirt_node_info.host }
output "devices" { value = { for name, device in data.libvirt_node_device_info.each : name => device } }
"""

NETWORK = """
<network><name>others</name><bridge name='others0'/>
  <ip address='10.17.60.1' netmask='255.255.255.0'><dhcp>
    <range start='10.17.60.100' end='10.17.60.200'/>
    <host mac='52:54:00:60:00:01' ip='10.17.60.10'/>
  </dhcp></ip>
</network>"""

IMAGES = "/var/lib/libvirt/images"


@pytest.fixture(scope="module")
def others(host):
    """A network, a storage pool with a volume, and a guest with a snapshot that somebody else made."""
    with contextlib.closing(host.connect()) as connection:
        network = connection.networkDefineXML(NETWORK)
        network.create()
        pool = connection.storagePoolDefineXML(
            f"<pool type='dir'><name>others</name><target><path>{IMAGES}/others</path></target></pool>"
        )
        pool.build()
        pool.create()
        pool.createXML(
            "<volume><name>disk</name><capacity unit='MiB'>8</capacity><target><format type='qcow2'/></target></volume>"
        )
        disk = disk_xml(f"{IMAGES}/others/disk", "vda")
        xml = guest_xml("others", "qemu", disk, interface_xml("others", "52:54:00:60:00:01"))
        name = "<name>others</name>"
        guest = connection.defineXML(xml.replace(name, f"{name}<uuid>6f5f3a0c-2c52-4f9c-8d3c-b2a5ad3e0c11</uuid>"))
        guest.snapshotCreateXML("<domainsnapshot><name>before</name><description>clean</description></domainsnapshot>")
        guest.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED)
        yield
        guest.destroy()
        guest.undefineFlags(libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA)
        network.destroy()
        network.undefine()
        pool.storageVolLookupByName("disk").delete()
        pool.destroy()
        pool.delete()
        pool.undefine()


@pytest.fixture(scope="module")
def reading(host, others, tmp_path_factory):  # noqa: ARG001 - it is there
    """A lab that has read everything."""
    lab = Lab.of_text(OTHERS, tmp_path_factory.mktemp("reading"), environment_for(host.uri))
    lab.apply()
    return lab


@pytest.fixture
def lab(host, tmp_path):
    return lambda text: Lab.of_text(text, tmp_path / "lab", environment_for(host.uri))


def test_what_somebody_else_made_is_told_in_the_words_of_the_resource_types(reading):
    network, guest = reading.output("network"), reading.output("guest")
    assert (network["mode"], network["addresses"], network["active"]) == ("none", ["10.17.60.0/24"], True)
    (dhcp,) = network["dhcp"]
    assert [(found["mac"], found["ip"]) for found in dhcp["hosts"]] == [("52:54:00:60:00:01", "10.17.60.10")]
    assert [(found["start"], found["end"]) for found in dhcp["ranges"]] == [("10.17.60.100", "10.17.60.200")]
    assert reading.output("pool")["path"] == f"{IMAGES}/others"
    assert reading.output("disk") == reading.output("same")
    assert (reading.output("disk")["id"], reading.output("disk")["size"]) == (f"{IMAGES}/others/disk", 8 << 20)
    assert (guest["name"], guest["memory"], guest["vcpu"], guest["paused"]) == ("others", 128, 1, True)
    assert [nic["network_id"] for nic in guest["network_interface"]] == [network["id"]]
    assert (reading.output("before")["description"], reading.output("before")["id"]) == (
        "clean",
        f"{guest['id']}/before",
    )
    assert reading.output("addresses") == []
    assert reading.output("simulated") == ["192.168.122.0/24"]
    assert reading.plan_is_empty()


def test_the_host_tells_what_it_is_and_has(reading, host):
    with contextlib.closing(host.connect()) as connection:
        model, memory, cpus, _, cells, sockets, cores, threads = connection.getInfo()
    told = reading.output("host")
    assert (told["cpu_model"], told["memory_total_kb"], told["cpu_cores_total"]) == (model, memory * 1024, cpus)
    assert [told[f"cpu_{name}"] for name in ("sockets", "cores_per_socket", "threads_per_core")] == [
        sockets,
        cores,
        threads,
    ]
    assert told["numa_nodes"] == cells
    (loopback,) = (device for name, device in reading.output("devices").items() if name.startswith("net_lo_"))
    (capability,) = loopback["capability"]
    assert (loopback["path"], loopback["parent"]) == ("/sys/devices/virtual/net/lo", "computer")
    assert (capability["type"], capability["interface"]) == ("net", "lo")
    assert capability["address"] == "00:00:00:00:00:00"
    assert "rx" in capability["features"]
    assert capability["link"] == {"speed": "", "state": "unknown"}


MADE = """
resource "libvirt_network" "lab" {
  name      = "made"
  mode      = "none"
  addresses = ["10.17.61.0/24"]
  stp       = false
}

data "libvirt_network" "by_id" { id = libvirt_network.lab.id }

data "libvirt_network" "behind" {
  name       = "made"
  depends_on = [libvirt_network.lab]
}

check "network" {
  data "libvirt_network" "seen" { name = "made" }

  assert {
    condition     = data.libvirt_network.seen.active
    error_message = "The network is not active."
  }
}

output "bridges" { value = [data.libvirt_network.by_id.bridge, data.libvirt_network.behind.bridge] }
output "bridge" { value = libvirt_network.lab.bridge }
"""


def test_what_the_same_plan_makes_is_read_once_it_is_made(lab):
    made = lab(MADE)
    planned = made.plan()
    assert "(known after apply)" in planned
    assert "No such network" in planned  # The check finds none yet; that stops nothing.
    said = made.apply()
    assert "data.libvirt_network.by_id: Reading" in said
    assert made.output("bridges") == [made.output("bridge")] * 2
    assert made.plan_is_empty()

    made.edit('addresses = ["10.17.61.0/24"]', 'addresses = ["10.17.62.0/24"]')
    assert "data.libvirt_network.behind will be read during apply" in made.plan()
    made.apply()
    assert made.plan_is_empty()
    made.destroy()


def test_what_is_not_there_is_said_at_the_block(lab):
    missing = lab('data "libvirt_pool" "images" {\n  name = "missing"\n}\n')
    said = missing.fails("plan")
    assert "No such storage pool" in said
    assert 'main.tf line 1: 1: data "libvirt_pool" "images" {' in said
    missing.add('data "libvirt_volume" "none" {\n  name = "x"\n}\n', "main.tf")
    assert "A volume is seen while its storage pool is active" in missing.fails("plan")
    missing.add('data "libvirt_volume" "both" {\n  id   = "/x"\n  name = "x"\n  size = 1\n}\n', "main.tf")
    said = missing.fails("validate")
    assert '"size" is decided when the object is made or read' in said
    missing.add('data "libvirt_snapshot" "whose" { name = "x" }', "main.tf")
    assert "Other domains may have a snapshot of this name" in missing.fails("validate")
