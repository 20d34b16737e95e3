"""What is in the image of `libvirt_cloudinit_disk`; its verbs are those of all seeds."""

from __future__ import annotations

from pathlib import Path as FilePath
from uuid import UUID, uuid5

from kvmform.host.host import Host
from kvmform.resources.cloudinit_disk.iso import read_image, seed_image
from kvmform.resources.cloudinit_disk.metadata import with_instance
from kvmform.resources.seed.lifecycle import Seed
from kvmform.schema import Identity, Object, Operation

__all__ = ["SEED", "content_of", "seed_files"]

_ROWS = ("user_data", "meta_data", "network_config")


def seed_files(planned: Object, identity: Identity) -> dict[str, str]:
    """The files of the image, by name; all three are always there.

    cloud-init carries out its per-instance work anew when the instance's id changes. So,
    unless the user's meta-data has one, the id is made of what the other files say.
    """
    user_data, meta_data, network_config = (planned[name] or "" for name in _ROWS)
    instance = str(uuid5(UUID(identity.uuid), f"{user_data}\0{network_config}"))
    return {
        "user-data": user_data,
        "meta-data": with_instance(meta_data, instance),
        "network-config": network_config,
    }


def content_of(image: bytes) -> Object | None:
    """The arguments of an image with these bytes; None if it is none that cloud-init would read."""
    files = read_image(image)
    return None if "user-data" not in files else {name: files.get(name.replace("_", "-")) or None for name in _ROWS}


def _text(planned: Object, _directory: FilePath) -> str:
    return "\0".join(planned[name] or "" for name in _ROWS)


def _image(operation: Operation[Host], planned: Object) -> bytes:
    return seed_image(seed_files(planned, operation.identity))


SEED = Seed(_ROWS, _text, _image)
"""The image as a seed."""
