"""The verbs of `libvirt_pool`."""

from __future__ import annotations

from collections.abc import Sequence

from kvmform.host.errors import DeniedError, HostError
from kvmform.host.host import Host
from kvmform.host.pools import (
    build_pool,
    define_pool,
    delete_pool,
    set_pool_autostart,
    start_pool,
    stop_pool,
    undefine_pool,
)
from kvmform.host.records import PoolRecord
from kvmform.resources.pool.schema import SCHEMA, written_path
from kvmform.schema import Edit, Object, Observed, Operation, Proposal
from kvmform.xml.document import Document
from kvmform.xml.rows import read_rows
from kvmform.xml.stylesheet import transform
from kvmform.xml.template import render

__all__ = ["create", "delete", "find", "pool_xml", "propose", "read", "update"]


def propose(proposal: Proposal) -> Object:
    """The UUID is known beforehand; `path` and `target { path }` always agree."""
    planned = dict(proposal.planned)
    if proposal.observed is None:
        planned["id"] = proposal.identity.uuid
    if planned["type"] == "logical":
        _complete_logical(planned, proposal)
    elif proposal.config["path"] is not None:
        planned["target"] = [{"path": planned["path"]}]
    elif isinstance(planned["target"], list) and planned["target"]:
        planned["path"] = planned["target"][0]["path"]
    return planned


def _complete_logical(planned: Object, proposal: Proposal) -> None:
    """A new volume group is named like its pool, and is found in /dev, unless something else is written."""
    written = proposal.config["source"]
    if proposal.observed is not None or not isinstance(written, list):
        return
    group = written[0] if written else {"name": None, "device": []}
    name = group["name"] or planned["name"]
    path = written_path(proposal.config) or (f"/dev/{name}" if isinstance(name, str) else planned["path"])
    planned |= {"source": [{**group, "name": name}], "path": path, "target": [{"path": path}]}


def find(host: Host, meant: str) -> Object | None:
    """The pool with this name, or this UUID."""
    record = host.inventory.pools.named(meant) or host.inventory.pools.get(meant)
    return None if record is None else {"id": record.uuid}


def read(host: Host, prior: Object) -> Observed | None:
    """The pool with the UUID that `prior` has."""
    identity = prior.get("id")
    record = host.inventory.pools.get(identity) if isinstance(identity, str) else None
    return None if record is None else Observed(_object(record, prior))


def _object(record: PoolRecord, prior: Object) -> Object:
    found = read_rows(Document.parse(record.live_xml or record.xml).root, SCHEMA.rows)
    found["source"] = [part for part in found["source"] if any(part.values())]
    return {"xml": prior.get("xml") or [], "created_directory": prior.get("created_directory"), **found}


def pool_xml(planned: Object) -> str:
    """The XML of a new pool.

    Raises:
        DiagnosticError: the user's stylesheet can't be applied.
    """
    xml = render(__package__, "pool.xml.j2", planned)
    for change in planned["xml"]:
        if change["xslt"]:
            xml = transform(xml, change["xslt"])
    return xml


def create(operation: Operation[Host], planned: Object) -> Object:
    """Define and start the pool; only if it can't be started, what it is kept in is made first."""
    host, uuid = operation.host, planned["id"]
    so_far = {**planned, "created_directory": bool(planned["created_directory"])}
    define_pool(host, pool_xml(planned))
    operation.record(so_far)
    if not _starts(host, uuid):
        so_far["created_directory"] = planned["type"] == "dir"
        operation.record(so_far)
        build_pool(host, uuid)
        start_pool(host, uuid)
    set_pool_autostart(host, uuid, True)
    return _as_it_is(host, so_far)


def _starts(host: Host, uuid: str) -> bool:
    try:
        start_pool(host, uuid)
    except DeniedError:
        raise
    except HostError:
        return False
    return True


def _as_it_is(host: Host, planned: Object) -> Object:
    """What was planned, completed with what only the host knows."""
    observed = read(host, planned)
    if observed is None:
        return planned
    return {name: value if planned[name] is None else planned[name] for name, value in observed.object.items()}


def update(operation: Operation[Host], _prior: Object, planned: Object, _edits: Sequence[Edit]) -> Object:
    """Nothing of a pool can be changed in place; only the record is brought up to date."""
    return _as_it_is(operation.host, planned)


def delete(operation: Operation[Host], prior: Object) -> None:
    """Stop and undefine the pool. Files that are in its directory stay, and so does the directory then."""
    host, uuid = operation.host, prior["id"]
    if host.inventory.pools.get(uuid) is None:
        return
    stop_pool(host, uuid)
    if prior.get("created_directory"):
        try:
            delete_pool(host, uuid)
        except HostError as problem:
            reason = problem.diagnostics[0].detail
            operation.progress(f"the directory {prior['path']} stays: {reason}", None, None)
    undefine_pool(host, uuid)
