"""Check every block of a configuration, with nothing known of variables and objects."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from kvmform.config.dependencies import Declaration
from kvmform.config.evaluation import Evaluation
from kvmform.config.module import ProviderReference
from kvmform.diagnostics import Diagnostic, DiagnosticError, Diagnostics, Severity, Source
from kvmform.graph.dag import Graph
from kvmform.lang.ast import Expression
from kvmform.schema import Schema

__all__ = ["check_configuration"]

_Place = tuple[Source, int]
_VALUES = {"var", "local", "output", "call"}
"""What is wrong with these would be told again with each thing that refers to them. Objects are unknown in any case."""


def check_configuration(
    evaluation: Evaluation, graph: Graph[Declaration], providers: Mapping[str, Schema], problems: Diagnostics
) -> list[Diagnostic]:
    """Decode each block once, as if for any instance, and evaluate all values.

    Args:
        evaluation: one that repeats with :func:`kvmform.config.repetition.repeat_any`.
        graph: what needs what in it, without cycles.
        providers: schemas of provider blocks.
        problems: what was said of the configuration before; where something was, nothing more is.

    Returns:
        Warnings.

    Raises:
        DiagnosticError: with every problem.
    """
    told = {place for each in problems if each.severity is Severity.ERROR for place in _places(each)}
    failed: set[Declaration] = set()
    for declaration in graph.order():
        if (
            not _has_schema(evaluation, declaration)
            or any(needed in failed for needed in graph.dependencies(declaration))
            or (told and _is_told_of(_expression(evaluation, declaration), told))
        ):
            failed.add(declaration)
            continue
        try:
            problems.add(*_check(evaluation, declaration, providers))
        except DiagnosticError as problem:
            problems.add(*(each for each in problem.diagnostics if next(_places(each), None) not in told))
            if declaration.kind in _VALUES:
                failed.add(declaration)
    problems.raise_errors()
    return list(problems)


def _has_schema(evaluation: Evaluation, declaration: Declaration) -> bool:
    """Whether what is declared can be checked; that a type is unknown was told before."""
    is_resource = declaration.kind in {"managed", "data"}
    return not is_resource or evaluation.has_schema(declaration.kind, declaration.name.split(".", 1)[0])


def _expression(evaluation: Evaluation, declaration: Declaration) -> Expression | None:
    """What a local value or an output is."""
    module = evaluation.root.module
    for name in declaration.module:
        module = module.children[name]
    match declaration.kind:
        case "local":
            return module.locals[declaration.name].expression
        case "output":
            return module.outputs[declaration.name].expression
    return None


def _is_told_of(expression: Expression | None, told: Collection[_Place]) -> bool:
    """Whether a part of an expression is wrong already, so that evaluating it tells nothing of use."""
    return expression is not None and any(
        (expression.source, offset) in told for offset in range(expression.start, expression.end)
    )


def _places(problem: Diagnostic) -> Iterator[_Place]:
    """Every place that a problem points at, from the first to the last."""
    if (subject := problem.subject) is not None:
        yield from ((subject.source, offset) for offset in range(subject.start, max(subject.end, subject.start + 1)))


def _check(evaluation: Evaluation, declaration: Declaration, providers: Mapping[str, Schema]) -> Iterator[Diagnostic]:
    for within in evaluation.module_instances(declaration.module):
        match declaration.kind:
            case "managed" | "data":
                kind, name = declaration.name.split(".", 1)
                block = within.module.resources[declaration.kind, kind, name]
                for repetition in evaluation.expand(block, within).values():
                    yield from evaluation.decode(block, within, repetition)[0].warnings
                    evaluation.check_provisioners(block, within, repetition)
            case "provider":
                provider = within.module.providers[ProviderReference.parse(declaration.name)]
                schema = providers.get(within.module.provider_type(provider.name))
                if schema is not None:
                    evaluation.provider(within, provider, schema)
            case kind:
                evaluation.check(within, kind, declaration.name)
