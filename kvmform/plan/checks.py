"""Evaluate `check` blocks: what fails is told, and stops nothing.

Once when a plan is made, with what is known by then, and again when it is applied.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from kvmform.address import InstanceAddress, ResourceAddress
from kvmform.config.conditions import VERDICTS
from kvmform.config.evaluation import Evaluation
from kvmform.config.memo import Read
from kvmform.config.module import Check, Module, ResourceBlock
from kvmform.config.module_instance import ModuleInstance
from kvmform.config.repetition import SINGLE
from kvmform.diagnostics import Diagnostic, DiagnosticError, Diagnostics
from kvmform.plan.change import CheckResult
from kvmform.plan.merge import contains_unknown, merge
from kvmform.schema import DataSource, Object, Path
from kvmform.struct import Struct

__all__ = ["Checker", "NestedRead", "check_results"]


def check_results(results: Iterable[CheckResult]) -> list[dict[str, Any]]:
    """Results in the form of Terraform's state file: one entry for each check, whatever the module's instances."""
    found: dict[str, dict[str, Any]] = {}
    for result in results:
        instance: dict[str, Any] = {"object_addr": result.address, "status": result.status}
        if result.messages:
            instance["failure_messages"] = list(result.messages)
        declared = re.sub(r"\[[^\]]*\]", "", result.address)
        entry = found.setdefault(
            declared, {"object_kind": "check", "config_addr": declared, "status": "pass", "objects": []}
        )
        entry["objects"].append(instance)
        entry["status"] = max(entry["status"], result.status, key=VERDICTS.index)
    return list(found.values())


class NestedRead(Struct, eq=False):
    """What the data source of a check is; parts of it are `Unknown` where it can't be read yet."""

    address: InstanceAddress
    within: ModuleInstance
    block: ResourceBlock
    found: Object
    sensitive: frozenset[Path]


class Checker:
    """Evaluates checks; `results` has the outcome of each, `warnings` what is to be told, `read` what was read."""

    def __init__(
        self,
        evaluation: Evaluation,
        read_data: Callable[[ModuleInstance, ResourceBlock, Object], Object],
        source_of: Callable[[str], DataSource[Any]],
        is_pending: Callable[[Read], bool],
    ) -> None:
        """`is_pending` tells whether something will only be as it is to be once the plan is applied."""
        self.results: list[CheckResult] = []
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
        prefix = "" if within.address.is_root else f"{within.address}."
        address, found = f"{prefix}check.{check.name}", list[Diagnostic]()
        try:
            if check.data is not None:
                self._read(within, check.data)
            status, found = self._evaluation.assertions(within, check)
        except DiagnosticError as problem:
            status, found = "fail", list(problem.diagnostics)
        self.warnings.add(*(d.as_warning() for d in found))
        messages = tuple(d.detail for d in found if not d.summary.endswith("known after apply"))
        self.results.append(CheckResult(address, status, messages if status in {"fail", "error"} else ()))

    def _read(self, within: ModuleInstance, block: ResourceBlock) -> None:
        """Read the data source of a check, unless it depends on what is still to be done."""
        evaluation = self._evaluation
        address = ResourceAddress(within.address, block.mode, block.type, block.name).instance()
        decoded, reads = evaluation.decode(block, within, SINGLE)
        rows = self._source_of(block.type).schema.rows
        found = merge(rows, decoded.object, None)
        if not contains_unknown(decoded.object) and not any(map(self._is_pending, reads)):
            try:
                found = self._read_data(within, block, decoded.object)
            except DiagnosticError as problem:
                place = (d.at(block.range).about(str(address)) for d in problem.diagnostics)
                raise DiagnosticError(*place) from problem
        sensitive = frozenset(decoded.sensitive)
        self.read.append(NestedRead(address, within, block, found, sensitive))
        evaluation.set_object(address, found, sensitive)
