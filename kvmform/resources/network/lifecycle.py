"""The verbs of `libvirt_network`."""

from __future__ import annotations

from collections.abc import Sequence

from kvmform.host.host import Host
from kvmform.host.networks import (
    define_network,
    set_network_autostart,
    start_network,
    stop_network,
    undefine_network,
)
from kvmform.resources.network.definition import network_xml
from kvmform.resources.network.policies import is_live
from kvmform.resources.network.reading import effective_dhcp, effective_dns, read
from kvmform.resources.network.restart import redefine
from kvmform.resources.network.updates import update_live
from kvmform.schema import Edit, Object, Operation, Proposal

__all__ = ["create", "delete", "propose", "update"]

_SWITCHES = {"autostart", "active"}


def propose(proposal: Proposal) -> Object:
    """The UUID is known beforehand; blocks that come to the same as what is there stay as they are."""
    planned = dict(proposal.planned)
    if proposal.observed is None:
        planned["id"] = proposal.identity.uuid
        return planned
    actual = proposal.observed.object
    if effective_dns(planned["dns"]) == effective_dns(actual["dns"]):
        planned["dns"] = actual["dns"]
    if effective_dhcp(planned["dhcp"]) == effective_dhcp(actual["dhcp"]):
        planned["dhcp"] = actual["dhcp"]
    return planned


def create(operation: Operation[Host], planned: Object) -> Object:
    """Define and start the network; a definition that an interrupted run left is brought up to date."""
    host, uuid = operation.host, planned["id"]
    leftover = host.inventory.networks.get(uuid)
    if leftover is not None:
        redefine(host, leftover, planned, planned)
    else:
        define_network(host, network_xml(planned))
    operation.record(planned)
    set_network_autostart(host, uuid, planned["autostart"])
    if planned["active"]:
        start_network(host, uuid)
    return _as_it_is(host, planned)


def _as_it_is(host: Host, planned: Object) -> Object:
    observed = read(host, planned)
    assert observed is not None
    return observed.object


def update(operation: Operation[Host], prior: Object, planned: Object, edits: Sequence[Edit]) -> Object:
    """Change what can be changed live; restart the network for the rest."""
    host, uuid = operation.host, planned["id"]
    record = host.inventory.networks.get(uuid)
    assert record is not None
    edited = {str(edit.path[0]) for edit in edits}
    definition = [edit for edit in edits if edit.path[0] not in _SWITCHES]
    if definition and all(is_live(edit.path, prior, planned) for edit in definition):
        update_live(host, record, prior, planned)
    elif definition:
        redefine(host, record, prior, planned)
    if "autostart" in edited:
        set_network_autostart(host, uuid, planned["autostart"])
    if "active" in edited:
        start_network(host, uuid) if planned["active"] else stop_network(host, uuid)
    return _as_it_is(host, planned)


def delete(operation: Operation[Host], prior: Object) -> None:
    """Stop and undefine the network."""
    stop_network(operation.host, prior["id"])
    undefine_network(operation.host, prior["id"])
