"""`time_rotating`: a point in time that is made anew when its time has come."""

from __future__ import annotations

from datetime import datetime

from kvmform.resources.recorded import made, recorded_type, remake, triggers
from kvmform.resources.time import clock
from kvmform.schema import Disruption, Object, Observed, Operation, Plain, Proposal, Row, Schema
from kvmform.schema.rules import at_least, at_least_one_of, whole
from kvmform.struct import replace
from kvmform.values.model import Unknown
from kvmform.values.types import NUMBER, STRING

__all__ = ["ROTATING"]

_SPANS = ("days", "hours", "minutes", "months", "years")
"""Where several are given, the last one counts; a time that is given counts before `years`, as in the provider."""

_ROTATIONS = tuple(f"rotation_{span}" for span in _SPANS)
_RESULTS = ("rotation_rfc3339", *clock.PARTS)

_SCHEMA = Schema(
    doc="A point in time, and a later one. The first plan after that one makes the object anew, and with it all that "
    "is made from its values.",
    rows={
        "id": made(STRING, "The first time in RFC 3339."),
        "rfc3339": Row(
            type=STRING,
            doc="The first time in RFC 3339, by default the one when the object is made.",
            computed=True,
            change=remake,
            same=clock.same_moment,
        ),
        **{
            name: Row(type=NUMBER, doc=f"After how many {span} it is made anew.", change=Disruption.NONE)
            for name, span in zip(_ROTATIONS, _SPANS, strict=True)
        },
        "rotation_rfc3339": Row(
            type=STRING,
            doc="When it is made anew, in RFC 3339.",
            computed=True,
            change=Disruption.NONE,
            same=clock.same_moment,
        ),
        "triggers": triggers(),
        **{name: replace(row, doc=f"{row.doc[:-1]}, of the later time.") for name, row in clock.PARTS.items()},
    },
    rules=(
        whole(*_ROTATIONS),
        *(at_least(name, 1) for name in _ROTATIONS),
        at_least_one_of(*_ROTATIONS, "rotation_rfc3339"),
        clock.timestamp("rfc3339"),
        clock.timestamp("rotation_rfc3339"),
    ),
)


_TYPES = _SCHEMA.type.as_dict()


def _read(_host: None, prior: Object) -> Observed | None:
    """As recorded until its time has come: then there is none any more."""
    due = prior.get("rotation_rfc3339")
    if prior.get("id") is None or (due and clock.now() > clock.moment(due)):
        return None
    return Observed(prior)


def _propose(proposal: Proposal) -> Object:
    """What comes of another rotation is known at once."""
    planned = proposal.planned
    if proposal.observed is None:
        return planned
    recorded, due = proposal.observed.object, proposal.config["rotation_rfc3339"]
    if (due is None or clock.same_moment(recorded["rotation_rfc3339"], due)) and all(
        recorded[name] == planned[name] for name in _ROTATIONS
    ):
        return planned
    inputs = (due, planned["rfc3339"], *(planned[name] for name in _ROTATIONS))
    if any(isinstance(value, Unknown) for value in inputs):
        return {**planned, **{name: Unknown(_TYPES[name]) for name in _RESULTS}}
    return {**planned, **_rotated(planned, due, clock.moment(planned["rfc3339"]))}


def _rotated(planned: Object, due: Plain, first: datetime) -> Object:
    """When it is made anew, and the parts of that time."""
    at = clock.moment(due) if due else None
    for span, name in zip(_SPANS, _ROTATIONS, strict=True):
        if planned[name] and (not due or span == "years"):
            at = clock.shifted(first, **{span: planned[name]})
    assert at is not None
    is_due = due is not None and clock.same_moment(due, clock.text(at))
    return clock.parts(at) | {"rotation_rfc3339": due if is_due else clock.text(at)}


def _create(_operation: Operation[None], planned: Object) -> Object:
    written = planned["rfc3339"]
    first = clock.moment(written) if written else clock.now()
    found = _rotated(planned, planned["rotation_rfc3339"], first)
    return {**planned, **found, "id": clock.text(first), "rfc3339": written or clock.text(first)}


ROTATING = replace(recorded_type("time_rotating", _SCHEMA, _create), read=_read, propose=_propose, expires=True)
