"""What `libvirt_snapshot` promises: its table and its verbs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kvmform.host.host import Host
from kvmform.resources.snapshot.check import check
from kvmform.resources.snapshot.lifecycle import create, delete, find, propose, read, update
from kvmform.resources.snapshot.schema import SCHEMA
from kvmform.schema import Claim, Disruption, Object, ResourceType

__all__ = ["SNAPSHOT"]


def _claims(snapshot: Object) -> Iterable[Claim]:
    return (("snapshot", snapshot["domain_id"], snapshot["name"]),)


def _line(snapshot: Object) -> Claim:
    return ("domain", snapshot["domain_id"])


def _listed(host: Host) -> Iterator[tuple[str, str]]:
    """Those of all domains, each behind what it was taken on."""
    for domain in host.inventory.domains.all():
        for record in host.inventory.snapshots.of(domain.uuid):
            yield f"{domain.name}/{record.name}", f"{domain.uuid}/{record.name}"


SNAPSHOT: ResourceType[Host] = ResourceType(
    name="libvirt_snapshot",
    schema=SCHEMA,
    read=read,
    find=find,
    found_by="DOMAIN/NAME",
    listed=_listed,
    propose=propose,
    check=check,
    create=create,
    update=update,
    delete=delete,
    claims=_claims,
    line=_line,
    delete_disruption=Disruption.DATA_LOSS,
)
