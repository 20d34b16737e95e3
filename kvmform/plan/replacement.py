"""`replace_triggered_by`: replace an instance when others change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kvmform.address import InstanceAddress, ResourceAddress
from kvmform.config.evaluation import Evaluation
from kvmform.config.memo import Read
from kvmform.config.module import ResourceBlock
from kvmform.config.module_instance import ModuleInstance
from kvmform.config.repetition import Repetition
from kvmform.config.subject import subject_of
from kvmform.diagnostics import DiagnosticError
from kvmform.lang.ast import Expression, GetAttribute, Index, Literal
from kvmform.lang.references import references
from kvmform.plan.change import Action, Change
from kvmform.plan.merge import contains_unknown
from kvmform.plan.paths import value_at
from kvmform.schema import Path, ResourceType

__all__ = ["is_triggered", "triggers"]

_TRIGGERS = {Action.UPDATE, Action.REPLACE}


def is_triggered(
    block: ResourceBlock,
    within: ModuleInstance,
    repetition: Repetition,
    evaluation: Evaluation,
    changes: Mapping[InstanceAddress, Change],
    types: Mapping[str, ResourceType[Any]],
) -> bool:
    """Whether something that `replace_triggered_by` names is changed or replaced.

    Args:
        block: the resource that may have to be replaced.
        within: the module instance that it is in.
        repetition: which instance of it.
        evaluation: where the values of references come from.
        changes: what was planned so far; what the block refers to is in it.
        types: those of the changes.

    Raises:
        DiagnosticError: an entry is no reference to a resource.
    """
    for expression in block.lifecycle.replace_triggered_by:
        reads = evaluation.reads_of(expression, within, repetition)
        if not reads:
            detail = "replace_triggered_by lists resources or attributes of them, as in [libvirt_volume.disk.size]."
            raise DiagnosticError.of("Invalid replace_triggered_by expression", detail, expression.range)
        path = _attribute_path(expression, reads)
        found = _changes_of(reads, changes)
        if any(_differs(change, types[change.address.type].schema.inside(path)) for change in found):
            return True
    return False


def triggers(block: ResourceBlock, within: ModuleInstance) -> set[str]:
    """The resources that `replace_triggered_by` names."""
    found = (subject_of(each) for entry in block.lifecycle.replace_triggered_by for each in references(entry))
    named = {("managed", each.root, str(each.steps[0])) for each in found if each.steps}
    return {str(ResourceAddress(within.address, *names)) for names in named if names in within.module.resources}


def _changes_of(reads: frozenset[Read], changes: Mapping[InstanceAddress, Change]) -> list[Change]:
    whole = {read for read in reads if not isinstance(read, InstanceAddress)}
    found = [changes[read] for read in reads if isinstance(read, InstanceAddress) and read in changes]
    if whole:
        found.extend(change for address, change in changes.items() if address.resource in whole)
    return [change for change in found if change.action in _TRIGGERS]


def _attribute_path(expression: Expression, reads: frozenset[Read]) -> Path:
    """What follows the instance in a reference; empty where the instance as a whole is meant."""
    steps: list[str | int | None] = []
    while isinstance(expression, GetAttribute | Index):
        match expression:
            case GetAttribute():
                steps.insert(0, expression.name)
                expression = expression.object
            case Index(key=Literal(value=(int() | str()) as key)):
                steps.insert(0, key)
                expression = expression.collection
            case Index():
                steps.insert(0, None)
                expression = expression.collection
    has_key = any(isinstance(read, InstanceAddress) and read.key is not None for read in reads)
    path = steps[2 if has_key else 1 :]
    known = path[: path.index(None)] if None in path else path
    return tuple(step for step in known if step is not None)


def _differs(change: Change, path: Path) -> bool:
    after = value_at(change.after, path)
    return not path or contains_unknown(after) or value_at(change.before, path) != after
