"""`null_resource`: does nothing, and has others depend on it.

Source: https://registry.terraform.io/providers/hashicorp/null, version 3.2.
"""

from __future__ import annotations

import secrets

from kvmform.resources.recorded import delete, made, read_record, remake_for_values, update
from kvmform.schema import Disruption, Object, Operation, ResourceType, Row, Schema
from kvmform.values.types import STRING, MapType

__all__ = ["RESOURCE"]

_SCHEMA = Schema(
    doc="Nothing at all, for others to depend on and for provisioners to be in.",
    rows={
        "id": made(STRING, "A random number, another one for each object."),
        "triggers": Row(
            type=MapType(STRING),
            doc="Any values. When one changes, another object takes the place of this one.",
            change=remake_for_values,
        ),
    },
)


def _create(_operation: Operation[None], planned: Object) -> Object:
    return {**planned, "id": str(secrets.randbits(63))}


RESOURCE: ResourceType[None] = ResourceType(
    name="null_resource",
    schema=_SCHEMA,
    read=read_record("id"),
    create=_create,
    update=update,
    delete=delete,
    delete_disruption=Disruption.NONE,
    needs_host=False,
)
