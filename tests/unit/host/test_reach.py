"""Directories on the way to a file, as the user sees them that QEMU runs as."""

import os
import struct
import tempfile
from pathlib import Path

import pytest

from kvmform.host.reach import Account, barrier_to

QEMU = Account(64055, frozenset({109, 36}), "libvirt-qemu")


@pytest.fixture
def home():
    """A home directory that is closed to all but its owner, with an image in it."""
    with tempfile.TemporaryDirectory() as directory:  # pytest's own is closed to others
        Path(directory).chmod(0o711)
        home = Path(directory, "home")
        home.mkdir(mode=0o700)
        (home / "images").mkdir(mode=0o755)
        yield home


def passes(home):
    return barrier_to(home / "images" / "disk.qcow2", QEMU) is None


def test_a_closed_home_directory_is_a_barrier_with_its_way_out(home):
    barrier = barrier_to(home / "images" / "disk.qcow2", QEMU)
    assert barrier is not None
    assert barrier.directory == home
    assert barrier.fix == f"setfacl -m u:libvirt-qemu:x {home}"


def test_others_may_pass_a_directory_that_is_open_for_search(home):
    home.chmod(0o711)
    assert passes(home)


@pytest.mark.parametrize(("mode", "may"), [(0o710, True), (0o701, False)])
def test_for_a_group_of_its_own_the_rights_of_the_group_count(home, mode, may):
    os.chown(home, 0, 36)
    home.chmod(mode)
    assert passes(home) is may


def test_the_owner_needs_the_owners_right(home):
    os.chown(home, QEMU.uid, 0)
    assert passes(home)
    home.chmod(0o011)
    assert not passes(home)


@pytest.mark.parametrize(("rights", "mask", "may"), [(1, 7, True), (0, 7, False), (1, 0, False)])
def test_an_access_list_that_names_the_user_counts_more_than_the_rest(home, rights, mask, may):
    home.chmod(0o711)
    entries = [(1, 7, -1), (2, rights, QEMU.uid), (4, 1, -1), (16, mask, -1), (32, 1, -1)]
    acl = struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *entry) for entry in entries)
    try:
        os.setxattr(home, "system.posix_acl_access", acl)
    except OSError as problem:
        pytest.skip(f"no access lists on this file system: {problem.strerror}")
    assert passes(home) is may


def test_what_is_not_there_is_no_barrier(home):
    home.chmod(0o711)
    assert barrier_to(home / "not" / "there" / "disk.qcow2", QEMU) is None


def test_root_passes_everywhere(home):
    assert barrier_to(home / "images" / "disk.qcow2", Account(0, frozenset({0}), "root")) is None
