"""`libvirt_snapshot`: a point in time of a domain that it can be taken back to."""

from kvmform.host.host import Host
from kvmform.resources.snapshot.check import check
from kvmform.resources.snapshot.lifecycle import create, delete, propose, read, update
from kvmform.resources.snapshot.schema import SCHEMA
from kvmform.schema import Disruption, ResourceType

__all__ = ["SNAPSHOT"]

SNAPSHOT: ResourceType[Host] = ResourceType(
    name="libvirt_snapshot",
    schema=SCHEMA,
    read=read,
    propose=propose,
    check=check,
    create=create,
    update=update,
    delete=delete,
    delete_disruption=Disruption.DATA_LOSS,
)
