"""What `libvirt_pool` promises: its table and its verbs."""

from __future__ import annotations

from collections.abc import Iterable

from kvmform.host.host import Host
from kvmform.resources.adoption import adopt
from kvmform.resources.pool.check import check
from kvmform.resources.pool.lifecycle import create, delete, find, propose, read, update
from kvmform.resources.pool.schema import SCHEMA
from kvmform.schema import Claim, Disruption, Object, ResourceType

__all__ = ["POOL"]


def _claims(pool: Object) -> Iterable[Claim]:
    return (("pool", pool["name"]), ("pool path", pool["path"]))


POOL: ResourceType[Host] = ResourceType(
    name="libvirt_pool",
    schema=SCHEMA,
    adopt=adopt,
    read=read,
    find=find,
    listed=lambda host: [(each.name, each.uuid) for each in host.inventory.pools.all() if each.persistent],
    propose=propose,
    check=check,
    create=create,
    update=update,
    delete=delete,
    claims=_claims,
    delete_disruption=Disruption.REPLACE,
)
