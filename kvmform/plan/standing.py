"""How conditions turn out of what is there, where a plan only looks: what fails is told, and stops nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

from kvmform.address import InstanceAddress
from kvmform.config.module_instance import ModuleInstance
from kvmform.diagnostics import Diagnostic, DiagnosticError, Diagnostics
from kvmform.plan.change import Action, Change, CheckedObject, CheckResult
from kvmform.plan.checks import Checker, NestedRead, judged, results
from kvmform.plan.merge import contains_unknown
from kvmform.plan.removal import block_of
from kvmform.plan.request import Request
from kvmform.struct import Struct

__all__ = ["Standing", "standing"]


_FALSE = frozenset(
    {
        "Invalid value for variable",
        "Module output value precondition failed",
        "Resource postcondition failed",
        "Resource precondition failed",
    }
)
"""Summaries of conditions that are false."""


_Found = tuple[tuple[str, str], CheckedObject]


class Standing(Struct):
    """The outcome: results, what is to be told, and the data sources that checks have read."""

    checks: tuple[CheckResult, ...]
    warnings: Diagnostics
    read: dict[InstanceAddress, Change]


def standing(request: Request, present: Iterable[InstanceAddress]) -> Standing:
    """Evaluate every condition, given which instances are there and that the evaluation knows them."""
    warnings = Diagnostics()
    objects: dict[tuple[str, str], CheckedObject] = {}
    for address in present:
        block = block_of(address, request.root)
        if block is not None and (block.lifecycle.preconditions or block.lifecycle.postconditions):
            objects |= dict(_failures(request, address, warnings))
    for module in request.root.walk():
        with suppress(DiagnosticError):  # how often it is there may depend on what isn't
            for within in request.evaluation.module_instances(module.path):
                objects |= dict(_values(request, within, warnings))
    checker = Checker(
        request.evaluation,
        request.read,
        request.data_sources.__getitem__,
        lambda _read: False,
    )
    with suppress(DiagnosticError):
        checker.run(request.root)
    warnings.add(*checker.warnings)
    read = {each.address: _change(request, each) for each in checker.read if not contains_unknown(each.found)}
    return Standing(results(request.root, judged(request.evaluation) | objects | checker.objects), warnings, read)


def _values(request: Request, within: ModuleInstance, warnings: Diagnostics) -> Iterator[_Found]:
    """Evaluate the conditions of variables and outputs of a module, and yield those that fail."""
    module = within.module
    validated = [each.name for each in module.variables.values() if each.validations]
    demanding = [("var", part, name) for part in ("var", "validation") for name in validated]
    demanding += [("output", "output", each.name) for each in module.outputs.values() if each.preconditions]
    for kind, part, name in demanding:
        try:
            request.evaluation.check(within, part, name)
        except DiagnosticError as problem:
            failed = _failed(problem, warnings)
            if failed:
                address = within.address.named(kind, name)
                yield (kind, address), CheckedObject(address, "fail", tuple(each.detail for each in failed))


def _failed(problem: DiagnosticError, warnings: Diagnostics) -> list[Diagnostic]:
    """What conditions say that are false, which is told; what can't be evaluated is a matter for a plan of changes."""
    failed = [each for each in problem.diagnostics if each.summary in _FALSE]
    warnings.add(*(each.as_warning() for each in failed))
    return failed


def _failures(request: Request, address: InstanceAddress, warnings: Diagnostics) -> Iterator[_Found]:
    """Evaluate the conditions of an instance, and yield it if they fail, or if the configuration has it no more."""
    evaluation, key = request.evaluation, ("resource", str(address))
    try:
        block, within, repetition = evaluation.locate(address)
        evaluation.decode(block, within, repetition)
        evaluation.check_postconditions(block, within, repetition)
    except LookupError:
        yield key, CheckedObject(str(address), "unknown")
    except DiagnosticError as problem:
        failed = _failed(problem, warnings)
        status = "fail" if failed else "unknown"
        yield key, CheckedObject(str(address), status, tuple(each.detail for each in failed))


def _change(request: Request, read: NestedRead) -> Change:
    """What a check has read, as it is recorded."""
    return Change(
        address=read.address,
        provider=request.provider_of(read.within, read.block),
        action=Action.NO_OP,
        before=read.found,
        after=read.found,
        sensitive=read.sensitive,
    )
