"""`plan -generate-config-out`, in Terraform's words (those of 1.11.4, asked with the same blocks)."""

import json

import pytest
from command_line import CommandLine

PROVIDER = 'provider "libvirt" {\n  uri = "test:///default"\n}\n'
DATA = 'import {\n  to = terraform_data.a\n  id = "x"\n}\n'
LAB = PROVIDER + (
    'import {\n  to = libvirt_domain.guest\n  id = "test"\n}\n'
    'import {\n  to = libvirt_network.lab\n  id = "default"\n}\n'
    'import {\n  to = libvirt_pool.images\n  id = "default-pool"\n}\n'
)


@pytest.fixture
def lab(tmp_path):
    return CommandLine(tmp_path)


def told(said):
    return " ".join(said.replace("│", " ").split())


def test_what_is_imported_gets_a_block_that_is_as_it_is(lab):
    said = lab.write(LAB).run("plan", "-generate-config-out=gen.tf")
    assert "  # libvirt_domain.guest will be imported\n  # (config will be generated)\n" in said
    assert "Plan: 3 to import, 0 to add, 0 to change, 0 to destroy." in said
    assert "kvmform has generated configuration and written it to gen.tf. Please review" in said
    lab.run("fmt", "-check", "gen.tf")
    assert (lab.directory / "gen.tf").read_text() == (
        "# __generated__ by kvmform\n"
        "# Please review these resources and move them into your main configuration files.\n"
        "\n"
        '# __generated__ by kvmform from "test"\n'
        'resource "libvirt_domain" "guest" {\n'
        '  name                = "test"\n'
        '  type                = "test"\n'
        "  memory              = 2048\n"
        "  max_memory          = 8192\n"
        "  vcpu                = 2\n"
        "  guest_agent_channel = false\n"
        "\n"
        "  disk {\n"
        '    file = "/guest/diskimage1"\n'
        "  }\n"
        "\n"
        "  network_interface {\n"
        "    network_name = libvirt_network.lab.name\n"
        '    mac          = "AA:BB:CC:DD:EE:FF"\n'
        '    target_dev   = "testnet0"\n'
        "  }\n"
        "\n"
        "  features {\n"
        "    acpi = false\n"
        "    apic = false\n"
        "    pae  = false\n"
        "  }\n"
        "}\n"
        "\n"
        '# __generated__ by kvmform from "default"\n'
        'resource "libvirt_network" "lab" {\n'
        '  name      = "default"\n'
        '  bridge    = "virbr0"\n'
        '  addresses = ["192.168.122.0/24"]\n'
        "}\n"
        "\n"
        '# __generated__ by kvmform from "default-pool"\n'
        'resource "libvirt_pool" "images" {\n'
        '  name      = "default-pool"\n'
        '  type      = "dir"\n'
        "  autostart = false\n"
        "\n"
        "  target {\n"
        '    path = "/default-pool"\n'
        "  }\n"
        "}\n"
    )
    assert "Plan: 3 to import, 0 to add, 0 to change, 0 to destroy." in lab.run("plan")


def test_the_plan_has_what_was_generated_wherever_it_is_written(lab):
    (lab.directory / "elsewhere").mkdir()
    change = lab.write(DATA).plan("-generate-config-out=elsewhere/gen.txt")["terraform_data.a"]["change"]
    assert change["generated_config"] == 'resource "terraform_data" "a" {\n}\n'
    assert change["importing"] == {"id": "x"}
    lab.run("apply", "saved")
    assert lab.attributes("terraform_data.a")["id"] == "x"


def test_the_stream_has_it_too(lab):
    lines = lab.write(DATA).run("plan", "-json", "-generate-config-out=gen.tf").splitlines()
    (change,) = [m["change"] for m in map(json.loads, lines) if m["type"] == "planned_change"]
    assert change["generated_config"].startswith('resource "terraform_data" "a" {')


def test_nothing_is_written_where_nothing_is_missing(lab):
    lab.write(DATA + 'resource "terraform_data" "a" {}\n').run("plan", "-generate-config-out=gen.tf")
    assert not (lab.directory / "gen.tf").exists()


@pytest.mark.parametrize("words", [["validate"], ["init"], ["plan", "-refresh-only"], ["plan", "-destroy"]])
def test_what_is_yet_to_be_generated_is_no_mistake(lab, words):
    lab.write(DATA).run(*words)
    assert "does not exist" in told(lab.run("plan", code=1))
    assert "does not exist" in told(lab.write(DATA.replace(".a", '.a["k"]')).run(*words, code=1))


def test_an_import_of_what_it_defines_is_no_cycle(lab):
    lab.write('resource "terraform_data" "a" {}\n' + DATA.replace('"x"', "terraform_data.a.id"))
    said = told(lab.run("validate", code=1))
    assert "The import ID cannot reference the resource being imported." in said
    assert "Cycle" not in said


def test_no_file_is_written_over(lab):
    lab.write(DATA).write("# mine\n", "gen.tf")
    assert "Target generated file already exists" in told(lab.run("plan", "-generate-config-out=gen.tf", code=1))
    assert (lab.directory / "gen.tf").read_text() == "# mine\n"


