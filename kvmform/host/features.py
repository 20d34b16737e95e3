"""What the hypervisor behind a host can do, so that plans promise nothing that it can't."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Feature", "lacking"]

Version = tuple[int, int, int]


class Feature(StrEnum):
    """Something that not every hypervisor, or version of it, can do."""

    UPLOAD = "content of volumes: upload and download"
    VOLUME_RESIZE = "change the capacity of a volume"
    HOTPLUG = "add, remove and change devices, in the definition or live"
    BLOCK_RESIZE = "tell a running guest that its disk has grown"
    AGENT = "talk to the guest agent"
    LEASES = "read the DHCP leases of a network"
    INACTIVE_XML = "keep apart what a network or pool is and what it will be"
    NETWORK_METADATA = "change a network's metadata without defining it anew"
    EXTERNAL_SNAPSHOT = "snapshots that are files of their own"
    EXTERNAL_DELETE = "delete an external snapshot, and put its files together again"
    EXTERNAL_REVERT = "revert to an external snapshot"
    PASST = "user-mode networks by passt"


_NETWORK_METADATA_SINCE: Version = (9, 7, 0)
_EXTERNAL_DELETE_SINCE: Version = (9, 0, 0)
_EXTERNAL_REVERT_SINCE: Version = (9, 9, 0)
_PASST_SINCE: Version = (9, 1, 0)


def lacking(hypervisor: str, version: Version) -> frozenset[Feature]:
    """What a hypervisor (`qemu`, `test`, …) can't do; `version` is that of the host's libvirt.

    The test driver's gaps are measured with libvirt 9; later versions have fewer, which is
    not relied on, so that a simulated host behaves the same everywhere.
    """
    if hypervisor == "test":
        return frozenset(Feature)
    missing = set()
    if version < _NETWORK_METADATA_SINCE:
        missing.add(Feature.NETWORK_METADATA)
    if version < _EXTERNAL_DELETE_SINCE:
        missing.add(Feature.EXTERNAL_DELETE)
    if version < _EXTERNAL_REVERT_SINCE:
        missing.add(Feature.EXTERNAL_REVERT)
    if version < _PASST_SINCE:
        missing.add(Feature.PASST)
    return frozenset(missing)
