"""`libvirt_domain`: a virtual machine."""

from kvmform.host.host import Host
from kvmform.resources.domain.check import check
from kvmform.resources.domain.lifecycle import claim, create, delete, update
from kvmform.resources.domain.proposal import propose
from kvmform.resources.domain.reading import read
from kvmform.resources.domain.schema import SCHEMA
from kvmform.schema import ResourceType

__all__ = ["DOMAIN"]

DOMAIN: ResourceType[Host] = ResourceType(
    name="libvirt_domain",
    schema=SCHEMA,
    read=read,
    create=create,
    update=update,
    delete=delete,
    claim=claim,
    propose=propose,
    check=check,
    work="boot",
)
"""The resource type `libvirt_domain`."""
