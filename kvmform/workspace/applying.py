"""Apply: the steps of a plan, with what the plan saw recorded before them and the outputs after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kvmform.apply.data_records import record_planned_data
from kvmform.apply.events import Emit
from kvmform.apply.executor import Execution, execute
from kvmform.apply.outputs import record_outputs
from kvmform.apply.report import Report
from kvmform.plan.change import Plan
from kvmform.plan.gates import reject_refused
from kvmform.schema import ResourceType
from kvmform.state.checkpoints import checkpointed
from kvmform.state.store import StateStore
from kvmform.struct import replace
from kvmform.workspace.options import ApplyOptions
from kvmform.workspace.recheck import check_again
from kvmform.workspace.second_look import SecondLook
from kvmform.workspace.staleness import reject_changed_state, reject_missing_directory

if TYPE_CHECKING:
    from kvmform.workspace.workspace import Workspace

__all__ = ["apply"]


def apply(workspace: Workspace, plan: Plan, emit: Emit, options: ApplyOptions) -> Report:
    """Carry out a plan.

    Raises:
        DiagnosticError: it goes beyond its gates, or was made from another state than there is now, or from other
            objects.
    """
    reject_refused(plan, workspace.root)
    reject_missing_directory(workspace)
    workspace.lock("OperationTypeApply")
    reject_changed_state(workspace, plan)
    evaluation = workspace.evaluation(plan.timestamp, planning=False)
    providers = workspace.providers(evaluation)
    if options.look_again:
        SecondLook(workspace, plan, workspace.evaluation(plan.timestamp, planning=True), providers).reject_changes()
    store = workspace.store
    store.begin()
    store.move(dict(plan.moves))
    _record_drift(plan, store, workspace.catalogue.types)
    record_planned_data(plan, store, workspace.catalogue.data_sources)
    execution = Execution(
        plan=plan,
        store=store,
        types=workspace.catalogue.types,
        data_sources=workspace.catalogue.data_sources,
        evaluation=evaluation,
        host_of=providers.host,
        settings_of=providers.settings,
        base_directory=workspace.directory,
        parallelism=options.parallelism,
        emit=emit,
        stop=options.stop,
        abort=options.abort,
    )
    try:
        with checkpointed(store):
            report = execute(execution)
        if not report.diagnostics:
            store.drop(plan.obsolete)
        record_outputs(plan, evaluation, store, complete=not report.diagnostics)
        if not report.diagnostics:
            report = check_again(workspace, plan, evaluation, report)
    finally:
        store.finish()
    return report


def _record_drift(plan: Plan, store: StateStore, types: Mapping[str, ResourceType[Any]]) -> None:
    """Note in state what is real, as far as the plan saw it, in the words of the present schemas."""
    changed = []
    providers = {change.address: change.provider for change in plan.changes}
    for drift in plan.drift:
        known = store.state.get(drift.address)
        if drift.after is None:
            store.removed(drift.address)
        elif known is not None:
            version = types[drift.address.type].schema.version
            provider = providers.get(drift.address, known.provider)
            changed.append(replace(known, attributes=drift.after, schema_version=version, provider=provider))
    store.done(*changed)
