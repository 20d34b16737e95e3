"""Override files: blocks that change blocks of other files instead of standing beside them.

Source: https://developer.hashicorp.com/terraform/language/files/override.
"""

from __future__ import annotations

from collections.abc import Iterable

from kvmform.diagnostics import Diagnostics, error
from kvmform.lang.ast import Block, Body, Literal

__all__ = ["is_override_file", "merge_overrides"]

_ENDS = (".tf", ".tf.json", ".kvm.hcl")
_WORDS = {
    "resource": "a resource",
    "data": "a data source",
    "variable": "an input variable",
    "output": "an output value",
    "module": "a module call",
}


_MISSING = {"resource": "Missing resource to override", "data": "Missing data resource to override"}


def is_override_file(name: str) -> bool:
    """Whether a file of this name is `override.tf` or `*_override.tf` (or the same in JSON)."""
    stems = (name.removesuffix(end) for end in _ENDS if name.endswith(end))
    return any(stem == "override" or stem.endswith("_override") for stem in stems)


def merge_overrides(primary: Iterable[Block], overrides: Iterable[Block], problems: Diagnostics) -> list[Block]:
    """The top-level blocks of a module, with what its override files say laid over them.

    `overrides` are in the order of their files; a later one wins. An override of something
    that isn't declared is a problem, but `provider` and `terraform` blocks may be new.
    """
    found = list(primary)
    for block in overrides:
        match block.type:
            case "locals":
                _override_locals(found, block, problems)
            case "terraform":
                found.append(block)
            case "moved" | "import" | "removed" | "check":
                detail = f"{block.type} blocks can appear only in normal files, not in override files."
                problems.add(error(f"Cannot override '{block.type}' blocks", detail, block.header))
            case _:
                _override(found, block, problems)
    return found


def _override(found: list[Block], block: Block, problems: Diagnostics) -> None:
    if "depends_on" in block.body.attributes:
        detail = "The depends_on argument may not be overridden."
        problems.add(error("Unsupported override", detail, block.body.attributes["depends_on"].name_range))
        return
    wanted = _identity(block)
    at = next((index for index, base in enumerate(found) if _identity(base) == wanted), None)
    if at is not None:
        found[at] = _with_body(found[at], _merged(found[at].body, block.body))
    elif block.type == "provider":
        found.append(block)
    else:
        name = ".".join(label.value for label in block.labels)
        words = _WORDS.get(block.type, f"a {block.type} block")
        detail = (
            f"There is no {block.type} {name}. An override file can only change {words} that another file declares."
        )
        summary = _MISSING.get(block.type, f"Missing base {block.type} declaration to override")
        problems.add(error(summary, detail, block.header))


def _identity(block: Block) -> tuple[object, ...]:
    """What makes two blocks the same one; of provider blocks the alias is part of it."""
    labels = tuple(label.value for label in block.labels)
    alias = block.body.attributes.get("alias") if block.type == "provider" else None
    value = alias.expression.value if alias is not None and isinstance(alias.expression, Literal) else None
    return (block.type, labels, value)


def _merged(base: Body, over: Body) -> Body:
    """Arguments one by one; nested blocks of a type all together, but the lines of `lifecycle` one by one."""
    replaced = {_kind(block) for block in over.blocks} | over.attributes.keys()
    attributes = {name: a for name, a in base.attributes.items() if name not in replaced} | over.attributes
    if ("count" in base.attributes) != ("count" in over.attributes) and "count" in attributes:
        # One file has count and the other for_each: then count decides, as in Terraform.
        attributes.pop("for_each", None)
    lifecycle = next((block for block in base.blocks if block.type == "lifecycle"), None)
    blocks = [block for block in base.blocks if _kind(block) not in replaced]
    for block in over.blocks:
        merges = block.type == "lifecycle" and lifecycle is not None
        blocks.append(_with_body(block, _merged(lifecycle.body, block.body)) if lifecycle and merges else block)
    return Body(base.source, base.start, base.end, attributes, blocks)


def _kind(block: Block) -> str:
    """The type of the blocks that a block makes."""
    return block.labels[0].value if block.type == "dynamic" and block.labels else block.type


def _override_locals(found: list[Block], block: Block, problems: Diagnostics) -> None:
    for name, attribute in block.body.attributes.items():
        at = next((i for i, base in enumerate(found) if base.type == "locals" and name in base.body.attributes), None)
        if at is None:
            detail = f'There is no local value "{name}". An override file can only change one that another file has.'
            problems.add(error("Missing base local value definition to override", detail, attribute.name_range))
            continue
        base = found[at].body
        attributes = {**base.attributes, name: attribute}
        found[at] = _with_body(found[at], Body(base.source, base.start, base.end, attributes, base.blocks))


def _with_body(block: Block, body: Body) -> Block:
    return Block(block.source, block.start, block.end, block.type, block.type_range, block.labels, body)
