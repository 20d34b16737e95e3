"""What is in state and not wanted any more: its end, and why it comes."""

from __future__ import annotations

from kvmform.address import InstanceAddress
from kvmform.config.module import Module, ResourceBlock
from kvmform.config.repetition import RepetitionKind
from kvmform.diagnostics import DiagnosticError
from kvmform.plan.change import Action, Change
from kvmform.schema import Disruption, Object
from kvmform.state.model import InstanceState

__all__ = ["block_of", "removal", "removal_reason"]


def removal(prior: InstanceState, actual: Object, disruption: Disruption | None, reason: str) -> Change:
    """The deletion of what state has at an address.

    Args:
        prior: what is recorded of it.
        actual: the object as it is.
        disruption: what deleting one of its type costs; None: kvmform has no such type.
        reason: Terraform's `action_reason`.

    Raises:
        DiagnosticError: kvmform has no such type, so it can't delete the object.
    """
    if disruption is None:
        detail = (
            f"{prior.address} is in state, and kvmform has no resource type {prior.address.type} to delete it with. "
            "Delete it with the tool that made it, and take it out of the state there."
        )
        raise DiagnosticError.of("Unknown resource type in state", detail)
    return Change(
        address=prior.address,
        provider=prior.provider,
        action=Action.DELETE,
        before=actual,
        after=None,
        reason=reason,
        disruption=disruption,
        generation=prior.generation,
        seed=prior.seed,
        sensitive=prior.sensitive,
        dependencies=tuple(prior.dependencies),
    )


def block_of(address: InstanceAddress, root: Module) -> ResourceBlock | None:
    """The block that an instance in state comes from, if it is still there; nothing is evaluated."""
    module = _module_of(address, root)
    resource = address.resource
    return module.resources.get((resource.mode, resource.type, resource.name)) if module else None


def _module_of(address: InstanceAddress, root: Module) -> Module | None:
    module: Module | None = root
    for name, _ in address.module.steps:
        module = module.children.get(name) if module else None
    return module


def removal_reason(address: InstanceAddress, root: Module, *, is_moved: bool) -> str:
    """Why an instance that is in state is not in the configuration: Terraform's `action_reason`.

    `is_moved`: a `moved` block has brought it to this address.
    """
    if is_moved and block_of(address, root) is None:
        return "delete_because_no_move_target"
    if _module_of(address, root) is None:
        return "delete_because_no_module"
    block = block_of(address, root)
    if block is None:
        return "delete_because_no_resource_config"
    match RepetitionKind.of(block.count, block.for_each), address.key:
        case RepetitionKind.COUNT, int():
            return "delete_because_count_index"
        case RepetitionKind.EACH, str():
            return "delete_because_each_key"
        case RepetitionKind.SINGLE, None:
            # The block is there, but the instance of the module around it is not.
            return "delete_because_no_module"
    return "delete_because_wrong_repetition"
