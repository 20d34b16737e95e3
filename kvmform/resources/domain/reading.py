"""Read a domain: what is declared of it, and what policies need to know about the guest."""

from __future__ import annotations

from kvmform.host.features import Feature
from kvmform.host.host import Host
from kvmform.host.records import DomainRecord, PowerState, runs
from kvmform.resources.domain.boot.firmware import read_firmware
from kvmform.resources.domain.boot.order import read_boot_devices, read_cmdline
from kvmform.resources.domain.boot.seeds import read_ignition
from kvmform.resources.domain.cloning.making import remains
from kvmform.resources.domain.device.buses import bus_facts
from kvmform.resources.domain.disk.locations import content_path
from kvmform.resources.domain.disk.reading import read_disks, unrecorded_disks
from kvmform.resources.domain.escape.escape import recorded_escape
from kvmform.resources.domain.escape.mark import awaits_escape
from kvmform.resources.domain.interface.addresses import told_by_agent, with_addresses
from kvmform.resources.domain.interface.reading import noted_as_bridge, read_interfaces
from kvmform.resources.domain.machine.defaults import cpu_mode
from kvmform.resources.domain.machine.live import TUNED
from kvmform.resources.domain.machine.memory import free_slots, memory_given, most_memory
from kvmform.resources.domain.pending import Pending, compare
from kvmform.resources.domain.schema import SCHEMA
from kvmform.resources.domain.shape import recorded, shaped
from kvmform.resources.metadata import read_metadata
from kvmform.schema import Block, Object, Observed, Plain, Row
from kvmform.struct import replace
from kvmform.xml.document import Document
from kvmform.xml.rows import read_rows

__all__ = ["find", "read", "read_document"]


def find(host: Host, meant: str) -> Object | None:
    """The domain with this name, or this UUID."""
    record = host.inventory.domains.named(meant) or host.inventory.domains.get(meant)
    return None if record is None else {"id": record.uuid}


def read(host: Host, prior: Object) -> Observed | None:
    """The domain with the UUID of the record, in the shape of the record; None if there is none.

    All comes from the host's inventory, which reads domains in bulk. The object says what the
    definition says; where a running guest has something else, `pending` names it.

    Raises:
        HostError: the host can't be read.
    """
    uuid = prior.get("id")
    record = host.inventory.domains.get(uuid) if isinstance(uuid, str) and uuid else None
    if record is None:
        return Observed(recorded(SCHEMA.rows, prior), remains=True) if remains(host, prior) else None
    document = Document.parse(record.xml)
    live_document = Document.parse(record.live_xml) if record.live_xml is not None else None
    has_balloon = _has_balloon(live_document or document)
    escaped, escape_facts = _see_through(host, prior, document, live_document)
    found = read_document(host, document, prior)
    live = read_document(host, live_document, prior) if live_document is not None else None
    facts = bus_facts(live_document or document) | {"control_groups": _tunable(host, record), "balloon": has_balloon}
    facts |= {"hotplug": host.can(Feature.HOTPLUG)} | escape_facts
    facts |= _memory_facts(live_document or document)
    pending = compare(found, live, facts) if live is not None else Pending()
    if live_document is not None and awaits_escape(document, live_document):
        pending = replace(pending, names=tuple(sorted((*pending.names, "xml"))))
    networks = {nic["network_name"]: nic["network_id"] for nic in found["network_interface"] if nic["network_name"]}
    if live is not None:
        _add_devices_still_there(found, live)
        _keep_connections(host, found, prior)
    told = told_by_agent(host, record) if prior.get("qemu_agent") else {}
    found |= {
        "running": runs(record),
        "paused": record.state is PowerState.PAUSED,
        "autostart": record.autostart,
        "pending": list(pending.names),
        "network_interface": [
            with_addresses(host, interface, record.name, told, running=record.active)
            for interface in found["network_interface"]
        ],
    }
    found["xml"] = escaped
    facts |= _facts(host, record, live_document or document, found, live or found)
    facts["tuned"] = {name: live[name] for name in TUNED & {*pending.hot}} if live is not None else {}
    facts |= {"pending_hot": list(pending.hot), "pending_interrupts": pending.interrupts}
    facts["noted_otherwise"] = _noted_otherwise(host, found, prior)
    return Observed(found, facts | {"network_ids": networks})


def _noted_otherwise(host: Host, found: Object, prior: Object) -> list[list[str | int]]:
    """Where a record of provider 0.8 says what libvirt makes of a definition when the guest runs: 0.8 looked there."""
    if prior.keys() == {"id"} or not SCHEMA.lacking(prior):
        return []
    paths = noted_as_bridge(host, found["network_interface"], prior.get("network_interface") or ())
    modes = [processor.get("mode") for side in (prior, found) for processor in side.get("cpu") or ()]
    return [*paths, ["cpu", 0, "mode"]] if modes == ["custom", "host-model"] else paths


def _see_through(host: Host, prior: Object, document: Document, live: Document | None) -> tuple[list[Object], Object]:
    """Take the escape back in a domain's XML. Returns its block as it is in force, and what policies need of it."""
    escape = recorded_escape(host, prior)
    if escape is None:
        return prior.get("xml") or [], {}
    told = escape.told(document, prior["xml"][0])
    for each in (document, live):
        if each is not None:
            escape.undo(each)
    facts = {"overruled": list(escape.overruled)}
    return [told], facts | {"hotplug": False} if escape.moves_devices else facts


