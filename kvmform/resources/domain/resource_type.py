"""What `libvirt_domain` promises: its table and its verbs."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.host.host import Host
from kvmform.resources.adoption import adopt_domain
from kvmform.resources.domain.check import check
from kvmform.resources.domain.check_all import check_all
from kvmform.resources.domain.cloning.original import original
from kvmform.resources.domain.disk.sharing import disk_claims
from kvmform.resources.domain.life.losses import losses
from kvmform.resources.domain.lifecycle import claim, create, delete, update
from kvmform.resources.domain.portrait import portray
from kvmform.resources.domain.proposal import propose
from kvmform.resources.domain.reading import find, read
from kvmform.resources.domain.schema import SCHEMA
from kvmform.schema import Claim, Object, ResourceType

__all__ = ["DOMAIN"]


def _claims(domain: Object) -> Iterator[Claim]:
    """Its name, its disks (but those that guests share) and its MAC addresses."""
    yield ("domain", domain["name"])
    yield from disk_claims(domain)
    for interface in domain["network_interface"] if isinstance(domain["network_interface"], list) else ():
        yield ("mac", interface["mac"].lower() if isinstance(interface["mac"], str) else interface["mac"])


def _line(domain: Object) -> Claim:
    """It is changed after its snapshots are deleted, and before others are taken."""
    return ("domain", domain["id"])


DOMAIN: ResourceType[Host] = ResourceType(
    name="libvirt_domain",
    schema=SCHEMA,
    adopt=adopt_domain,
    read=read,
    find=find,
    listed=lambda host: [(each.name, each.uuid) for each in host.inventory.domains.all() if each.persistent],
    original=original,
    create=create,
    update=update,
    delete=delete,
    claim=claim,
    propose=propose,
    check=check,
    check_all=check_all,
    claims=_claims,
    line=_line,
    lost_with=losses,
    portray=portray,
    holds_data=lambda domain: bool(domain.get("cloned_volumes")),
    work="boot",
)
"""The resource type `libvirt_domain`."""
