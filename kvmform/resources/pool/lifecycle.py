"""The verbs of `libvirt_pool`."""

from __future__ import annotations

from collections.abc import Sequence

from kvmform.host.errors import NotEmptyError
from kvmform.host.host import Host
from kvmform.host.pools import define_pool, delete_pool, set_pool_autostart, stop_pool, undefine_pool
from kvmform.host.records import PoolRecord
from kvmform.resources.pool.definition import pool_xml
from kvmform.resources.pool.kinds import KINDS
from kvmform.resources.pool.policies import same_path
from kvmform.resources.pool.redefining import RECORD_ONLY, bring_up, end_renaming, redefine, tell_that_it_stays
from kvmform.resources.pool.schema import SCHEMA, SOURCE, written_path
from kvmform.resources.volume.sight import is_being_renamed
from kvmform.schema import Edit, Object, Observed, Operation, Plain, Proposal, completed, empty_object
from kvmform.values.model import Unknown
from kvmform.xml.document import Document
from kvmform.xml.rows import read_rows

__all__ = ["create", "delete", "find", "propose", "read", "update"]


def propose(proposal: Proposal) -> Object:
    """The UUID is known beforehand; `path` and `target { path }` always agree."""
    planned = dict(proposal.planned) | {"renaming": None}
    if proposal.observed is None:
        planned["id"] = proposal.identity.uuid
        planned["autostart"] = proposal.config["autostart"] is not False
    elif planned["type"] != proposal.observed.object["type"] and not proposal.config["source"]:
        planned["source"] = []
    if planned["active"] is None and proposal.observed is not None:
        planned["active"] = True  # One that was stopped is started: that is what the plan has to tell.
    if planned["type"] == "logical":
        _complete_logical(planned, proposal)
    path = written_path(proposal.config)
    if path is None and proposal.observed is None:
        path = _usual_path(planned)
    if path is not None or proposal.observed is None:
        _set_path(planned, proposal, path)
    return planned


def _complete_logical(planned: Object, proposal: Proposal) -> None:
    """A new volume group is named like its pool, unless something else is written."""
    if proposal.observed is None and isinstance(planned["source"], list):
        group = planned["source"][0] if planned["source"] else empty_object(SOURCE.rows)
        name = proposal.config["source"][0]["name"] if proposal.config["source"] else None
        planned["source"] = [{**group, "name": name or planned["name"]}]


def _usual_path(planned: Object) -> Plain:
    """Where volumes of this type are found, if nothing is written; None where they are no files."""
    kind = KINDS.get(planned["type"]) if isinstance(planned["type"], str) else None
    if kind is None or kind.place is None:
        return planned["path"]
    source = planned["source"]
    name = source[0]["name"] if isinstance(source, list) and source else None
    if "{name}" in kind.place:
        return kind.place.format(name=name) if isinstance(name, str) else planned["path"]
    return kind.place or None


def _set_path(planned: Object, proposal: Proposal, path: Plain) -> None:
    """Both forms of the path, with the permissions that there are or that are written."""
    planned["path"] = path
    if isinstance(planned["target"], Unknown):
        return
    present = proposal.observed.object if proposal.observed is not None else {}
    existing = present.get("target")
    target = planned["target"] or existing
    permissions = target[0].get("permissions") or [] if target else []
    if existing and (planned["type"] != present["type"] or not same_path(path, existing[0]["path"])):
        written = proposal.config["target"]
        permissions = written[0]["permissions"] if written else []  # Those of another place may be others.
    planned["target"] = [{"path": path, "permissions": permissions}] if path is not None else []


def find(host: Host, meant: str) -> Object | None:
    """The pool with this name, or this UUID."""
    record = host.inventory.pools.named(meant) or host.inventory.pools.get(meant)
    return None if record is None else {"id": record.uuid}


def read(host: Host, prior: Object) -> Observed | None:
    """The pool with the UUID that `prior` has."""
    identity = prior.get("id")
    record = host.inventory.pools.get(identity) if isinstance(identity, str) else None
    given_up = prior.get("renaming") or prior.get("name")
    renaming = given_up if is_being_renamed(host, {**prior, "name": given_up}) else None
    if record is not None:
        return Observed(_object(record, prior, renaming), {"volumes": host.inventory.volumes.count(record.uuid)})
    # Cut off in the instant in which libvirt knows nothing of it.
    return Observed({**prior, "active": False, "renaming": renaming}) if renaming else None


def _object(record: PoolRecord, prior: Object, renaming: Plain) -> Object:
    found = read_rows(Document.parse(record.live_xml or record.xml).root, SCHEMA.rows)
    found["source"] = [part for part in found["source"] if any(part.values())]
    return {
        "xml": prior.get("xml") or [],
        "created_directory": prior.get("created_directory", _is_made_by_0_8(prior)),
        "autostart": record.autostart,
        "active": record.active,
        "renaming": renaming,
        **found,
    }


def _is_made_by_0_8(prior: Object) -> Plain:
    """Provider 0.8 made the directory of a pool where there was none, and removed it with the pool, if it was empty."""
    return True if prior.get("type") == "dir" else None


def create(operation: Operation[Host], planned: Object) -> Object:
    """Define and start the pool; only if it can't be started, what it is kept in is made first."""
    host, uuid = operation.host, planned["id"]
    so_far = {**planned, "created_directory": bool(planned["created_directory"])}
    xml = pool_xml(planned)
    define_pool(host, xml)
    operation.record(so_far)
    so_far = bring_up(operation, so_far, xml)
    set_pool_autostart(host, uuid, planned["autostart"] is not False)
    return _as_it_is(host, so_far)


def _as_it_is(host: Host, planned: Object) -> Object:
    """What was planned, completed with what only the host knows."""
    observed = read(host, planned)
    if observed is None:
        return planned
    return completed(SCHEMA.rows, planned, observed.object)


def update(operation: Operation[Host], prior: Object, planned: Object, edits: Sequence[Edit]) -> Object:
    """Define the pool anew, or start or stop it; nothing that it holds is touched."""
    host, uuid = operation.host, prior["id"]
    names = {str(edit.path[0]) for edit in edits}
    if names - RECORD_ONLY or host.inventory.pools.get(uuid) is None:
        planned = redefine(operation, prior, planned, names)
    elif planned["active"] is False:
        stop_pool(host, uuid)
    elif "active" in names:
        planned = bring_up(operation, planned, pool_xml(planned))
    end_renaming(host, prior, prior.get("renaming"))
    if names & {"autostart", "name", "renaming"}:
        set_pool_autostart(host, uuid, planned["autostart"] is not False)
    return _as_it_is(host, planned)


def delete(operation: Operation[Host], prior: Object) -> None:
    """Stop and undefine the pool. Files that are in its directory stay, and so does the directory then."""
    host, uuid = operation.host, prior["id"]
    end_renaming(host, prior, prior.get("renaming"))
    if host.inventory.pools.get(uuid) is None:
        return
    stop_pool(host, uuid)
    if prior.get("created_directory"):
        try:
            delete_pool(host, uuid)
        except NotEmptyError as problem:
            tell_that_it_stays(operation, prior["path"], problem)
    undefine_pool(host, uuid)