def _has_balloon(document: Document) -> bool:
    return document.get("devices/memballoon/@model") not in {None, "none"}


def read_document(host: Host, document: Document, prior: Object) -> Object:
    """What a domain's XML, the definition's or that of a running guest, says of the rows in `prior`."""
    prior = recorded(SCHEMA.rows, prior)
    found = read_rows(
        document.root, {name: row for name, row in SCHEMA.rows.items() if _is_asked_for(name, row, prior)}
    )
    found["vcpu"] = found["vcpu"] or found["max_vcpu"]
    found["max_memory"] = most_memory(document) or found["max_memory"]
    found["cpu"] = _cpu_in_words_of(prior, found)
    told = shaped(SCHEMA.rows, found, prior)
    told |= {
        "disk": read_disks(host, document, prior),
        "network_interface": read_interfaces(host, document, prior),
    }
    for name, value in _by_special_means(host, document, prior).items():
        if name not in prior or prior[name]:
            told[name] = value
    return told


def _is_asked_for(name: str, row: Row | Block, prior: Object) -> bool:
    """Of a block that the record has none of, none is told; so none is looked for."""
    return isinstance(row, Row) or row.computed or name not in prior or bool(prior[name])


def _by_special_means(host: Host, document: Document, prior: Object) -> Object:
    """The rows that have no single place in the XML."""
    ignition_name, ignition_file = read_ignition(document)
    found = {
        "boot_device": read_boot_devices(document, prior.get("boot_device") or []),
        "cmdline": read_cmdline(document, prior.get("cmdline") or []),
        "firmware": read_firmware(document, prior.get("firmware")),
        "kernel": _path_in_words_of(host, prior.get("kernel"), document.get("os/kernel")),
        "initrd": _path_in_words_of(host, prior.get("initrd"), document.get("os/initrd")),
        "dtb": _path_in_words_of(host, prior.get("dtb"), document.get("os/dtb")),
        "cloudinit": _path_in_words_of(host, prior.get("cloudinit"), _seed_file(document)),
        "metadata": read_metadata(document, prior.get("metadata")),
    }
    if host.is_simulated:  # It has no firmware, and forgets QEMU's own arguments.
        return found
    return found | {
        "coreos_ignition": _path_in_words_of(host, prior.get("coreos_ignition"), ignition_file),
        "fw_cfg_name": ignition_name or prior.get("fw_cfg_name"),
    }


def _cpu_in_words_of(prior: Object, found: Object) -> list[Object]:
    """The processor; under emulation what stands for the host's is told as that, with what only that has."""
    known: Object = next(iter(prior.get("cpu") or ()), {})
    processors: list[Object] = found["cpu"]
    mode = known.get("mode")
    if not mode or cpu_mode(mode, found["type"]) == mode:
        return processors
    kept = {"mode": mode, "migratable": known.get("migratable")}
    return [cpu | kept if cpu["mode"] == cpu_mode(mode, found["type"]) else cpu for cpu in processors]


def _path_in_words_of(host: Host, known: str | None, path: str | None) -> str | None:
    """The id in the record if it stands for this path, else the path."""
    if not known or not path:
        return path or None
    # The key of a volume that is a file is its path; only others have to be looked up.
    is_meant = known.partition(";")[0] == path or content_path(host, known) == path
    return known if is_meant else path


def _seed_file(document: Document) -> str | None:
    return document.get("devices/disk[serial='cloudinit']/source/@file")


def _add_devices_still_there(found: Object, live: Object) -> None:
    """A device that is gone from the definition only is still to be removed."""
    for block, key in (("disk", "target"), ("network_interface", "mac")):
        known = {device[key] for device in found[block]}
        found[block] += [device for device in live[block] if device[key] not in known]


def _keep_connections(host: Host, found: Object, prior: Object) -> None:
    """A running guest is connected to the network that the record names by id, while that is active.

    A network that was made anew, or started again, under the same name leaves the guest
    unconnected; so that has to show as a difference.
    """
    recorded = {(nic["mac"], nic["network_name"]): nic["network_id"] for nic in prior.get("network_interface") or ()}
    for nic in found["network_interface"]:
        network = host.inventory.networks.get(nic["network_id"]) if nic["network_id"] else None
        if network is not None:
            known = recorded.get((nic["mac"], nic["network_name"])) or network.uuid
            nic["network_id"] = known if network.active else None


def _memory_facts(document: Document) -> dict[str, Plain]:
    return {
        "memory_given": memory_given(document),
        "most_memory": most_memory(document),
        "free_slots": free_slots(document),
    }


def _tunable(host: Host, record: DomainRecord) -> bool | None:
    """Whether the host shares itself out by control groups; None as long as no guest runs that could tell."""
    return host.has_control_groups(record.uuid) if record.active and not host.is_simulated else None


def _facts(host: Host, record: DomainRecord, live_document: Document, found: Object, live: Object) -> dict[str, Plain]:
    return {
        "running": runs(record) or record.managed_save,
        "power_state": str(record.state),
        "managed_save": record.managed_save,
        "max_memory": live["max_memory"],
        "max_vcpu": live["max_vcpu"],
        "vcpu": live["vcpu"],
        "unrecorded_disks": unrecorded_disks(host, live_document, found["disk"]),
    }
