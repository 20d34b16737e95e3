"""`random_uuid`: a random UUID."""

from __future__ import annotations

import uuid

from kvmform.resources.recorded import keepers, made, recorded_type
from kvmform.schema import Object, Operation, Schema
from kvmform.values.types import STRING

__all__ = ["UUID"]

_SCHEMA = Schema(
    doc="A random UUID.",
    rows={
        "id": made(STRING, "The UUID."),
        "keepers": keepers(),
        "result": made(STRING, "The UUID."),
    },
)


def _create(_operation: Operation[None], planned: Object) -> Object:
    found = str(uuid.uuid4())
    return {**planned, "id": found, "result": found}


UUID = recorded_type("random_uuid", _SCHEMA, _create)
