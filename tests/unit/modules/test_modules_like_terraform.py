"""kvmform and a real Terraform install the same, record the same, and read what the other installed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from module_sources import ModuleServer, archive, commit, module_server, needs_terraform, repository, run_terraform
from module_sources import write_files as write

pytestmark = needs_terraform

HOSTS = ("mods.example", "registry.terraform.io")


@pytest.fixture
def server() -> Iterator[ModuleServer]:
    with module_server() as running:
        yield running


@pytest.fixture
def lab(tmp_path: Path, server: ModuleServer) -> Path:
    """Calls of modules of every kind that needs neither a network nor root."""
    package = {"main.tf": 'module "net" {\n  source = "./modules/net"\n}\n', "modules/net/main.tf": ""}
    url = repository(tmp_path / "repository", {**package, "modules/net/out.tf": 'output "v" {\n  value = 1\n}\n'}, "v1")
    commit(tmp_path / "repository", {"modules/net/out.tf": ""})
    write(tmp_path / "local", package)
    sources = [
        "./m",
        "./m/",
        "../local//modules/net",
        f"git::{url}",
        f"git::{url}//modules/net?ref=v1",
        f"git::{url}?ref=v1&depth=1",
        f"{tmp_path}/local",
        f"{tmp_path}/local//modules/net",
        "ns/vm/libvirt",
        "ns/vm/libvirt//modules/net",
        "mods.example/ns/part/libvirt",
    ]
    for kind in ("zip", "tar.gz", "tar.bz2", "tar.xz"):
        (tmp_path / f"package.{kind}").write_bytes(archive(kind, package))
        served = server.put(f"/package.{kind}", archive(kind, package))
        sources += [f"{tmp_path}/package.{kind}", f"{served}//modules/net"]
    plain = server.put("/plain", archive("zip", package))
    page = server.put("/page", b"", X_Terraform_Get=f"{server.url}/package.zip//modules")
    sources += [f"{plain}?archive=zip", f"{server.url}/package.zip//modules/*", page, f"{page}//net"]
    server.versions["ns/vm/libvirt"] = dict.fromkeys(["1.0.0", "1.10.0", "1.9.0"], f"{server.url}/package.tar.gz")
    server.versions["ns/part/libvirt"] = {"2.0.0": f"{server.url}/package.zip//modules/net"}
    calls = "".join(f'module "m{i:02}" {{\n  source = "{source}"\n}}\n' for i, source in enumerate(sources))
    pinned = 'module "v" {\n  source  = "ns/vm/libvirt"\n  version = "~> 1.0, != 1.10.0"\n}\n'
    inner = {"m/main.tf": 'module "inner" {\n  source = "./inner"\n}\n', "m/inner/main.tf": ""}
    return write(tmp_path / "lab", {"main.tf": calls + pinned, **inner})


def kvmform(lab: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    return subprocess.run(
        [sys.executable, "-m", "kvmform", *words],
        cwd=lab,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_both_say_and_record_the_same(lab: Path, server: ModuleServer) -> None:
    environment = server.write_configuration(lab / "rc", *HOSTS)
    manifest = lab / ".terraform" / "modules" / "modules.json"
    theirs = run_terraform(lab, "get", "-no-color", **environment)
    assert theirs.returncode == 0, theirs.stderr
    recorded = manifest.read_bytes()
    files = _files(lab / ".terraform" / "modules")
    (lab / ".terraform").rename(lab / "before")
    ours = kvmform(lab, "get", **environment)
    assert (ours.returncode, ours.stderr) == (0, "")
    assert ours.stdout.splitlines() == theirs.stdout.splitlines()
    assert manifest.read_bytes() == recorded
    assert _files(lab / ".terraform" / "modules") == files


def _files(directory: Path) -> dict[str, str]:
    """Configuration files by their paths, links to directories followed."""
    found = {}
    for place, _, names in os.walk(directory, followlinks=True):
        for name in names:
            if name.endswith(".tf"):
                path = Path(place, name)
                found[str(path.relative_to(directory))] = path.read_text()
    return found


@pytest.mark.parametrize("theirs_first", [True, False])
def test_each_reads_what_the_other_installed(lab: Path, server: ModuleServer, theirs_first: bool) -> None:
    environment = server.write_configuration(lab / "rc", *HOSTS)
    tools = [run_terraform, kvmform] if theirs_first else [kvmform, run_terraform]
    assert tools[0](lab, "get", **environment).returncode == 0
    asked = len(server.asked)
    assert tools[1](lab, "validate", **environment).returncode == 0
    again = tools[1](lab, "get", **environment)
    assert (again.returncode, again.stdout) == (0, "")
    assert len(server.asked) == asked


WRONG = (
    "source = local.x",
    'source = "${path.module}/x"',
    "source = null",
    "source = 5",
    'source = "web"',
    'source = "."',
    'source = ""',
    'source = "github.com/a"',
    'source = "git::file:///x//../y"',
    'source = "./m"\n  version = "1.0"',
    'source = "git::file:///x"\n  version = "1.0"',
    'source = "ns/vm/libvirt"\n  version = "foo"',
    'source = "ns/vm/libvirt"\n  version = local.x',
    "",
)
NOT_THERE = (
    'source = "/nonexistent/dir"',
    'source = "git::file:///nonexistent"',
    'source = "foo::https://x.example/y"',
    'source = "ns/none/libvirt"',
    'source = "http://127.0.0.1:1/m.zip"',
    'source = "http://127.0.0.1:1/m"',
    'source = "hg::http://127.0.0.1:1/m"',
    'source = "ns/empty/libvirt"',
    'source = "ns/vm/libvirt"\n  version = "> 5"',
)


@pytest.mark.parametrize("blocks", [WRONG, NOT_THERE])
def test_both_refuse_the_same(tmp_path: Path, server: ModuleServer, blocks: tuple[str, ...]) -> None:
    server.versions["ns/vm/libvirt"] = {"1.0.0": server.put("/m.zip", archive("zip", {"main.tf": ""}))}
    server.versions["ns/empty/libvirt"] = {}
    environment = server.write_configuration(tmp_path / "rc", *HOSTS)
    calls = "".join(f'module "m{number:02}" {{\n  {block}\n}}\n' for number, block in enumerate(blocks))
    lab = write(tmp_path / "lab", {"main.tf": calls})
    theirs, ours = run_terraform(lab, "get", "-no-color", **environment), kvmform(lab, "get", **environment)
    assert (theirs.returncode, ours.returncode) == (1, 1)
    assert _refusals(ours.stderr) == _refusals(theirs.stderr)
    assert len(_refusals(theirs.stderr)) == len(blocks)


def _refusals(text: str) -> list[tuple[str, str]]:
    """Summaries with the module blocks that they are about.

    Terraform adds that the source is not known where it refers to something, and that it has nothing to show of
    what can't be loaded.
    """
    found = re.findall(r"Error: (.*?)\n.*?(?:in module|module) \"(m\d\d)\"", text.replace("│", ""), re.DOTALL)
    once = {}
    for summary, name in found:
        once.setdefault(name, summary)
    return sorted(once.items())


def test_both_ask_for_init_where_something_changed(lab: Path, server: ModuleServer) -> None:
    environment = server.write_configuration(lab / "rc", *HOSTS)
    assert kvmform(lab, "get", **environment).returncode == 0
    text = (lab / "main.tf").read_text()
    changed = text.replace('"ns/vm/libvirt//modules', '"ns/vm/libvirt//').replace("!= 1.10.0", "!= 1.9.0")
    (lab / "main.tf").write_text(changed + 'module "new" {\n  source = "ns/vm/libvirt"\n}\n')
    theirs, ours = run_terraform(lab, "validate", "-no-color", **environment), kvmform(lab, "validate", **environment)
    for summary in (
        "Module source has changed",
        "Module version requirements have changed",
        "Module not installed",
    ):
        assert theirs.stderr.count(summary) == ours.stderr.count(summary) == 1


def test_the_tree_of_providers(tmp_path: Path) -> None:
    """Terraform writes the branches in no order; the tree is otherwise the same."""
    files = {
        "main.tf": """
            terraform {
              required_providers {
                libvirt = {
                  source  = "dmacvicar/libvirt"
                  version = "~> 0.7.0, != 0.7.2"
                }
                null = ">= 3.0"
                x = {
                  source = "Example.com:8080/a/x"
                }
              }
            }
            resource "random_id" "x" { byte_length = 1 }
            resource "terraform_data" "y" {}
            data "http" "z" { url = "" }
            provider "tls" {}
            resource "null_resource" "z" { provider = foo.b }
            module "m" { source = "./m" }
            module "a" { source = "./m" }
        """,
        "m/main.tf": """
            module "n" { source = "./n" }
            terraform {
              required_providers {
                libvirt = {
                  source = "dmacvicar/libvirt"
                }
              }
            }
        """,
        "m/n/main.tf": 'resource "time_sleep" "d" {}',
        "terraform.tfstate": """{"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "x",
            "outputs": {}, "resources": [{"mode": "managed", "type": "libvirt_pool", "name": "a",
            "provider": "provider[\\"registry.terraform.io/dmacvicar/libvirt\\"]",
            "instances": [{"schema_version": 0, "attributes": {"id": "x"}}]}]}""",
    }
    write(tmp_path, files)
    assert run_terraform(tmp_path, "get").returncode == 0
    theirs, ours = run_terraform(tmp_path, "providers", "-no-color"), kvmform(tmp_path, "providers")
    assert (theirs.returncode, ours.returncode) == (0, 0), theirs.stderr + ours.stderr
    assert _leaves(ours.stdout) == _leaves(theirs.stdout)
    assert "│\xa0\xa0 └── module.n" in ours.stdout


def _leaves(text: str) -> list[tuple[int, str]]:
    """The lines, and how deep they are in the tree."""
    bare = [(line, line.lstrip("│├└─\xa0 ")) for line in text.splitlines()]
    return sorted((len(line) - len(rest), rest) for line, rest in bare)
