"""The verbs of `libvirt_cloudinit_disk`."""

from __future__ import annotations

import io
from collections.abc import Sequence

from kvmform.host.features import Feature
from kvmform.host.host import Host
from kvmform.host.records import PoolRecord
from kvmform.host.transfer import upload_stream
from kvmform.host.volumes import delete_volume
from kvmform.resources.cloudinit_disk.iso import seed_image
from kvmform.resources.volume.making import is_out_of_sight, make_volume, remove_volume, removed_on_failure
from kvmform.resources.volume.place import active_pool, is_directory, planned_key
from kvmform.resources.volume.recipe import Recipe, volume_xml
from kvmform.schema import Edit, Identity, Object, Observed, Operation, Plain, Proposal

__all__ = ["create", "delete", "key_of", "propose", "read", "seed_files", "update"]


def key_of(identity: Plain) -> str | None:
    """Key of the volume, of an id (`<key>;<UUID>`); None if there is no id yet."""
    return identity.rpartition(";")[0] or identity if isinstance(identity, str) else None


def propose(proposal: Proposal) -> Object:
    """How the id begins is known where the storage pool is planned too."""
    if proposal.observed is not None:
        return proposal.planned
    return {**proposal.planned, "id": planned_key(proposal)}


def read(host: Host, prior: Object) -> Observed | None:
    """The disk, as it was recorded, if its volume is there.

    What is in the image is not looked at: that would mean a download each time. A volume
    whose storage pool is not active is taken to be there.
    """
    key = key_of(prior.get("id"))
    if key is None:
        return None
    record = host.inventory.volumes.get(key)
    if record is None:
        return Observed(prior) if is_out_of_sight(host, prior.get("pool")) else None
    home = host.inventory.pools.get(record.pool)
    return Observed({**prior, "name": record.name, "pool": prior.get("pool") if home is None else home.name})


def seed_files(planned: Object, identity: Identity) -> dict[str, str]:
    """The files of the image, by name; all three are always there.

    cloud-init carries out its per-instance work anew when the instance's id changes. So,
    unless the user writes the meta-data, the id is made of what the other files say.
    """
    from uuid import UUID, uuid5

    user_data, network_config = planned["user_data"] or "", planned["network_config"] or ""
    instance = uuid5(UUID(identity.uuid), f"{user_data}\0{network_config}")
    return {
        "user-data": user_data,
        "meta-data": planned["meta_data"] or f"instance-id: {instance}\n",
        "network-config": network_config,
    }


def create(operation: Operation[Host], planned: Object) -> Object:
    """Write the image into a new volume.

    An `id` in `planned` is that of a leftover: state recorded it when an earlier attempt was
    cut off. It is deleted and made again.
    """
    pool = active_pool(operation.host, planned["pool"])
    leftover = key_of(planned["id"])
    if leftover is not None:
        delete_volume(operation.host, leftover)
    return _write(operation, {**planned, "id": None}, pool)


def update(operation: Operation[Host], prior: Object, planned: Object, _edits: Sequence[Edit]) -> Object:
    """Write the image anew, as a new file under the old name.

    A running guest keeps the file that it has open, and gets the new one when it is next
    started; so nothing changes under its feet.
    """
    pool = active_pool(operation.host, planned["pool"])
    delete(operation, prior)
    return _write(operation, planned, pool)


def _write(operation: Operation[Host], planned: Object, pool: PoolRecord) -> Object:
    host = operation.host
    image = seed_image(seed_files(planned, operation.identity))

    def with_id(key: str | None) -> Object:
        made = None if key is None else f"{key};{operation.identity.uuid}"
        return {**planned, "id": planned["id"] or made}

    xml = volume_xml({**planned, "xml": []}, Recipe("raw", len(image)), sparse=is_directory(pool))
    key = make_volume(host, pool, planned["name"], xml, lambda key: operation.record(with_id(key)))
    if host.can(Feature.UPLOAD):
        with removed_on_failure(host, key):
            upload_stream(host, key, io.BytesIO(image), len(image), stop=operation.stop)
    return with_id(key)


def delete(operation: Operation[Host], prior: Object) -> None:
    """Delete the volume that holds the image."""
    key = key_of(prior.get("id"))
    if key is not None:
        remove_volume(operation.host, key, prior.get("pool"))
