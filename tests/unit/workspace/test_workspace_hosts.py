"""Hosts of a run: which there are, which can be reached, and what they say of a plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from configurations import problems_of, told
from fake_host import THING, FakeHost, fake_catalogue
from labs import HOME, Lab, actions

from kvmform.diagnostics import DiagnosticError, error, warning
from kvmform.schema import Check, Problem
from kvmform.struct import replace
from kvmform.workspace import PlanOptions, Surroundings, Workspace
from kvmform.workspace.provider_name import provider_name, provider_of

ONE = 'resource "libvirt_thing" "a" { name = "a" }\n'
EAST = "fake:///east"


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path / "lab")


# Hosts.


def test_two_aliases_are_two_hosts(lab: Lab) -> None:
    lab.hosts[EAST] = FakeHost(EAST)
    lab.applied(
        f"""
        provider "libvirt" {{ uri = "{HOME}" }}
        provider "libvirt" {{
          alias = "east"
          uri   = "{EAST}"
        }}
        resource "libvirt_thing" "here" {{ name = "same name" }}
        resource "libvirt_thing" "there" {{
          name     = "same name"
          provider = libvirt.east
        }}
        """
    )
    assert lab.host.names() == lab.hosts[EAST].names() == {"same name"}
    assert lab.host.objects.keys() != lab.hosts[EAST].objects.keys()
    providers = {str(i.address): i.provider for i in lab.state.instances.values()}
    here, there = provider_name("libvirt"), provider_name("libvirt", "east")
    assert providers == {"libvirt_thing.here": here, "libvirt_thing.there": there}
    assert not lab.plan().is_applyable
    lab.destroy()
    assert not lab.host.objects
    assert not lab.hosts[EAST].objects


def test_aliases_of_one_host_share_it(lab: Lab) -> None:
    opened: list[str] = []
    text = f"""
        provider "libvirt" {{
          alias = "same"
          uri   = "{HOME}"
        }}
        resource "libvirt_thing" "a" {{ name = "a" }}
        resource "libvirt_thing" "b" {{
          name     = "b"
          provider = libvirt.same
        }}
    """
    catalogue = fake_catalogue(lab.hosts)
    around = Surroundings(directory=lab.write(text).directory, environment={"LIBVIRT_DEFAULT_URI": HOME})

    def open_host(uri: str, base: Path) -> object:
        opened.append(uri)
        return catalogue.open_host(uri, base)

    with Workspace(around, catalogue=replace(catalogue, open_host=open_host)) as workspace:
        workspace.plan(PlanOptions())
    assert opened == [HOME]
    assert lab.host.closed == 1


def test_a_module_gets_the_provider_that_is_passed_to_it(lab: Lab) -> None:
    lab.hosts[EAST] = FakeHost(EAST)
    lab.write('resource "libvirt_thing" "t" { name = "t" }\nmodule "n" { source = "../n" }', "m/main.tf")
    lab.write('resource "libvirt_thing" "t" { name = "n" }', "n/main.tf")
    lab.applied(
        f"""
        terraform {{
          required_providers {{ virt = {{ source = "dmacvicar/libvirt" }} }}
        }}
        provider "virt" {{
          alias = "east"
          uri   = "{EAST}"
        }}
        module "m" {{
          source    = "./m"
          providers = {{ libvirt = virt.east }}
        }}
        """
    )
    assert lab.hosts[EAST].names() == {"t", "n"}
    assert not lab.host.objects


def test_a_module_may_configure_its_host_itself(lab: Lab) -> None:
    """An old way, without which old labs don't run: the module's variables say where the host is."""
    lab.hosts[EAST] = FakeHost(EAST)
    module = 'variable "uri" {}\nprovider "libvirt" { uri = var.uri }\nresource "libvirt_thing" "t" { name = "t" }\n'
    lab.write(module + 'module "n" { source = "../n" }', "m/main.tf")
    lab.write('resource "libvirt_thing" "t" { name = "n" }', "n/main.tf")
    text = f'module "m" {{\n  source = "./m"\n  uri = "{EAST}"\n}}\n'
    lab.applied(text + ONE)
    assert lab.hosts[EAST].names() == {"t", "n"}
    assert lab.host.names() == {"a"}
    providers = {i.provider for i in lab.state.instances.values() if not i.address.module.is_root}
    assert providers == {provider_name("libvirt", None, "module.m")}
    assert not lab.plan().is_applyable
    (diagnostic,) = problems_of(lab.write(ONE).plan)
    assert diagnostic.summary == "Provider configuration not present"
    lab.write(text + ONE).destroy()
    assert not lab.hosts[EAST].objects


def test_an_empty_provider_block_in_a_module_stands_for_what_is_passed(lab: Lab) -> None:
    lab.hosts[EAST] = FakeHost(EAST)
    lab.write('provider "libvirt" {}\nresource "libvirt_thing" "t" { name = "t" }', "m/main.tf")
    passed = 'module "m" {\n  source = "./m"\n  count = 1\n  providers = { libvirt = libvirt.east }\n}\n'
    lab.applied(f'provider "libvirt" {{\n  alias = "east"\n  uri = "{EAST}"\n}}\n{passed}')
    assert lab.hosts[EAST].names() == {"t"}


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        (
            'resource "libvirt_thing" "a" {\n  name = "a"\n  provider = libvirt.nope\n}',
            "Provider configuration not present",
        ),
        ('provider "libvirt" { uri = 3 + "x" }\n' + ONE, "Invalid operand"),
        ('provider "libvirt" { url = "x" }\n' + ONE, "Unsupported argument"),
        ('provider "libvirt" { uri = libvirt_thing.a.serial }\n' + ONE, "Provider argument not known yet"),
        (
            'module "m" {\n  source = "./m"\n  count = 1\n}',
            "Module is incompatible with count, for_each, and depends_on",
        ),
    ],
)
def test_what_is_wrong_with_a_provider(lab: Lab, text: str, summary: str) -> None:
    lab.write('provider "libvirt" { uri = "x" }\nresource "libvirt_thing" "t" { name = "t" }', "m/main.tf")
    assert problems_of(lab.write(text).plan)[0].summary == summary


def test_a_provider_block_that_is_still_needed_must_not_go(lab: Lab) -> None:
    lab.hosts[EAST] = FakeHost(EAST)
    block = f'provider "libvirt" {{\n  alias = "east"\n  uri = "{EAST}"\n}}\n'
    lab.applied(block + ONE.replace("{ name", "{\n  provider = libvirt.east\n  name").replace(" }\n", "\n}\n"))
    (diagnostic,) = problems_of(lab.write(ONE).plan)
    assert diagnostic.summary == "Provider configuration not present"
    (diagnostic,) = problems_of(lab.write("").plan)
    assert diagnostic.summary == "Provider configuration not present"
    lab.write(block).apply()
    assert not lab.hosts[EAST].objects


def test_a_host_that_cannot_be_reached_is_told_with_its_place_and_changes_nothing(lab: Lab) -> None:
    lab.hosts[EAST] = FakeHost(EAST)
    text = f"""
