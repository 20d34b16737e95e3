"""`kvmform import`, in Terraform's words (those of 1.11.4, asked with the same lab), on a simulated host."""

import json

import pytest
from command_line import CommandLine

PROVIDER = 'provider "libvirt" {\n  uri = "test+file:host.xml"\n}\n'
LAB = """
resource "libvirt_pool" "images" {
  name = "images"
  type = "dir"
  path = "/images"
}

resource "libvirt_volume" "disk" {
  name = "disk.qcow2"
  pool = libvirt_pool.images.name
  size = 1048576
}

resource "libvirt_network" "lab" {
  name      = "lab"
  addresses = ["10.17.3.0/24"]
}

resource "libvirt_cloudinit_disk" "seed" {
  name = "seed.iso"
  pool = libvirt_pool.images.name
}

resource "libvirt_domain" "web" {
  name   = "web"
  memory = 128

  disk {
    volume_id = libvirt_volume.disk.id
  }

  network_interface {
    network_id = libvirt_network.lab.id
  }
}

resource "libvirt_snapshot" "clean" {
  domain_id = libvirt_domain.web.id
  name      = "clean"
}
"""
RECORDED = """
resource "terraform_data" "a" {}

resource "terraform_data" "many" {
  count = 2
}

module "m" {
  source = "./m"
}
"""


@pytest.fixture
def lab(tmp_path):
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "main.tf").write_text('resource "terraform_data" "c" {}\n')
    lab = CommandLine(tmp_path).write(RECORDED)
    lab.run("init")
    return lab


@pytest.fixture
def left(tmp_path):
    """A host with the objects of a lab whose state is lost, but for the ids that it had."""
    left = CommandLine(tmp_path).applied(PROVIDER + LAB)
    ids = {address: each["attributes"]["id"] for address, each in left.state().items()}
    (tmp_path / "terraform.tfstate").unlink()
    return left, ids


def told(said):
    return " ".join(said.replace("│", " ").split())


def test_what_is_imported_is_told_and_recorded(lab):
    assert lab.run("import", "-no-color", "-input=false", "terraform_data.a", "x") == (
        'terraform_data.a: Importing from ID "x"...\n'
        "terraform_data.a: Import prepared!\n"
        "  Prepared terraform_data for import\n"
        "terraform_data.a: Refreshing state... [id=x]\n"
        "\n"
        "Import successful!\n"
        "\n"
        "The resources that were imported are shown above. These resources are now in\n"
        "your kvmform state and will henceforth be managed by kvmform.\n"
        "\n"
    )
    lab.run("import", "terraform_data.many[1]", "y")
    lab.run("import", "module.m.terraform_data.c", "z")
    listed = sorted(lab.run("state", "list").split())
    assert listed == ["module.m.terraform_data.c", "terraform_data.a", "terraform_data.many[1]"]
    assert lab.attributes("terraform_data.a") == {"id": "x", "input": None, "output": None, "triggers_replace": None}
    assert {a for a, done in lab.actions().items() if done != ["no-op"]} == {"terraform_data.many[0]"}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["terraform_data.b", "x"], 'resource address "terraform_data.b" does not exist in the configuration.'),
        (["terraform_data.b", "x"], 'create its configuration in the root module. For example: resource "terraform_'),
        (["module.m.terraform_data.b", "x"], "create its configuration in module.m. For example:"),
        (["module.n.terraform_data.b", "x"], "Import to non-existent module module.n is not defined in the"),
        (["module.m[0].terraform_data.c", "x"], "Configuration for import target does not exist"),
        (["data.terraform_data.b", "x"], "Importing into a data resource is not allowed."),
        (["terraform_data.many[2]", "x"], "The configuration for the given import terraform_data.many[2] does not"),
        (["terraform_data", "x"], "Invalid address"),
        (["terraform_data.a"], "The import command expects two arguments"),
        (["-allow-missing-config", "null_resource.a", "x"], "Resource import not supported"),
        (["-allow-missing-config", "odd_thing.a", "x"], "Invalid resource type"),
    ],
)
def test_what_is_refused(lab, words, expected):
    assert expected in told(lab.run("import", *words, code=1))
    assert not (lab.directory / "terraform.tfstate").exists()


def test_a_directory_without_configuration_is_no_lab(tmp_path):
    lab = CommandLine(tmp_path)
    lab.run("import", "terraform_data.a", "x", code=1)
    lab.run("import", "-allow-missing-config", "terraform_data.a", "x")
    assert lab.attributes("terraform_data.a")["id"] == "x"


