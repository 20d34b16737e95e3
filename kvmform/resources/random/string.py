"""`random_string`: random characters that are no secret."""

from __future__ import annotations

from kvmform.resources.random.text import ROWS, RULES, generate, propose, upgrade
from kvmform.resources.recorded import made, recorded_type
from kvmform.schema import Object, Operation, Schema
from kvmform.struct import replace
from kvmform.values.types import STRING

__all__ = ["STRING_TYPE"]

_SCHEMA = Schema(
    doc="Random characters that are no secret. For a secret, use `random_password`.",
    version=2,
    rows={**ROWS, "id": made(STRING, "The text."), "result": made(STRING, "The text.")},
    rules=RULES,
)


def _create(_operation: Operation[None], planned: Object) -> Object:
    found = generate(planned)
    return {**planned, "id": found, "result": found}


STRING_TYPE = replace(recorded_type("random_string", _SCHEMA, _create), propose=propose, upgrade=upgrade)
