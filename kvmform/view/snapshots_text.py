"""Snapshots of domains, for people: a tree for each domain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kvmform.resources.snapshot.listed import DomainSnapshots
from kvmform.schema import Object

__all__ = ["snapshots_text"]


def snapshots_text(found: Iterable[DomainSnapshots]) -> str:
    """A line for each domain, and one for each of its snapshots, indented below its parent."""
    return "\n".join(line for each in found for line in _lines(each))


def _lines(domain: DomainSnapshots) -> Iterator[str]:
    yield f"{domain.address} ({domain.name})" if domain.snapshots else f"{domain.address} ({domain.name}): no snapshots"
    depths: dict[str, int] = {}
    rows = []
    for snapshot in domain.snapshots:
        depth = depths[snapshot["name"]] = depths.get(snapshot["parent"], 0) + 1
        rows.append(("  " * depth + snapshot["name"], snapshot))
    width = max((len(name) for name, _ in rows), default=0)
    for name, snapshot in rows:
        yield f"{name:{width}}  {'  '.join(_told(snapshot))}"


def _told(snapshot: Object) -> Iterator[str]:
    yield str(snapshot["created"])
    yield str(snapshot["state"])
    yield "external" if snapshot["files"] else "internal"
    if snapshot["current"]:
        yield "current"
    if snapshot["address"]:
        yield str(snapshot["address"])
    if snapshot["description"]:
        yield " ".join(str(snapshot["description"]).split())
