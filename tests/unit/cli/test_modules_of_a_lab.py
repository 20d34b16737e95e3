"""Labs whose modules come from a registry, git or an archive, from `init` to `destroy`, as a user types it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from inventory import EMPTY, simulated_inventory
from lab import environment_for
from module_sources import ModuleServer, archive, commit, module_server, repository, write_files
from quick_lab import QuickLab

PACKAGE = {
    "README.md": "A package of three modules, of which none is at the top.",
    "modules/terraform-libvirt-pool/main.tf": """
terraform {
  required_providers {
    libvirt = {
      source  = "dmacvicar/libvirt"
      version = ">= 0.6.14"
    }
  }
}
variable "pool_name" { type = string }
variable "pool_path" { type = string }
resource "libvirt_pool" "vm_pool" {
  name = var.pool_name
  type = "dir"
  path = var.pool_path
}
output "pool_name" { value = libvirt_pool.vm_pool.name }
""",
    "modules/terraform-libvirt-network/main.tf": """
variable "network_name" { type = string }
variable "network_cidr" { type = list(string) }
variable "network_dhcp_local" { default = false }
resource "libvirt_network" "vm_network" {
  name      = var.network_name
  mode      = "nat"
  addresses = var.network_cidr
  dhcp { enabled = var.network_dhcp_local }
}
output "network_id" { value = libvirt_network.vm_network.id }
""",
    "modules/terraform-libvirt-instance/main.tf": """
variable "instance_hostname" { type = string }
variable "instance_memory" { default = 512 }
variable "instance_pool" {}
variable "instance_network" {}
module "disk" {
  source = "../disk"
  name   = "${var.instance_hostname}-disk"
  pool   = var.instance_pool
}
resource "libvirt_cloudinit_disk" "seed" {
  name      = "${var.instance_hostname}-seed.iso"
  pool      = var.instance_pool
  user_data = templatefile("${path.module}/templates/user_data.tftpl", { hostname = var.instance_hostname })
}
resource "libvirt_domain" "vm" {
  name      = var.instance_hostname
  memory    = var.instance_memory
  cloudinit = libvirt_cloudinit_disk.seed.id
  disk { volume_id = module.disk.id }
  network_interface { network_id = var.instance_network }
}
output "name" { value = libvirt_domain.vm.name }
output "from" { value = path.module }
""",
    "modules/terraform-libvirt-instance/templates/user_data.tftpl": "#cloud-config\nhostname: ${hostname}\n",
    "modules/disk/main.tf": """
