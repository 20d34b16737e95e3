"""Volumes on a real host: each of their arguments changed, as the plan says; images from a server with trouble."""

from __future__ import annotations

import hashlib
import os
import subprocess
from contextlib import closing

import pytest
from image_server import image_server
from quick_lab import QuickLab

pytestmark = pytest.mark.libvirt

MIB = 2**20
DIRECTORY = "/var/lib/libvirt/images/changes"
POOLS = """
resource "libvirt_pool" "images" {
  name = "images"
  type = "dir"
  path = "/var/lib/libvirt/images/changes"
}

resource "libvirt_pool" "bases" {
  name = "bases"
  type = "dir"
  path = "/var/lib/libvirt/images/bases"
}
"""
DATA = """
resource "libvirt_volume" "data" {
  name = "data"
  pool = "images"
  size = 1048576
}
"""


@pytest.fixture
def lab(environment, tmp_path):
    lab = QuickLab.of_text(POOLS, tmp_path / "lab", environment | {"XDG_CACHE_HOME": str(tmp_path / "cache")})
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        lab.environment.pop(name, None)
    yield lab
    lab.destroy()


@pytest.fixture
def image(tmp_path):
    """A qcow2 image with 3 MiB of data, and a maker of further versions of it."""
    path = tmp_path / "image.qcow2"

    def make():
        (tmp_path / "plain").write_bytes(os.urandom(3 * MIB))
        words = ["qemu-img", "convert", "-f", "raw", "-O", "qcow2", tmp_path / "plain", path]
        subprocess.run(words, check=True, capture_output=True)
        return path.read_bytes()

    make()
    return path, make


def content(host, name="data"):
    """What a guest sees in a volume of the pool `images`, and what it is a linked clone of."""
    file = f"{DIRECTORY}/{name}"
    sums = host.exec_(["sh", "-c", f"qemu-img convert -O raw {file} /run/seen && sha256sum /run/seen"]).split()[0]
    return sums, [line for line in host.exec_(["qemu-img", "info", file]).splitlines() if "backing file:" in line]


def plain(path, tmp_path):
    subprocess.run(["qemu-img", "convert", "-O", "raw", path, tmp_path / "seen"], check=True)
    return hashlib.sha256((tmp_path / "seen").read_bytes()).hexdigest()


@pytest.mark.changes("libvirt_volume.name", "libvirt_volume.keep", "libvirt_volume.xml", "libvirt_volume.xml.xslt")
def test_what_makes_another_volume_says_so_and_what_is_kept_stays(host, lab):
    def files():
        return host.exec_(["ls", DIRECTORY]).split()

    lab.add(DATA, "data.tf")
    lab.apply()
    lab.edit('"data"\n  pool', '"other"\n  pool', "data.tf")
    assert "Disruption: data-loss" in lab.plan()
    lab.apply()
    assert files() == ["other"]
    assert lab.plan_is_empty()
    sheet = (
        '<xsl:stylesheet version=\\"1.0\\" xmlns:xsl=\\"http://www.w3.org/1999/XSL/Transform\\">'
        '<xsl:template match=\\"node()|@*\\"><xsl:copy><xsl:apply-templates select=\\"node()|@*\\"/></xsl:copy>'
        '</xsl:template><xsl:template match=\\"mode/text()\\">0600</xsl:template></xsl:stylesheet>'
    )
    lab.edit("size = 1048576", f'size = 1048576\n  xml {{\n    xslt = "{sheet}"\n  }}', "data.tf")
    assert "Disruption: data-loss" in lab.plan()
    lab.apply()
    assert host.exec_(["stat", "-c", "%a", f"{DIRECTORY}/other"]).strip() == "600"
    assert lab.plan_is_empty()
    lab.edit("0600", "0640", "data.tf")
    assert "Disruption: data-loss" in lab.plan()
    lab.apply()
    assert host.exec_(["stat", "-c", "%a", f"{DIRECTORY}/other"]).strip() == "640"
    lab.edit("size = 1048576", "size = 1048576\n  keep = true", "data.tf")
    assert "Disruption: none" in lab.plan()
    lab.apply()
    assert lab.plan_is_empty()
    lab.remove("data.tf")
    assert "will no longer be managed by kvmform, but will not be destroyed" in lab.plan()
    lab.apply()
    assert files() == ["other"]
    lab.destroy()
    assert files() == ["other"]
    host.exec_(["rm", "-r", DIRECTORY])


