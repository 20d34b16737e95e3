"""The verbs of `libvirt_domain`: create, update and delete."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy

from kvmform.diagnostics import DiagnosticError
from kvmform.host.addresses import Leases
from kvmform.host.affect import Affect
from kvmform.host.domains import (
    define_domain,
    read_definition,
    rename_domain,
    set_domain_autostart,
    set_domain_metadata,
    undefine_domain,
)
from kvmform.host.host import Host
from kvmform.host.operation import Kind
from kvmform.host.power import power_off_domain
from kvmform.host.snapshot_deletion import delete_external_snapshots
from kvmform.resources.domain.boot.variables import forget_stand_in, has_foreign_variables, remove_variables
from kvmform.resources.domain.cloning.identity import reset_identity, started_anew
from kvmform.resources.domain.cloning.making import clone_disks, remove_cloned_disks
from kvmform.resources.domain.effects import Undertaking, undertaking
from kvmform.resources.domain.escape.escape import escape_of, escaped_xml, recorded_escape
from kvmform.resources.domain.escape.mark import mark_escape
from kvmform.resources.domain.escape.spice import remove_lone_audio
from kvmform.resources.domain.interface.places import SOURCE_ROWS
from kvmform.resources.domain.interface.static_addresses import release_addresses, reserve_addresses
from kvmform.resources.domain.life.power import shut_down, start, wait_for_leases, wait_for_others
from kvmform.resources.domain.life.rows import SHUTDOWN
from kvmform.resources.domain.live import change_live
from kvmform.resources.domain.patching import Patch, patch_definition
from kvmform.resources.domain.readiness.ready import wait_until_ready, waits
from kvmform.resources.domain.reading import read
from kvmform.schema import Disruption, Edit, Object, Observed, Operation
from kvmform.xml.document import Document
from kvmform.xml.owner import OWNER_NAMESPACE, Owner, owner_xml

__all__ = ["claim", "create", "delete", "update"]


def create(operation: Operation[Host], planned: Object) -> Object:
    """Clone its disks where they are another's, define the domain, start it, and wait for its addresses.

    What an interrupted creation left has the same UUID: its definition is brought up to date.

    Raises:
        DiagnosticError: something of it failed; what exists by then is recorded.
    """
    host, uuid = operation.host, planned["id"]
    _rename_leftover(operation, uuid, planned["name"])
    planned = clone_disks(operation, planned)
    document = Document.parse(escaped_xml(host, planned, _owner(operation)))
    mark_escape(document, planned)
    define_domain(host, document.text)
    operation.record(planned)
    reserve_addresses(host, planned, operation.identity.lineage)
    left = read(host, planned)
    if left is not None and left.object["pending"]:
        shut_down(operation, planned)
    if planned["autostart"]:
        set_domain_autostart(host, uuid, True)
    found: dict[str, list[str]] = {}
    if planned["running"]:
        before = start(operation, uuid, paused=bool(planned["paused"]))
        if planned["identity_reset"]:
            before = started_anew(operation, planned, before)
        found = wait_until_ready(operation, planned, _awaited(planned, planned["network_interface"]), before)
    return _as_it_is(host, planned, found)


def _rename_leftover(operation: Operation[Host], uuid: str, name: str) -> None:
    """What an interrupted creation left may have a name that was changed in the meantime."""
    left = operation.host.inventory.domains.get(uuid)
    if left is not None and left.name != name:
        power_off_domain(operation.host, uuid)
        rename_domain(operation.host, uuid, name)


def update(operation: Operation[Host], prior: Object, planned: Object, edits: Sequence[Edit]) -> Object:
    """Carry out the edits: live where the guest takes them, with one reboot for all that need it.

    Live verbs come first and the definition after them; for what needs a boot it is the other
    way round. So an update that was stopped in the middle leaves a difference to be seen.

    Raises:
        DiagnosticError: something of it failed, or the guest was started since the plan was made.
    """
    host, uuid = operation.host, planned["id"]
    now = _go_on_from_saved_memory(operation, prior, planned)
    work = undertaking(edits, now.object, planned, now.facts)
    active = bool(now.facts["running"])
    _refuse_surprise(prior, now, work)
    operation.keep_to_plan(work.worst)
    release_addresses(host, prior, planned)
    reserve_addresses(host, planned, operation.identity.lineage)
    resets = bool(planned["identity_reset"]) and not now.object["identity_reset"]
    if resets and active and not now.object["paused"]:
        reset_identity(operation, planned)
        resets = False
    needs_boot = active and planned["running"] and work.worst is Disruption.REBOOT
    record = host.inventory.domains.get(uuid)
    if active and record is not None and record.live_xml is not None and planned["running"] and not needs_boot:
        change_live(operation, record.live_xml, now.facts, planned, work)
    _redefine(operation, planned, work)
    if active and (needs_boot or not planned["running"]):
        shut_down(operation, planned)
    if needs_boot or not (active and planned["running"]):
        remove_variables(host, record)
    if record is not None and record.name != planned["name"]:
        rename_domain(host, uuid, planned["name"])
    if "autostart" in work.names:
        set_domain_autostart(host, uuid, bool(planned["autostart"]))
    found: dict[str, list[str]] = {}
    if planned["running"]:
        starts = needs_boot or not now.object["running"] or bool(now.object["paused"])
        before = start(operation, uuid, paused=bool(planned["paused"]))
        if resets:
            before = started_anew(operation, planned, before)
        if starts or now.object["ready"] is False:
            found = _wait_anew(operation, planned, before)
        else:
            new, moved = _interfaces_connected(planned, work)
            found = wait_for_leases(operation, planned, _awaited(planned, new), before)
            found |= wait_for_others(operation, planned, _awaited(planned, moved), now.object["network_interface"])
    return _as_it_is(host, planned, found)


def _wait_anew(operation: Operation[Host], planned: Object, before: Leases) -> dict[str, list[str]]:
    """Wait for a guest that was started until it is ready."""
    if waits(planned):
        # Killed, or in vain, it leaves a record of what is still to be waited for.
        operation.record({**_as_it_is(operation.host, planned, {}), "ready": False})
    return wait_until_ready(operation, planned, _awaited(planned, planned["network_interface"]), before)


def _read_anew(host: Host, prior: Object) -> Observed:
    host.inventory.forget(Kind.DOMAIN, prior["id"])
    found = read(host, prior)
    if found is None or found.remains:
        raise DiagnosticError.of(
            "The domain is gone",
            f'The domain "{prior["name"]}" was there when the plan was made, and is not any more. Make a new plan.',
        )
    return found


def _go_on_from_saved_memory(operation: Operation[Host], prior: Object, planned: Object) -> Observed:
    """The domain as it is now; one whose memory is saved is woken first, where it shall run.

    What is woken has the definition that it had when it was saved, so it is changed as any guest that runs.
    """
    now = _read_anew(operation.host, prior)
    if not now.facts["managed_save"] or not planned["running"]:
        return now
    start(operation, planned["id"])
    woken = _read_anew(operation.host, prior)
    return Observed({**woken.object, "running": now.object["running"]}, woken.facts)


def _refuse_surprise(prior: Object, now: Observed, work: Undertaking) -> None:
    """A guest that was off when the plan was made is not rebooted by it."""
    if prior["running"] is False and now.object["running"] and work.worst > Disruption.NEXT_BOOT:
        raise DiagnosticError.of(
            "The guest was started since the plan was made",
            f'The plan takes for granted that the guest of the domain "{prior["name"]}" is off. It runs, and would '
            "have to be shut down. Make a new plan, which says so.",
        )


def _redefine(operation: Operation[Host], planned: Object, work: Undertaking) -> None:
    """Patch the definition, if that changes anything."""
    host, uuid = operation.host, planned["id"]
    host.inventory.forget(Kind.DOMAIN, uuid)
    record = host.inventory.domains.get(uuid)
    live = Document.parse(record.live_xml) if record is not None and record.live_xml is not None else None
    document = Document.parse(read_definition(host, uuid))
    before, kept = document.text, deepcopy(document.root)
    old, new = recorded_escape(host, work.prior), escape_of(host, planned)
    if old is not None:
        old.undo(document)
    patch_definition(Patch(host, document, planned, work, live), _owner(operation))
    if new is not None:
        new.redo(document, kept)
    if "xml" in work.names:
        mark_escape(document, planned)
    if not planned["audio"]:
        remove_lone_audio(document)
    if document.text != before:
        define_domain(host, document.text)


def _owner(operation: Operation[Host]) -> Owner:
    return Owner(operation.identity.lineage, operation.address)


def claim(operation: Operation[Host], present: Object) -> None:
    """Mark the domain as this state's, at its address; the guest sees nothing of it."""
    host, uuid = operation.host, present["id"]
    record = host.inventory.domains.get(uuid)
    affect = Affect.BOTH if record is not None and record.active else Affect.CONFIG
    set_domain_metadata(host, uuid, owner_xml(_owner(operation), bare=True), "kvmform", OWNER_NAMESPACE, affect)


