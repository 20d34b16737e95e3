"""Whether the state is as it was when a plan was made; of the objects that asks `second_look`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kvmform.address import InstanceAddress
from kvmform.diagnostics import DiagnosticError
from kvmform.plan.change import Plan
from kvmform.state.model import InstanceState

if TYPE_CHECKING:
    from kvmform.workspace.workspace import Workspace

__all__ = ["STALE", "WAY_OUT", "reject_changed_state", "reject_missing_directory"]

STALE = "Saved plan is stale"
WAY_OUT = "Nothing was done. Make a new plan: it shows what there is to do now."


def reject_missing_directory(workspace: Workspace) -> None:
    """Refuse a plan whose lab is neither where it was nor here.

    Raises:
        DiagnosticError: naming the directory.
    """
    if not workspace.directory.is_dir():
        detail = (
            f"This plan was made in {workspace.directory}, which is not there, and the configuration of this directory "
            "is not the one that it was made from. Run apply in the lab's directory, or make a new plan here."
        )
        raise DiagnosticError.of("Saved plan is for another directory", detail)


def reject_changed_state(workspace: Workspace, plan: Plan) -> None:
    """Refuse a plan that was made from another state than there is.

    Raises:
        DiagnosticError: with what differs.
    """
    state, journal = workspace.state, workspace.journal_length
    fresh = not state.instances and state.serial == plan.serial == journal == plan.journal == 0
    if fresh or (plan.lineage, plan.serial, plan.journal) == (state.lineage, state.serial, journal):
        return
    raise DiagnosticError.of(STALE, f"{' '.join(_state_changes(workspace, plan))} {WAY_OUT}")


def _state_changes(workspace: Workspace, plan: Plan) -> Iterator[str]:
    state = workspace.state
    if not workspace.has_state:
        yield f"The plan was made from the state {plan.lineage}, serial {plan.serial}, and there is no state here."
        return
    if plan.lineage != state.lineage:
        yield f"The plan was made from the state {plan.lineage}, and the state here is another one, {state.lineage}."
        return
    if plan.serial != state.serial:
        yield (
            f"The state has changed since this plan was made: its serial was {plan.serial} and is now {state.serial}. "
            "So this plan was applied already, or something else was."
        )
    if plan.journal != workspace.journal_length:
        yield (
            "Since this plan was made, a run was interrupted or killed before its end; what it did is recorded, and a "
            "new plan goes on from there."
        )
    if not plan.targets and not plan.excluded:
        yield from _recorded_otherwise(plan, state.instances)


def _recorded_otherwise(plan: Plan, recorded: dict[InstanceAddress, InstanceState]) -> Iterator[str]:
    changes = [each for each in plan.changes if each.address.resource.mode == "managed" and not each.deposed]
    gone = {drift.address for drift in plan.drift if drift.after is None}
    kept = [each for each in changes if (each.before is not None and not each.importing) or each.resumes]
    before = {each.previous or each.address for each in kept} | gone
    new, lost = sorted(map(str, recorded.keys() - before)), sorted(map(str, before - recorded.keys()))
    if new:
        yield f"Recorded since then: {', '.join(new)}."
    if lost:
        yield f"Not recorded any more: {', '.join(lost)}."
