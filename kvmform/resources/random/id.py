"""`random_id`: random bytes in several notations."""

from __future__ import annotations

import base64
import secrets

from kvmform.resources.recorded import chosen, keepers, made, recorded_type
from kvmform.schema import Object, Operation, Schema
from kvmform.schema.rules import at_least, whole
from kvmform.values.types import NUMBER, STRING

__all__ = ["ID"]

_SCHEMA = Schema(
    doc="Random bytes in several notations, to tell things apart by.",
    rows={
        "id": made(STRING, "The bytes in base64 for URLs, without prefix."),
        "byte_length": chosen(NUMBER, "How many bytes.", required=True),
        "prefix": chosen(STRING, "Text that all notations but `id` begin with."),
        "keepers": keepers(),
        "b64_url": made(STRING, "Prefix, and the bytes in base64 for URLs."),
        "b64_std": made(STRING, "Prefix, and the bytes in standard base64."),
        "hex": made(STRING, "Prefix, and the bytes in hexadecimal, two digits each."),
        "dec": made(STRING, "Prefix, and the bytes as one decimal number."),
    },
    rules=(whole("byte_length"), at_least("byte_length", 0)),
)


def _create(_operation: Operation[None], planned: Object) -> Object:
    data = secrets.token_bytes(planned["byte_length"])
    prefix = planned["prefix"] or ""
    short = base64.urlsafe_b64encode(data).decode().rstrip("=")
    return {
        **planned,
        "id": short,
        "b64_url": prefix + short,
        "b64_std": prefix + base64.b64encode(data).decode(),
        "hex": prefix + data.hex(),
        "dec": f"{prefix}{int.from_bytes(data)}",
    }


ID = recorded_type("random_id", _SCHEMA, _create)
