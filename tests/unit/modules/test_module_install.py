"""Modules are installed where Terraform would, once, whole, and again when their source or version changes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from configurations import load_directory, problems_of
from module_sources import ModuleServer, archive, commit, module_server, repository, write_files

from kvmform.config.files import DirectoryFiles
from kvmform.config.load import load_configuration
from kvmform.diagnostics import DiagnosticError
from kvmform.workspace.installation import module_installer

HOST = "mods.example"


@pytest.fixture
def server() -> Iterator[ModuleServer]:
    with module_server() as running:
        yield running


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    (tmp_path / "lab").mkdir()
    return tmp_path / "lab"


Install = Callable[..., list[str]]


@pytest.fixture
def install(lab: Path, server: ModuleServer, tmp_path: Path) -> Install:
    """Installs the lab's modules; what was told."""
    environment = server.write_configuration(tmp_path / "rc", HOST)

    def run(*, upgrade: bool = False, more: Mapping[str, str] | None = None) -> list[str]:
        said: list[str] = []
        around = {**environment, **(more or {})}
        tell = said.append
        with module_installer(
            lab, lab / ".terraform", around, lambda e: tell(str(e)), ask=False, upgrade=upgrade
        ) as modules:
            load_configuration(lab, DirectoryFiles(), modules)
        return said

    return run


def records(lab: Path) -> dict[str, dict[str, str]]:
    entries = json.loads((lab / ".terraform" / "modules" / "modules.json").read_text())["Modules"]
    return {entry.pop("Key"): entry for entry in entries}


def call(name: str, source: str, version: str | None = None) -> str:
    more = f'  version = "{version}"\n' if version else ""
    return f'module "{name}" {{\n  source = "{source}"\n{more}}}\n'


def put_versions(server: ModuleServer, module: str, *versions: str, suffix: str = "") -> None:
    """Modules in the registry, each with an output that is its version."""
    for version in versions:
        package = archive("tar.gz", {"inner/main.tf": f'output "v" {{ value = "{version}" }}', "main.tf": ""})
        server.put(f"/{module}/{version}.tar.gz", package)
        location = f"{server.url}/{module}/{version}.tar.gz{suffix}"
        server.versions.setdefault(module, {})[version] = location


# Where modules are put, and what is recorded.


def test_modules_of_all_kinds(lab: Path, install: Install, server: ModuleServer, tmp_path: Path) -> None:
    url = repository(tmp_path / "repository", {"main.tf": call("net", "./net"), "net/main.tf": ""})
    put_versions(server, "ns/vm/libvirt", "1.0.0", "1.2.0", "2.0.0", suffix="//inner")
    local = {"m/main.tf": call("inner", "./inner"), "m/inner/main.tf": ""}
    calls = [call("a", "./m"), call("g", f"git::{url}"), call("r", f"{HOST}/ns/vm/libvirt", "~> 1.0")]
    write_files(lab, {"main.tf": "".join(reversed(calls)), **local})
    assert install() == [
        "- a in m",
        "- a.inner in m/inner",
        f"Downloading git::{url} for g...",
        "- g in .terraform/modules/g",
        "- g.net in .terraform/modules/g/net",
        f"Downloading {HOST}/ns/vm/libvirt 1.2.0 for r...",
        "- r in .terraform/modules/r/inner",
    ]
    assert records(lab) == {
        "": {"Source": "", "Dir": "."},
        "a": {"Source": "./m", "Dir": "m"},
        "a.inner": {"Source": "./inner", "Dir": "m/inner"},
        "g": {"Source": f"git::{url}", "Dir": ".terraform/modules/g"},
        "g.net": {"Source": "./net", "Dir": ".terraform/modules/g/net"},
        "r": {"Source": f"{HOST}/ns/vm/libvirt", "Version": "1.2.0", "Dir": ".terraform/modules/r/inner"},
    }
    module, _ = load_directory(lab, DirectoryFiles())
    assert "v" in module.children["r"].outputs
    assert "net" in module.children["g"].children


