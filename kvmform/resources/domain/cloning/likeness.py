"""What a domain takes over of the one that it is a clone of.

All but who it is: its UUID and name, the addresses by which it is reached, what only one guest can
have at a time, and whether it runs. As `virt-clone` has it.
"""

from __future__ import annotations

from collections.abc import Collection

from kvmform.resources.domain.boot.firmware import is_path
from kvmform.resources.domain.cloning.rows import COPIED, SHARED
from kvmform.resources.domain.disk.drive import device_of
from kvmform.resources.domain.disk.policies import DISK_SOURCES
from kvmform.schema import Likeness, Object, Plain
from kvmform.values.model import Unknown
from kvmform.values.types import STRING

__all__ = ["LIKENESS"]

_WITH_A_LOG = ("serial", "console", "channel", "redirdev", "smartcard")
_OWN = {
    ("id",),
    ("name",),
    ("clone_disks",),
    ("running",),
    ("paused",),
    ("autostart",),
    ("cloudinit",),
    ("coreos_ignition",),
    ("genid",),
    ("nvram", "file"),
    ("hostdev",),
    ("vsock", "auto"),
    ("vsock", "cid"),
    ("disk", "wwn"),
    *(("network_interface", name) for name in ("mac", "addresses", "reserved_addresses", "hostname")),
    *((block, name) for block in _WITH_A_LOG for name in ("log_file", "log_append")),
    ("identity",),
    ("wait_for", "address"),
}


def _adapted(config: Object, original: Object, taken: Collection[str]) -> Object:
    """The configuration of a clone, without what only one guest can have at a time."""
    adapted = dict(config)
    for block in {*_WITH_A_LOG, "graphics", "tpm", "nvram"} & {*taken}:
        if isinstance(config[block], list):
            adapted[block] = [one for element in config[block] if (one := _unshared(block, element)) is not None]
    if "nvram" in taken and not isinstance(config["firmware"], Unknown) and not is_path(config["firmware"]):
        adapted["nvram"] = []
    for name in ("memory", "vcpu"):
        if f"max_{name}" in taken and config[f"max_{name}"] == original.get(name):
            adapted[f"max_{name}"] = None  # It follows what the clone has.
    if "disk" in taken and isinstance(config["disk"], list):
        adapted |= _with_cloned_disks(config, original)
    return adapted


def _unshared(block: str, element: Object) -> Object | None:
    """A device as a second guest can have it; None where it can't have any."""
    match block:
        case "graphics":
            nowhere = dict.fromkeys(("port", "tls_port", "listen_socket"))
            return element | nowhere | {"autoport": True, "websocket": -1 if element["websocket"] else None}
        case "nvram":
            return element if element["template"] else None
        case "tpm":
            return None if element["backend_type"] == "passthrough" else element
    if block == "channel" and element["type"] == "unix":
        return element | {"source_path": None, "source_mode": None}
    is_fixed = element["source_path"] or element["source_service"] not in {None, "", "0"}
    return None if is_fixed and element["type"] not in {"pty", "null", "vc"} else element


def _with_cloned_disks(config: Object, original: Object) -> Object:
    """The disks of a clone, and which of them are to be cloned, and how."""
    how = config["clone_disks"] or COPIED
    disks: list[Object] = []
    cloned: list[Object] = []
    for disk, known in zip(config["disk"], original["disk"], strict=True):
        target = known["target"]
        if how == SHARED or not _is_written_to(disk):
            disks.append(disk | {"target": target})
            continue
        image = known["volume_id"] or known["file"]
        nowhere: Object = dict.fromkeys(DISK_SOURCES) | {"source": []}
        place = {"volume_id": Unknown(STRING, not_null=True), "format": None, "target": target}
        disks.append(disk | nowhere | place)
        cloned.append({"target": target, "original": image, "how": how})
    return {"disk": disks, "cloned_disk": cloned}


def _is_written_to(disk: Object) -> Plain:
    """Whether a second guest can't have it too."""
    is_medium = device_of(disk) in {"cdrom", "floppy"}
    return not (is_medium or disk["readonly"] is True or disk["shareable"] is True)


LIKENESS = Likeness(
    argument="clone_of",
    named_by=("id", "name"),
    own=frozenset(_OWN),
    once=frozenset({"disk", "cloned_disk", "cloned_volumes", "cloning"}),
    adapt=_adapted,
)
"""How a domain is like another one."""
