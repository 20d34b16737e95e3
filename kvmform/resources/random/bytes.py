"""`random_bytes`: random bytes that are a secret."""

from __future__ import annotations

import base64
import secrets

from kvmform.resources.recorded import chosen, made, recorded_type, triggers
from kvmform.schema import Object, Operation, Schema
from kvmform.schema.rules import at_least, whole
from kvmform.values.types import NUMBER, STRING

__all__ = ["BYTES"]

_SCHEMA = Schema(
    doc="Random bytes that are a secret, such as a key.",
    rows={
        "length": chosen(NUMBER, "How many bytes, at least 1.", required=True),
        "keepers": triggers(),
        "base64": made(STRING, "The bytes in standard base64.", sensitive=True),
        "hex": made(STRING, "The bytes in hexadecimal.", sensitive=True),
    },
    rules=(whole("length"), at_least("length", 1)),
)


def _create(_operation: Operation[None], planned: Object) -> Object:
    data = secrets.token_bytes(planned["length"])
    return {**planned, "base64": base64.b64encode(data).decode(), "hex": data.hex()}


BYTES = recorded_type("random_bytes", _SCHEMA, _create, marker="hex")
