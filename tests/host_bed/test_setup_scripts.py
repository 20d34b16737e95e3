"""The set-up scripts on machines that lack something: what they say, and that they never leave half a result."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Directory that is the whole PATH of a machine, with nothing but the basic tools in it."""
    directory = tmp_path / "bin"
    directory.mkdir()
    for name in ("cat", "comm", "env", "grep", "head", "id", "mktemp", "rm", "sed", "sort"):
        _pass_on(directory, name)
    return directory


def _program(directory: Path, name: str, words: str) -> None:
    file = directory / name
    file.write_text(f"#!/bin/bash\n{words}\n")
    file.chmod(0o755)


def _pass_on(directory: Path, name: str) -> None:
    """Offer one of the machine's programs; by a wrapper, since a later `_program` would write through a link."""
    _program(directory, name, f'exec {shutil.which(name)} "$@"')


def _run(programs: Path, *command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    full = {"PATH": str(programs), **environment}
    return subprocess.run(command, check=False, text=True, capture_output=True, env=full)


def _packages(programs: Path) -> subprocess.CompletedProcess[str]:
    return _run(programs, SCRIPTS / "packages")


# All that Debian needs, as dpkg-query would list it: taken from the script, so that no second list has to be kept.
_ALL_INSTALLED = rf"""
sed -n '/^debian=(/,/^)/p' {SCRIPTS}/packages | grep -v '[()]' |
    while read -r words; do for word in $words; do printf '%s\tinstalled\n' "$word"; done; done
printf 'uidmap\tinstalled\n'"""


def test_on_fedora_the_missing_packages_are_named_by_their_names_there(programs: Path) -> None:
    _program(programs, "rpm", 'case "$2" in lz4 | libvirt-devel) exit 1 ;; esac')
    _program(programs, "dnf", "exit 99")
    ran = _packages(programs)
    assert ran.returncode == 1
    assert "    dnf install libvirt-devel lz4\n" in ran.stderr


def test_on_arch_the_missing_packages_are_named_by_their_names_there(programs: Path) -> None:
    _program(programs, "pacman", "echo qemu-base; exit 127")
    ran = _packages(programs)
    assert ran.returncode == 1
    assert "    pacman -S --needed qemu-base\n" in ran.stderr


def test_on_an_unknown_system_the_packages_are_named_as_debian_does(programs: Path) -> None:
    ran = _packages(programs)
    assert ran.returncode == 1
    assert "libvirt-daemon-system" in ran.stderr


def test_on_debian_nothing_is_done_when_all_is_there(programs: Path) -> None:
    _program(programs, "apt-get", "exit 99")
    _program(programs, "dpkg-query", _ALL_INSTALLED)
    assert _packages(programs).returncode == 0


def test_on_debian_only_the_missing_packages_are_installed(programs: Path, tmp_path: Path) -> None:
    _program(programs, "id", "echo 0")
    _program(programs, "apt-get", f'echo "$*" >> {tmp_path}/called')
    _program(programs, "dpkg-query", _ALL_INSTALLED.replace('"$word"', '"${word/lz4/other}"'))
    assert _packages(programs).returncode == 0
    assert (tmp_path / "called").read_text() == "update -q\ninstall -qy --no-install-recommends lz4\n"


def test_apt_without_a_network_ends_with_its_error_and_a_way_out(programs: Path) -> None:
    _program(programs, "id", "echo 0")
    _program(programs, "apt-get", "echo 'E: Could not resolve the mirror' >&2; exit 100")
    _program(programs, "dpkg-query", "true")
    ran = _packages(programs)
    assert ran.returncode == 1
    assert "    E: Could not resolve the mirror\n" in ran.stderr
    assert "Is the package mirror reachable?" in ran.stderr
    assert "    apt-get install --no-install-recommends" in ran.stderr


def test_a_user_who_may_not_be_root_is_told_what_to_type(programs: Path) -> None:
    _program(programs, "id", "echo 1000")
    _program(programs, "sudo", "exit 1")
    _program(programs, "apt-get", "exit 99")
    _program(programs, "dpkg-query", "true")
    ran = _packages(programs)
    assert ran.returncode == 1
    assert "As root, type:\n    apt-get install" in ran.stderr


def test_a_guest_is_not_built_of_missing_programs(programs: Path, tmp_path: Path) -> None:
    for name in ("cut", "dirname", "find", "flock", "mkdir", "sha256sum", "xargs"):
        _pass_on(programs, name)
    ran = _run(programs, SCRIPTS / "guest" / "build", KVMFORM_CACHE=str(tmp_path / "cache"))
    assert ran.returncode == 1
    assert "busybox cpio lz4" in ran.stderr


def test_a_guest_whose_build_failed_is_not_taken_for_built(tmp_path: Path) -> None:
    """A download that fails leaves no image behind, and says what to do."""
    programs = tmp_path / "bin"
    programs.mkdir()
    _program(programs, "apt-cache", "true")
    _program(programs, "apt-get", "echo 'E: Unable to fetch some archives' >&2; exit 100")
    _program(programs, "sudo", 'shift; exec "$@"')
    cache = tmp_path / "cache"
    ran = subprocess.run(
        [SCRIPTS / "guest" / "build"],
        check=False,
        text=True,
        capture_output=True,
        env={"PATH": f"{programs}:{os.environ['PATH']}", "KVMFORM_CACHE": str(cache)},
    )
    assert ran.returncode == 1
    assert "E: Unable to fetch some archives" in ran.stderr
    assert sorted(path.name for path in (cache / "guest").iterdir()) == ["lock"]


def test_a_guest_is_built_once(guest_image: Path) -> None:
    """The second call finds the first one's result, and touches nothing."""
    before = guest_image.stat().st_mtime_ns
    again = subprocess.run([SCRIPTS / "guest" / "build"], check=True, text=True, capture_output=True)
    assert (Path(again.stdout.strip()), again.stderr) == (guest_image, "")
    assert guest_image.stat().st_mtime_ns == before
