"""Taking a guest back to a snapshot."""

from __future__ import annotations

from kvmform.host.domains import remove_managed_save
from kvmform.host.host import Host
from kvmform.host.power import power_off_domain, start_domain
from kvmform.host.records import DomainRecord, PowerState
from kvmform.host.snapshots import revert_to_snapshot

__all__ = ["revert"]

_KEPT = {PowerState.RUNNING, PowerState.PAUSED}


def revert(host: Host, record: DomainRecord, name: str, *, after: PowerState | None = None) -> None:
    """Revert a domain; its power state is then `after`, or what it was before, whatever it was in the snapshot.

    Memory that was saved on disk belongs to what is given up, and goes.

    Raises:
        HostError: libvirt refuses.
    """
    uuid, wanted = record.uuid, after or record.state
    if record.managed_save:
        remove_managed_save(host, uuid)
    revert_to_snapshot(host, uuid, name, state=wanted if wanted in _KEPT else None, force=True)
    now = host.inventory.domains.get(uuid)
    if now is None:
        return
    if wanted is PowerState.SHUT_OFF and now.active:
        power_off_domain(host, uuid)
    elif wanted in _KEPT and not now.active:  # The test driver only says that it does.
        start_domain(host, uuid, paused=wanted is PowerState.PAUSED)
