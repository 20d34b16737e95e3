"""Whether the hypervisor's user gets to a file on this machine.

libvirt starts QEMU as a user of its own (`libvirt-qemu`, `qemu`). It gives that user the image
itself, but not the directories on the way to it: a home directory of mode 0700 is the classic.
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterator
from pathlib import Path

from kvmform.struct import Struct

__all__ = ["Account", "Barrier", "barrier_to"]

_ACL = "system.posix_acl_access"
_ACL_ENTRY = struct.Struct("<HHI")
_USER, _GROUP_OBJECT, _GROUP, _MASK = 0x02, 0x04, 0x08, 0x10
_SEARCH = 0o1


class Account(Struct):
    """A user by number, with all its groups; `name` as this machine knows it, else the number."""

    uid: int
    groups: frozenset[int]
    name: str

    @classmethod
    def of(cls, uid: int, gid: int) -> Account:
        """The account that QEMU runs as, from the numbers that libvirt tells."""
        import pwd

        try:
            entry = pwd.getpwuid(uid)
        except KeyError:
            return cls(uid, frozenset({gid}), str(uid))
        return cls(uid, frozenset({gid, *os.getgrouplist(entry.pw_name, gid)}), entry.pw_name)


class Barrier(Struct):
    """A directory that an account may not pass."""

    directory: Path
    account: Account

    @property
    def fix(self) -> str:
        """The command that lets this account pass, and nobody else."""
        return f"setfacl -m u:{self.account.name}:x {self.directory}"


def barrier_to(path: Path, account: Account) -> Barrier | None:
    """The first directory on the way to a file that an account may not pass; None if it gets there.

    What is not there (yet), or can't be looked at, is no barrier.
    """
    if account.uid == 0:
        return None
    for directory in reversed(path.parents):
        try:
            found = directory.stat()
        except OSError:
            return None
        if not _may_pass(directory, found, account):
            return Barrier(directory, account)
    return None


def _may_pass(directory: Path, found: os.stat_result, account: Account) -> bool:
    if found.st_uid == account.uid:
        return bool(found.st_mode & stat.S_IXUSR)
    entries = list(_acl(directory))
    mask = next((rights for tag, rights, _ in entries if tag == _MASK), _SEARCH)
    own = [rights for tag, rights, who in entries if tag == _USER and who == account.uid]
    if own:
        return bool(own[0] & mask & _SEARCH)
    groups = [rights for tag, rights, who in entries if tag == _GROUP and who in account.groups]
    if found.st_gid in account.groups:
        listed = [rights for tag, rights, _ in entries if tag == _GROUP_OBJECT]
        groups += listed or [found.st_mode >> 3]
    if groups:
        return any(rights & mask & _SEARCH for rights in groups)
    return bool(found.st_mode & stat.S_IXOTH)


def _acl(directory: Path) -> Iterator[tuple[int, int, int]]:
    """The entries of an access list: tag, rights, and of whom. Source: acl(5), the kernel's posix_acl_xattr.h."""
    try:
        raw = os.getxattr(directory, _ACL)
    except OSError:
        return
    yield from _ACL_ENTRY.iter_unpack(raw[4:])
