"""Plan: what is recorded and what is real, compared with the configuration."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from kvmform.address import InstanceAddress
from kvmform.config.evaluation import Evaluation
from kvmform.diagnostics import Diagnostics
from kvmform.plan.moves import Relocation, relocate
from kvmform.plan.part import Part
from kvmform.plan.planner import make_plan
from kvmform.plan.request import Planning, Request
from kvmform.schema import DataSource, Object
from kvmform.state.model import InstanceState, State
from kvmform.state.records import moved_instances
from kvmform.struct import replace
from kvmform.values.plain import to_plain
from kvmform.workspace.data import read_data
from kvmform.workspace.importing import read_import, read_original
from kvmform.workspace.options import PlanOptions
from kvmform.workspace.other_records import never_done, reject_records_of_0_9
from kvmform.workspace.preflight import preflight
from kvmform.workspace.refresh import OnRefresh, as_declared, refresh

if TYPE_CHECKING:
    from kvmform.workspace.generated import Generated
    from kvmform.workspace.providers import Providers
    from kvmform.workspace.workspace import Workspace

__all__ = ["plan"]


def plan(workspace: Workspace, options: PlanOptions, tell: OnRefresh) -> Planning:
    """Make a plan, and check it against the hosts. The lock is held from here on.

    What goes beyond its gates is in it all the same, to be shown; apply refuses it.

    Raises:
        DiagnosticError: with every problem; nothing was changed.
    """
    timestamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    evaluation = workspace.evaluation(timestamp, planning=True)
    evaluation.variables()  # What is wrong with them is told before the lock is waited for.
    workspace.lock(options.operation)
    providers, types = workspace.providers(evaluation), workspace.catalogue.types
    recorded = _recorded(workspace.state, "managed")
    reject_records_of_0_9(recorded, types)
    relocation = relocate(workspace.root, recorded, types)
    request = _request(workspace, options, relocation, evaluation, timestamp, tell)
    planning = _with_generated(make_plan(request), workspace.generated)
    workspace.warnings.extend((*planning.warnings, *relocation.warnings()))
    problems = Diagnostics(preflight(planning, types, providers.host, workspace.directory))
    problems.raise_errors()
    workspace.warnings.extend(problems)
    workspace.warnings.extend(never_done(planning.plan.changes, relocation.instances, types))
    return replace(planning, plan=replace(planning.plan, gates=tuple(options.gates)))


def _recorded(state: State, mode: str) -> dict[InstanceAddress, InstanceState]:
    """The managed resources in state, or the data sources."""
    return {address: each for address, each in state.instances.items() if address.resource.mode == mode}


def _request(
    workspace: Workspace,
    options: PlanOptions,
    relocation: Relocation,
    evaluation: Evaluation,
    timestamp: str,
    tell: OnRefresh,
) -> Request:
    """What the plan is made from, with what the hosts have by now of what is recorded."""
    providers, types, state = workspace.providers(evaluation), workspace.catalogue.types, workspace.state
    prior = as_declared(relocation.instances, types)
    declared = workspace.root.variables
    variables = {n: to_plain(value)[0] for n, value in evaluation.variables().items() if not declared[n].ephemeral}
    return Request(
        root=workspace.root,
        evaluation=evaluation,
        types=types,
        data_sources=workspace.catalogue.data_sources,
        prior=prior,
        recorded=relocation.instances,
        deposed=tuple(moved_instances(state.deposed.values(), relocation.pairs)),
        origins=relocation.origins,
        prior_data=_recorded(state, "data"),
        prior_outputs=state.outputs,
        observed=refresh(prior, types, providers.host, workspace.directory, tell) if options.refresh else {},
        refreshed=options.refresh,
        mode=options.mode,
        part=Part(options.targets, options.excluded),
        replace=options.replace,
        lineage=state.lineage,
        serial=state.serial,
        journal=workspace.journal_length,
        timestamp=timestamp,
        variables=variables,
        ephemeral=tuple(sorted(name for name in workspace.inputs if declared[name].ephemeral)),
        provider_of=providers.name_of,
        uri_of=providers.uri,
        settings_of=providers.settings,
        read_data=partial(_read_data, workspace, providers, tell),
        read_import=partial(read_import, providers),
        read_original=partial(read_original, providers),
    )


def _read_data(
    workspace: Workspace,
    providers: Providers,
    tell: OnRefresh,
    address: InstanceAddress,
    provider: str,
    source: DataSource[Any],
    config: Object,
) -> Object:
    """Read a data source, and tell of it."""
    tell(address, None, False)
    found = read_data(workspace, providers, provider, source, config)
    tell(address, None, True)
    return found


def _with_generated(planning: Planning, generated: Generated | None) -> Planning:
    """The plan, with the blocks that were generated for what it imports."""
    if generated is None:
        return planning
    changes = (replace(each, generated=generated.blocks.get(each.address, "")) for each in planning.plan.changes)
    return replace(planning, plan=replace(planning.plan, changes=tuple(changes)))
