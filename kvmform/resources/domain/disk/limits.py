"""`iotune`: how fast a guest may read and write. libvirt sets it on a running guest in one call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kvmform.diagnostics import error
from kvmform.resources.domain.disk.policies import set_while_running
from kvmform.resources.domain.equivalence import same_number
from kvmform.resources.domain.rows import text
from kvmform.schema import Block, Object, Plain, Problem, Row, Rule
from kvmform.schema.rules import at_least, whole
from kvmform.values.model import Unknown
from kvmform.values.types import NUMBER

__all__ = ["IOTUNE", "LIMIT_RULES", "limits_of"]

_KINDS = {
    "total_bytes_sec": "bytes a second in all",
    "read_bytes_sec": "bytes read a second",
    "write_bytes_sec": "bytes written a second",
    "total_iops_sec": "requests a second in all",
    "read_iops_sec": "requests to read a second",
    "write_iops_sec": "requests to write a second",
}


def _limits() -> Mapping[str, str]:
    """Every limit, with what it means."""
    most = {kind: f"Most {what}." for kind, what in _KINDS.items()}
    bursts = {f"{kind}_max": f"Most {what} in a burst." for kind, what in _KINDS.items()}
    lengths = {f"{kind}_max_length": f"Seconds that a burst of {what} may last." for kind, what in _KINDS.items()}
    return {**most, **bursts, **lengths, "size_iops_sec": "Bytes that count as one request."}


IOTUNE = Block(
    doc="How fast the guest may read and write. What is not limited is left out, or 0.",
    max_items=1,
    change=set_while_running,
    xml="iotune",
    rows={
        **{
            name: Row(
                type=NUMBER,
                change=set_while_running,
                xml=name,
                same=same_number,
                doc=doc,
            )
            for name, doc in _limits().items()
        },
        "group_name": text("Disks of one name share the limits.", set_while_running, xml="group_name"),
    },
)
"""In libvirt's words."""


def limits_of(iotune: Plain) -> Object:
    """All limits for the call that sets them, by libvirt's names; 0 where there is none."""
    wanted: Object = next(iter(iotune or ()), {})
    group = {"group_name": wanted["group_name"]} if wanted.get("group_name") else {}
    return {name: int(wanted.get(name) or 0) for name in _limits()} | group


def _agreeing(written: Object) -> Iterator[Problem]:
    """A sum stands alone, a burst goes beyond what may last, and a length is that of a burst."""
    for kind in ("bytes", "iops"):
        parts = [part for part in (f"read_{kind}_sec", f"write_{kind}_sec") if written[part]]
        if written[f"total_{kind}_sec"] and parts:
            yield _problem(
                parts[0], f"total_{kind}_sec is the limit of both directions, so {parts[0]} can't be beside it."
            )
    for kind in _KINDS:
        most, burst, length = (written[name] for name in (kind, f"{kind}_max", f"{kind}_max_length"))
        if _is_below(burst, most):
            yield _problem(f"{kind}_max", f"A burst is more than {kind}, which must be given too.")
        if length and not burst:
            yield _problem(f"{kind}_max_length", f"It is the length of bursts, which are given by {kind}_max.")
    if written["size_iops_sec"] and not any(written[kind] for kind in _KINDS if "iops" in kind):
        yield _problem("size_iops_sec", "It has a meaning only beside a limit of requests, such as total_iops_sec.")


def _is_below(burst: Plain, most: Plain) -> bool:
    """Whether a burst is given that is no more than what may last, or stands alone."""
    if not burst or isinstance(burst, Unknown) or isinstance(most, Unknown):
        return False
    return not most or burst < most


def _problem(name: str, detail: str) -> Problem:
    return Problem((name,), error("Invalid Attribute Combination", detail))


LIMIT_RULES: tuple[Rule, ...] = (whole(*_limits()), *(at_least(name, 0) for name in _limits()), _agreeing)
"""What has to be so in each `iotune` block."""
