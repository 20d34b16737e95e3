"""`time_static`: a point in time that stays."""

from __future__ import annotations

from kvmform.resources.recorded import made, recorded_type, remake, triggers
from kvmform.resources.time import clock
from kvmform.schema import Object, Operation, Row, Schema
from kvmform.values.types import STRING

__all__ = ["STATIC"]

_SCHEMA = Schema(
    doc="A point in time that stays: the one when it is first made, or one that is given.",
    rows={
        "id": made(STRING, "The time in RFC 3339."),
        "rfc3339": Row(
            type=STRING,
            doc="The time in RFC 3339, by default the one when the object is made.",
            computed=True,
            change=remake,
            same=clock.same_moment,
        ),
        "triggers": triggers(),
        **clock.PARTS,
    },
    rules=(clock.timestamp("rfc3339"),),
)


def _create(_operation: Operation[None], planned: Object) -> Object:
    written = planned["rfc3339"]
    at = clock.moment(written) if written else clock.now()
    return {**planned, **clock.parts(at), "id": clock.text(at), "rfc3339": written or clock.text(at)}


STATIC = recorded_type("time_static", _SCHEMA, _create)
