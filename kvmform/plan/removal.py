"""Why an instance that is in state is not in the configuration: Terraform's `action_reason`."""

from __future__ import annotations

from kvmform.address import InstanceAddress
from kvmform.config.module import Module, ResourceBlock

__all__ = ["removal_reason"]


def removal_reason(address: InstanceAddress, block: ResourceBlock | None, root: Module, *, destroy: bool) -> str:
    """The reason for deleting an instance; empty for `destroy`, which needs none."""
    if destroy:
        return ""
    module: Module | None = root
    for name, _ in address.module.steps:
        module = module.children.get(name) if module else None
    if module is None:
        return "delete_because_no_module"
    if block is None:
        return "delete_because_no_resource_config"
    if block.count is not None:
        return "delete_because_count_index" if isinstance(address.key, int) else "delete_because_wrong_repetition"
    if block.for_each is not None:
        return "delete_because_each_key" if isinstance(address.key, str) else "delete_because_wrong_repetition"
    return "delete_because_wrong_repetition"
