"""Providers in plan JSON: which configurations there are, and which one each resource uses."""

from configurations import load

from kvmform.view.configuration_json import configuration_form

ROOT = """
terraform {
  required_providers {
    random  = { source = "hashicorp/random", version = "~> 3.5" }
    libvirt = { source = "dmacvicar/libvirt" }
  }
}
provider "libvirt" { uri = "qemu:///system" }
provider "libvirt" {
  alias = "east"
  uri   = "qemu+ssh://east/system"
}
module "m" {
  source    = "./m"
  providers = { libvirt = libvirt.east }
}
resource "terraform_data" "a" {}
"""
MODULE = """
provider "null" {}
resource "null_resource" "n" {}
resource "terraform_data" "b" {}
resource "libvirt_thing" "t" { name = "t" }
"""


def test_each_configuration_is_told_once() -> None:
    form = configuration_form(load({"main.tf": ROOT, "m/main.tf": MODULE}))
    libvirt = {"name": "libvirt", "full_name": "registry.terraform.io/dmacvicar/libvirt"}
    assert form["provider_config"] == {
        "libvirt": libvirt | {"expressions": {"uri": {"constant_value": "qemu:///system"}}},
        "libvirt.east": libvirt
        | {"alias": "east", "expressions": {"uri": {"constant_value": "qemu+ssh://east/system"}}},
        "module.m:null": {
            "name": "null",
            "full_name": "registry.terraform.io/hashicorp/null",
            "module_address": "module.m",
        },
        "random": {
            "name": "random",
            "full_name": "registry.terraform.io/hashicorp/random",
            "version_constraint": "~> 3.5",
        },
        "terraform": {"name": "terraform", "full_name": "terraform.io/builtin/terraform"},
    }


def test_resources_name_the_configuration_that_they_use() -> None:
    form = configuration_form(load({"main.tf": ROOT, "m/main.tf": MODULE}))
    (own,) = form["root_module"]["resources"]
    assert own["provider_config_key"] == "terraform"
    inside = form["root_module"]["module_calls"]["m"]["module"]["resources"]
    assert {r["address"]: r["provider_config_key"] for r in inside} == {
        "libvirt_thing.t": "libvirt.east",
        "null_resource.n": "module.m:null",
        "terraform_data.b": "terraform",
    }
