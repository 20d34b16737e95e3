"""`removed` blocks: a resource or module is not declared any more, and what becomes of its objects."""

from __future__ import annotations

from kvmform.address import InstanceAddress, ModuleAddress, ResourceAddress
from kvmform.config.arguments import check_names, literal_bool, missing_argument
from kvmform.config.module import Module, Provisioner, Removed
from kvmform.config.moved import read_target
from kvmform.config.provisioner import read_provisioners
from kvmform.diagnostics import Diagnostics, SourceRange, error
from kvmform.lang.ast import Block, Expression

__all__ = ["check_removed", "read_removed"]


def read_removed(block: Block, problems: Diagnostics) -> Removed | None:
    """A `removed` block; None when something is wrong with it."""
    attributes = block.body.attributes
    check_names(block.body, ("from",), ("lifecycle", "connection", "provisioner"), "a removed block", problems)
    if "from" not in attributes:
        problems.add(missing_argument("from", block.opening))
        return None
    source = _read_source(attributes["from"].expression, problems)
    destroy = True
    for inner in (each for each in block.body.blocks if each.type == "lifecycle"):
        check_names(inner.body, ("destroy",), (), "the lifecycle block of a removed block", problems)
        destroy = literal_bool(inner.body.attributes.get("destroy"), True, problems)
    if source is None:
        return None
    return Removed(source, destroy, block.header, _read_provisioners(block, source, problems))


def _read_provisioners(
    block: Block, source: ModuleAddress | ResourceAddress, problems: Diagnostics
) -> tuple[Provisioner, ...]:
    """The provisioners of a `removed` block; nothing is made by it, so all of them are of the last kind."""
    found = read_provisioners(block.body, problems)
    for provisioner in found:
        detail = ""
        if isinstance(source, ModuleAddress):
            detail = "Provisioners are valid only when a removed block targets a managed resource."
        elif provisioner.when != "destroy":
            detail = 'Only destroy-time provisioners are valid in "removed" blocks: say when = destroy.'
        if detail:
            problems.add(error("Invalid provisioner block", detail, provisioner.range))
    return found


def _read_source(expression: Expression, problems: Diagnostics) -> ModuleAddress | ResourceAddress | None:
    address = read_target(expression, problems)
    if address is None:
        return None
    module = address if isinstance(address, ModuleAddress) else address.module
    if any(key is not None for _, key in module.steps):
        detail = 'Whole modules are removed, so a module is named without a key, as in "module.lab".'
        problems.add(error("Module instance keys not allowed", detail, expression.range))
    elif isinstance(address, InstanceAddress):
        detail = 'Whole resources are removed, so a resource is named without a key, as in "libvirt_domain.web".'
        problems.add(error("Resource instance keys not allowed", detail, expression.range))
    elif isinstance(address, ResourceAddress) and address.mode == "data":
        detail = (
            "Data sources are never destroyed, so they are not valid targets of removed blocks. Just remove the data "
            "block from the configuration."
        )
        problems.add(error("Data source address not allowed", detail, expression.range))
    else:
        return address
    return None


def check_removed(root: Module, problems: Diagnostics) -> None:
    """Report what is removed and declared all the same."""
    for module in root.walk():
        for removed in module.removed:
            at = _declared_at(module, removed)
            if at is not None:
                what = "module" if isinstance(removed.source, ModuleAddress) else "resource"
                name = "".join(f"module.{step}." for step in module.path) + str(removed.source)
                detail = (
                    f"The removed block at {removed.range} says that {name} was removed, but it is still declared "
                    "here. Remove one of the two."
                )
                problems.add(error(f"Removed {what} still exists", detail, at))


def _declared_at(module: Module, removed: Removed) -> SourceRange | None:
    source = removed.source
    if isinstance(source, ModuleAddress):
        *path, last = (name for name, _ in source.steps)
        if not module.has(tuple(path)):
            return None
        call = module.descendant(tuple(path)).calls.get(last)
        return call.range if call is not None else None
    path = [name for name, _ in source.module.steps]
    if not module.has(tuple(path)):
        return None
    block = module.descendant(tuple(path)).resources.get((source.mode, source.type, source.name))
    return block.range if block is not None else None
