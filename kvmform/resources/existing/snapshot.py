"""`data libvirt_snapshot`."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.diagnostics import error
from kvmform.resources.existing.reading import Sought, existing
from kvmform.resources.snapshot.resource_type import SNAPSHOT
from kvmform.schema import Object, Problem, Row
from kvmform.values.types import STRING

__all__ = ["DATA_SOURCE"]


def _name_of(config: Object) -> str:
    return f"{config['domain_id']}/{config['name']}"


def _with_domain(written: Object) -> Iterator[Problem]:
    if written["name"] is not None and written["domain_id"] is None:
        detail = "Other domains may have a snapshot of this name. Say whose it is: domain_id = libvirt_domain.NAME.id."
        yield Problem(("name",), error("Invalid Attribute Combination", detail))


_SOUGHT = Sought(
    "snapshot",
    "UUID or name of the domain, and name of the snapshot, with a slash between.",
    named={"domain_id": Row(type=STRING, doc="UUID or name of the domain; needed beside `name`.", computed=True)},
    name_of=_name_of,
)

DATA_SOURCE = existing(SNAPSHOT, _SOUGHT, rules=(_with_domain,), without=("revert",))