def _interfaces_connected(planned: Object, work: Undertaking) -> tuple[list[Object], list[Object]]:
    """The interfaces that are new, and those that have to ask another DHCP server, or by another MAC address."""
    touched, interfaces = work.touched("network_interface").items(), planned["network_interface"]
    new = [interfaces[index] for index, edits in touched if not edits]
    return new, [interfaces[index] for index, edits in touched if edits.keys() & {"mac", *SOURCE_ROWS}]


def _awaited(planned: Object, interfaces: Iterable[Object]) -> list[str]:
    """The interfaces that are to have addresses; those of a guest that stands still get none."""
    return [interface["mac"] for interface in interfaces if interface["wait_for_lease"] and not planned["paused"]]


def _as_it_is(host: Host, planned: Object, found: Mapping[str, list[str]]) -> Object:
    """What there is now, in the words of the plan, with the addresses that were waited for."""
    host.inventory.forget(Kind.DOMAIN, planned["id"])
    known = [
        {**interface, "addresses": found.get(interface["mac"].lower(), interface["addresses"])}
        for interface in planned["network_interface"]
    ]
    observed = read(host, {**planned, "network_interface": known})
    return observed.object if observed is not None else planned


def delete(operation: Operation[Host], prior: Object) -> None:
    """Shut the guest down or power it off, as it says; undefine the domain, and remove its reservations.

    Disks stay, in one piece; but those that were cloned for the domain go with it.

    Raises:
        HostError: libvirt refuses; the guest is to be shut down and doesn't.
    """
    host, uuid = operation.host, prior["id"]
    host.inventory.forget(Kind.DOMAIN, uuid)
    record = host.inventory.domains.get(uuid)
    if record is not None:
        if prior.get("on_destroy") == SHUTDOWN:
            shut_down(operation, prior)
        else:
            operation.progress("powering off", None, None)
        power_off_domain(host, uuid)
    release_addresses(host, prior)  # Who gets them at the same time has to see whose they are.
    if record is not None:
        for file in delete_external_snapshots(host, uuid):
            operation.progress(f"leaving {file}, which libvirt can't put together with its image", None, None)
        forget_stand_in(host, uuid)
        undefine_domain(host, uuid, keep_nvram=has_foreign_variables(host, Document.parse(record.xml)))
    remove_cloned_disks(host, prior)
