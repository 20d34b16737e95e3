"""Something fails midway: the rest is made, nothing half-made stays, and the next apply completes what was mended."""

import http.server
import threading
from functools import partial

import pytest
from guest_lab import GuestLab

pytestmark = [pytest.mark.libvirt, pytest.mark.guest, pytest.mark.slow]

POOL = "/var/lib/libvirt/images/failures"

TWO_GUESTS = """
variable "base_image" { type = string }

variable "second_image" { type = string }

variable "second_port" { type = number }

resource "libvirt_pool" "lab" {
  name = "failures"
  type = "dir"

  target {
    path = "/var/lib/libvirt/images/failures"
  }
}

resource "libvirt_network" "lab" {
  name      = "failures"
  addresses = ["10.17.20.0/24"]
  stp       = false
}

resource "libvirt_volume" "disk" {
  for_each = { one = var.base_image, two = var.second_image }

  name   = "${each.key}.qcow2"
  pool   = libvirt_pool.lab.name
  source = each.value
}

resource "libvirt_domain" "guest" {
  for_each = { one = 4801, two = var.second_port }

  name   = each.key
  memory = 192

  disk {
    volume_id = libvirt_volume.disk[each.key].id
  }

  network_interface {
    network_id     = libvirt_network.lab.id
    wait_for_lease = true
  }

  console {
    type           = "tcp"
    target_type    = "serial"
    target_port    = "0"
    source_service = each.value
  }
}
"""


@pytest.fixture
def lab(host, environment, guest_image, tmp_path):
    lab = GuestLab.of_text(TWO_GUESTS, tmp_path / "lab", environment, host)
    lab.environment["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    lab.give(second_image=str(guest_image), second_port=4802)
    yield lab
    lab.come_down()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """One that keeps its log to itself."""

    def log_message(self, *_):
        pass


@pytest.fixture
def web(tmp_path):
    """A directory, and the URL at which a web server has it."""
    directory = tmp_path / "web"
    directory.mkdir()
    handler = partial(QuietHandler, directory=str(directory))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield directory, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def volumes(lab):
    return {volume.removeprefix("failures/") for volume in lab.inventory().volumes}


def test_an_image_that_is_not_there_costs_only_its_own_guest(lab, web, guest_image):
    directory, url = web
    lab.give(second_image=f"{url}/guest.qcow2")
    said = lab.apply(code=1)
    assert 'libvirt_volume.disk["two"]: failed' in said
    assert "404" in said
    assert "Apply incomplete. Resources: 4 added, 0 changed, 0 destroyed." in said
    assert 'libvirt_domain.guest["two"]: Creating' not in said
    assert lab.inventory().domains == {"one"}
    assert volumes(lab) == {"one.qcow2"}
    before = lab.report("one")

    (directory / "guest.qcow2").symlink_to(guest_image)
    assert "Resources: 2 added, 0 changed, 0 destroyed." in lab.apply()
    assert lab.boots("two") == 1
    assert lab.report("one").boot_id == before.boot_id
    assert lab.plan_is_empty()


def test_a_port_that_is_taken_leaves_a_domain_that_the_next_apply_starts(lab):
    lab.give(second_port=4801)
    said = lab.apply("-parallelism=1", code=1)
    assert "Address already in use" in said
    assert "Apply incomplete. Resources: 5 added, 0 changed, 0 destroyed." in said
    assert lab.inventory().domains == {"one", "two"}
    assert len(lab.addresses()) == 6

    lab.give(second_port=4802)
    plan = lab.plan()
    assert "an earlier apply did not finish it, or it was deleted outside; this goes on from what is there" in plan
    lab.apply()
    assert (lab.boots("one"), lab.boots("two")) == (1, 1)
    assert lab.plan_is_empty()


def test_a_pool_that_is_full_midway_has_no_half_image(lab):
    lab.in_host("mkdir", "-p", POOL)
    lab.in_host("mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", POOL)
    try:
        said = lab.apply("-parallelism=1", code=1)
        assert "No space left" in said
        assert "on a larger disk" in said
        (file,) = lab.in_host("ls", POOL).split()
        assert lab.inventory().domains == {file.removesuffix(".qcow2")}

        lab.in_host("mount", "-o", "remount,size=200m", POOL)
        lab.apply()
        assert set(lab.in_host("ls", POOL).split()) == {"one.qcow2", "two.qcow2"}
        assert (lab.boots("one"), lab.boots("two")) == (1, 1)
        assert lab.plan_is_empty()
    finally:
        lab.destroy()
        lab.in_host("umount", POOL)
        lab.in_host("rmdir", POOL)
