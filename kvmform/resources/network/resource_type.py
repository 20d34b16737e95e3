"""What `libvirt_network` promises: its table and its verbs."""

from __future__ import annotations

from kvmform.host.host import Host
from kvmform.resources.adoption import adopt_network
from kvmform.resources.network.check import check
from kvmform.resources.network.lifecycle import create, delete, propose, update
from kvmform.resources.network.neighbours import claims, needs
from kvmform.resources.network.portrait import portray
from kvmform.resources.network.reading import find, read
from kvmform.resources.network.schema import SCHEMA
from kvmform.schema import Disruption, ResourceType

__all__ = ["NETWORK"]

NETWORK: ResourceType[Host] = ResourceType(
    name="libvirt_network",
    schema=SCHEMA,
    adopt=adopt_network,
    read=read,
    find=find,
    listed=lambda host: [(each.name, each.uuid) for each in host.inventory.networks.all() if each.persistent],
    propose=propose,
    check=check,
    create=create,
    update=update,
    delete=delete,
    claims=claims,
    needs=needs,
    portray=portray,
    delete_disruption=Disruption.REPLACE,
)
