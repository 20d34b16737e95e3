"""The table of `libvirt_combustion`."""

from __future__ import annotations

from kvmform.resources.seed.schema import place_rows, rewriting
from kvmform.schema import Row, Schema
from kvmform.schema.rules import named
from kvmform.values.types import STRING

__all__ = ["SCHEMA"]

SCHEMA = Schema(
    doc="A small volume with the script from which Combustion configures a guest when it first boots; a domain takes "
    'its `id` as `coreos_ignition`, with `fw_cfg_name = "opt/org.opensuse.combustion/script"`. That someone else '
    "changed what is in the volume is not noticed.",
    rules=(named,),
    rows={
        **place_rows("the script"),
        "content": Row(
            type=STRING,
            doc="The script; or the path of a file that has it, whose contents are then compared too.",
            required=True,
            change=rewriting,
        ),
    },
)
