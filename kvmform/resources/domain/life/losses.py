"""What goes with a domain that is deleted, and that is no object of its own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from kvmform.diagnostics import Diagnostic, warning
from kvmform.host.host import Host
from kvmform.schema import Object, Plain

__all__ = ["losses"]


def losses(host: Host, domain: Object, leaving: Callable[[str], Collection[Plain]]) -> Iterator[Diagnostic]:
    """Snapshots that are in no plan, and memory that is saved."""
    uuid = domain.get("id")
    record = host.inventory.domains.get(uuid) if isinstance(uuid, str) else None
    if record is None:
        return
    planned = set(leaving("libvirt_snapshot"))
    there = host.inventory.snapshots.of(record.uuid) if record.has_snapshots else ()
    names = [each.name for each in there if f"{each.domain}/{each.name}" not in planned]
    if names:
        detail = (
            f'The domain "{record.name}" has snapshots that are not in the configuration, and they go with it: '
            f"{', '.join(names)}. What the disks hold now stays in the volumes, as far as these stay."
        )
        yield warning(f'Snapshots go with the domain "{record.name}"', detail)
    if record.managed_save:
        detail = (
            f'The memory of "{record.name}" is saved on disk, and goes with the domain, as if the plug were pulled.'
        )
        yield warning(f'Saved memory goes with the domain "{record.name}"', detail)
