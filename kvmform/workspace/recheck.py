"""After an apply: what checks say now that all is real, and what no step has checked that was not known before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kvmform.address import InstanceAddress, parse_instance, without_keys
from kvmform.apply.data_records import data_record
from kvmform.apply.executor import Report
from kvmform.config.evaluation import Evaluation
from kvmform.config.module import ResourceBlock
from kvmform.config.module_instance import ModuleInstance
from kvmform.diagnostics import DiagnosticError, Diagnostics
from kvmform.plan.change import CheckedObject, Mode, Plan
from kvmform.plan.checks import Checker, check_results, judged, results
from kvmform.schema import Object
from kvmform.struct import replace
from kvmform.workspace.data import read_data

if TYPE_CHECKING:
    from kvmform.workspace.workspace import Workspace

__all__ = ["check_again"]


def check_again(workspace: Workspace, plan: Plan, evaluation: Evaluation, report: Report) -> Report:
    """Evaluate what a plan left open, and the check blocks; record how everything turned out.

    A part of a lab leaves what is recorded.
    """
    if plan.is_partial:
        return report
    checks = plan.checks
    if plan.mode is Mode.NORMAL and checks:
        problems = Diagnostics()
        failed = dict(_left_open(plan, evaluation, problems))
        checker = _checked(workspace, evaluation)
        before = {(each.kind, o.address): o for each in checks for o in each.objects or ()}
        checks = results(workspace.root, before | judged(evaluation) | failed | checker.objects)
        warnings = (*report.warnings, *checker.warnings)
        report = replace(report, warnings=warnings, diagnostics=(*report.diagnostics, *problems))
    found, recorded = check_results(checks) or None, workspace.state.check_results
    if _ordered(found) != _ordered(recorded):
        workspace.store.set_check_results(found)
    return report


def _checked(workspace: Workspace, evaluation: Evaluation) -> Checker:
    """The check blocks, evaluated; what they read is recorded."""
    providers, sources = workspace.providers(evaluation), workspace.catalogue.data_sources

    def read(_address: InstanceAddress, within: ModuleInstance, block: ResourceBlock, config: Object) -> Object:
        return read_data(workspace, providers, providers.name_of(within, block), sources[block.type], config)

    checker = Checker(evaluation, read, sources.__getitem__, lambda _read: False)
    checker.run(workspace.root)
    for each in checker.read:
        provider = providers.name_of(each.within, each.block)
        workspace.store.seen(data_record(sources, each.address, provider, each.found, each.sensitive))
    return checker


def _left_open(
    plan: Plan, evaluation: Evaluation, problems: Diagnostics
) -> Iterator[tuple[tuple[str, str], CheckedObject]]:
    """Evaluate conditions that were not known when the plan was made and that no step has come by; yield what fails."""
    known = evaluation.verdicts()
    for result in plan.checks:
        for each in result.objects or ():
            key = (result.kind, each.address)
            if each.status != "unknown" or known.get(key, "unknown") != "unknown" or result.kind == "check":
                continue
            try:
                _check(evaluation, *key)
            except DiagnosticError as problem:
                problems.caught(problem)
                yield key, replace(each, status="fail", messages=tuple(d.detail for d in problem.diagnostics))


def _check(evaluation: Evaluation, kind: str, address: str) -> None:
    """Evaluate the conditions of one object.

    Raises:
        DiagnosticError: with each that fails.
    """
    if kind == "resource":
        block, within, repetition = evaluation.locate(parse_instance(address))
        evaluation.decode(block, within, repetition)
        evaluation.check_postconditions(block, within, repetition)
        return
    module, _, name = address.rpartition(f"{kind}.")
    for within in evaluation.module_instances(_names(module)):
        if str(within.address) == module.rstrip("."):
            evaluation.check(within, kind, name)
            if kind == "var":
                evaluation.check(within, "validation", name)


def _names(module: str) -> tuple[str, ...]:
    return tuple(without_keys(module).split(".")[1::2])


def _ordered(found: object) -> object:
    """Results without their order, which Terraform changes from one writing to the next."""
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        return found
    forms = [{**each, "objects": sorted(each.get("objects") or (), key=_object_address)} for each in found]
    return sorted(forms, key=lambda each: str(each.get("config_addr")))


def _object_address(form: dict[str, object]) -> str:
    return str(form.get("object_addr"))
