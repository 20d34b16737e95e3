"""`libvirt_cloudinit_disk`: the seed from which cloud-init configures a guest."""

from collections.abc import Iterable

from kvmform.host.host import Host
from kvmform.resources.cloudinit_disk.lifecycle import create, delete, key_of, propose, read, update
from kvmform.resources.cloudinit_disk.schema import SCHEMA
from kvmform.resources.volume.place import check_place, claims, find
from kvmform.schema import Check, Disruption, Problem, ResourceType

__all__ = ["CLOUDINIT_DISK"]


def check(check: Check[Host]) -> Iterable[Problem]:
    """Whether there is a place for the volume."""
    if check.observed is not None and not check.replace:
        return ()
    return check_place(check, None if check.observed is None else key_of(check.observed.object["id"]))


CLOUDINIT_DISK: ResourceType[Host] = ResourceType(
    name="libvirt_cloudinit_disk",
    schema=SCHEMA,
    read=read,
    find=lambda host, meant: find(host, key_of(meant) or meant),
    propose=propose,
    check=check,
    create=create,
    update=update,
    delete=delete,
    claims=claims,
    delete_disruption=Disruption.REPLACE,
)