def test_what_is_there_is_left_alone(lab: Path, install: Install, server: ModuleServer) -> None:
    put_versions(server, "a/b/c", "1.0.0")
    write_files(lab, {"main.tf": call("m", f"{HOST}/a/b/c"), "x/main.tf": ""})
    assert install()
    asked = list(server.asked)
    before = (lab / ".terraform" / "modules" / "modules.json").read_bytes()
    assert install() == []
    assert server.asked == asked
    assert (lab / ".terraform" / "modules" / "modules.json").read_bytes() == before


def test_a_package_that_several_modules_share_is_fetched_once(
    lab: Path, install: Install, server: ModuleServer
) -> None:
    url = server.put("/m.zip", archive("zip", {"main.tf": "", "x/main.tf": "", "y/main.tf": ""}))
    write_files(lab, {"main.tf": call("x", f"{url}//x") + call("y", f"{url}//y") + call("z", url)})
    install()
    assert server.asked == ["/m.zip"]
    assert records(lab)["y"]["Dir"] == ".terraform/modules/y/y"
    assert (lab / ".terraform" / "modules" / "z" / "main.tf").exists()


def test_a_subdirectory_may_have_a_wildcard(lab: Path, install: Install, server: ModuleServer) -> None:
    url = server.put("/m.zip", archive("zip", {"pack-1.0/main.tf": ""}))
    write_files(lab, {"main.tf": call("m", f"{url}//pack-*")})
    install()
    assert records(lab)["m"]["Dir"] == ".terraform/modules/m/pack-1.0"


def test_a_local_directory_by_its_absolute_path(lab: Path, install: Install, tmp_path: Path) -> None:
    write_files(tmp_path / "there", {"main.tf": call("in", "./in"), "in/main.tf": ""})
    write_files(lab, {"main.tf": call("m", str(tmp_path / "there"))})
    install()
    assert records(lab)["m"] == {"Source": f"file://{tmp_path}/there", "Dir": ".terraform/modules/m"}
    assert records(lab)["m.in"]["Dir"] == str(tmp_path / "there" / "in")


