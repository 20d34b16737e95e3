"""Check every block of a configuration, with nothing known of variables and objects."""

from __future__ import annotations

from collections.abc import Mapping

from kvmform.config.dependencies import Declaration, dependency_graph
from kvmform.config.evaluation import Evaluation
from kvmform.config.module import ProviderReference
from kvmform.diagnostics import DiagnosticError, Diagnostics
from kvmform.schema import Schema

__all__ = ["check_configuration"]


def check_configuration(evaluation: Evaluation, providers: Mapping[str, Schema]) -> None:
    """Decode each block once, as if for any instance, and evaluate all values.

    Args:
        evaluation: one that repeats with :func:`kvmform.config.repetition.repeat_any`.
        providers: schemas of provider blocks.

    Raises:
        DiagnosticError: with every problem.
    """
    graph = dependency_graph(evaluation.root.module)
    problems = Diagnostics()
    failed: set[Declaration] = set()
    for declaration in graph.order():
        try:
            if not any(needed in failed for needed in graph.dependencies(declaration)):
                _check(evaluation, declaration, providers)
                continue
        except DiagnosticError as problem:
            problems.caught(problem)
        failed.add(declaration)
    problems.raise_errors()


def _check(evaluation: Evaluation, declaration: Declaration, providers: Mapping[str, Schema]) -> None:
    for within in evaluation.module_instances(declaration.module):
        match declaration.kind:
            case "managed" | "data":
                kind, name = declaration.name.split(".", 1)
                block = within.module.resources[declaration.kind, kind, name]
                for repetition in evaluation.expand(block, within).values():
                    evaluation.decode(block, within, repetition)
            case "provider":
                provider = within.module.providers[ProviderReference.parse(declaration.name)]
                schema = providers.get(within.module.provider_type(provider.name))
                if schema is not None and within.parent is None:
                    evaluation.provider(provider, schema)
            case kind:
                evaluation.check(within, kind, declaration.name)
