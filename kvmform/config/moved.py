"""`moved` blocks: an object has another address now."""

from __future__ import annotations

from kvmform.address import InstanceAddress, InstanceKey, ModuleAddress, ResourceAddress, Target, target_of
from kvmform.config.arguments import check_names, missing_argument
from kvmform.config.module import Moved
from kvmform.diagnostics import Diagnostics, error
from kvmform.lang.ast import Block, Expression, GetAttribute, Index, Literal, Name

__all__ = ["read_moved", "read_target"]


def read_moved(block: Block, problems: Diagnostics) -> Moved | None:
    """A `moved` block; None when something is wrong with it."""
    attributes = block.body.attributes
    check_names(block.body, ("from", "to"), (), "a moved block", problems)
    missing = [name for name in ("from", "to") if name not in attributes]
    problems.add(*(missing_argument(name, block.opening) for name in missing))
    if missing:
        return None
    source, target = (read_target(attributes[name].expression, problems) for name in ("from", "to"))
    if source is None or target is None:
        return None
    if isinstance(source, ModuleAddress) != isinstance(target, ModuleAddress):
        detail = 'The "from" and "to" addresses must either both refer to resources or both refer to modules.'
        problems.add(error('Invalid "moved" addresses', detail, block.header))
        return None
    if isinstance(source, InstanceAddress) or isinstance(target, InstanceAddress):
        source, target = _one_instance(source), _one_instance(target)
    return Moved(source, target, block.header)


def _one_instance(address: Target) -> Target:
    """A resource without a key is the instance without one, where the other address is that of an instance."""
    return address.instance() if isinstance(address, ResourceAddress) else address


def read_target(expression: Expression, problems: Diagnostics) -> Target | None:
    """The address that an expression spells: a module, a resource or an instance, with constant keys."""
    steps = _steps(expression)
    if steps is None:
        detail = (
            "An address stands here: TYPE.NAME, TYPE.NAME[KEY] or module.NAME, without quotes, and with keys that "
            "are plain numbers or strings. No references, function calls or templates."
        )
        problems.add(error("Invalid expression", detail, expression.range))
        return None
    target = target_of(steps)
    if target is None:
        example = "libvirt_domain.web, libvirt_domain.web[0] or module.lab.libvirt_pool.images"
        problems.add(
            error("Invalid address", f"This names no resource and no module. Write {example}.", expression.range)
        )
    return target


def _steps(expression: Expression) -> list[tuple[str, InstanceKey]] | None:
    """Names with their keys."""
    match expression:
        case Name(name=name):
            return [(name, None)]
        case GetAttribute(object=inner, name=name):
            before = _steps(inner)
            return None if before is None else [*before, (name, None)]
        case Index(collection=inner, key=Literal(value=(int() | str()) as key)) if not isinstance(key, bool):
            before = _steps(inner)
            if before is None or before[-1][1] is not None:
                return None
            return [*before[:-1], (before[-1][0], key)]
    return None
