"""Evaluate `check` blocks: what fails is told, and stops nothing.

Once when a plan is made, with what is known by then, and again when it is applied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kvmform.address import InstanceAddress, ModuleAddress, ResourceAddress, without_keys
from kvmform.config.conditions import VERDICTS
from kvmform.config.evaluation import Evaluation
from kvmform.config.memo import Read
from kvmform.config.module import Check, Module, ResourceBlock
from kvmform.config.module_instance import ModuleInstance
from kvmform.config.repetition import SINGLE
from kvmform.diagnostics import Diagnostic, DiagnosticError, Diagnostics
from kvmform.plan.change import CheckedObject, CheckResult
from kvmform.plan.merge import contains_unknown, merge
from kvmform.schema import DataSource, Object, Path
from kvmform.struct import Struct

__all__ = ["Checker", "NestedRead", "check_results", "judged", "results", "unchecked"]


Objects = Mapping[tuple[str, str], CheckedObject]
"""What was checked, by kind and address."""


def judged(evaluation: Evaluation) -> dict[tuple[str, str], CheckedObject]:
    """What an evaluation has checked by the way: variables, outputs and resources."""
    return {(kind, address): CheckedObject(address, found) for (kind, address), found in evaluation.verdicts().items()}


def results(root: Module, objects: Objects) -> tuple[CheckResult, ...]:
    """The outcome for each block that demands something, given that of each object."""
    found: dict[tuple[str, str], list[CheckedObject]] = {declared: [] for declared in _declared(root)}
    for (kind, address), each in sorted(objects.items()):
        if (kind, without_keys(address)) in found:
            found[kind, without_keys(address)].append(each)
    told = []
    for (kind, address), members in found.items():
        worst = max((each.status for each in members), key=VERDICTS.index, default="pass")
        told.append(CheckResult(kind, address, worst, tuple(members)))
    return tuple(told)


def unchecked(root: Module) -> tuple[CheckResult, ...]:
    """The outcome where everything goes and nothing is evaluated; of the root's outputs as Terraform tells it."""
    found = []
    for kind, address in _declared(root):
        objects = (CheckedObject(address, "unknown"),) if address.startswith("output.") else None
        found.append(CheckResult(kind, address, "unknown", objects))
    return tuple(found)


def _declared(root: Module) -> list[tuple[str, str]]:
    """Every block that demands something, by kind and address."""
    found: list[tuple[str, str]] = []
    for module in root.walk():
        within = ModuleAddress(tuple((name, None) for name in module.path))
        found += [("var", within.named("var", v.name)) for v in module.variables.values() if v.validations]
        found += [("output", within.named("output", o.name)) for o in module.outputs.values() if o.preconditions]
        found += [("check", within.named("check", name)) for name in module.checks]
        found += [
            ("resource", str(ResourceAddress(within, block.mode, block.type, block.name)))
            for block in module.resources.values()
            if block.lifecycle.preconditions or block.lifecycle.postconditions
        ]
    return sorted(found, key=lambda each: each[1])


def check_results(checks: Iterable[CheckResult]) -> list[dict[str, Any]]:
    """Results in the form of Terraform's state file: one entry for each block, whatever its instances."""
    return [
        {
            "object_kind": check.kind,
            "config_addr": check.address,
            "status": check.status,
            "objects": [_object_form(each) for each in check.objects] if check.objects else None,
        }
        for check in checks
    ]


def _object_form(checked: CheckedObject) -> dict[str, Any]:
    form: dict[str, Any] = {"object_addr": checked.address, "status": checked.status}
    return form | ({"failure_messages": list(checked.messages)} if checked.messages else {})


class NestedRead(Struct, eq=False):
    """What the data source of a check is; parts of it are `Unknown` where it can't be read yet."""

    address: InstanceAddress
    within: ModuleInstance
    block: ResourceBlock
    found: Object
    sensitive: frozenset[Path]


class Checker:
    """Evaluates checks; `objects` has the outcome of each, `warnings` what is to be told, `read` what was read."""

    def __init__(
        self,
        evaluation: Evaluation,
        read_data: Callable[[InstanceAddress, ModuleInstance, ResourceBlock, Object], Object],
        source_of: Callable[[str], DataSource[Any]],
        is_pending: Callable[[Read], bool],
    ) -> None:
        """`is_pending` tells whether something will only be as it is to be once the plan is applied."""
        self.objects: dict[tuple[str, str], CheckedObject] = {}
        self.read: list[NestedRead] = []
        self.warnings = Diagnostics()
        self._evaluation = evaluation
        self._read_data = read_data
        self._source_of = source_of
        self._is_pending = is_pending

    def run(self, root: Module) -> None:
        """Evaluate every check of every instance of every module."""
        for module in root.walk():
            for within in self._evaluation.module_instances(module.path) if module.checks else ():
                for check in module.checks.values():
                    self._check(within, check)

    def _check(self, within: ModuleInstance, check: Check) -> None:
        address, found = within.address.named("check", check.name), list[Diagnostic]()
        try:
            if check.data is not None:
                self._read(within, check.data)
            status, found = self._evaluation.assertions(within, check)
        except DiagnosticError as problem:
            status, found = "fail", list(problem.diagnostics)
        self.warnings.add(*(d.as_warning() for d in found))
        messages = tuple(d.detail for d in found if not d.summary.endswith("known after apply"))
        self.objects["check", address] = CheckedObject(address, status, messages if status in {"fail", "error"} else ())

    def _read(self, within: ModuleInstance, block: ResourceBlock) -> None:
        """Read the data source of a check, unless it depends on what is still to be done."""
        evaluation = self._evaluation
        address = ResourceAddress(within.address, block.mode, block.type, block.name).instance()
        decoded, reads = evaluation.decode(block, within, SINGLE)
        rows = self._source_of(block.type).schema.rows
        found = merge(rows, decoded.object, None)
        if not contains_unknown(decoded.object) and not any(map(self._is_pending, reads)):
            try:
                found = self._read_data(address, within, block, decoded.object)
            except DiagnosticError as problem:
                place = (d.at(block.range).about(str(address)) for d in problem.diagnostics)
                raise DiagnosticError(*place) from problem
        sensitive = frozenset(decoded.sensitive)
        self.read.append(NestedRead(address, within, block, found, sensitive))
        evaluation.set_object(address, found, sensitive)
