"""`random_password`: random characters that are a secret."""

from __future__ import annotations

from kvmform.resources.random.text import ROWS, RULES, generate, propose, upgrade
from kvmform.resources.recorded import made, recorded_type
from kvmform.schema import Object, Operation, Schema
from kvmform.struct import replace
from kvmform.values.types import STRING

__all__ = ["PASSWORD"]

_HASHED_BYTES = 72
"""As many as bcrypt takes into account."""

_SCHEMA = Schema(
    doc="Random characters that are a secret. They are in the state as they are, so that has to be kept safe.",
    version=3,
    rows={
        **ROWS,
        "id": made(STRING, "Always `none`."),
        "result": made(STRING, "The password.", sensitive=True),
        "bcrypt_hash": made(STRING, "Its bcrypt hash, made of the first 72 bytes.", sensitive=True),
    },
    rules=RULES,
)


def _create(_operation: Operation[None], planned: Object) -> Object:
    found = generate(planned)
    return {**planned, "id": "none", "result": found, "bcrypt_hash": _bcrypt(found)}


def _bcrypt(text: str) -> str:
    import bcrypt

    return bcrypt.hashpw(text.encode()[:_HASHED_BYTES], bcrypt.gensalt(10, prefix=b"2a")).decode()


def _upgrade(attributes: Object, version: int) -> Object:
    found = upgrade(attributes, version)
    if found.get("bcrypt_hash") is None:
        found["bcrypt_hash"] = _bcrypt(found.get("result") or "")
    return found


PASSWORD = replace(recorded_type("random_password", _SCHEMA, _create), propose=propose, upgrade=_upgrade)
