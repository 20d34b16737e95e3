"""The verbs of `libvirt_network`."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from kvmform.host.features import Feature
from kvmform.host.host import Host
from kvmform.host.networks import (
    define_network,
    set_network_autostart,
    start_network,
    stop_network,
    undefine_network,
)
from kvmform.host.records import NetworkRecord
from kvmform.resources.network.definition import dhcp_of, dns_of, is_bridged, usual_dhcp
from kvmform.resources.network.patching import patched
from kvmform.resources.network.plugging import Interface, interfaces_on, plug_in
from kvmform.resources.network.policies import groups_of, is_live
from kvmform.resources.network.reading import read
from kvmform.resources.network.rendering import network_xml
from kvmform.resources.network.restart import restart
from kvmform.resources.network.updates import update_live
from kvmform.schema import Disruption, Edit, Object, Operation, Proposal
from kvmform.values.model import Unknown
from kvmform.values.types import BOOL, STRING

__all__ = ["create", "delete", "propose", "update"]

_ASIDE = {"autostart", "active", "restarting", "metadata"}
"""Arguments that are not in the definition, or have no effect there."""

_NAMING = threading.Lock()
"""libvirt gives two networks that are defined at the same moment the same bridge (libvirt issue 78)."""


def propose(proposal: Proposal) -> Object:
    """The UUID is known beforehand; a block that is not written, and comes to what is there, stays as it is."""
    planned = {**proposal.planned, "restarting": None}
    _complete_dhcp(planned, proposal.config)
    if proposal.observed is None:
        planned["id"] = proposal.identity.uuid
        return planned
    actual = proposal.observed.object
    if proposal.config["bridge"] is None and is_bridged(actual) is not is_bridged(planned):
        # That of the host is not one that libvirt makes.
        planned["bridge"] = None if is_bridged(planned) else Unknown(STRING)
    if planned["dns"] == [] and dns_of(actual) == dns_of({}):
        planned["dns"] = actual["dns"]
    if planned["dhcp"] == [] and dhcp_of(actual) == usual_dhcp(planned):
        planned["dhcp"] = actual["dhcp"]
    return planned


def _complete_dhcp(planned: Object, config: Object) -> None:
    written = config["dhcp"]
    if not isinstance(written, list) or not written:
        return
    enabled = written[0]["enabled"]
    if enabled is None:
        enabled = Unknown(BOOL) if isinstance(planned["mode"], Unknown) else usual_dhcp(planned)["enabled"]
    planned["dhcp"] = [{**planned["dhcp"][0], "enabled": enabled}]


def create(operation: Operation[Host], planned: Object) -> Object:
    """Define and start the network; what an interrupted run left of it is defined anew.

    Raises:
        HostError: the network can't be defined or started; it is recorded what exists of it.
    """
    host, uuid = operation.host, planned["id"]
    if host.inventory.networks.get(uuid) is not None:
        stop_network(host, uuid)
    with _NAMING:
        define_network(host, network_xml(planned))
    operation.record(planned)
    set_network_autostart(host, uuid, planned["autostart"])
    if planned["active"]:
        start_network(host, uuid)
    return _as_it_is(host, planned)


def _as_it_is(host: Host, planned: Object) -> Object:
    observed = read(host, planned)
    return planned if observed is None else observed.object


def update(operation: Operation[Host], prior: Object, planned: Object, edits: Sequence[Edit]) -> Object:
    """Change what can be changed live; restart the network if there is anything else.

    Raises:
        HostError: libvirt refuses.
    """
    host, uuid = operation.host, planned["id"]
    record = host.inventory.networks.get(uuid)
    if record is None:
        return create(operation, planned)
    names = {str(edit.path[0]) for edit in edits}
    if names & {"active", "restarting"} or not all(_is_at_once(edit, prior, planned) for edit in edits):
        if record.active and not is_bridged(prior) and next(interfaces_on(host, record), None) is not None:
            operation.keep_to_plan(Disruption.INTERRUPT)
        definition = patched(record.xml, prior, planned, names)
        restart(operation, record, definition, active=planned["active"] is not False)
    else:
        _update_live(operation, record, prior, planned, edits)
        if "metadata" in names:
            _redefine(host, uuid, prior, planned)
    if "autostart" in names:
        set_network_autostart(host, uuid, planned["autostart"])
    return _as_it_is(host, planned)


def _update_live(
    operation: Operation[Host], record: NetworkRecord, prior: Object, planned: Object, edits: Sequence[Edit]
) -> None:
    """Without a restart; guests whose port group is another by then are plugged in again, to get what it gives."""
    host = operation.host
    groups = {group for edit in edits if edit.path[0] == "portgroups" for group in groups_of(edit, prior, planned)}
    affected: list[Interface] = []
    if groups and record.active and not is_bridged(prior) and host.can(Feature.HOTPLUG):
        affected = [each for each in interfaces_on(host, record) if (each.port_group or "") in groups]
    if affected:
        operation.keep_to_plan(Disruption.INTERRUPT)
        operation.record({"restarting": True})  # A restart is what makes up for it, should this be cut short.
    update_live(host, record, prior, planned, edits)
    plug_in(host, record, affected)


def _redefine(host: Host, uuid: str, prior: Object, planned: Object) -> None:
    """Write what has no effect to the definition; the active network stays as it is."""
    record = host.inventory.networks.get(uuid)
    if record is not None:
        define_network(host, patched(record.xml, prior, planned, {"metadata"}))


def _is_at_once(edit: Edit, prior: Object, planned: Object) -> bool:
    return edit.path[0] in _ASIDE or is_live(edit.path, prior, planned)


def delete(operation: Operation[Host], prior: Object) -> None:
    """Stop and undefine the network.

    Raises:
        HostError: libvirt refuses.
    """
    stop_network(operation.host, prior["id"])
    undefine_network(operation.host, prior["id"])
