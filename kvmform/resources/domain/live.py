"""Give a running guest at once what it can have without a reboot.

Every verb looks at what the guest has already, so that an update which was stopped in the
middle goes on where it stopped. The definition is brought up to date afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping

from kvmform.host.affect import Affect
from kvmform.host.devices import set_iothreads, set_vcpus
from kvmform.host.features import Feature
from kvmform.host.host import Host
from kvmform.resources.domain.boot.drives import exchange_medium
from kvmform.resources.domain.device.devices import DEVICES
from kvmform.resources.domain.device.live import plug_device
from kvmform.resources.domain.disk.live import plug_disk
from kvmform.resources.domain.disk.patching import find_disk
from kvmform.resources.domain.effects import Undertaking
from kvmform.resources.domain.interface.live import plug_interface
from kvmform.resources.domain.interface.patching import find_interface, prior_interface
from kvmform.resources.domain.interface.rows import OPTION_ROWS
from kvmform.resources.domain.life.live import announce_live
from kvmform.resources.domain.machine.live import tune_live
from kvmform.resources.domain.machine.memory import grow_live
from kvmform.resources.domain.running_guest import RunningGuest, unplug
from kvmform.schema import Object, Operation, Plain
from kvmform.xml.document import Document

__all__ = ["change_live"]


def change_live(
    operation: Operation[Host], live_xml: str, facts: Mapping[str, Plain], planned: Object, work: Undertaking
) -> None:
    """Carry out edits that are live, or a short interruption.

    Args:
        operation: the update.
        live_xml: the running guest as it is.
        facts: what `read` found out about it.
        planned: what it shall be.
        work: all edits.

    Raises:
        HostError: the guest or libvirt refuses; what it refused is not in the definition yet.
    """
    guest, live = RunningGuest(operation, Document.parse(live_xml), planned), work.live()
    names = live.names | (set(facts["pending_hot"]) if "pending" in live.names else set())
    announce_live(guest, work.prior, names)
    tune_live(guest, work.prior | (facts.get("tuned") or {}), names)
    if "memory" in names:
        grow_live(guest)
    if "vcpu" in live.names and planned["vcpu"] > facts["vcpu"]:
        set_vcpus(guest.host, guest.uuid, planned["vcpu"], Affect.LIVE)
    if "cloudinit" in work.names and guest.host.can(Feature.HOTPLUG):
        exchange_medium(guest)
    if not facts["hotplug"]:
        return
    if "iothreads" in live.names:
        set_iothreads(guest.host, guest.uuid, int(guest.document.get("iothreads") or 0), planned["iothreads"] or 0)
    for disk in live.removed("disk"):
        unplug(guest, find_disk(guest.document, disk["target"]))
    for interface in live.removed("network_interface"):
        unplug(guest, find_interface(guest.document, interface["mac"]))
    for index in _due(planned, work, "disk"):
        plug_disk(guest, planned["disk"][index], live.touched("disk").get(index, {}))
    left_undone = "pending" in live.names and "network_interface" in facts["pending_hot"]
    for index in _due(planned, work, "network_interface"):
        edits = live.touched("network_interface").get(index, {})
        interface = planned["network_interface"][index]
        prior = prior_interface(work, edits["mac"].before if "mac" in edits else interface["mac"])
        later = work.touched("network_interface").get(index, {}).keys() - edits.keys()
        due = (OPTION_ROWS.keys() if left_undone else edits.keys()) - later
        as_of_now = interface | {name: prior[name] for name in later & prior.keys()}
        plug_interface(guest, as_of_now, prior, edits, frozenset(due))
    for device in DEVICES:
        plug_device(guest, device, work)


def _due(planned: Object, work: Undertaking, block: str) -> list[int]:
    """The elements that are edited live; where something was left undone all but those that await a boot."""
    live = work.live()
    if "pending" not in live.names:
        return list(live.touched(block))
    waiting = work.touched(block).keys() - live.touched(block).keys()
    return [index for index in range(len(planned[block])) if index not in waiting]