def test_what_is_managed_is_not_imported_again(left):
    lab, ids = left
    lab.run("import", "libvirt_domain.web", "web")
    said = told(lab.run("import", "libvirt_domain.web", "web", code=1))
    assert "To import to this address you must first remove the existing object from the state." in said
    lab.write(PROVIDER + LAB + 'resource "libvirt_domain" "twin" {\n  name = "web"\n}\n')
    said = told(lab.run("import", "libvirt_domain.twin", ids["libvirt_domain.web"], code=1))
    assert "The object that is to be imported to libvirt_domain.twin is libvirt_domain.web already" in said
    lab.write('import {\n  to = libvirt_domain.twin\n  id = "web"\n}\n', "imports.tf")
    assert "libvirt_domain.web already" in told(lab.run("plan", code=1))


@pytest.mark.parametrize("by", ["name", "id"])
def test_every_type_is_imported_and_then_nothing_differs(left, by):
    lab, ids = left
    names = {
        "libvirt_pool.images": "images",
        "libvirt_volume.disk": "images/disk.qcow2",
        "libvirt_network.lab": "lab",
        "libvirt_cloudinit_disk.seed": "images/seed.iso",
        "libvirt_domain.web": "web",
        "libvirt_snapshot.clean": "web/clean",
    }
    by_id = ids | {
        "libvirt_cloudinit_disk.seed": ids["libvirt_cloudinit_disk.seed"].partition(";")[0],
        "libvirt_snapshot.clean": f"{ids['libvirt_domain.web']}/clean",
    }
    for address, meant in (names if by == "name" else dict(reversed(by_id.items()))).items():
        lab.run("import", address, meant)
    assert lab.run("state", "list").split() == sorted(names)
    lab.run("plan", "-detailed-exitcode")
    state = json.loads((lab.directory / "terraform.tfstate").read_text())
    (domain,) = [each for each in state["resources"] if each["type"] == "libvirt_domain"]
    assert domain["instances"][0]["dependencies"] == ["libvirt_network.lab", "libvirt_volume.disk"]
    assert f'lineage="{state["lineage"]}" address="libvirt_domain.web"' in (lab.directory / "host.xml").read_text()


def test_the_next_plan_says_what_differs(left):
    lab, _ = left
    lab.write(PROVIDER + LAB.replace("memory = 128", "memory = 256"))
    lab.run("import", "libvirt_domain.web", "web")
    for address, meant in (
        ("libvirt_pool.images", "images"),
        ("libvirt_volume.disk", "images/disk.qcow2"),
        ("libvirt_network.lab", "lab"),
    ):
        lab.run("import", address, meant)
    change = lab.plan("-target=libvirt_domain.web")["libvirt_domain.web"]["change"]
    assert change["actions"] == ["update"]
    assert (change["before"]["memory"], change["after"]["memory"]) == (128, 256)


def test_an_empty_block_takes_in_all_of_an_object(left):
    lab, _ = left
    lab.write(PROVIDER + 'resource "libvirt_domain" "web" {}\n')
    lab.run("import", "libvirt_domain.web", "web")
    found = lab.attributes("libvirt_domain.web")
    assert (found["memory"], len(found["disk"]), len(found["network_interface"])) == (128, 1, 1)


def test_what_has_no_block_is_imported_if_that_is_said(left):
    lab, _ = left
    second = PROVIDER.replace("{\n", '{\n  alias = "second"\n', 1)
    lab.write(PROVIDER.replace("host.xml", "other.xml") + second)
    lab.run("import", "libvirt_network.lab", "lab", code=1)
    lab.run("import", "-allow-missing-config", "libvirt_network.lab", "lab", code=1)
    lab.run("import", "-allow-missing-config", "-provider=libvirt.second", "libvirt_network.lab", "lab")
    assert lab.state()["libvirt_network.lab"]["provider"].endswith(".second")


def test_where_the_state_goes(lab):
    lab.run("import", "-state=one.tfstate", "terraform_data.a", "x")
    lab.run("import", "-state=one.tfstate", "-state-out=two.tfstate", "-backup=three", "terraform_data.many[0]", "y")
    assert lab.run("state", "list", "-state=two.tfstate").split() == ["terraform_data.a", "terraform_data.many[0]"]
    assert lab.run("state", "list", "-state=one.tfstate").split() == ["terraform_data.a"]


def test_the_configuration_may_be_elsewhere(lab):
    elsewhere = CommandLine(lab.directory / "m")
    elsewhere.run("import", "-config=..", "terraform_data.a", "x")
    assert elsewhere.attributes("terraform_data.a")["id"] == "x"
    assert not (lab.directory / "terraform.tfstate").exists()
