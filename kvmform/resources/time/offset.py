"""`time_offset`: a point in time so much later, or earlier, than another one."""

from __future__ import annotations

from kvmform.resources.recorded import made, recorded_type, triggers
from kvmform.resources.time import clock
from kvmform.schema import Disruption, Object, Operation, Proposal, Row, Schema
from kvmform.schema.rules import at_least_one_of, whole
from kvmform.struct import replace
from kvmform.values.model import Unknown
from kvmform.values.types import NUMBER, STRING

__all__ = ["OFFSET"]

_SPANS = ("days", "hours", "minutes", "months", "seconds", "years")
"""Added one after the other in this order, as the provider does."""

_OFFSETS = tuple(f"offset_{span}" for span in _SPANS)
_INPUTS = ("base_rfc3339", *_OFFSETS)
_RESULTS = ("id", "rfc3339", *clock.PARTS)

_SCHEMA = Schema(
    doc="A point in time that stays, so much later or earlier than another: when it was first made, or a given one.",
    rows={
        "id": made(STRING, "The time that is counted from, in RFC 3339."),
        "base_rfc3339": Row(
            type=STRING,
            doc="The time that is counted from, in RFC 3339; by default the one when the object is made.",
            computed=True,
            change=Disruption.NONE,
            same=clock.same_moment,
        ),
        **{
            name: Row(type=NUMBER, doc=f"How many {span} later; earlier where it is negative.", change=Disruption.NONE)
            for name, span in zip(_OFFSETS, _SPANS, strict=True)
        },
        "triggers": triggers(),
        "rfc3339": made(STRING, "The time in RFC 3339."),
        **clock.PARTS,
    },
    rules=(whole(*_OFFSETS), at_least_one_of(*_OFFSETS), clock.timestamp("base_rfc3339")),
)


_TYPES = _SCHEMA.type.as_dict()


def _propose(proposal: Proposal) -> Object:
    """What comes of another offset is known at once."""
    planned = proposal.planned
    if proposal.observed is None:
        return planned
    recorded = proposal.observed.object
    if all(clock.same_moment(recorded[name], planned[name]) for name in _INPUTS):
        return planned
    if any(isinstance(planned[name], Unknown) for name in _INPUTS):
        return {**planned, **{name: Unknown(_TYPES[name]) for name in _RESULTS}}
    return _counted(planned)


def _counted(planned: Object) -> Object:
    written = planned["base_rfc3339"]
    base = clock.moment(written) if written else clock.now()
    at = base
    for span, name in zip(_SPANS, _OFFSETS, strict=True):
        at = clock.shifted(at, **{span: planned[name] or 0})
    found = clock.parts(at) | {"rfc3339": clock.text(at), "id": clock.text(base)}
    return {**planned, **found, "base_rfc3339": written or clock.text(base)}


def _create(_operation: Operation[None], planned: Object) -> Object:
    return _counted(planned)


OFFSET = replace(recorded_type("time_offset", _SCHEMA, _create), propose=_propose)
