"""`data libvirt_volume`."""

from __future__ import annotations

from kvmform.resources.existing.reading import Sought, existing
from kvmform.resources.volume.resource_type import VOLUME
from kvmform.schema import Object, Row
from kvmform.values.types import STRING

__all__ = ["DATA_SOURCE"]


def _name_of(config: Object) -> str:
    return f"{config['pool'] or 'default'}/{config['name']}"


_SOUGHT = Sought(
    "storage volume",
    "Its key; in a directory this is its path.",
    named={
        "pool": Row(
            type=STRING,
            doc="Name of the storage pool that it is in; `default` where a volume is named without. The storage pool "
            "has to be active.",
            computed=True,
        )
    },
    name_of=_name_of,
    hint="A volume is seen while its storage pool is active; a file that was put there by hand, once the storage pool "
    "was refreshed (virsh pool-refresh).",
)

DATA_SOURCE = existing(VOLUME, _SOUGHT, without=("xml", "source", "checksum", "keep", "conversion"))
