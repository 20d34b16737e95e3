"""Evaluate expressions without a plan: objects are as the state has them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kvmform.address import InstanceAddress, ResourceAddress
from kvmform.config.evaluation import Evaluation
from kvmform.config.inputs import Input
from kvmform.config.module_instance import ModuleInstance
from kvmform.config.repetition import RepetitionKind
from kvmform.diagnostics import DiagnosticError
from kvmform.state.model import InstanceState

if TYPE_CHECKING:
    from kvmform.workspace.workspace import Workspace

__all__ = ["recorded_evaluation"]

Instances = Mapping[InstanceAddress, InstanceState]


def recorded_evaluation(workspace: Workspace, inputs: dict[str, Input] | None = None) -> Evaluation:
    """An evaluation of the configuration as of now, with objects as the state has them.

    `inputs` take the place of the values that variables were given.
    """
    timestamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    evaluation = workspace.evaluation(timestamp, planning=False, inputs=inputs)
    _record(workspace.state.instances if workspace.has_state else {}, evaluation)
    return evaluation


def _record(recorded: Instances, evaluation: Evaluation) -> None:
    """Tell an evaluation what is recorded of each instance that is declared; the others are not known."""
    by_resource: dict[ResourceAddress, list[InstanceAddress]] = {}
    for address in recorded:
        by_resource.setdefault(address.resource, []).append(address)
    for module in evaluation.root.module.walk():
        try:
            instances = evaluation.module_instances(module.path)
        except DiagnosticError:
            continue  # it is known only after apply which instances there are
        for within in instances:
            _record_module(recorded, evaluation, within, by_resource)


def _record_module(
    recorded: Instances,
    evaluation: Evaluation,
    within: ModuleInstance,
    by_resource: dict[ResourceAddress, list[InstanceAddress]],
) -> None:
    for block in within.module.resources.values():
        resource = ResourceAddress(within.address, block.mode, block.type, block.name)
        found = by_resource.get(resource, [])
        try:
            if found:
                evaluation.expand(block, within)
        except DiagnosticError:
            found = []
        if not found:
            evaluation.set_instances(resource, RepetitionKind.of(block.count, block.for_each), None)
        for address in found:
            known = recorded[address]
            evaluation.set_object(address, known.attributes, known.sensitive)
