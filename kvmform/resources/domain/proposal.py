"""What the plan promises of a domain: names and addresses that are known before it exists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kvmform.resources.domain.boot.firmware import has_no_variables
from kvmform.resources.domain.boot.seed_change import kept_seeds
from kvmform.resources.domain.cloning.identity import promised_identity
from kvmform.resources.domain.disk.drive import assign_targets, bus_of, device_of
from kvmform.resources.domain.interface.dhcp import serves_dhcp_to
from kvmform.resources.domain.interface.places import SOURCE_ROWS, assign_macs, overruled_sources
from kvmform.resources.domain.interface.rows import NETWORK_INTERFACE
from kvmform.resources.domain.life.live import LIVE_ROWS
from kvmform.resources.domain.policies import NEXT_BOOT
from kvmform.resources.domain.readiness.ready import promised
from kvmform.resources.domain.schema import SCHEMA
from kvmform.resources.domain.shape import agree
from kvmform.schema import Identity, Object, Plain, Proposal, pair_elements
from kvmform.values.model import Unknown
from kvmform.values.types import STRING, ListType, MapType

__all__ = ["propose"]

_ADDRESSES = Unknown(ListType(STRING))
_UNKNOWN_TEXT = Unknown(STRING)
_MAY_SAY_NOTHING = ("cpu", "nvram")
"""Blocks that labs write with variables, which may all be empty; provider 0.8 takes that for no block."""


def propose(proposal: Proposal) -> Object:
    """Fill in what kvmform decides itself: UUID, MAC addresses, disk targets, maxima, defaults."""
    planned = dict(proposal.planned)
    observed = proposal.observed.object if proposal.observed is not None else None
    facts = proposal.observed.facts if proposal.observed is not None else {}
    if observed is None:
        planned |= _first_values(proposal)
    elif observed["nvram"] and has_no_variables(planned) and not proposal.config.get("nvram"):
        planned["nvram"] = []
    for name in _MAY_SAY_NOTHING:
        if _says_nothing(proposal.config.get(name)):
            planned[name] = observed[name] if observed is not None else []
    planned |= kept_seeds(proposal)
    planned |= _maxima(proposal.config, planned, observed, running=bool(facts.get("running")))
    if not isinstance(planned["disk"], Unknown):
        planned["disk"] = _disks(proposal.identity, planned, observed, facts.get("unrecorded_disks", {}))
    if not isinstance(planned["network_interface"], Unknown):
        planned["network_interface"] = _interfaces(proposal, planned["network_interface"], observed)
    planned["xml"] = _escape(planned, observed)
    planned["pending"] = _pending(proposal.config, planned, observed, facts)
    planned["ready"] = promised(planned, observed)
    planned["identity_reset"] = promised_identity(planned, observed)
    return planned


def _first_values(proposal: Proposal) -> Object:
    """Of a domain that is created."""
    config = proposal.config
    return {
        "id": proposal.identity.uuid,
        "type": config.get("type") or proposal.settings.get("domain_type") or "kvm",
        "autostart": bool(config.get("autostart")),
        "guest_agent_channel": config.get("guest_agent_channel") is not False,
        "cpu": config.get("cpu") or [],
        "nvram": proposal.planned["nvram"] if config.get("firmware") else [],
        **_cloned_disks(config),
    }


def _cloned_disks(config: Object) -> Object:
    """What is to be cloned for it; where something of that is left, it is known already."""
    cloned: list[Object] = config.get("cloned_disk") or []
    volumes = config.get("cloned_volumes")
    is_open = bool(cloned) and volumes is None
    return {
        "cloned_disk": cloned,
        "cloned_volumes": Unknown(MapType(STRING), not_null=True) if is_open else volumes,
        "cloning": Unknown(STRING) if is_open else None,
    }


def _says_nothing(blocks: Plain) -> bool:
    return isinstance(blocks, list) and bool(blocks) and not any(value for block in blocks for value in block.values())


def _maxima(config: Object, planned: Object, observed: Object | None, *, running: bool) -> Object:
    """`max_memory` and `max_vcpu` where they are not written.

    They follow `memory` and `vcpu`; but what a guest was started with stays its maximum, so
    that it can grow again without a reboot.
    """
    maxima: Object = {}
    for name in ("memory", "vcpu"):
        maximum = f"max_{name}"
        if config.get(maximum) is not None:
            continue
        value = planned[name]
        kept = observed.get(maximum) if observed is not None else None
        if observed is not None and isinstance(kept, int) and isinstance(value, int):
            unchanged = observed[name] == value
            grows_or_shrinks_live = running and kept >= value and (name == "memory" or observed[name] < value)
            maxima[maximum] = kept if unchanged or grows_or_shrinks_live else value
        else:
            maxima[maximum] = value
    return maxima


def _disks(
    identity: Identity, planned: Object, observed: Object | None, unrecorded: Mapping[str, Object]
) -> list[Object]:
    taken_up = [{**disk, "target": _target_of(disk, unrecorded) or disk["target"]} for disk in planned["disk"]]
    taken = unrecorded.keys() - {disk["target"] for disk in taken_up}
    machine = planned.get("machine")
    disks = assign_targets(taken_up, machine, taken)
    without = _scsi_disks_without_wwn(observed) if observed is not None else set()
    return [
        disk if disk["target"] in without and disk["wwn"] is None else _with_wwn(disk, machine, identity)
        for disk in disks
    ]


def _scsi_disks_without_wwn(observed: Object) -> set[str]:
    """The targets of those that somebody else made so; the guest would take them for other disks with one."""
    disks: list[Object] = observed["disk"]
    return {disk["target"] for disk in disks if disk["wwn"] is None and bus_of(disk, observed["machine"]) == "scsi"}


def _with_wwn(disk: Object, machine: Plain, identity: Identity) -> Object:
    return {**disk, "wwn": _wwn(disk, machine, identity)}


def _target_of(disk: Object, unrecorded: Mapping[str, Object]) -> str | None:
    """Where the guest has a new disk already: an attempt that was cut off plugged it, or somebody by hand."""
    if isinstance(disk["target"], str):
        return None
    for target, source in unrecorded.items():
        if any(source.values()) and all(disk[row] == where for row, where in source.items()):
            return target
    return None


def _wwn(disk: Object, machine: Plain, identity: Identity) -> Plain:
    """That of a SCSI disk, which it loses when it moves to another bus.

    Drives for media have one only if it is written, and a lun brings its own.
    """
    bus = bus_of(disk, machine)
    if isinstance(disk["wwn"], str):
        return disk["wwn"] if bus in {"scsi", "ide"} else None
    return identity.wwn(disk["target"]) if bus == "scsi" and device_of(disk) == "disk" else None


def _interfaces(proposal: Proposal, planned: list[Object], observed: Object | None) -> list[Object]:
    written: list[Object] = proposal.config["network_interface"]
    existing: list[Object] = observed["network_interface"] if observed is not None else []
    unaddressed = [
        {**interface, "mac": None} if config["mac"] is None and isinstance(interface["mac"], Unknown) else interface
        for interface, config in zip(planned, written, strict=True)
    ]
    addressed = assign_macs(unaddressed, proposal.identity.mac)
    pairs = pair_elements(NETWORK_INTERFACE, existing, addressed)
    facts = proposal.observed.facts if proposal.observed is not None else {}
    actual = [{"name": name, "id": identity} for name, identity in facts.get("network_ids", {}).items()]
    networks = [*proposal.others("libvirt_network"), *actual]
    switched = observed is not None and observed["running"] != proposal.planned["running"]
    stopped = switched and proposal.planned["running"] is False
    if stopped:  # Only now: the pairs go by the addresses that the interfaces had.
        existing = [_without_leases(interface, networks) for interface in existing]
    return [
        _interface(
            addressed[new],
            written[new],
            None if old is None else existing[old],
            networks,
            asks_anew=switched and not stopped,
        )
        for old, new in pairs
        if new is not None
    ]


def _interface(
    interface: Object, config: Object, existing: Object | None, networks: Sequence[Object], *, asks_anew: bool
) -> Object:
    network = _network(config, existing, networks)
    interface = {**interface, **dict.fromkeys(overruled_sources(interface | network))}
    wanted = config["addresses"]
    observed = _ADDRESSES
    if existing is not None and not asks_anew and not _is_moved(existing, interface | network):
        observed = existing["addresses"]
    return (
        interface
        | network
        | {
            "addresses": observed if wanted is None else wanted,
            "reserved_addresses": wanted if wanted and serves_dhcp_to(network["network_name"], networks) else [],
        }
    )


def _without_leases(interface: Object, networks: Sequence[Object]) -> Object:
    """What is read of an interface once its guest is off: without DHCP, written addresses are all that it has."""
    name = interface["network_name"]
    return interface if name is not None and not serves_dhcp_to(name, networks) else {**interface, "addresses": []}


def _is_moved(existing: Object, planned: Object) -> bool:
    """Whether the DHCP server that it asks is another one, or takes it for another interface."""
    rows = NETWORK_INTERFACE.rows
    return not all(agree(rows[name], existing[name], planned[name]) for name in ("mac", *SOURCE_ROWS))


def _network(config: Object, existing: Object | None, networks: Sequence[Object]) -> Object:
    """`network_name` and `network_id`, the one derived from the other."""
    name, identity = config["network_name"] or None, config["network_id"] or None
    if name is not None:
        return {"network_name": name, "network_id": _other("name", name, "id", existing, networks)}
    if identity is not None:
        return {"network_name": _other("id", identity, "name", existing, networks), "network_id": identity}
    return {"network_name": None, "network_id": None}


def _other(key: str, value: Plain, wanted: str, existing: Object | None, networks: Sequence[Object]) -> Plain:
    """The network's other name: as planned in this configuration, as it is, or known after apply.

    `networks` are those planned, then those that the domain is on already.
    """
    if isinstance(value, Unknown):
        return _UNKNOWN_TEXT
    planned = next((network[wanted] for network in networks if network.get(key) == value), None)
    if planned is not None:
        return planned
    if existing is not None and existing[f"network_{key}"] == value and existing[f"network_{wanted}"]:
        return existing[f"network_{wanted}"]
    return _UNKNOWN_TEXT


def _escape(planned: Object, observed: Object | None) -> Plain:
    """What the escape comes to is known where nothing changes that it could be about."""
    if observed is None or isinstance(planned["xml"], Unknown) or _looks_the_same(observed, planned):
        return planned["xml"]
    return [{**block, "effect": Unknown(MapType(STRING))} for block in planned["xml"]]


def _pending(config: Object, planned: Object, observed: Object | None, facts: Mapping[str, Plain]) -> Plain:
    """What the guest will still lack after apply.

    Of what it lacks now, kvmform brings about what the configuration speaks of: with a reboot,
    or live where it waits for the next boot and can be had without.
    """
    waiting: list[str] = (observed["pending"] or []) if observed is not None else []
    if observed is None or planned["running"] is False or not facts.get("running"):
        return []
    if planned["on_reboot_needed"] != NEXT_BOOT:
        return [name for name in waiting if not config.get(name) and name != "xml"]
    if not _looks_the_same(observed, planned):
        return Unknown(ListType(STRING))
    return [name for name in waiting if name not in facts.get("pending_hot", ())]


_UNSEEN = {
    *("pending", "timeouts", "on_reboot_needed", "on_seed_change", "autostart", "qemu_agent"),
    *("shutdown_mode", "shutdown_timeout", "on_shutdown_timeout", "on_destroy"),
    *LIVE_ROWS,
    *("wait_for", "ready", "identity", "identity_reset"),
    *("clone_of", "clone_disks", "cloned_disk", "cloned_volumes", "cloning"),
}
"""Rows that a guest does not see."""


def _looks_the_same(before: Object, after: Object) -> bool:
    return all(agree(row, before[name], after[name]) for name, row in SCHEMA.rows.items() if name not in _UNSEEN)
