"""A command imports what it uses, and nothing else: starting is most of what a small lab takes."""

import subprocess
import sys

import pytest

EVERYWHERE = {
    *("typer", "rich", "networkx", "lxml", "jinja2", "yaml", "hcl2", "pycdlib", "bcrypt", "regex", "paramiko"),
    *(
        "cryptography",
        "dataclasses",
        "inspect",
        "logging",
        "ssl",
        "http",
        "urllib.request",
        "asyncio",
        "importlib.metadata",
    ),
}
"""What no command imports on a lab that needs none of it."""

OFFLINE = {"libvirt", "subprocess", "kvmform.host", "kvmform.apply", "kvmform.xml"}
"""What only a host is for."""

NOTHING = {"kvmform.lang", "kvmform.config", "kvmform.workspace", "kvmform.values", "json", "threading"}

LAB = """
variable "name" { default = "lab" }
locals { names = [for name in [var.name, "x"] : "a-${name}"] }
resource "terraform_data" "one" { input = local.names }
output "names" { value = terraform_data.one.output }
"""

COMMANDS = {
    "version": EVERYWHERE | OFFLINE | NOTHING | {"kvmform.plan", "kvmform.state"},
    "validate": EVERYWHERE
    | OFFLINE
    | {"kvmform.plan", "kvmform.state", "kvmform.lang.json_syntax", "kvmform.lang.functions.string", "json"}
    | {"decimal", "datetime", "uuid", "hashlib", "kvmform.resources.domain", "kvmform.resources.volume"},
    "output": EVERYWHERE | OFFLINE | {"kvmform.plan"},
    "state list": EVERYWHERE | OFFLINE,
    "show": EVERYWHERE | OFFLINE,
    "fmt": EVERYWHERE | OFFLINE | {"kvmform.plan", "kvmform.config.evaluation"},
    "plan": EVERYWHERE | (OFFLINE) | {"kvmform.resources.domain", "kvmform.resources.volume"},
    "graph": OFFLINE | {"kvmform.plan", "kvmform.state"},
}
"""What each command leaves alone on this lab. Only graph needs networkx, and what that imports."""

PROGRAM = """
import sys
from kvmform.cli.app import main
try:
    main(sys.argv[1:])
finally:
    print(*sorted(sys.modules), file=sys.stderr)
"""


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_imports_what_it_uses(tmp_path, command):
    (tmp_path / "main.tf").write_text(LAB)
    (tmp_path / "terraform.tfstate").write_text('{"version": 4, "serial": 1, "lineage": "l", "outputs": {}}')
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, *command.split()], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert sorted(COMMANDS[command] & set(ran.stderr.split())) == []


def test_validating_a_lab_takes_the_tables_of_its_types_and_none_of_their_verbs(tmp_path):
    (tmp_path / "main.tf").write_text(
        'resource "libvirt_domain" "a" {\n  name = "a"\n}\nresource "libvirt_volume" "v" {\n  name = "v"\n}\n'
    )
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, "validate"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    imported = set(ran.stderr.split())
    assert {"kvmform.resources.domain.schema", "kvmform.resources.volume.schema"} <= imported
    verbs = {f"kvmform.resources.{name}.lifecycle" for name in ("domain", "volume")}
    assert sorted((EVERYWHERE | {"libvirt", "libvirtmod"} | verbs) & imported) == []


def test_the_package_itself_imports_nothing():
    program = "import sys; before = set(sys.modules); import kvmform; print(*(set(sys.modules) - before))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["kvmform"]
