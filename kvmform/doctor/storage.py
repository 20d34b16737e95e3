"""Where volumes are kept: the default storage pool, room, and whether QEMU's user gets there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kvmform.doctor.finding import Finding, error, good, warning
from kvmform.host.elements import parse, text_of
from kvmform.host.host import Host
from kvmform.host.reach import barrier_to
from kvmform.host.records import PoolRecord

__all__ = ["examine"]

_CHECK = "storage"
_DEFAULT = "default"
_GIB = 2**30
_LITTLE = 5 * _GIB
"""Less room than this is soon used up: a cloud image and a few linked clones take as much."""


def examine(host: Host) -> Iterator[Finding]:
    """The default pool, then what is wrong with any active one."""
    default = host.inventory.pools.named(_DEFAULT)
    if default is None:
        yield warning(
            _CHECK,
            'there is no storage pool "default"',
            'Volumes that name no pool are made in "default". Labs that make pools of their own don\'t need it.',
            "virsh pool-define-as default dir --target /var/lib/libvirt/images",
            "virsh pool-build default; virsh pool-start default; virsh pool-autostart default",
        )
    else:
        yield from _state_of(default)
    for pool in host.inventory.pools.all():
        if pool.live_xml is not None:
            yield from _place_of(host, pool, pool.live_xml)


def _state_of(pool: PoolRecord) -> Iterator[Finding]:
    if not pool.active:
        detail = "Volumes can't be looked at or made in it before it is started."
        yield error(_CHECK, f'the storage pool "{pool.name}" is not active', detail, f"virsh pool-start {pool.name}")
    elif not pool.autostart:
        detail = "After the host's next boot it will not be active."
        fix = f"virsh pool-autostart {pool.name}"
        yield warning(_CHECK, f'the storage pool "{pool.name}" is not started with the host', detail, fix)


def _place_of(host: Host, pool: PoolRecord, xml: str) -> Iterator[Finding]:
    root = parse(xml)
    available, path = int(text_of(root, "available", "0")), text_of(root, "target/path")
    account = host.account
    barrier = barrier_to(Path(path) / "image", account) if account is not None and path else None
    if barrier is not None:
        detail = f'QEMU runs as "{barrier.account.name}", which may not pass {barrier.directory}: no guest can start.'
        yield error(_CHECK, f'the storage pool "{pool.name}" is out of reach for guests', detail, barrier.fix)
    elif available < _LITTLE:
        detail = f"{available / _GIB:.1f} GiB are left in {path or 'it'}. Guests pause when their disk can't grow."
        fix = "Make room there, or use another storage pool."
        yield warning(_CHECK, f'the storage pool "{pool.name}" is almost full', detail, fix)
    else:
        yield good(_CHECK, f'the storage pool "{pool.name}" has {available / _GIB:.0f} GiB left')