@pytest.mark.changes(
    "libvirt_volume.base_volume_id", "libvirt_volume.base_volume_name", "libvirt_volume.base_volume_pool"
)
def test_a_linked_clone_gets_another_base_and_goes_with_one_that_is_made_anew(host, lab, image, tmp_path):
    path, make = image
    for name, pool in (("one", "bases"), ("two", "images")):
        text = DATA.replace('"data"', f'"{name}"').replace('pool = "images"', f'pool = "{pool}"')
        lab.add(text.replace("size = 1048576", f'source = "{path}"'), f"{name}.tf")
    clone = DATA.replace("size = 1048576", 'base_volume_name = "one"\n  base_volume_pool = "bases"')
    lab.add(clone, "data.tf")
    lab.apply()
    assert content(host) == (plain(path, tmp_path), ["backing file: /var/lib/libvirt/images/bases/one"])
    lab.edit('base_volume_pool = "bases"', "", "data.tf")
    assert "Base volume not found" in lab.fails("plan")
    lab.edit('base_volume_name = "one"', 'base_volume_name = "two"', "data.tf")
    assert "Disruption: data-loss" in lab.plan()
    lab.apply()
    assert content(host)[1] == [f"backing file: {DIRECTORY}/two"]
    assert lab.plan_is_empty()
    lab.edit('base_volume_name = "two"', "base_volume_id = libvirt_volume.two.id", "data.tf")
    assert "Disruption: none" in lab.plan()
    lab.apply()
    assert lab.plan_is_empty()
    lab.edit("libvirt_volume.two.id", "libvirt_volume.one.id", "data.tf")
    assert "Disruption: data-loss" in lab.plan()
    lab.apply()
    assert content(host)[1] == ["backing file: /var/lib/libvirt/images/bases/one"]
    assert lab.plan_is_empty()

    with closing(host.connect()) as connection:
        pool = connection.storagePoolLookupByName("bases")
        one = "<path>/var/lib/libvirt/images/bases/one</path><format type='qcow2'/>"
        foreign = pool.createXML(
            "<volume><name>foreign</name><capacity>4194304</capacity><target><format type='qcow2'/></target>"
            f"<backingStore>{one}</backingStore></volume>"
        )
        told = lab.fails("plan", "-replace=libvirt_volume.one")
        assert "these volumes are linked clones of it, which would lose what they hold" in told
        foreign.delete()
    by_name = 'base_volume_name = libvirt_volume.one.name\n  base_volume_pool = "bases"'
    lab.edit("base_volume_id = libvirt_volume.one.id", by_name, "data.tf")
    lab.apply()
    make()
    plan = lab.plan("-replace=libvirt_volume.one")
    assert "libvirt_volume.data must be replaced" in plan
    lab.apply("-replace=libvirt_volume.one")
    assert content(host) == (plain(path, tmp_path), ["backing file: /var/lib/libvirt/images/bases/one"])
    assert lab.plan_is_empty()


VOLUMES = """
variable "url" {}

variable "checksum" {
  default = null
}

resource "libvirt_volume" "disk" {
  count = 3

  name     = "disk${count.index}"
  pool     = "images"
  source   = var.url
  checksum = var.checksum
  size     = 16777216
}
"""


