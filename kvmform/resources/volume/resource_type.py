"""What `libvirt_volume` promises: its table and its verbs."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.host.host import Host
from kvmform.resources.adoption import adopt
from kvmform.resources.volume.check import check
from kvmform.resources.volume.check_all import check_all
from kvmform.resources.volume.lifecycle import create, delete, propose, read, update
from kvmform.resources.volume.place import claims, find
from kvmform.resources.volume.schema import SCHEMA
from kvmform.schema import Disruption, ResourceType

__all__ = ["VOLUME"]


def _listed(host: Host) -> Iterator[tuple[str, str]]:
    """The volumes of all storage pools that are active."""
    for pool in host.inventory.pools.all():
        for record in host.inventory.volumes.of(pool.uuid) if pool.active else ():
            yield f"{pool.name}/{record.name}", record.key


VOLUME: ResourceType[Host] = ResourceType(
    name="libvirt_volume",
    schema=SCHEMA,
    adopt=adopt,
    read=read,
    find=find,
    found_by="POOL/NAME, or its path (its key)",
    listed=_listed,
    propose=propose,
    check=check,
    check_all=check_all,
    create=create,
    update=update,
    delete=delete,
    claims=claims,
    is_kept=lambda volume: volume.get("keep") is True,
    delete_disruption=Disruption.DATA_LOSS,
    work="copy",
)
