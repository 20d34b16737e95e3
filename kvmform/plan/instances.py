"""From the addresses of a plan back to the blocks that they come from."""

from __future__ import annotations

from collections.abc import Iterable

from kvmform.address import InstanceAddress, InstanceKey, ResourceAddress
from kvmform.config.evaluation import Evaluation
from kvmform.config.module import Module, ResourceBlock
from kvmform.config.module_instance import ModuleInstance
from kvmform.config.repetition import Repetition, repetition_kind

__all__ = ["InstanceIndex"]


class InstanceIndex:
    """Finds block, module instance and repetition of an instance, for apply."""

    def __init__(self, root: Module, addresses: Iterable[InstanceAddress]) -> None:
        self._root = root
        self._keys: dict[ResourceAddress, list[InstanceKey]] = {}
        for address in addresses:
            self._keys.setdefault(address.resource, []).append(address.key)

    def introduce(self, evaluation: Evaluation) -> None:
        """Tell an evaluation how every resource repeats, those without instances too."""
        for module in self._root.walk():
            for within in evaluation.module_instances(module.path):
                for (mode, kind, name), block in module.resources.items():
                    resource = ResourceAddress(within.address, mode, kind, name)
                    repetition = repetition_kind(block.count, block.for_each)
                    evaluation.set_instances(resource, repetition, self._keys.get(resource, []))
        evaluation.forget()

    def find(
        self, evaluation: Evaluation, address: InstanceAddress
    ) -> tuple[ResourceBlock, ModuleInstance, Repetition]:
        """Where an instance comes from; its repetition is evaluated now."""
        within = evaluation.module_instance(address.module)
        resource = address.resource
        block = within.module.resources[resource.mode, resource.type, resource.name]
        return block, within, evaluation.repetition(block, within, address.key)
