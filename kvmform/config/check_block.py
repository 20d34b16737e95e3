"""`check` blocks: what is said of the whole, without stopping anything."""

from __future__ import annotations

from kvmform.config.arguments import check_names
from kvmform.config.blocks import read_conditions, read_resource
from kvmform.config.module import Check, ResourceBlock
from kvmform.diagnostics import Diagnostics, error
from kvmform.lang.ast import Block
from kvmform.struct import replace

__all__ = ["read_check"]


def read_check(block: Block, problems: Diagnostics) -> Check:
    """A `check` block, with the data source in it."""
    name = block.labels[0].value
    check_names(block.body, (), ("assert", "data"), "a check block", problems)
    asserts = read_conditions(block.body, "assert", problems)
    if not any(inner.type == "assert" for inner in block.body.blocks):
        problems.add(error("Zero assert blocks", "Check blocks must have at least one assert block.", block.header))
    found = [inner for inner in block.body.blocks if inner.type == "data"]
    for more in found[1:]:
        detail = f"A check block has at most one data block, and this one has one at {found[0].header}."
        problems.add(error("Multiple data resource blocks", detail, more.header))
    data = _read_data(found[0], name, problems) if found else None
    return Check(name, asserts, data, block.header)


def _read_data(block: Block, check: str, problems: Diagnostics) -> ResourceBlock | None:
    if len(block.labels) != 2:
        detail = "A data block has two labels: the type of the data source, and a name."
        problems.add(error("Missing name for data resource", detail, block.header))
        return None
    for name in ("count", "for_each"):
        if name in block.body.attributes:
            detail = "In a check block a data source is read once: count and for_each are not for it."
            problems.add(error(f'Invalid "{name}" attribute', detail, block.body.attributes[name].name_range))
    return replace(read_resource(block, "data", problems), count=None, for_each=None, check=check)
