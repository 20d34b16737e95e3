"""The table of `libvirt_ignition`."""

from __future__ import annotations

from kvmform.resources.ignition.content import is_json
from kvmform.resources.seed.schema import place_rows, rewriting
from kvmform.schema import Row, Schema
from kvmform.schema.rules import named
from kvmform.values.types import STRING

__all__ = ["SCHEMA"]

SCHEMA = Schema(
    doc="A small volume with the file from which Ignition configures a guest when it first boots; a domain takes its "
    "`id` as `coreos_ignition`. That someone else changed what is in the volume is not noticed.",
    rules=(named, is_json),
    rows={
        **place_rows("the file"),
        "content": Row(
            type=STRING,
            doc="The configuration, in JSON; or the path of a file that has it, whose contents are then compared too.",
            required=True,
            change=rewriting,
        ),
    },
)
