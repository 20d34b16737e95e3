"""What is there already, under other addresses: as a user does it, on a simulated host."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lab import environment_for
from quick_lab import QuickLab

LAB = """
resource "libvirt_pool" "lab" {
  name = "lab"
  type = "dir"
  path = "/nonexistent/lab"
}
resource "libvirt_volume" "disk" {
  name = "disk"
  pool = libvirt_pool.lab.name
  size = 1048576
}
resource "libvirt_network" "net" {
  name      = "net"
  addresses = ["10.9.0.0/24"]
}
resource "libvirt_domain" "guest" {
  name = "guest"
  disk { volume_id = libvirt_volume.disk.id }
  network_interface { network_id = libvirt_network.net.id }
}
"""


@pytest.fixture
def lab(tmp_path: Path) -> QuickLab:
    return QuickLab.of_text(LAB, tmp_path / "lab", environment_for(f"test+file:{tmp_path}/host.xml"))


def test_a_lab_that_moves_into_a_module_is_left_alone(lab: QuickLab) -> None:
    lab.apply()
    before = {r["type"]: r["instances"][0]["attributes"] for r in lab.state()["resources"]}
    (lab.directory / "m").mkdir()
    (lab.directory / "main.tf").rename(lab.directory / "m" / "main.tf")
    kinds = {"libvirt_pool.lab", "libvirt_volume.disk", "libvirt_network.net", "libvirt_domain.guest"}
    moved = "".join(f"moved {{\n  from = {kind}\n  to = module.m[0].{kind}\n}}\n" for kind in kinds)
    lab.add(f'module "m" {{\n  source = "./m"\n  count = 1\n}}\n{moved}', "main.tf")

    text = lab.plan("-out=p")
    assert "# libvirt_domain.guest has moved to module.m[0].libvirt_domain.guest" in text
    assert "Plan: 0 to add, 0 to change, 0 to destroy." in text
    told = json.loads(lab.kvmform("show", "-json", "p").stdout)["resource_changes"]
    assert {c["address"]: c["previous_address"] for c in told} == {f"module.m[0].{kind}": kind for kind in kinds}
    assert all(c["change"]["actions"] == ["no-op"] for c in told)

    lab.apply()
    assert lab.plan_is_empty()
    assert 'address="module.m[0].libvirt_domain.guest"' in (lab.directory.parent / "host.xml").read_text()
    assert {r["type"]: r["instances"][0]["attributes"] for r in lab.state()["resources"]} == before
    # Without the moved blocks, too: what was moved is recorded.
    lab.add('module "m" {\n  source = "./m"\n  count = 1\n}\n', "main.tf")
    assert lab.plan_is_empty()
    lab.destroy()
    assert lab.addresses() == []


def test_a_renamed_block_without_a_moved_block_makes_its_object_anew(lab: QuickLab) -> None:
    """The old object, with the same name on the host, is deleted first; and the plan says what that costs."""
    lab.apply()
    text = (lab.directory / "main.tf").read_text()
    for kind in ("pool.lab", "volume.disk", "network.net", "domain.guest"):
        block, name = kind.split(".")
        text = text.replace(f'"libvirt_{block}" "{name}"', f'"libvirt_{block}" "new"')
        text = text.replace(f"libvirt_{kind}.", f"libvirt_{block}.new.")
    lab.add(text, "main.tf")
    plan = lab.plan()
    assert "Plan: 4 to add, 0 to change, 4 to destroy." in plan
    assert "1 data-loss: libvirt_volume.disk" in plan
    lab.apply()
    assert lab.plan_is_empty()
    assert all(address.endswith(".new") for address in lab.addresses())


IMPORTS = """
import {
  to = libvirt_pool.lab
  id = "lab"
}
import {
  to = libvirt_volume.disk
  id = "lab/disk"
}
import {
  to = libvirt_network.net
  id = "net"
}
import {
  to = libvirt_domain.guest
  id = "guest"
}
"""


def test_a_lab_that_another_state_made_is_imported_by_name(lab: QuickLab, tmp_path: Path) -> None:
    lab.apply()
    made = {r["type"]: r["instances"][0]["attributes"]["id"] for r in lab.state()["resources"]}
    heir = QuickLab.of_text(LAB + IMPORTS, tmp_path / "heir", lab.environment)
    text = heir.plan("-out=p")
    assert "# libvirt_domain.guest will be imported" in text
    assert "Plan: 4 to import, 0 to add, 0 to change, 0 to destroy." in text
    told = json.loads(heir.kvmform("show", "-json", "p").stdout)["resource_changes"]
    assert {c["type"]: c["change"]["importing"]["id"] for c in told} == {
        "libvirt_pool": "lab",
        "libvirt_volume": "lab/disk",
        "libvirt_network": "net",
        "libvirt_domain": "guest",
    }
    assert "Apply complete! Resources: 4 imported, 0 added, 0 changed, 0 destroyed." in heir.apply()
    assert {r["type"]: r["instances"][0]["attributes"]["id"] for r in heir.state()["resources"]} == made
    assert heir.plan_is_empty()
    heir.destroy()
    assert "<name>guest</name>" not in (tmp_path / "host.xml").read_text()


def test_what_is_imported_is_changed_in_place_where_it_differs(lab: QuickLab, tmp_path: Path) -> None:
    lab.apply()
    heir = QuickLab.of_text(LAB + IMPORTS, tmp_path / "heir", lab.environment)
    heir.edit("size = 1048576", "size = 2097152")
    heir.edit('name = "guest"', 'name = "guest"\n  description = "imported"')
    text = heir.plan()
    assert "libvirt_volume.disk will be updated in-place" in text
    assert '# (imported from "guest")' in text
    assert "Plan: 4 to import, 0 to add, 2 to change, 0 to destroy." in text
    heir.apply()
    assert heir.plan_is_empty()


def test_what_is_removed_without_destroying_is_still_there(lab: QuickLab, tmp_path: Path) -> None:
    lab.apply()
    kinds = ("libvirt_pool.lab", "libvirt_volume.disk", "libvirt_network.net", "libvirt_domain.guest")
    removed = (f"removed {{\n  from = {kind}\n  lifecycle {{\n    destroy = false\n  }}\n}}\n" for kind in kinds)
    lab.add("".join(removed), "main.tf")
    text = lab.plan()
    assert "# libvirt_domain.guest will no longer be managed by kvmform, but will not be destroyed" in text
    lab.apply()
    assert lab.addresses() == []
    host = (tmp_path / "host.xml").read_text()
    assert all(f"<name>{name}</name>" in host for name in ("lab", "disk", "net", "guest"))
    assert lab.plan_is_empty()
