"""`null_data_source`: gives back what it is given.

Source: https://registry.terraform.io/providers/hashicorp/null, version 3.2.
"""

from __future__ import annotations

import secrets

from kvmform.schema import DataSource, Object, Reading, Row, Schema
from kvmform.values.types import STRING, MapType

__all__ = ["DATA_SOURCE"]

_SCHEMA = Schema(
    doc="Gives back what it is given. A local value does the same.",
    rows={
        "id": Row(type=STRING, doc="Always `static`.", computed=True, read_only=True),
        "inputs": Row(type=MapType(STRING), doc="Any values."),
        "outputs": Row(type=MapType(STRING), doc="The same values.", computed=True, read_only=True),
        "random": Row(type=STRING, doc="A random number, another one with each read.", computed=True, read_only=True),
        "has_computed_default": Row(type=STRING, doc="Any text; `default` where none is given.", computed=True),
    },
)


def _read(_reading: Reading[None], config: Object) -> Object:
    default = config["has_computed_default"]
    return {
        "id": "static",
        "inputs": config["inputs"],
        "outputs": config["inputs"],
        "random": str(secrets.randbits(63)),
        "has_computed_default": "default" if default is None else default,
    }


DATA_SOURCE: DataSource[None] = DataSource(name="null_data_source", schema=_SCHEMA, read=_read, needs_host=False)
