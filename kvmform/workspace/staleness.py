"""Whether a plan still is the truth: whether the state and the objects are as they were when it was made.

A plan that was saved, or that somebody took time to approve, is only carried out if they
are. Otherwise it is refused before anything is done, with what has changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kvmform.address import InstanceAddress
from kvmform.apply.introduce import introduce
from kvmform.diagnostics import DiagnosticError, Severity, error
from kvmform.plan.change import Action, Change, Mode, Plan
from kvmform.plan.compare import Comparison
from kvmform.plan.merge import ignore_paths
from kvmform.plan.request import Detail, Planning
from kvmform.plan.staleness import changes_since, seen_by
from kvmform.schema import Observed
from kvmform.state.model import InstanceState
from kvmform.workspace.preflight import preflight
from kvmform.workspace.refresh import refresh

if TYPE_CHECKING:
    from kvmform.config.evaluation import Evaluation
    from kvmform.workspace.providers import Providers
    from kvmform.workspace.workspace import Workspace

__all__ = ["reject_changed_objects", "reject_changed_state", "reject_missing_directory"]

_SUMMARY = "Saved plan is stale"
_WAY_OUT = "Nothing was done. Make a new plan: it shows what there is to do now."
_MADE = {Action.CREATE, Action.UPDATE, Action.REPLACE}

Found = dict[InstanceAddress, Observed | None]


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
    raise DiagnosticError.of(_SUMMARY, f"{' '.join(_state_changes(workspace, plan))} {_WAY_OUT}")


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


def reject_changed_objects(workspace: Workspace, plan: Plan, evaluation: Evaluation, providers: Providers) -> None:
    """Look at the hosts again, and refuse a plan that isn't the truth any more.

    Raises:
        DiagnosticError: an object that the plan rests on has changed, what it means to make can't be made any more,
            or a host can't be reached.
    """
    providers.look_again()
    observed: Found = {}
    if plan.refreshed:
        observed = _reject_differences(workspace, plan, providers)
    details = _details(plan, evaluation, workspace, observed) if plan.mode is Mode.NORMAL else {}
    if not details:
        return
    found = preflight(Planning(plan, details), workspace.catalogue.types, providers.host, workspace.directory)
    errors = [each for each in found if each.severity is Severity.ERROR]
    if errors:
        detail = f"What the plan says could be done when it was made, and can't be now; see below. {_WAY_OUT}"
        raise DiagnosticError(error(_SUMMARY, detail), *errors)


def _reject_differences(workspace: Workspace, plan: Plan, providers: Providers) -> Found:
    """What is found of the objects that the plan rests on, all of it as the plan has it."""
    types = workspace.catalogue.types
    seen = [each for each in seen_by(plan) if each.address.type in types]
    recorded = {
        each.address: InstanceState(address=each.address, provider=each.provider, attributes=each.object)
        for each in seen
    }
    # What an interrupted creation left is looked at for the checks alone.
    recorded |= {c.address: i for c in plan.changes if c.resumes and (i := workspace.state.get(c.address))}
    observed = refresh(recorded, types, providers.host, workspace.directory)
    told = [
        f"  - {each.address}: {sentence}"
        for each in seen
        for sentence in changes_since(each, types[each.address.type], observed[each.address])
    ]
    if told:
        detail = "Since this plan was made, what it rests on has changed:\n{}\n\n{}"
        raise DiagnosticError.of(_SUMMARY, detail.format("\n".join(told), _WAY_OUT))
    return observed


def _details(
    plan: Plan, evaluation: Evaluation, workspace: Workspace, observed: Found
) -> dict[InstanceAddress, Detail]:
    """What stands behind the changes of a plan that was made in another run."""
    changes = [each for each in plan.changes if each.action in _MADE and each.address.resource.mode == "managed"]
    if changes:
        introduce(plan, workspace.state, workspace.catalogue.types, evaluation)
    return {each.address: _detail(plan, each, evaluation, workspace, observed.get(each.address)) for each in changes}


def _detail(
    plan: Plan, change: Change, evaluation: Evaluation, workspace: Workspace, observed: Observed | None
) -> Detail:
    block, within, repetition = evaluation.locate(change.address)
    decoded, _ = evaluation.decode(block, within, repetition)
    config = decoded.object
    if change.before is not None and block.lifecycle.ignored != ():
        schema = workspace.catalogue.types[change.address.type].schema
        config = ignore_paths(schema, config, change.before, block.lifecycle.ignored)
    assert change.after is not None
    comparison = Comparison(
        action=change.action,
        before=change.before,
        after=change.after,
        generation=change.generation,
        identity=change.identity(plan.lineage),
        config=config,
    )
    if observed is None and change.before is not None:
        observed = Observed(change.before)
    return Detail(block, decoded, comparison, observed)
