"""Configuration for a host that others filled: with virsh, virt-install, by hand. It says what is there, and nothing
changes."""

from __future__ import annotations

import json
import re
from contextlib import closing

import libvirt
import pytest
from guest_lab import GuestLab
from lab import environment_for
from labhost import REPOSITORY

pytestmark = pytest.mark.libvirt

OBJECTS = REPOSITORY / "tests" / "cases" / "foreign"
VOLUMES = {"base.qcow2": 16, "web.qcow2": 32, "data.raw": 8, "boot.iso": 1, "runs.raw": 4}
CHILD = """
<volume><name>child.qcow2</name><capacity unit='MiB'>16</capacity><target><format type='qcow2'/></target>
<backingStore><path>/var/lib/libvirt/images/lab/base.qcow2</path><format type='qcow2'/></backingStore></volume>
"""
DEFAULT = (
    "<network><name>default</name><forward/><bridge name='virbr9'/><ip address='10.76.0.1' prefix='24'/></network>"
)
PLUGGED = """
<interface type='network'>
  <source network='lab'/><mac address='52:54:00:99:00:02'/><model type='virtio'/>
</interface>
"""
TRANSIENT = "<domain type='qemu'><name>short</name><memory unit='MiB'>16</memory><os><type>hvm</type></os></domain>"


def xml(name):
    return (OBJECTS / f"{name}.xml").read_text()


def fill(connection):
    """Objects on a host, none of which kvmform made."""
    pool = connection.storagePoolDefineXML(xml("pool-images"))
    pool.build()
    pool.create()
    pool.setAutostart(True)
    for name, size in VOLUMES.items():
        kind = "qcow2" if name.endswith("qcow2") else "raw"
        pool.createXML(
            f"<volume><name>{name}</name><capacity unit='MiB'>{size}</capacity><target><format type='{kind}'/></target>"
            "</volume>"
        )
    pool.createXML(CHILD)
    for text in (DEFAULT, *(xml(f"network-{name}") for name in ("lab", "closed", "hostbr"))):
        network = connection.networkDefineXML(text)
        if network.name() in {"lab", "closed"}:
            network.create()
    connection.networkLookupByName("lab").setAutostart(True)
    for name in ("web", "plain", "runs"):
        connection.defineXML(xml(f"domain-{name}"))
    connection.lookupByName("runs").create()
    connection.lookupByName("runs").attachDeviceFlags(PLUGGED, libvirt.VIR_DOMAIN_AFFECT_LIVE)
    connection.createXML(TRANSIENT)
    connection.lookupByName("plain").snapshotCreateXML("<domainsnapshot><name>clean</name></domainsnapshot>")


def as_it_is(connection):
    """Every definition, live and persistent, without the mark that kvmform puts into those of domains."""
    texts = {}
    for domain in connection.listAllDomains():
        for flags in (0, libvirt.VIR_DOMAIN_XML_INACTIVE):
            texts[domain.name(), domain.ID(), flags] = unmarked(domain.XMLDesc(flags))
    for network in connection.listAllNetworks():
        texts[network.name()] = network.XMLDesc(libvirt.VIR_NETWORK_XML_INACTIVE)
    return texts


def unmarked(text):
    lines = [line for line in text.splitlines() if "kvmform:owner" not in line]
    return "\n".join(lines).replace("  <metadata>\n  </metadata>\n", "")


@pytest.fixture(scope="module")
def filled(host):
    with closing(host.connect()) as connection:
        fill(connection)
    host.exec_(["truncate", "--size=1M", "/var/lib/libvirt/images/loose.img"])
    return host


def lab_of(host, directory):
    # What generated configuration says must not depend on what domains are made of elsewhere.
    return GuestLab.of_text('provider "libvirt" {}\n', directory, environment_for(host.uri), host)


def test_all_of_a_host_is_taken_over_and_nothing_changes(filled, tmp_path):
    lab = lab_of(filled, tmp_path / "lab")
    with closing(filled.connect()) as connection:
        before = as_it_is(connection)
        said = lab.kvmform("import", "-generate-config-out=host.tf").stdout
        assert "host.tf has import and resource blocks for 15 objects." in said
        assert lab.kvmform("fmt", "-check").stdout == "", "it is in canonical form"
        text = (lab.directory / "host.tf").read_text()
        for reference in (
            "pool = libvirt_pool.images.name",
            "volume_id = libvirt_volume.web.id",
            "base_volume_id = libvirt_volume.base.id",
            "network_name = libvirt_network.lab.name",
            "domain_id = libvirt_domain.plain.id",
        ):
            assert reference in re.sub(" +=", " =", text), reference
        assert "# devices/hub/@type = usb" in text.replace("#   ", "# "), "what no argument says is told"
        assert 'mac          = "52:54:00:11:22:33"' in text
        assert "vcpu_placement" not in text, "what every domain has is not"
        assert "52:54:00:99:00:02" not in text, "what goes with the next boot is not spoken of"
        assert "Plan: 15 to import, 0 to add, 0 to change, 0 to destroy." in lab.plan()
        lab.apply()
        assert lab.plan_is_empty()
        assert as_it_is(connection) == before, "and the guest runs on"
    again = lab.kvmform("import", "-generate-config-out=more.tf").stdout
    assert "nothing of that kind that is not in the state" in again


