"""`random_uuid`, `random_uuid4` and `random_uuid7`: a random UUID, of version 4 or 7."""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Callable

from kvmform.resources.recorded import keepers, made, recorded_type
from kvmform.schema import Object, Operation, ResourceType, Schema
from kvmform.values.types import STRING

__all__ = ["UUID", "UUID4", "UUID7"]


def _uuid7() -> uuid.UUID:
    """Milliseconds since 1970 in the first 48 bits, then version, variant and random bits (RFC 9562)."""
    random = secrets.randbits(76)
    head = time.time_ns() // 1_000_000 << 80 | 7 << 76 | (random >> 64) << 64
    return uuid.UUID(int=head | 2 << 62 | random & (1 << 62) - 1)


def _of(name: str, doc: str, make: Callable[[], uuid.UUID]) -> ResourceType[None]:
    rows = {"id": made(STRING, "The UUID."), "keepers": keepers(), "result": made(STRING, "The UUID.")}

    def create(_operation: Operation[None], planned: Object) -> Object:
        found = str(make())
        return {**planned, "id": found, "result": found}

    return recorded_type(name, Schema(doc=doc, rows=rows), create)


UUID = _of("random_uuid", "A random UUID.", uuid.uuid4)
UUID4 = _of("random_uuid4", "A random UUID of version 4.", uuid.uuid4)
UUID7 = _of("random_uuid7", "A UUID of version 7: the time, then random bits, so that UUIDs sort by age.", _uuid7)
