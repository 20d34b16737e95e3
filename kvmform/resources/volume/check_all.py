"""Whether there is room for all new volumes of a storage pool together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from kvmform.diagnostics import Diagnostic, DiagnosticError, error, warning
from kvmform.host.host import Host
from kvmform.resources.volume.image import describe_image, is_remote, local_path
from kvmform.resources.volume.room import room_left
from kvmform.schema import CheckAll, Object, Plain

__all__ = ["check_all"]

_GIB = 2**30


def check_all(check: CheckAll[Host]) -> Iterator[Diagnostic]:
    """An error where the images alone don't fit; a warning where the volumes won't when they are full."""
    by_pool: dict[str, list[Object]] = {}
    for volume in check.new:
        if isinstance(volume["pool"], str):
            by_pool.setdefault(volume["pool"], []).append(volume)
    for name, volumes in by_pool.items():
        yield from _check_pool(check, name, volumes)


def _check_pool(check: CheckAll[Host], name: str, volumes: Sequence[Object]) -> Iterator[Diagnostic]:
    images = [length for volume in volumes if (length := _image_length(check, volume["source"]))]
    promised = sum(volume["size"] for volume in volumes if isinstance(volume["size"], int))
    left = room_left(check.host, name, max(sum(images), promised))
    if left is None:
        return
    if len(images) > 1 and sum(images) > left >= max(images):
        yield error(
            "Not enough space",
            f'The images of {len(images)} new volumes in the storage pool "{name}" have {_gib(sum(images))} together, '
            f"and {_gib(left)} are left there. Make room, use another storage pool, or make one volume of an image and "
            "the others its linked clones (base_volume_id).",
        )
    elif promised > left:
        yield warning(
            "Volumes that can outgrow their storage pool",
            f'The new volumes in the storage pool "{name}" can grow to {_gib(promised)} together, and {_gib(left)} are '
            "left there. Guests are paused when their disk can't grow any more.",
        )


def _image_length(check: CheckAll[Host], source: Plain) -> int:
    """Bytes of an image on this machine; 0 where that isn't known, or wrong in a way that is told elsewhere."""
    if isinstance(source, str) and source and not is_remote(source):
        with suppress(DiagnosticError):
            return describe_image(local_path(source, check.base_directory)).length
    return 0


def _gib(size: int) -> str:
    return f"{size / _GIB:.1f} GiB"
