"""The verbs of all seeds. What makes them differ is how their bytes are made; see :class:`Seed`.

The id of a seed is the key of its volume and a revision, `<key>;<UUID>`. The revision is
derived from what is in the seed, so that new contents are a new id, and who refers to the id
is told. An id that another tool gave stays as long as the contents do.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path as FilePath
from uuid import UUID, uuid5

from kvmform.diagnostics import DiagnosticError
from kvmform.host.features import Feature
from kvmform.host.host import Host
from kvmform.host.records import PoolRecord
from kvmform.host.transfer import upload_stream
from kvmform.host.volumes import delete_volume
from kvmform.resources.volume.making import make_volume, remove_volume, removed_on_failure
from kvmform.resources.volume.place import active_pool, changes_content, is_directory, is_pool_renamed, planned_key
from kvmform.resources.volume.recipe import Recipe, volume_xml
from kvmform.resources.volume.sight import hidden_pool
from kvmform.schema import Edit, Identity, Object, Observed, Operation, Plain, Proposal
from kvmform.struct import Struct
from kvmform.values.model import Unknown
from kvmform.values.types import STRING

__all__ = ["Seed", "key_of"]

_DERIVED = 5
"""The version of UUIDs that are derived (RFC 4122)."""


def key_of(identity: Plain) -> str | None:
    """Key of the volume, of an id (`<key>;<UUID>`); None if there is no id yet."""
    return identity.rpartition(";")[0] or identity if isinstance(identity, str) else None


class Seed(Struct):
    """One kind of seed.

    `rows`: the arguments that decide what is in it. `text(planned, directory)`: what its
    revision is derived from; relative paths start in the directory, and what can't be told
    yet is None. `image(operation, planned)`: the bytes of the volume.
    """

    rows: tuple[str, ...]
    text: Callable[[Object, FilePath], str | None]
    image: Callable[[Operation[Host], Object], bytes]

    def propose(self, proposal: Proposal) -> Object:
        """The id: how it begins where the storage pool is planned too; all of it where the contents are known."""
        planned, observed = proposal.planned, proposal.observed
        if observed is None:
            return {**planned, "id": planned_key(proposal)}
        if planned["pool"] != observed.object["pool"] and not is_pool_renamed(proposal):
            return {**planned, "id": planned_key(proposal)}
        known = observed.object["id"]
        text = None
        if not any(isinstance(planned[name], Unknown) for name in self.rows):
            text = self.text(planned, FilePath(proposal.settings.get("base_directory", "")))
        if text is None:
            return {**planned, "id": Unknown(STRING, not_null=True, prefix=f"{key_of(known)};")}
        is_edited = any((planned[name] or "") != (observed.object[name] or "") for name in self.rows)
        revision = _revision(proposal.identity, text)
        is_new = is_edited or (_is_derived(known) and not known.endswith(f";{revision}"))
        return {**planned, "id": f"{key_of(known)};{revision}" if is_new else known}

    def read(self, host: Host, prior: Object) -> Observed | None:
        """The seed, as it was recorded, if its volume is there.

        What is in the volume is not looked at: that would mean a download each time. A volume
        whose storage pool is not active is taken to be there.
        """
        key = key_of(prior.get("id"))
        if key is None:
            return None
        record = host.inventory.volumes.get(key)
        if record is None:
            pool = hidden_pool(host, prior.get("pool"), key)
            return Observed(prior, {"pool_id": pool}) if pool is not None else None
        home = host.inventory.pools.get(record.pool)
        found = {**prior, "name": record.name, "pool": prior.get("pool") if home is None else home.name}
        return Observed(found, {"pool_id": record.pool})

    def create(self, operation: Operation[Host], planned: Object) -> Object:
        """Write the contents into a new volume.

        An `id` in `planned` is that of a leftover: state recorded it when an earlier attempt was
        cut off. It is deleted and made again.
        """
        pool = active_pool(operation.host, planned["pool"])
        image, revision = self.image(operation, planned), self._revision(operation, planned)
        leftover = key_of(planned["id"])
        if leftover is not None:
            delete_volume(operation.host, leftover)

        def record(key: str | None) -> None:
            operation.record({**planned, "id": None if key is None else f"{key};{revision}"})

        key = _write(operation, planned["name"], pool, image, record)
        return {**planned, "id": f"{key};{revision}"}

    def update(self, operation: Operation[Host], prior: Object, planned: Object, edits: Sequence[Edit]) -> Object:
        """Write the contents anew, as a new file under the old name.

        A running guest keeps the file that it has open; so nothing changes under its feet. Until
        the new file is whole the record says what was in the old one, so that the next run
        writes it again if this one is killed.

        Raises:
            DiagnosticError: a file that the contents come from has changed since the plan was made.
        """
        if edits and not changes_content(edits):
            return planned
        pool = active_pool(operation.host, planned["pool"])
        image, revision = self.image(operation, planned), self._revision(operation, planned)
        if planned["id"] != prior["id"] and not planned["id"].endswith(f";{revision}"):
            raise DiagnosticError.of(
                "The file has changed since the plan was made",
                "The plan tells which contents the seed gets, and the file has others by now, so nothing was done. "
                "Make a new plan.",
            )
        self.delete(operation, prior)
        _write(operation, planned["name"], pool, image, lambda _key: None)
        return planned

    def delete(self, operation: Operation[Host], prior: Object) -> None:
        """Delete the volume that holds the seed."""
        key = key_of(prior.get("id"))
        if key is not None:
            remove_volume(operation.host, key, prior.get("pool"))

    def _revision(self, operation: Operation[Host], planned: Object) -> str:
        text = self.text(planned, operation.base_directory)
        assert text is not None, "the image was made of it"
        return _revision(operation.identity, text)


def _is_derived(identity: str) -> bool:
    """Whether the revision in an id is one of kvmform's; those that other tools drew at random have version 4."""
    try:
        return UUID(identity.rpartition(";")[2]).version == _DERIVED
    except ValueError:
        return False


def _revision(identity: Identity, text: str) -> str:
    return str(uuid5(UUID(identity.uuid), text))


def _write(
    operation: Operation[Host], name: str, pool: PoolRecord, image: bytes, record: Callable[[str | None], None]
) -> str:
    host = operation.host
    xml = volume_xml({"name": name, "xml": []}, Recipe("raw", len(image)), sparse=is_directory(pool))
    key = make_volume(host, pool, name, xml, record)
    if host.can(Feature.UPLOAD):
        with removed_on_failure(host, key):
            upload_stream(host, key, io.BytesIO(image), len(image), stop=operation.stop)
    return key