provider "libvirt" {{ uri = "{HOME}" }}
provider "libvirt" {{
  alias = "east"
  uri   = "{EAST}"
}}
resource "libvirt_thing" "a" {{ name = "a" }}
resource "libvirt_thing" "b" {{
  name     = "b"
  provider = libvirt.east
}}
"""
    lab.applied(text)
    before = (lab.directory / "terraform.tfstate").read_bytes()
    lab.hosts.clear()
    found = problems_of(lab.plan)
    assert [told(d) for d in found] == [
        'main.tf:2,1 provider "libvirt": Cannot connect to the host',
        'main.tf:3,1 provider "libvirt": Cannot connect to the host',
    ]
    assert (lab.directory / "terraform.tfstate").read_bytes() == before


def test_without_refresh_an_unchanged_lab_asks_no_host(lab: Lab) -> None:
    lab.applied(ONE)
    lab.hosts.clear()
    assert not actions(lab.plan(refresh=False))


def test_an_object_that_cannot_be_read_is_named(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.applied(ONE)

    def find(_host: FakeHost, _identity: str) -> None:
        raise DiagnosticError.of("Cannot read", "It is broken.")

    monkeypatch.setattr(FakeHost, "find", find)
    (diagnostic,) = problems_of(lab.plan)
    assert (diagnostic.summary, diagnostic.address) == ("Cannot read", "libvirt_thing.a")


@pytest.mark.parametrize(
    ("name", "provider", "alias"),
    [
        (provider_name("libvirt"), "libvirt", None),
        (provider_name("libvirt", "east"), "libvirt", "east"),
        ('provider["registry.opentofu.org/dmacvicar/libvirt"].x', "libvirt", "x"),
        ('provider["registry.terraform.io/hashicorp/random"]', "random", None),
        ('module.names.provider["registry.terraform.io/hashicorp/random"].x', "random", "x"),
        ('provider["terraform.io/builtin/terraform"]', "terraform", None),
        ("provider.null.old", "null", "old"),
        ("odd", "libvirt", None),
    ],
)
def test_names_of_provider_configurations(name: str, provider: str, alias: str | None) -> None:
    assert provider_of(name) == (provider, alias)


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("libvirt", "registry.terraform.io/dmacvicar/libvirt"),
        ("random", "registry.terraform.io/hashicorp/random"),
        ("terraform", "terraform.io/builtin/terraform"),
    ],
)
def test_providers_have_the_addresses_that_terraform_writes(kind: str, address: str) -> None:
    assert provider_name(kind) == f'provider["{address}"]'
    assert provider_name(kind, "x", "module.a") == f'module.a.provider["{address}"].x'


# Preflight.


def test_types_check_their_plans_on_the_host(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, bool, list[str]]] = []

    def check(asked: Check[FakeHost]) -> list[Problem]:
        assert asked.host is lab.host
        seen.append((asked.address, asked.replace, [other["name"] for other in asked.others("libvirt_thing")]))
        if asked.config["size"] == 13:
            return [Problem(("size",), error("Unlucky", "It is 13."))]
        if asked.config["size"] == 12:
            raise DiagnosticError.of("Broken", "It is 12.")
        return [Problem(("part", 0, "slot"), warning("Careful", "Maybe."))]

    def catalogue(hosts: dict[str, FakeHost]) -> Any:
        return replace(fake_catalogue(hosts), types={THING.name: replace(THING, check=check)})

    monkeypatch.setattr("labs.fake_catalogue", catalogue)
    text = 'resource "libvirt_thing" "a" {{\n  name = "{}"\n  size = {}\n  part {{ name = "p" }}\n}}\n'
    lab.applied(text.format("a", 1))
    lab.write(text.format("b", 13) + 'resource "libvirt_thing" "c" {\n  name = "c"\n  size = 12\n}')
    found = problems_of(lab.plan)
    assert [(told(d), d.address) for d in found] == [
        ("main.tf:3,10 13: Unlucky", "libvirt_thing.a"),
        ('main.tf:6,1 resource "libvirt_thing" "c": Broken', "libvirt_thing.c"),
    ]
    assert seen == [
        ("libvirt_thing.a", False, ["a"]),
        ("libvirt_thing.a", True, ["b", "c"]),
        ("libvirt_thing.c", False, ["b", "c"]),
    ]
    with lab.write(text.format("a", 2)).workspace() as workspace:
        workspace.plan(PlanOptions())
        assert [told(w) for w in workspace.warnings] == ["main.tf:4,3 part: Careful"]
