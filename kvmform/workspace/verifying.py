"""Verify: plan once more what was just applied, and tell what is not as it should be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kvmform.address import parse_target
from kvmform.config.module import Module
from kvmform.diagnostics import Diagnostic, error
from kvmform.plan.cause import cause
from kvmform.plan.change import Action, Change, Drift, Plan
from kvmform.plan.paths import path_text
from kvmform.plan.removal import block_of
from kvmform.struct import Struct
from kvmform.workspace.options import PlanOptions

if TYPE_CHECKING:
    from kvmform.workspace.workspace import Workspace

__all__ = ["Verification", "verify"]

_ADVICE = "What was applied is in the state; apply once more, and if that doesn't help, this is what to look at."
_STILL = {
    Action.CREATE: "is not there, and would be created",
    Action.READ: "would be read during apply",
    Action.UPDATE: "would be changed again",
    Action.DELETE: "is still there, and would be deleted",
    Action.REPLACE: "would be replaced again",
    Action.FORGET: "is still in the state, and would be forgotten",
    Action.NO_OP: "is not yet recorded as it should be",
}


class Verification(Struct):
    """The plan that was made afterwards, and an error for each thing that it still has to do."""

    plan: Plan
    problems: tuple[Diagnostic, ...]


def verify(workspace: Workspace, applied: Plan) -> Verification:
    """Plan again what `applied` was about, under the same lock, with everything read from the hosts anew.

    Raises:
        DiagnosticError: no plan can be made.
    """
    workspace.close_hosts()
    targets, excluded = (tuple(map(parse_target, texts)) for texts in (applied.targets, applied.excluded))
    options = PlanOptions(mode=applied.mode, targets=targets, excluded=excluded)
    plan = workspace.plan(options).plan
    return Verification(plan, tuple(_problems(plan, workspace.root)))


def _problems(plan: Plan, root: Module) -> Iterator[Diagnostic]:
    for change in plan.changes:
        if not change.is_idle:
            reason = cause(change)
            told = f"{change.key} {_STILL[change.action]}{': ' + reason if reason else ''}."
            yield _problem(told, change, root)
    for drift in plan.drift:
        if drift.is_shown:
            paths = ", ".join(path_text(edit.path) for edit in drift.edits)
            yield _problem(f"{drift.address} is not as it was recorded{': ' + paths if paths else ''}.", drift, root)
    for output in plan.outputs:
        if output.action is not Action.NO_OP:
            block = root.outputs.get(output.name)
            told = f'The output "{output.name}" would have another value. {_ADVICE}'
            yield error("Not as planned after apply", told, block.range if block else None)


def _problem(told: str, about: Change | Drift, root: Module) -> Diagnostic:
    block = block_of(about.address, root)
    place = block.range if block else None
    return error("Not as planned after apply", f"{told} {_ADVICE}", place, address=str(about.address))