def test_import_blocks_get_what_is_missing(filled, tmp_path):
    lab = lab_of(filled, tmp_path / "lab")
    wanted = {"libvirt_domain.runs": "runs", "libvirt_volume.disk": "images/runs.raw", "libvirt_network.lab": "lab"}
    blocks = (f'import {{\n  to = {address}\n  id = "{meant}"\n}}\n' for address, meant in wanted.items())
    lab.add("".join(blocks), "imports.tf")
    text = lab.plan("-generate-config-out=generated.tf", "-out=p")
    assert "# libvirt_domain.runs will be imported\n  # (config will be generated)" in text
    assert "kvmform has generated configuration and written it to generated.tf." in text
    (lab.directory / "generated.tf").rename(lab.directory / "generated.tf.later")
    document = json.loads(lab.kvmform("show", "-json", "p").stdout)
    blocks = {each["address"]: each["change"]["generated_config"] for each in document["resource_changes"]}
    assert blocks.keys() == wanted.keys()
    assert blocks["libvirt_domain.runs"].startswith('resource "libvirt_domain" "runs" {')
    assert "volume_id = libvirt_volume.disk.id" in blocks["libvirt_domain.runs"]
    lab.kvmform("apply", "p")
    (lab.directory / "generated.tf.later").rename(lab.directory / "generated.tf")
    assert lab.plan_is_empty()
    assert lab.addresses() == sorted(wanted)
    lab.kvmform("state", "rm", *wanted)


SEEDED = """
resource "libvirt_volume" "disk" {
  name = "seeded.qcow2"
  pool = "images"
  size = 1048576
}

resource "libvirt_cloudinit_disk" "seed" {
  name           = "seed.iso"
  pool           = "images"
  user_data      = "#cloud-config\\nhostname: a\\n"
  network_config = "version: 2\\n"
}

resource "libvirt_ignition" "first" {
  name    = "first.ign"
  pool    = "images"
  content = jsonencode({ ignition = { version = "3.0.0" } })
}

resource "libvirt_combustion" "script" {
  name    = "script"
  pool    = "images"
  content = "#!/bin/sh\\necho $${done}\\n"
}

resource "libvirt_domain" "seeded" {
  name      = "seeded"
  memory    = 32
  cloudinit = libvirt_cloudinit_disk.seed.id
  running   = false

  disk {
    volume_id = libvirt_volume.disk.id
    scsi      = true
  }
}

resource "libvirt_domain" "ignited" {
  name            = "ignited"
  memory          = 32
  coreos_ignition = libvirt_ignition.first.id
  running         = false
}

resource "libvirt_domain" "combusted" {
  name            = "combusted"
  memory          = 32
  coreos_ignition = libvirt_combustion.script.id
  fw_cfg_name     = "opt/org.opensuse.combustion/script"
  running         = false
}
"""


def test_a_lab_whose_configuration_and_state_are_lost_is_had_again(filled, tmp_path):
    lost = lab_of(filled, tmp_path / "lost")
    lost.add(SEEDED, "seeded.tf")
    lost.apply()
    lab = lab_of(filled, tmp_path / "lab")
    lab.kvmform("import", "-generate-config-out=lab.tf", "*seed*", "first*", "script", "ignited", "combusted")
    text = (lab.directory / "lab.tf").read_text()
    for part in (
        "user_data = <<EOT\n#cloud-config\nhostname: a\nEOT\n",
        'content = "{\\"ignition\\":{\\"version\\":\\"3.0.0\\"}}"\n',
        "content = <<EOT\n#!/bin/sh\necho $${done}\nEOT\n",
        "libvirt_cloudinit_disk.seed.id",
        "libvirt_ignition.first.id",
        "libvirt_combustion.script.id",
        "marked as libvirt_domain.seeded",
    ):
        assert part in re.sub(" +=", " =", text), part
    assert "Plan: 7 to import, 0 to add, 0 to change, 0 to destroy." in lab.plan()
    lab.apply()
    assert lab.plan_is_empty()
    lab.destroy()


@pytest.mark.parametrize("block", ["", '  name   = "runs"\n  memory = 64\n'])
def test_one_object_is_recorded_without_a_plan(filled, tmp_path, block):
    lab = lab_of(filled, tmp_path / "lab")
    lab.add(f'resource "libvirt_domain" "mine" {{\n{block}}}\n', "mine.tf")
    with closing(filled.connect()) as connection:
        before = as_it_is(connection)
        said = lab.kvmform("import", "libvirt_domain.mine", connection.lookupByName("runs").UUIDString()).stdout
        assert "Import successful!" in said
        assert as_it_is(connection) == before
        assert 'address="libvirt_domain.mine"' in connection.lookupByName("runs").XMLDesc().replace("'", '"')
    if block:
        assert re.search(r"~ memory +(\[0\] )?= 48 -> 64", lab.plan())
    else:
        assert "/dev/random" in lab.kvmform("state", "show", "libvirt_domain.mine").stdout
    lab.kvmform("state", "rm", "libvirt_domain.mine")


def test_only_what_is_named_like_this(filled, tmp_path):
    lab = lab_of(filled, tmp_path / "lab")
    lab.kvmform("import", "-generate-config-out=web.tf", "web*", "lab")
    text = (lab.directory / "web.tf").read_text()
    assert text.count("\nimport {") == 3
    assert 'network_name = "default"' in text
    assert "Plan: 3 to import, 0 to add, 0 to change, 0 to destroy." in lab.plan()
