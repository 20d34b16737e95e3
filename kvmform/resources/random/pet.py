"""`random_pet`: a name that people can say and remember."""

from __future__ import annotations

from kvmform.resources.recorded import chosen, keepers, made, recorded_type
from kvmform.schema import Object, Operation, Schema
from kvmform.schema.rules import whole
from kvmform.values.types import NUMBER, STRING

__all__ = ["PET"]

_SCHEMA = Schema(
    doc="A random name that people can say and remember, such as `gentle-otter`.",
    rows={
        "id": made(STRING, "The name."),
        "length": chosen(NUMBER, "How many words.", default=2),
        "prefix": chosen(STRING, "A word that the name begins with, before the random ones."),
        "separator": chosen(STRING, "What stands between the words.", default="-"),
        "keepers": keepers(),
    },
    rules=(whole("length"),),
)


def _create(_operation: Operation[None], planned: Object) -> Object:
    import petname

    separator = planned["separator"]
    name = petname.generate(planned["length"], separator).lower()
    return {**planned, "id": f"{planned['prefix']}{separator}{name}" if planned["prefix"] else name}


PET = recorded_type("random_pet", _SCHEMA, _create)