variable "name" {}
variable "pool" {}
resource "libvirt_volume" "disk" {
  name = var.name
  pool = var.pool
  size = 1048576
}
output "id" { value = libvirt_volume.disk.id }
""",
}

LAB = """
provider "libvirt" {}
module "pool" {
  source    = "kubelab/libvirt-resources/libvirt//modules/terraform-libvirt-pool"
  version   = "~> 0.0.1"
  pool_name = "lab"
  pool_path = "/nonexistent/lab"
}
module "network" {
  source       = "kubelab/libvirt-resources/libvirt//modules/terraform-libvirt-network"
  version      = "~> 0.0.1"
  network_name = "lab"
  network_cidr = ["10.17.9.0/24"]
}
module "instance" {
  source            = "kubelab/libvirt-resources/libvirt//modules/terraform-libvirt-instance"
  version           = "~> 0.0.1"
  for_each          = toset(["web", "db"])
  instance_hostname = each.key
  instance_pool     = module.pool.pool_name
  instance_network  = module.network.network_id
}
output "names" { value = [for instance in module.instance : instance.name] }
output "from" { value = module.instance["web"].from }
"""


@pytest.fixture
def server() -> Iterator[ModuleServer]:
    with module_server() as running:
        location = running.put("/libvirt-resources.tar.gz", archive("tar.gz", PACKAGE))
        running.versions["kubelab/libvirt-resources/libvirt"] = {"0.0.1": location, "0.0.3": location, "0.1.0": ""}
        yield running


@pytest.fixture
def lab(tmp_path: Path, server: ModuleServer) -> QuickLab:
    environment = environment_for("test+file:host.xml")
    environment |= server.write_configuration(tmp_path / "rc", "registry.terraform.io")
    return QuickLab.of_text(LAB, tmp_path / "lab", environment)


def test_a_lab_of_registry_modules_goes_up_stays_and_comes_down(lab: QuickLab) -> None:
    said = lab.kvmform("init").stdout
    assert said.startswith("Initializing modules...\nDownloading registry.terraform.io/kubelab/")
    assert "- instance.disk in .terraform/modules/instance/modules/disk\n" in said
    assert "kvmform has been successfully initialized!" in said
    assert "Plan: 8 to add" in lab.plan()
    assert "Resources: 8 added" in lab.apply()
    assert lab.plan_is_empty()
    assert sorted(lab.output("names")) == ["db", "web"]
    assert lab.output("from") == ".terraform/modules/instance/modules/terraform-libvirt-instance"
    assert 'module.instance["web"].module.disk.libvirt_volume.disk' in lab.addresses()
    lab.destroy()
    left = simulated_inventory(lab.directory / "host.xml")
    assert left.domains == left.networks == left.pools == left.volumes == EMPTY.files


def test_nothing_but_init_asks_the_registry(lab: QuickLab, server: ModuleServer) -> None:
    failed = lab.kvmform("plan", code=1).stderr
    assert failed.count("Error: Module not installed") == 3
    assert "kvmform init" in failed
    assert "main.tf line 3" in failed
    assert server.asked == []
    lab.kvmform("get")
    asked = len(server.asked)
    assert lab.kvmform("get").stdout == ""
    assert lab.kvmform("init").stdout.startswith("Initializing modules...\nkvmform has been")
    lab.plan()
    assert len(server.asked) == asked


def test_a_saved_plan_needs_no_modules(lab: QuickLab) -> None:
    lab.kvmform("init")
    lab.kvmform("plan", "-out=p")
    for name in ("pool", "network", "modules.json"):
        path = lab.directory / ".terraform" / "modules" / name
        path.unlink() if path.is_file() else shutil.rmtree(path)
    assert "Resources: 8 added" in lab.kvmform("apply", "p").stdout


def test_get_update_follows_git(lab: QuickLab, tmp_path: Path) -> None:
    url = repository(tmp_path / "repository", {"main.tf": 'output "v" { value = 1 }'})
    lab.add('module "m" { source = "git::' + url + '" }\noutput "v" { value = module.m.v }\n', "main.tf")
    lab.kvmform("get")
    commit(tmp_path / "repository", {"main.tf": 'output "v" { value = 2 }'})
    lab.kvmform("get")
    lab.apply()
    assert lab.output("v") == 1
    assert lab.kvmform("get", "-update").stdout.splitlines() == [
        f"Downloading git::{url} for m...",
        "- m in .terraform/modules/m",
    ]
    lab.apply()
    assert lab.output("v") == 2


def test_local_modules_need_no_init(lab: QuickLab) -> None:
    write_files(lab.directory, {"m/main.tf": 'output "x" { value = "here" }', "empty/notes.txt": ""})
    lab.add(
        'module "m" { source = "./m" }\nmodule "e" { source = "./empty" }\noutput "x" { value = module.m.x }\n',
        "main.tf",
    )
    lab.apply()
    assert lab.output("x") == "here"
    assert lab.kvmform("init").stdout.startswith("Initializing modules...\n- e in empty\n- m in m\n")


def test_init_as_json(lab: QuickLab) -> None:
    lines = [json.loads(line) for line in lab.kvmform("init", "-json", "-upgrade").stdout.splitlines()]
    assert [line["type"] for line in lines[:3]] == ["version", "init_output", "log"]
    assert lines[1]["message_code"] == "upgrading_modules_message"
    assert lines[2]["@message"].startswith("Downloading registry.terraform.io/kubelab")
    assert lines[-2]["message_code"] == "output_init_success_message"


def test_init_without_modules(lab: QuickLab, server: ModuleServer) -> None:
    failed = lab.kvmform("init", "-get=false", code=1)
    assert "Module not installed" in failed.stderr
    assert server.asked == []


def test_flags_of_init_that_mean_nothing_here_are_told_once(lab: QuickLab) -> None:
    lab.add('output "x" { value = 1 }', "main.tf")
    words = "-input=false -no-color -backend=true -get-plugins=true -lock-timeout=0s -reconfigure -lockfile=readonly"
    words += " -plugin-dir=/x -backend-config path=x -backend-config=a=b"
    said = lab.kvmform("init", *words.split()).stdout
    assert said.count("without effect") == 1
    assert "-lockfile, -plugin-dir: accepted, without effect here." in said
    assert said.count("Warning: Missing backend configuration") == 1
    assert "without effect" not in lab.kvmform("init", "-input=false", "-no-color").stdout


def test_init_from_a_module(lab: QuickLab, tmp_path: Path) -> None:
    url = repository(tmp_path / "repository", {"sub/main.tf": 'module "m" { source = "./m" }', "sub/m/main.tf": ""})
    failed = lab.kvmform("init", f"-from-module=git::{url}//sub", code=1)
    assert "Can't populate non-empty directory" in failed.stderr
    (lab.directory / "main.tf").unlink()
    said = lab.kvmform("init", f"-from-module=git::{url}//sub").stdout
    assert said.startswith(f'Copying configuration from "git::{url}//sub"...\n')
    assert "- m in m\n" in said
    assert sorted(path.name for path in lab.directory.iterdir()) == [".terraform", "m", "main.tf"]


def test_init_in_an_empty_directory(lab: QuickLab) -> None:
    (lab.directory / "main.tf").unlink()
    assert "initialized in an empty directory!" in lab.kvmform("init").stdout
    assert "No configuration files" in lab.kvmform("get", code=1).stderr


def test_the_providers_of_a_lab(lab: QuickLab) -> None:
    lab.kvmform("get")
    lab.apply()
    libvirt = "provider[registry.terraform.io/dmacvicar/libvirt]"
    assert lab.kvmform("providers").stdout == (
        "\nProviders required by configuration:\n.\n"
        f"├── {libvirt}\n"
        "├── module.instance\n"
        f"│\u00a0\u00a0 ├── {libvirt}\n"
        "│\u00a0\u00a0 └── module.disk\n"
        f"│\u00a0\u00a0     └── {libvirt}\n"
        "├── module.network\n"
        f"│\u00a0\u00a0 └── {libvirt}\n"
        "└── module.pool\n"
        f"    └── {libvirt} >= 0.6.14\n"
        f"\nProviders required by state:\n\n    {libvirt}\n\n"
    )


def test_subcommands_of_providers_that_have_nothing_to_do(lab: QuickLab) -> None:
    (lab.directory / ".terraform.lock.hcl").write_text("# another tool's")
    assert "nothing to lock" in lab.kvmform("providers", "lock", "-platform=linux_amd64", "x/y").stdout
    assert "nothing to mirror" in lab.kvmform("providers", "mirror", "-platform=linux_amd64", "dir").stdout
    assert (lab.directory / ".terraform.lock.hcl").read_text() == "# another tool's"
