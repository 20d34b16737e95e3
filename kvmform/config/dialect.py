"""Blocks that are written for another provider's resource type of the same name."""

from __future__ import annotations

from kvmform.config.module import ResourceBlock
from kvmform.diagnostics import DiagnosticError
from kvmform.schema import Schema

__all__ = ["reject_other_dialect"]


def reject_other_dialect(block: ResourceBlock, schema: Schema) -> None:
    """Say once what would otherwise be said of each argument.

    Raises:
        DiagnosticError: the block has arguments that only the other provider has.
    """
    foreign = [name for name in block.body.attributes if name in schema.other_dialect and name not in schema.rows]
    if foreign:
        written = ", ".join(foreign)
        raise DiagnosticError.of(
            "Written for provider 0.9",
            f"This {block.type} is written for dmacvicar/libvirt 0.9, which spells out libvirt's XML ({written}). "
            "kvmform reads what is written for 0.6 to 0.8, and adds to it; most blocks become much shorter in that "
            "form. The how-to from-terraform has both beside each other.",
            block.body.attributes[foreign[0]].name_range,
        )