EACH = 'import {\n  for_each = { x = "1" }\n  to = terraform_data.a[each.key]\n  id = each.value\n}\n'


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        (DATA, [], "use the -generate-config-out option within kvmform plan."),
        (EACH, ["-generate-config-out=gen.tf"], "used with import blocks which use for_each, or resources which use"),
        (
            DATA.replace(".a", '.a["k"]'),
            ["-generate-config-out=gen.tf"],
            "The given import block is not compatible with config generation.",
        ),
        (
            DATA.replace("terraform", "module.m.terraform", 1),
            ["-generate-config-out=gen.tf"],
            "All target instances must have an associated configuration to be imported.",
        ),
        (DATA.replace("terraform_data", "null_resource"), ["-generate-config-out=gen.tf"], "import not supported"),
        (
            PROVIDER + 'import {\n  to = libvirt_domain.a\n  id = "nope"\n}\n',
            ["-generate-config-out=gen.tf"],
            "Cannot import non-existent remote object",
        ),
        (
            PROVIDER + 'import {\n  to = libvirt_volume.a\n  id = "nope"\n}\n',
            ["-generate-config-out=gen.tf"],
            "Its id here is POOL/NAME",
        ),
        (DATA, ["-destroy", "-generate-config-out=gen.tf"], "Invalid generate-config-out flag"),
        (DATA, ["-refresh-only", "-generate-config-out=gen.tf"], "only be generated during a normal plan operation"),
        (
            DATA.replace("id ", "provider = terraform.b\n  id ") + 'resource "terraform_data" "a" {}\n',
            [],
            "The provider argument can only be specified in import blocks that will generate configuration.",
        ),
        (DATA.replace('"x"', "terraform_data.b.id"), ["-generate-config-out=gen.tf"], "Reference to undeclared"),
    ],
)
def test_what_is_refused(lab, text, words, expected):
    assert expected in told(lab.write(text).run("plan", *words, code=1))
    assert not (lab.directory / "gen.tf").exists()


def test_the_provider_of_a_block_is_that_of_its_import(lab):
    second = PROVIDER.replace("{\n", '{\n  alias = "second"\n', 1)
    block = 'import {\n  to = libvirt_pool.p\n  id = "default-pool"\n  provider = libvirt.second\n}\n'
    lab.write(second + block).run("plan", "-generate-config-out=gen.tf")
    assert '  provider  = libvirt.second\n  name      = "default-pool"\n' in (lab.directory / "gen.tf").read_text()


def test_all_of_a_host_is_written_but_what_is_recorded(lab):
    lab.write(PROVIDER)
    said = lab.run("import", "-generate-config-out=all.tf")
    assert "all.tf has import and resource blocks for 3 objects." in said
    text = (lab.directory / "all.tf").read_text()
    assert text.count("\nimport {") == text.count("\nresource ") == 3
    assert "Plan: 3 to import, 0 to add, 0 to change, 0 to destroy." in lab.run("plan")
    (lab.directory / "all.tf").unlink()
    lab.run("import", "-allow-missing-config", "libvirt_pool.default-pool", "default-pool")
    lab.run("import", "-generate-config-out=rest.tf", "d*")
    text = (lab.directory / "rest.tf").read_text()
    assert text.count("\nimport {") == 1
    assert 'resource "libvirt_network" "default" {' in text
    assert "No file was written." in lab.run("import", "-generate-config-out=none.tf", "nothing*")


def test_what_one_has_to_know_beside_is_told(lab):
    here = PROVIDER.replace("test:///default", "test+file:host.xml")
    pool = 'resource "libvirt_pool" "p" {\n  name = "p"\n  type = "dir"\n  path = "/p"\n}\n'
    seed = 'resource "libvirt_cloudinit_disk" "s" {\n  name = "s.iso"\n  pool = libvirt_pool.p.name\n}\n'
    lab.applied(here + pool + seed + 'resource "libvirt_domain" "web" {\n  name = "w"\n}\n')
    lineage = json.loads((lab.directory / "terraform.tfstate").read_text())["lineage"]
    (lab.directory / "terraform.tfstate").unlink()
    lab.write(here + 'import {\n  to = libvirt_cloudinit_disk.s\n  id = "p/s.iso"\n}\n')
    lab.run("plan", "-generate-config-out=seed.tf")
    assert "  # What is in it can't be read back." in (lab.directory / "seed.tf").read_text()
    lab.run("import", "-generate-config-out=web.tf", "w")
    text = (lab.directory / "web.tf").read_text().replace("\n  #", "")
    assert f"It is marked as libvirt_domain.web of the state with the lineage {lineage}." in text


def test_names_of_blocks_are_free_ones(lab):
    lab.write(PROVIDER + 'resource "libvirt_pool" "default-pool" {\n  name = "another"\n  path = "/x"\n}\n')
    lab.run("import", "-generate-config-out=all.tf", "default-pool")
    assert "to = libvirt_pool.default-pool_2\n" in (lab.directory / "all.tf").read_text()
