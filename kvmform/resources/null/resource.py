"""`null_resource`: does nothing, and has others depend on it.

Source: https://registry.terraform.io/providers/hashicorp/null, version 3.2.
"""

from __future__ import annotations

import secrets

from kvmform.resources.recorded import keepers, made, recorded_type
from kvmform.schema import Object, Operation, Schema
from kvmform.values.types import STRING

__all__ = ["RESOURCE"]

_SCHEMA = Schema(
    doc="Nothing at all, for others to depend on and for provisioners to be in.",
    rows={
        "id": made(STRING, "A random number, another one for each object."),
        "triggers": keepers(),
    },
)


def _create(_operation: Operation[None], planned: Object) -> Object:
    return {**planned, "id": str(secrets.randbits(63))}


RESOURCE = recorded_type("null_resource", _SCHEMA, _create)
