"""Snapshots of domains, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable

from kvmform.resources.snapshot.listed import DomainSnapshots

__all__ = ["snapshots_document"]

_TOLD = ("name", "address", "description", "parent", "current", "created", "state", "files")


def snapshots_document(found: Iterable[DomainSnapshots]) -> str:
    """A document with the member `domains`: for each its `address`, `name`, `id` and `snapshots`, parents first.

    A snapshot has the attributes of `libvirt_snapshot`; `address` is null for one that is in no state.
    """
    domains = [
        {
            "address": each.address,
            "name": each.name,
            "id": each.id,
            "snapshots": [{name: snapshot[name] for name in _TOLD} for snapshot in each.snapshots],
        }
        for each in found
    ]
    return json.dumps({"format_version": "1.0", "domains": domains}, indent=2)
