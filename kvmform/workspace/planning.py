"""Plan: what is recorded and what is real, compared with the configuration."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kvmform.address import InstanceAddress
from kvmform.diagnostics import Diagnostics
from kvmform.plan.moves import relocate
from kvmform.plan.part import Part
from kvmform.plan.planner import make_plan
from kvmform.plan.request import Planning, Request
from kvmform.schema import Object
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
    from kvmform.workspace.workspace import Workspace

__all__ = ["plan"]


def _telling(tell: OnRefresh, address: InstanceAddress, read: Callable[[], Object]) -> Object:
    """Read a data source, and tell of it."""
    tell(address, None, False)
    found = read()
    tell(address, None, True)
    return found


def plan(workspace: Workspace, options: PlanOptions, tell: OnRefresh) -> Planning:
    """Make a plan, and check it against the hosts. The lock is held from here on.

    What goes beyond its gates is in it all the same, to be shown; apply refuses it.

    Raises:
        DiagnosticError: with every problem; nothing was changed.
    """
    timestamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    evaluation = workspace.evaluation(timestamp, planning=True)
    declared = workspace.root.variables
    variables = {n: to_plain(value)[0] for n, value in evaluation.variables().items() if not declared[n].ephemeral}
    workspace.lock(options.operation)
    providers = workspace.providers(evaluation)
    state = workspace.state
    recorded = {address: i for address, i in state.instances.items() if address.resource.mode == "managed"}
    read_before = {address: i for address, i in state.instances.items() if address.resource.mode == "data"}
    reject_records_of_0_9(recorded, workspace.catalogue.types)
    relocation = relocate(workspace.root, recorded, workspace.catalogue.types)
    prior = as_declared(relocation.instances, workspace.catalogue.types)
    types = workspace.catalogue.types
    observed = refresh(prior, types, providers.host, workspace.directory, tell) if options.refresh else {}
    request = Request(
        root=workspace.root,
        evaluation=evaluation,
        types=workspace.catalogue.types,
        data_sources=workspace.catalogue.data_sources,
        prior=prior,
        recorded=relocation.instances,
        deposed=tuple(moved_instances(state.deposed.values(), relocation.pairs)),
        origins=relocation.origins,
        prior_data=read_before,
        prior_outputs=state.outputs,
        observed=observed,
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
        read_data=lambda address, provider, source, config: _telling(
            tell, address, lambda: read_data(workspace, providers, provider, source, config)
        ),
        read_import=lambda provider, kind, name, config: read_import(providers, provider, kind, name, config),
        read_original=lambda provider, kind, name: read_original(providers, provider, kind, name),
    )
    planning = _with_generated(make_plan(request), workspace.generated)
    workspace.warnings.extend((*planning.warnings, *relocation.warnings()))
    problems = Diagnostics(preflight(planning, workspace.catalogue.types, providers.host, workspace.directory))
    problems.raise_errors()
    workspace.warnings.extend(problems)
    workspace.warnings.extend(never_done(planning.plan.changes, relocation.instances, workspace.catalogue.types))
    return replace(planning, plan=replace(planning.plan, gates=tuple(options.gates)))


def _with_generated(planning: Planning, generated: Generated | None) -> Planning:
    """The plan, with the blocks that were generated for what it imports."""
    if generated is None:
        return planning
    changes = (replace(each, generated=generated.blocks.get(each.address, "")) for each in planning.plan.changes)
    return replace(planning, plan=replace(planning.plan, changes=tuple(changes)))
