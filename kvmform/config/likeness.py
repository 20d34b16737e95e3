"""What a block says of an object that is like another one, as long as the other isn't looked at."""

from __future__ import annotations

from kvmform.config.decode import Decoded
from kvmform.schema import Row, Schema
from kvmform.schema.row import implied_type
from kvmform.struct import replace
from kvmform.values.model import Unknown
from kvmform.values.types import ListType

__all__ = ["with_open_rows"]


def with_open_rows(schema: Schema, decoded: Decoded) -> Decoded:
    """What a block describes; what is taken over of another object is not known, and breaks no rule."""
    likeness = schema.likeness
    if likeness is None or not decoded.object[likeness.argument]:
        return decoded
    left_open = {}
    for name in likeness.takes(schema.rows, decoded.written):
        row = schema.rows[name]
        left_open[name] = Unknown(row.type if isinstance(row, Row) else ListType(implied_type(row.rows)))
    return replace(decoded, object=decoded.object | left_open)
