"""`libvirt_pool`: a storage pool, the place on a host that volumes are kept in."""

from kvmform.host.host import Host
from kvmform.resources.pool.check import check
from kvmform.resources.pool.lifecycle import create, delete, propose, read, update
from kvmform.resources.pool.schema import SCHEMA
from kvmform.schema import Disruption, ResourceType

__all__ = ["POOL"]

POOL: ResourceType[Host] = ResourceType(
    name="libvirt_pool",
    schema=SCHEMA,
    read=read,
    propose=propose,
    check=check,
    create=create,
    update=update,
    delete=delete,
    delete_disruption=Disruption.REPLACE,
)
