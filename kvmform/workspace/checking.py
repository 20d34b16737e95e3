"""Check every block of a configuration, with nothing known of variables and objects."""

from __future__ import annotations

from kvmform.address import InstanceKey, ResourceAddress
from kvmform.config.dependencies import Declaration, dependency_graph, reject_cycles
from kvmform.config.evaluation import Evaluation
from kvmform.config.module import Module, ResourceBlock
from kvmform.config.module_instance import ModuleInstance
from kvmform.config.repetition import Repetition, repetition_kind
from kvmform.diagnostics import DiagnosticError, Diagnostics
from kvmform.values.model import Unknown
from kvmform.values.types import NUMBER, STRING

__all__ = ["check_configuration"]


def check_configuration(root: Module, evaluation: Evaluation) -> None:
    """Decode each resource block once, as if for any instance, and evaluate all values.

    Raises:
        DiagnosticError: with every problem.
    """
    graph = dependency_graph(root)
    reject_cycles(graph, root)
    problems = Diagnostics()
    failed: set[Declaration] = set()
    for declaration in graph.order():
        try:
            if not any(needed in failed for needed in graph.dependencies(declaration)):
                _check(root, evaluation, declaration)
                continue
        except DiagnosticError as problem:
            problems.caught(problem)
        failed.add(declaration)
    problems.raise_errors()


def _check(root: Module, evaluation: Evaluation, declaration: Declaration) -> None:
    within = evaluation.any_instance(declaration.module)
    match declaration.kind:
        case "managed" | "data":
            kind, name = declaration.name.split(".", 1)
            block = root.descendant(declaration.module).resources[declaration.kind, kind, name]
            _check_resource(evaluation, within, block)
        case "var" | "local" | "output":
            evaluation.check(within, declaration.kind, declaration.name)


def _check_resource(evaluation: Evaluation, within: ModuleInstance, block: ResourceBlock) -> None:
    resource = ResourceAddress(within.address, block.mode, block.type, block.name)
    kind = repetition_kind(block.count, block.for_each)
    names: dict[str, object] = {}
    keys: list[InstanceKey] = [None]
    match kind:
        case "count":
            names = {"count": {"index": Unknown(NUMBER)}}
        case "each":
            names = {"each": {"key": Unknown(STRING), "value": Unknown()}}
    evaluation.set_instances(resource, "single" if kind == "single" else "unknown", keys)
    evaluation.decode(block, within, Repetition(None, names))
