"""The types of storage pools: what each has to be told, and where its volumes are found."""

from __future__ import annotations

from kvmform.struct import Struct

__all__ = ["KINDS", "Kind"]


class Kind(Struct):
    """A type of storage pool.

    `needs`: what its `source` has to have. `place`: where its volumes are found by default; empty where they are no
    files of the host, None where the user has to say. `directory`: that is a directory, which is made if it is
    missing. `formats`: libvirt can put something on a device with nothing on it. `package`: what has libvirt's backend
    for it, in Debian's and Fedora's words.
    """

    needs: tuple[str, ...] = ()
    place: str | None = ""
    directory: bool = False
    formats: bool = False
    package: str = ""


_DISKS = "/dev/disk/by-path"
KINDS = {
    "dir": Kind(place=None, directory=True),
    "fs": Kind(("device",), place=None, directory=True, formats=True),
    "netfs": Kind(("host", "dir"), place=None, directory=True),
    "logical": Kind(place="/dev/{name}", package="libvirt-daemon-driver-storage-logical"),
    "disk": Kind(("device",), place="/dev", formats=True, package="libvirt-daemon-driver-storage-disk"),
    "iscsi": Kind(("host", "device"), place=_DISKS, package="libvirt-daemon-driver-storage-iscsi"),
    "iscsi-direct": Kind(("host", "device", "initiator"), package="libvirt-daemon-driver-storage-iscsi-direct"),
    "rbd": Kind(("name",), package="libvirt-daemon-driver-storage-rbd"),
    "gluster": Kind(("host", "name"), package="libvirt-daemon-driver-storage-gluster"),
    "zfs": Kind(("name",), package="libvirt-daemon-driver-storage-zfs"),
    "scsi": Kind(("adapter",), place=_DISKS, package="libvirt-daemon-driver-storage-scsi"),
    "mpath": Kind(place="/dev/mapper", package="libvirt-daemon-driver-storage-mpath"),
}
"""By libvirt's name."""