def test_a_short_address_goes_where_the_settings_of_git_lead(
    lab: Path, install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mirror of github.com with bare repositories, as `url.….insteadOf` in a user's settings names it."""
    repository(tmp_path / "work", {"sub/main.tf": 'output "v" { value = 1 }'}, "v1")
    commit(tmp_path / "work", {"sub/main.tf": ""})
    bare = tmp_path / "mirror" / "owner" / "name.git"
    subprocess.run(["git", "clone", "--quiet", "--bare", tmp_path / "work", bare], check=True)
    settings = {"COUNT": "1", "KEY_0": f"url.file://{tmp_path}/mirror/.insteadOf", "VALUE_0": "https://github.com/"}
    for name, value in settings.items():
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    write_files(lab, {"main.tf": call("m", "github.com/owner/name//sub?ref=v1")})
    assert install() == [
        "Downloading git::https://github.com/owner/name.git?ref=v1 for m...",
        "- m in .terraform/modules/m/sub",
    ]
    assert records(lab)["m"]["Source"] == "git::https://github.com/owner/name.git//sub?ref=v1"
    module, _ = load_directory(lab, DirectoryFiles())
    assert "v" in module.children["m"].outputs


# When modules are fetched again.


def test_upgrade_takes_the_newest_version_allowed(lab: Path, install: Install, server: ModuleServer) -> None:
    put_versions(server, "a/b/c", "1.0.0")
    write_files(lab, {"main.tf": call("m", f"{HOST}/a/b/c", "< 2")})
    install()
    put_versions(server, "a/b/c", "1.1.0", "2.0.0")
    assert install() == []
    assert install(upgrade=True)[0] == f"Downloading {HOST}/a/b/c 1.1.0 for m..."
    assert records(lab)["m"]["Version"] == "1.1.0"


def test_upgrade_follows_a_branch(lab: Path, install: Install, tmp_path: Path) -> None:
    url = repository(tmp_path / "repository", {"main.tf": "# one"})
    write_files(lab, {"main.tf": call("m", f"git::{url}")})
    install()
    commit(tmp_path / "repository", {"main.tf": "# two"})
    install(upgrade=True)
    assert (lab / ".terraform" / "modules" / "m" / "main.tf").read_text() == "# two"


@pytest.mark.parametrize(
    ("changed", "summary"),
    [
        (call("m", "HOST/x/y/z"), "Module source has changed"),
        (call("m", "HOST/a/b/c", "~> 1.0"), "Module version requirements have changed"),
        (call("m", "HOST/a/b/c") + call("n", "HOST/a/b/c"), "Module not installed"),
    ],
)
def test_what_has_changed_is_told_and_then_installed(
    lab: Path, install: Install, server: ModuleServer, changed: str, summary: str
) -> None:
    put_versions(server, "a/b/c", "1.0.0", "2.0.0")
    put_versions(server, "x/y/z", "1.0.0")
    write_files(lab, {"main.tf": call("m", f"{HOST}/a/b/c")})
    install()
    write_files(lab, {"main.tf": changed.replace("HOST", HOST)})
    (problem,) = problems_of(lambda: load_directory(lab, DirectoryFiles()))
    assert problem.summary == summary
    assert "kvmform init" in problem.detail
    assert problem.subject is not None
    assert problem.subject.filename == "main.tf"
    assert len(install()) == 2
    load_directory(lab, DirectoryFiles())


def test_what_a_module_calls_is_fetched_again_with_it(lab: Path, install: Install, tmp_path: Path) -> None:
    inner = repository(tmp_path / "inner", {"main.tf": ""})
    outer = repository(tmp_path / "outer", {"main.tf": call("in", f"git::{inner}")}, "v1")
    write_files(lab, {"main.tf": call("m", f"git::{outer}?ref=v1")})
    install()
    commit(tmp_path / "outer", {"main.tf": call("other", f"git::{inner}")})
    write_files(lab, {"main.tf": call("m", f"git::{outer}")})
    assert [line for line in install() if line.startswith("- ")] == [
        "- m in .terraform/modules/m",
        "- m.other in .terraform/modules/m.other",
    ]
    assert set(records(lab)) == {"", "m", "m.other"}


def test_a_module_whose_directory_is_gone(lab: Path, install: Install, server: ModuleServer) -> None:
    put_versions(server, "a/b/c", "1.0.0")
    write_files(lab, {"main.tf": call("m", f"{HOST}/a/b/c")})
    install()
    shutil.rmtree(lab / ".terraform" / "modules" / "m")
    (problem,) = problems_of(lambda: load_directory(lab, DirectoryFiles()))
    assert (problem.summary, ".terraform/modules/m, is not there" in problem.detail) == ("Module not installed", True)
    assert len(install()) == 2
    load_directory(lab, DirectoryFiles())


# When something goes wrong.


def test_a_module_from_elsewhere_that_calls_itself(lab: Path, install: Install, tmp_path: Path) -> None:
    url = f"git::file://{tmp_path}/repository"
    repository(tmp_path / "repository", {"main.tf": call("inner", "./inner"), "inner/main.tf": call("again", url)})
    write_files(lab, {"main.tf": call("m", url)})
    with pytest.raises(DiagnosticError) as problem:
        install()
    (diagnostic,) = problem.value.diagnostics
    assert (diagnostic.summary, url in diagnostic.detail) == ("Module calls itself", True)


def test_a_module_whose_place_has_too_long_a_name(lab: Path, install: Install, server: ModuleServer) -> None:
    url = server.put("/m.zip", archive("zip", {"main.tf": ""}))
    write_files(lab, {"main.tf": call("x" * 300, url)})
    with pytest.raises(DiagnosticError) as problem:
        install()
    (diagnostic,) = problem.value.diagnostics
    assert (diagnostic.summary, "File name too long" in diagnostic.detail) == ("Failed to download module", True)


def test_an_installation_that_is_killed_is_completed(lab: Path, tmp_path: Path, server: ModuleServer) -> None:
    put_versions(server, "a/b/c", "1.0.0")
    slow = server.put("/slow.zip", archive("zip", {"main.tf": ""}))
    server.hold("/slow.zip")
    write_files(lab, {"main.tf": call("m", f"{HOST}/a/b/c") + call("slow", slow)})
    environment = {**os.environ, **server.write_configuration(tmp_path / "rc", HOST)}
    words = [sys.executable, "-m", "kvmform", "init"]
    with subprocess.Popen(words, cwd=lab, env=environment, stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout is not None
        while not killed.stdout.readline().endswith("for slow...\n"):
            assert killed.poll() is None
        killed.kill()
    server.release()
    done = subprocess.run(words, cwd=lab, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    load_directory(lab, DirectoryFiles())
    assert sorted(path.name for path in (lab / ".terraform" / "modules").iterdir()) == ["m", "modules.json", "slow"]


def test_every_module_that_can_be_had_is_installed_and_all_problems_are_told(
    lab: Path, install: Install, server: ModuleServer
) -> None:
    put_versions(server, "a/b/c", "1.0.0")
    missing = server.url + "/nope.zip"
    calls = [call("a", missing), call("b", f"{HOST}/a/b/c"), call("c", f"{HOST}/a/x/c"), call("d", "./nope")]
    write_files(lab, {"main.tf": "".join(calls)})
    with pytest.raises(DiagnosticError) as problem:
        install()
    assert [d.summary for d in problem.value.diagnostics] == [
        "Failed to download module",
        "Module not found",
        "Unreadable module directory",
    ]
    assert all(d.subject is not None and d.subject.filename == "main.tf" for d in problem.value.diagnostics)
    assert set(records(lab)) == {"", "b"}


def test_an_interrupted_installation_is_completed(lab: Path, install: Install, server: ModuleServer) -> None:
    """As after a kill: a half-made package, and a whole one that the manifest doesn't know of yet."""
    put_versions(server, "a/b/c", "1.0.0")
    write_files(lab, {"main.tf": call("m", f"{HOST}/a/b/c") + call("n", f"{HOST}/a/b/c")})
    write_files(lab / ".terraform" / "modules", {".fetching-m/half.tf": "{", "n/old.tf": "x = "})
    install()
    load_directory(lab, DirectoryFiles())
    assert sorted(path.name for path in (lab / ".terraform" / "modules").iterdir()) == ["m", "modules.json", "n"]


def test_a_failed_upgrade_leaves_what_was_there(lab: Path, install: Install, server: ModuleServer) -> None:
    url = server.put("/m.zip", archive("zip", {"main.tf": ""}))
    write_files(lab, {"main.tf": call("m", url)})
    install()
    server.put("/m.zip", b"broken")
    with pytest.raises(DiagnosticError):
        install(upgrade=True)
    load_directory(lab, DirectoryFiles())


def test_a_place_that_cannot_be_written(lab: Path, install: Install) -> None:
    write_files(lab, {"main.tf": call("m", "./m"), "m/main.tf": "", ".terraform": "a file"})
    with pytest.raises(DiagnosticError) as problem:
        install()
    assert [d.summary for d in problem.value.diagnostics] == ["Modules directory not writable"]


def test_a_manifest_that_is_broken(lab: Path, install: Install) -> None:
    write_files(lab, {"main.tf": call("m", "a/b/c"), ".terraform/modules/modules.json": "bad"})
    with pytest.raises(DiagnosticError) as problem:
        install()
    assert [d.summary for d in problem.value.diagnostics] == ["Invalid module manifest"]
    assert (lab / ".terraform" / "modules" / "modules.json").read_text() == "bad"


# Registries.


def test_a_registry_that_cannot_be_reached(lab: Path, install: Install, tmp_path: Path) -> None:
    (tmp_path / "rc").write_text('host "mods.example" { services = { "modules.v1" = "http://127.0.0.1:1/" } }')
    write_files(lab, {"main.tf": call("m", f"{HOST}/a/b/c", "~> 1.0")})
    with pytest.raises(DiagnosticError) as problem:
        install()
    (diagnostic,) = problem.value.diagnostics
    assert diagnostic.summary == "Error accessing remote module registry"
    for words in (
        'module "m" (main.tf:1), mods.example/a/b/c, from mods.example',
        "GET http://127.0.0.1:1/a/b/c/versions: no connection (Connection refused)",
        'source = "./modules/m"',
        "A local module has no version",
    ):
        assert words in diagnostic.detail


@pytest.mark.parametrize(
    ("versions", "constraint", "summary"),
    [
        ({}, None, "Module has no versions"),
        ({"junk": ""}, None, "Module has no versions"),
        ({"1.0.0": ""}, ">= 2", "Unresolvable module version constraint"),
        ({"1.0.0": ""}, None, "Error accessing remote module registry"),
        ({"1.0.0": "what is this"}, None, "Error accessing remote module registry"),
    ],
)
def test_a_registry_that_has_not_got_it(
    lab: Path, install: Install, server: ModuleServer, versions: dict[str, str], constraint: str | None, summary: str
) -> None:
    server.versions["a/b/c"] = versions
    write_files(lab, {"main.tf": call("m", f"{HOST}/a/b/c", constraint)})
    with pytest.raises(DiagnosticError) as problem:
        install()
    assert [d.summary for d in problem.value.diagnostics] == [summary]


@pytest.mark.parametrize("body", [b"nothing", b"[]", b'{"modules": []}', b'{"modules": [{"versions": [{}]}]}'])
def test_a_registry_that_talks_nonsense(lab: Path, install: Install, server: ModuleServer, body: bytes) -> None:
    server.put("/registry/a/b/c/versions", body)
    write_files(lab, {"main.tf": call("m", f"{HOST}/a/b/c")})
    with pytest.raises(DiagnosticError) as problem:
        install()
    assert [d.summary for d in problem.value.diagnostics] == ["Error accessing remote module registry"]


@pytest.mark.parametrize("in_body", [True, False])
def test_a_location_relative_to_the_answer(lab: Path, install: Install, server: ModuleServer, in_body: bool) -> None:
    server.put("/m.tar.gz", archive("tar.gz", {"in/main.tf": ""}))
    server.versions["a/b/c"] = {"1.0.0": "/m.tar.gz//in"}
    if in_body:
        server.put("/registry/a/b/c/1.0.0/download", b'{"location": "../../../../../m.tar.gz//in"}')
    write_files(lab, {"main.tf": call("m", f"{HOST}/a/b/c")})
    install()
    assert records(lab)["m"]["Dir"] == ".terraform/modules/m/in"


@pytest.mark.parametrize("given", ["variable", "block", "login"])
def test_a_token_is_sent_to_its_host_only(
    lab: Path, install: Install, server: ModuleServer, tmp_path: Path, given: str
) -> None:
    put_versions(server, "a/b/c", "1.0.0")
    write_files(lab, {"main.tf": call("m", f"{HOST}/a/b/c")})
    more = {"HOME": str(tmp_path)}
    match given:
        case "variable":
            more["TF_TOKEN_mods_example"] = "s3cret"
        case "block":
            with (tmp_path / "rc").open("a") as file:
                file.write(f'credentials "{HOST}" {{ token = "s3cret" }}\n')
        case "login":
            logins = json.dumps({"credentials": {HOST: {"token": "s3cret"}}})
            write_files(tmp_path, {".terraform.d/credentials.tfrc.json": logins})
    install(more=more)
    sent = dict(zip(server.asked, (headers.get("Authorization") for headers in server.headers), strict=True))
    assert sent == {
        "/registry/a/b/c/versions": "Bearer s3cret",
        "/registry/a/b/c/1.0.0/download": "Bearer s3cret",
        "/a/b/c/1.0.0.tar.gz": None,
    }


class CountingFiles(DirectoryFiles):
    """Counts how often each directory is read."""

    def __init__(self) -> None:
        super().__init__()
        self.reads: Counter[str] = Counter()

    def read(self, directory: Path) -> Mapping[str, str]:
        self.reads[directory.name] += 1
        return super().read(directory)


def test_a_thousand_calls_of_one_module(lab: Path, install: Install, server: ModuleServer) -> None:
    url = server.put("/m.zip", archive("zip", {"main.tf": 'output "x" { value = 1 }'}))
    write_files(lab, {"main.tf": call("m", url), "n/main.tf": "".join(call(f"c{i}", "../o") for i in range(1000))})
    write_files(lab, {"main.tf": call("m", url) + call("n", "./n"), "o/main.tf": ""})
    assert sum(line.startswith("- n.c") for line in install()) == 1000
    assert install() == []
    files = CountingFiles()
    load_directory(lab, files)
    assert files.reads == {"lab": 1, "m": 1, "n": 1, "o": 1}