@pytest.mark.changes("libvirt_volume.source", "libvirt_volume.checksum")
def test_an_image_is_fetched_once_past_broken_connections_and_only_with_its_checksum(host, lab, image, tmp_path):
    path, make = image
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    lab.add(VOLUMES, "volumes.tf")
    with image_server() as server:
        server.content = path.read_bytes()
        lab.give(url=server.url, checksum=f"sha256:{'0' * 64}")
        assert "adds up to" in lab.apply(code=1)
        assert host.exec_(["ls", DIRECTORY]) == ""
        assert len(server.requests) == 1

        server.plan = ["break", 503]
        server.etag = '"v2"'
        lab.give(checksum=f"sha256:{digest}")
        lab.apply()
        assert [("Range" in each, "If-Range" in each) for each in server.requests[1:]] == [
            (False, False),
            (True, True),
            (True, True),
        ]
        assert content(host, "disk0")[0] == content(host, "disk2")[0]
        assert lab.plan_is_empty()

        server.content, server.etag = make(), '"v3"'
        digest = hashlib.sha256(server.content).hexdigest()
        server.texts["/SHA256SUMS"] = f"{'1' * 64}  other.qcow2\n{digest} *image.qcow2\n"
        assert lab.plan_is_empty()
        lab.give(checksum=server.at("SHA256SUMS"))
        plan = lab.plan()
        assert "another checksum means another image" in plan
        assert "Disruption: data-loss" in plan
        lab.apply()
        seen = subprocess.run(["qemu-img", "convert", "-O", "raw", path, tmp_path / "seen"], check=True)
        assert seen.returncode == 0
        expected = hashlib.sha256((tmp_path / "seen").read_bytes().ljust(16 * MIB, b"\0")).hexdigest()
        assert content(host, "disk1")[0] == expected
        assert lab.plan_is_empty()
        count = len(server.requests)
        lab.give(url=str(path))
        assert "a new source means a new volume" in lab.plan()
        lab.apply()
        assert len(server.requests) == count
        assert content(host, "disk1")[0] == expected


SHARED = """
resource "libvirt_volume" "shared" {
  name   = "shared"
  pool   = libvirt_pool.images.name
  format = "raw"
  size   = 1048576
}

resource "libvirt_domain" "guest" {
  count            = 2
  name             = "guest${count.index}"
  memory           = 64
  shutdown_timeout = 0

  disk {
    volume_id = libvirt_volume.shared.id
    shareable = true
  }
}
"""


@pytest.mark.changes("libvirt_volume.size")
def test_a_volume_grows_under_all_of_its_guests_or_not_at_all(host, lab):
    lab.add(SHARED, "shared.tf")
    lab.apply()
    lab.edit("1048576", "2097152", "shared.tf")
    lab.apply()
    assert lab.plan_is_empty()
    with closing(host.connect()) as connection:
        guests = [connection.lookupByName(f"guest{number}") for number in range(2)]
        assert [guest.blockInfo("vda")[0] for guest in guests] == [2 * MIB, 2 * MIB]
    lab.edit("shareable = true", "readonly = true", "shared.tf")
    lab.apply()
    lab.edit("2097152", "3145728", "shared.tf")
    assert "can only read it; libvirt can't give such a disk another size" in lab.fails("plan")
    lab.edit("count            = 2", "count            = 0", "shared.tf")
    lab.edit("3145728", "2097152", "shared.tf")
    lab.apply()
    lab.edit("2097152", "3145728", "shared.tf")
    lab.apply()
    assert lab.plan_is_empty()


@pytest.mark.changes("libvirt_volume.size")
def test_a_volume_under_the_file_of_a_snapshot_does_not_grow(host, lab):
    lab.add(SHARED.replace('"raw"', '"qcow2"').replace("    shareable = true\n", "").replace("= 2", "= 1"), "shared.tf")
    lab.apply()
    with closing(host.connect()) as connection:
        guest = connection.lookupByName("guest0")
        guest.snapshotCreateXML("<domainsnapshot><name>hand</name></domainsnapshot>", 16)
        lab.edit("1048576", "2097152", "shared.tf")
        assert "in the file of a snapshot over this volume" in lab.fails("plan")
        lab.edit("2097152", "1048576", "shared.tf")
