"""A directory of files to a tree of declarations."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from configurations import (
    LAB,
    errors_of,
    load,
    load_directory,
    load_with_warnings,
    problems_of,
    told,
)

from kvmform.config.files import DirectoryFiles, RecordedFiles
from kvmform.config.settings import backend_block


def test_declarations_of_all_files_are_in_one_module() -> None:
    module = load(
        {
            "main.tf": 'resource "libvirt_thing" "a" { name = "a" }',
            "more.tf": 'data "libvirt_thing" "a" { name = "a" }\nvariable "x" {}\nlocals {\n  y = 1\n  z = 2\n}',
            "json.tf.json": '{"output": {"o": {"value": "${var.x}"}}}',
            "own.kvm.hcl": 'provider "libvirt" { alias = "east" }\nmodule "m" { source = "./m" }',
            "m/main.tf": "",
        }
    )
    assert list(module.resources) == [("managed", "libvirt_thing", "a"), ("data", "libvirt_thing", "a")]
    assert list(module.variables) == ["x"]
    assert list(module.locals) == ["y", "z"]
    assert list(module.outputs) == ["o"]
    assert [str(reference) for reference in module.providers] == ["libvirt.east"]
    assert module.children["m"].path == ("m",)
    assert module.children["m"].directory == LAB / "m"


def test_what_a_resource_block_says() -> None:
    """Quotes round references are taken off, and told of."""
    module, warnings = load_with_warnings(
        """
        resource "libvirt_thing" "a" {
          count      = 2
          provider   = libvirt.east
          depends_on = [libvirt_thing.b, "libvirt_thing.c", "${libvirt_thing.d}"]
          name       = "a"
          lifecycle {
            prevent_destroy      = true
            ignore_changes       = [size, part[0].weight, tags["x"], "frame[0].kind"]
            replace_triggered_by = [libvirt_thing.b.id]
          }
          part { name = "p" }
        }
        """
    )
    block = module.resources["managed", "libvirt_thing", "a"]
    assert block.count is not None
    assert block.for_each is None
    assert str(block.provider) == "libvirt.east"
    assert [e.range.text for e in block.depends_on] == ["libvirt_thing.b", "libvirt_thing.c", "libvirt_thing.d"]
    assert list(block.body.attributes) == ["name"]
    assert [inner.type for inner in block.body.blocks] == ["part"]
    assert block.lifecycle.prevent_destroy
    assert block.lifecycle.ignored == (
        ("size",),
        ("part", 0, "weight"),
        ("tags", "x"),
        ("frame", 0, "kind"),
    )
    assert len(block.lifecycle.replace_triggered_by) == 1
    assert [(w.summary, w.subject and w.subject.text) for w in warnings] == [
        ("Quoted references are deprecated", '"libvirt_thing.c"'),
        ("Quoted references are deprecated", '"frame[0].kind"'),
    ]


@pytest.mark.parametrize("word", ["all", '"all"'])
def test_ignore_changes_can_be_all(word: str) -> None:
    module = load(f'resource "libvirt_thing" "a" {{\n lifecycle {{\n ignore_changes = {word}\n }}\n}}')
    assert module.resources["managed", "libvirt_thing", "a"].lifecycle.ignore_changes is None


def test_the_provider_of_a_resource_is_the_first_word_of_its_type() -> None:
    module = load('resource "libvirt_thing" "a" {}\nresource "null_resource" "b" { provider = "null" }')
    assert [str(block.provider) for block in module.resources.values()] == ["libvirt", "null"]


def test_all_errors_of_all_files_are_told_at_once() -> None:
    told = errors_of(
        {
            "a.tf": 'resource "libvirt_thing" "a" {\n  name = \n}',
            "b.tf": 'variabel "x" {}\nvariable "y" { typ = string }\nsize = 1',
            "c.tf.json": "{",
        }
    )
    assert told == [
        "a.tf:2,10 \n: Invalid expression",
        "b.tf:3,1 size: Unsupported argument",
        "b.tf:1,1 variabel: Unsupported block type",
        "c.tf.json:1,2 : Invalid JSON",
        "b.tf:2,16 typ: Unsupported argument",
    ]


@pytest.mark.parametrize(
    ("text", "summary", "detail"),
    [
        ('resorce "a" "b" {}', "Unsupported block type", 'Did you mean "resource"?'),
        ('resource "libvirt_thing" {}', "Missing name for resource", "must have 2 labels (type, name)"),
        ("resource {}", "Missing type for resource", "must have 2 labels (type, name)"),
        ('resource "a" "b" "c" {}', "Extraneous label for resource", "resource blocks have 2 labels (type, name)."),
        ('locals "a" {}', "Extraneous label for locals", "locals blocks have no labels."),
        ('variable "1x" {}', "Invalid variable name", "must start with a letter or underscore"),
        ('resource "libvirt_thing" "a b" {}', "Invalid resource name", "may contain only letters"),
        ('variable "count" {}', "Invalid variable name", "reserved"),
        ("moved {\n from = a.b\n}", "Missing required argument", '"to" is required'),
        ("moved {\n from = a.b\n to = module.c\n}", 'Invalid "moved" addresses', "both refer to modules"),
        ("moved {\n from = var.b\n to = a.c.d\n}", "Invalid address", "names no resource"),
        ('moved {\n from = "a.b"\n to = a.c\n}', "Invalid expression", "without quotes"),
        ("moved {\n from = a.b[var.x]\n to = a.c\n}", "Invalid expression", "plain numbers or strings"),
        ('variable "x" { sensitive = var.y }', "Unsuitable value type", "must be true or false"),
        ('variable "x" { description = 3 }', "Unsuitable value type", "plain string"),
        ('variable "x" { type = strng }', "Invalid type specification", '"strng" is not a valid type'),
        ('output "x" {}', "Missing required argument", '"value" is required'),
        ('variable "x" {\n validation {}\n}', "Missing required argument", '"condition" is required'),
        ("locals {\n  a {}\n}", "Unsupported block type", "a locals block"),
        ('module "m" {}', "Missing required argument", '"source" is required'),
        ('module "m" {\n source = "./m"\n inner {}\n}', "Unsupported block type", "a module block"),
        ('resource "a" "b" {\n count = 1\n for_each = {}\n}', 'Invalid combination of "count" and "for_each"', "both"),
        ('resource "a" "b" {\n depends_on = a.c\n}', "Invalid expression", "[libvirt_network.lab]"),
        ('resource "a" "b" {\n provider = 1\n}', "Invalid provider configuration reference", "libvirt.ALIAS"),
        ('resource "a" "b" {\n lifecycle {}\n lifecycle {}\n}', "Duplicate lifecycle block", "main.tf:2,2"),
        ('resource "a" "b" {\n lifecycle { prevnt_destroy = 1 }\n}', "Unsupported argument", "prevent_destroy"),
        ('data "a" "b" {\n lifecycle { prevent_destroy = true }\n}', "Unsupported argument", "data resource"),
        ('resource "a" "b" {\n lifecycle { ignore_changes = [a[var.x]] }\n}', "Invalid expression", "disk[0].size"),
    ],
)
def test_what_is_wrong_with_a_block(text: str, summary: str, detail: str) -> None:
    diagnostic = problems_of(lambda: load_with_warnings(text))[0]
    assert diagnostic.summary == summary
    assert detail in diagnostic.detail
    assert diagnostic.subject is not None


@pytest.mark.parametrize(
    ("block", "summary"),
    [
        ('resource "libvirt_thing" "a" {}', 'Duplicate resource "libvirt_thing" configuration'),
        ('data "libvirt_thing" "a" {}', 'Duplicate data "libvirt_thing" configuration'),
        ('variable "a" {}', "Duplicate variable declaration"),
        ("locals {\n  a = 1\n}", "Duplicate local value definition"),
        ('output "a" { value = 1 }', "Duplicate output definition"),
        ('module "a" { source = "./m" }', "Duplicate module call"),
        ('provider "libvirt" {}', "Duplicate provider configuration"),
        ('provider "libvirt" { alias = "a" }', "Duplicate provider configuration"),
    ],
)
def test_a_second_declaration_of_the_same_name(block: str, summary: str) -> None:
    files = {"a.tf": block, "b.tf": block, "m/main.tf": ""}
    (diagnostic,) = problems_of(lambda: load_with_warnings(files))
    assert diagnostic.summary == summary
    assert diagnostic.subject is not None
    assert diagnostic.subject.filename == "b.tf"
    assert "already declared at a.tf:" in diagnostic.detail


# Files.


def test_only_configuration_files_are_read_and_own_files_take_the_place_of_others(tmp_path: Path) -> None:
    names = ["a.tf", "a.kvm.hcl", "b.tf.json", "b.kvm.hcl", "c.tf", "c.tfoo.tf", ".d.tf", "#e.tf", "f.tf~", "g.txt"]
    for name in names:
        (tmp_path / name).write_text("")
    files = DirectoryFiles()
    assert list(files.read(tmp_path)) == ["a.kvm.hcl", "b.kvm.hcl", "c.tf", "c.tfoo.tf"]
    assert list(files.seen) == [tmp_path]
    assert RecordedFiles(files.seen).read(tmp_path) == files.read(tmp_path)


def test_an_own_file_hides_what_another_tool_reads() -> None:
    files = {
        "main.tf": 'variable "terraform" {}',
        "main.kvm.hcl": 'variable "kvmform" {}',
        "x.tf": 'variable "both" {}',
    }
    with_directory = RecordedFiles({LAB: {name: text for name, text in files.items() if name != "main.tf"}})
    module, _ = load_directory(LAB, with_directory)
    assert sorted(module.variables) == ["both", "kvmform"]


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_bytes(b"locals {\xff}")
    (diagnostic,) = problems_of(lambda: DirectoryFiles().read(tmp_path))
    assert diagnostic.summary == "Invalid character encoding"
    assert "byte 8" in diagnostic.detail


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "main.tf").symlink_to("nowhere")
    (diagnostic,) = problems_of(lambda: DirectoryFiles().read(tmp_path))
    assert diagnostic.summary == "Failed to read file"


# Modules.


def test_a_module_that_is_called_twice_is_parsed_once() -> None:
    files = {
        "main.tf": 'module "a" { source = "./m" }\nmodule "b" { source = "./x/../m" }',
        "m/main.tf": 'resource "libvirt_thing" "t" { name = "t" }\nmodule "n" { source = "../n" }',
        "n/main.tf": "",
    }
    module = load(files)
    assert [each.path for each in module.walk()] == [(), ("a",), ("a", "n"), ("b",), ("b", "n")]
    one, other = module.descendant(("a",)), module.descendant(("b",))
    assert one.resources is other.resources
    assert one.children["n"].path != other.children["n"].path


def test_messages_name_files_from_the_root_directory() -> None:
    files = {"main.tf": 'module "m" { source = "../other/m" }', "../other/m/main.tf": "x = 1"}
    module_files = RecordedFiles({LAB: {"main.tf": files["main.tf"]}, LAB.parent / "other/m": {"main.tf": "x = 1"}})
    (diagnostic,) = problems_of(lambda: load_directory(LAB, module_files))
    assert diagnostic.subject is not None
    assert diagnostic.subject.filename == "../other/m/main.tf"


def test_an_empty_directory() -> None:
    (diagnostic,) = problems_of(lambda: load({"elsewhere/main.tf": ""}))
    assert diagnostic.summary == "No configuration files"
    assert "-chdir" in diagnostic.detail


def test_a_module_directory_that_is_not_there() -> None:
    assert errors_of('module "m" { source = "./gone" }') == ['main.tf:1,1 module "m": Unreadable module directory']


@pytest.mark.parametrize(
    "files",
    [
        {"main.tf": 'module "m" { source = "./m" }', "m/main.tf": 'module "again" { source = "../m" }'},
        {"main.tf": 'module "m" { source = "./m" }', "m/main.tf": 'module "up" { source = "../" }'},
        {
            "main.tf": 'module "m" { source = "./m" }',
            "m/main.tf": 'module "a" { source = "../n" }\nmodule "b" { source = "../n" }',
            "n/main.tf": 'module "a" { source = "../m" }\nmodule "b" { source = "../m" }',
        },
    ],
)
def test_a_module_that_calls_itself(files: dict[str, str]) -> None:
    found = problems_of(lambda: load(files))
    assert {diagnostic.summary for diagnostic in found} == {"Module calls itself"}


def test_a_module_that_is_not_local() -> None:
    text = 'module "m" { source = "terraform-aws-modules/vpc/aws" }'
    assert errors_of(text) == ['main.tf:1,1 module "m": Module not installed']


def test_a_module_that_init_installed(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('module "m" { source = "git::https://example.com/m.git" }')
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "main.tf").write_text('variable "x" { default = 1 }')
    manifest = tmp_path / ".terraform" / "modules" / "modules.json"
    manifest.parent.mkdir(parents=True)
    entries = [
        {"Key": "", "Source": "", "Dir": "."},
        {"Key": "m", "Source": "git::https://example.com/m.git", "Dir": "there"},
    ]
    manifest.write_text(json.dumps({"Modules": entries}))
    module, _ = load_directory(tmp_path, DirectoryFiles())
    assert list(module.children["m"].variables) == ["x"]


@pytest.mark.parametrize("text", ["{", "[]", '{"Modules": [{"Key": "m"}]}'])
def test_a_damaged_record_of_modules(tmp_path: Path, text: str) -> None:
    (tmp_path / "main.tf").write_text('module "m" { source = "x/y/z" }')
    (tmp_path / ".terraform" / "modules").mkdir(parents=True)
    (tmp_path / ".terraform" / "modules" / "modules.json").write_text(text)
    found = problems_of(lambda: load_directory(tmp_path, DirectoryFiles()))
    assert [d.summary for d in found] == ["Invalid module manifest"]


# Settings.


def test_names_of_required_providers() -> None:
    module = load(
        """
        terraform {
          required_version = ">= 1.3"
          required_providers {
            virt = { source = "dmacvicar/libvirt", version = "~> 0.8" }
            old  = "~> 0.6"
          }
          backend "local" {}
        }
        """
    )
    assert module.local_providers == {"virt": "dmacvicar/libvirt", "old": "hashicorp/old"}
    assert [module.provider_type(name) for name in ("virt", "old", "libvirt")] == ["libvirt", "old", "libvirt"]


@pytest.mark.parametrize("block", ['backend "s3" {}', "cloud {}"])
def test_a_backend_elsewhere_is_warned_of(block: str) -> None:
    _, warnings = load_with_warnings(f"terraform {{\n  {block}\n}}")
    assert [told(warning) for warning in warnings] == [f"main.tf:2,3 {block[:-3]}: Backend not supported"]


@pytest.mark.parametrize(
    ("files", "path"),
    [
        ({"a.tf": 'terraform {\n backend "local" {\n path = "x.tfstate"\n }\n}'}, "x.tfstate"),
        ({"a.tf.json": '{"terraform": {"backend": {"local": {"path": "y"}}}}'}, "y"),
        ({"a.tf": 'terraform {\n backend "local" {}\n}'}, None),
        ({"a.tf": 'terraform {\n backend "s3" {\n path = "x"\n }\n}'}, None),
        ({"a.tf": "# no backend here\nlocals {"}, None),
        ({}, None),
    ],
)
def test_where_a_local_backend_keeps_the_state(files: dict[str, str], path: str | None) -> None:
    block = backend_block(files)
    found = block.arguments.get("path") if block is not None and block.name == "local" else None
    assert found == path
