"""Make a plan: walk the declarations in dependency order and compare each instance.

Pure: what is real comes in as data (`Request.observed`); nothing here talks to a host, but
through `Request.read` for data sources, `imported` and `read_original`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kvmform.address import InstanceAddress, InstanceKey, ResourceAddress
from kvmform.config.dependencies import Declaration, dependency_graph
from kvmform.config.imports import is_declared, undeclared
from kvmform.config.module import Module
from kvmform.config.repetition import RepetitionKind
from kvmform.diagnostics import Diagnostic, DiagnosticError, Diagnostics, error, warning
from kvmform.graph.dag import Graph
from kvmform.plan.change import Action, Change, CheckResult, Drift, Mode, OutputChange, Plan, Recorded
from kvmform.plan.checks import judged, results, unchecked
from kvmform.plan.compare import drift_of
from kvmform.plan.configuration import ConfigurationPlanner
from kvmform.plan.data_sources import left_as_read, obsolete, read_again
from kvmform.plan.guard import check_prevent_destroy
from kvmform.plan.merge import contains_unknown
from kvmform.plan.move_statements import reject_remaining
from kvmform.plan.naming import recorded_users
from kvmform.plan.order import Dependencies, order_steps
from kvmform.plan.outputs import known_outputs, output_changes, output_values
from kvmform.plan.removal import (
    RemovalReasons,
    block_of,
    forgetting,
    forgotten_warning,
    is_forgotten,
    removal,
    removed_blocks,
)
from kvmform.plan.request import Planning, Request
from kvmform.plan.standing import standing
from kvmform.state.model import InstanceState, Status
from kvmform.struct import replace

__all__ = ["make_plan"]

_KINDS = {type(None): RepetitionKind.SINGLE, int: RepetitionKind.COUNT, str: RepetitionKind.EACH}
"""How a resource repeats that has keys of this class in state."""


def make_plan(request: Request) -> Planning:
    """Compare what is wanted with what is.

    Raises:
        DiagnosticError: with every problem of the configuration.
    """
    graph = dependency_graph(request.root)
    request.part.check(graph, [*request.prior, *request.origins.values()], request.origins)
    planning = _plan_in_mode(request, graph)
    return replace(planning, warnings=(*planning.warnings, *request.part.warnings()))


def _plan_in_mode(request: Request, graph: Graph[Declaration]) -> Planning:
    match request.mode:
        case Mode.NORMAL:
            return _plan_configuration(request, graph)
        case Mode.DESTROY:
            return _plan_destruction(request)
        case Mode.REFRESH_ONLY:
            return _plan_refresh(request, graph)


def _plan_configuration(request: Request, graph: Graph[Declaration]) -> Planning:
    """What is declared is made so, and what isn't any more is deleted."""
    planner = ConfigurationPlanner(request)
    planner.walk(graph)
    dependencies = planner.dependencies()
    orphans = request.part.undeclared(dependencies.recorded, planner.seen, graph)
    changes = planner.changes | _removals(request, orphans, planner.problems)
    outputs = _outputs(request, graph, planner.problems)
    if not request.part.is_whole and all(change.is_idle for change in changes.values()):
        # What is not known comes from what the plan leaves out, which won't make it known.
        outputs = tuple(each for each in outputs if not contains_unknown(each.after))
    planner.problems.raise_errors()
    if request.part.is_whole:
        reject_remaining(request.root, request.evaluation, planner.seen)
        _reject_imports_to_nothing(request.root, planner)
    checks: tuple[CheckResult, ...] = ()
    if request.part.is_whole:
        checker = planner.check()
        planner.warnings.add(*checker.warnings)
        checks = results(request.root, judged(request.evaluation) | checker.objects)
        changes |= planner.changes
    plan = replace(_plan(request, changes, dependencies, outputs), checks=checks)
    warnings = (*planner.warnings, *_idle_replacements(request, planner.seen), *forgotten_warning(changes.values()))
    return Planning(plan, planner.details, warnings, request.evaluation)


def _outputs(request: Request, graph: Graph[Declaration], problems: Diagnostics) -> tuple[OutputChange, ...]:
    """What becomes of the outputs; what is wrong with them is told along with the problems of resources."""
    names, before = request.part.outputs(graph), request.prior_outputs
    if names is not None:
        before = {name: output for name, output in before.items() if name in names}
    try:
        return output_changes(before, output_values(request.evaluation.outputs(names)))
    except DiagnosticError as problem:
        problems.caught(problem)
        return ()


def _reject_imports_to_nothing(root: Module, planner: ConfigurationPlanner) -> None:
    problems = Diagnostics(undeclared(each) for each in root.imports if not is_declared(root, each.resource))
    for address, wanted in planner.wanted.items():
        if address not in planner.seen:
            problems.add(_no_such_instance(address, planner.seen).at(wanted.range))
    problems.raise_errors()


_BY = {int: "count", str: "for_each"}
"""What makes instances with keys of this class."""


def _no_such_instance(address: InstanceAddress, seen: set[InstanceAddress]) -> Diagnostic:
    """That an import is to an instance which neither `count` nor `for_each` makes, in Terraform's words."""
    made = {type(other.key) for other in seen if other.resource == address.resource}
    key = type(address.key)
    if made and key not in made:
        (own,) = made
        told = f"does not use {_BY[key]}" if key in _BY else f"is using {_BY[own]}"
        return error("Invalid import 'to' expression", f"The target resource {told}.")
    detail = (
        f"The configuration for the given import {address} does not exist. All target instances must have an "
        "associated configuration to be imported."
    )
    return error("Configuration for import target does not exist", detail)


_NAMED = 5
"""How many instances a warning names."""


def _idle_replacements(request: Request, declared: set[InstanceAddress]) -> Iterator[Diagnostic]:
    why = "that is declared, so it has no effect. Is the key of it right?"
    if not request.part.is_whole:
        why = "that this plan is about, so it has no effect: it is not declared, or -target or -exclude leaves it out."
    for address in sorted(request.replace - declared, key=lambda a: a.sort_key()):
        detail = f"-replace={address} names nothing {why}"
        if made := sorted((each for each in declared if each.resource == address.resource), key=lambda a: a.sort_key()):
            more = f" and {len(made) - _NAMED} more" if len(made) > _NAMED else ""
            detail += f" There are {', '.join(map(str, made[:_NAMED]))}{more}."
        yield warning("Nothing to replace", detail)


def _plan_destruction(request: Request) -> Planning:
    """Everything in state is deleted; the configuration isn't evaluated, only `prevent_destroy` counts."""
    recorded = _recorded(request)
    problems = Diagnostics()
    changes = _removals(request, request.part.doomed(recorded.recorded), problems)
    problems.raise_errors()
    outputs = () if not request.part.is_whole else output_changes(request.prior_outputs, {})
    checks = unchecked(request.root) if request.part.is_whole else ()
    plan = replace(_plan(request, changes, recorded, outputs), checks=checks)
    return Planning(plan, {}, tuple(forgotten_warning(changes.values())))


def _removals(
    request: Request, addresses: Iterable[InstanceAddress], problems: Diagnostics
) -> dict[InstanceAddress, Change]:
    """The end of instances in state; those that are gone already need none."""
    found: dict[InstanceAddress, Change] = {}
    removed = removed_blocks(request.root) if request.mode is Mode.NORMAL else {}
    reasons = RemovalReasons(request.root, request.evaluation)
    for address in addresses:
        prior, observed = request.existing(address)
        if prior is None or observed is None:
            continue
        kind = request.types.get(address.type)
        origin = request.origins.get(address)
        reason = "" if request.mode is Mode.DESTROY else reasons.of(address, is_moved=origin is not None)
        is_kept = kind is not None and kind.is_kept(observed.object) and prior.status is not Status.CREATING
        if is_kept or is_forgotten(address, removed):
            found[address] = forgetting(prior, observed.object, reason, origin)
            continue
        try:
            change = removal(prior, observed.object, kind.cost_of_deleting(observed.object) if kind else None, reason)
            check_prevent_destroy(change, block_of(address, request.root))
        except DiagnosticError as problem:
            problems.caught(problem)
        else:
            found[address] = replace(change, previous=origin)
    return found


def _plan_refresh(request: Request, graph: Graph[Declaration]) -> Planning:
    """Nothing but to record what is real, outputs included."""
    changes: dict[InstanceAddress, Change] = {}
    for address in sorted(request.prior, key=lambda a: a.sort_key()):
        prior, observed = request.existing(address)
        if prior is None or observed is None or not request.part.has(address):
            continue
        changes[address] = Change(
            address=address,
            provider=prior.provider,
            action=Action.NO_OP,
            before=observed.object,
            after=observed.object,
            generation=prior.generation,
            seed=prior.seed,
            previous=request.origins.get(address),
            sensitive=prior.sensitive,
            dependencies=tuple(prior.dependencies),
        )
    _tell_what_is_real(request, changes)
    changes |= read_again(request, graph)
    checks: tuple[CheckResult, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    if request.part.is_whole:
        found = standing(request, changes)
        checks, warnings = found.checks, tuple(found.warnings)
        changes |= found.read
    plan = _plan(request, changes, _recorded(request), _refreshed_outputs(request))
    return Planning(replace(plan, checks=checks), {}, warnings)


def _tell_what_is_real(request: Request, changes: Mapping[InstanceAddress, Change]) -> None:
    """Let expressions have the objects as they are."""
    keys: dict[ResourceAddress, list[InstanceKey]] = {}
    for address, change in changes.items():
        if address.type in request.types and change.after is not None:
            keys.setdefault(address.resource, []).append(address.key)
            request.evaluation.set_object(address, change.after, change.sensitive)
    for resource, found in keys.items():
        request.evaluation.set_instances(resource, _KINDS[type(found[0])], found)


def _refreshed_outputs(request: Request) -> tuple[OutputChange, ...]:
    """Outputs made from what is real; one that needs more than there is stays as it is."""
    if not request.part.is_whole:
        return ()
    try:
        outputs = output_values(request.evaluation.outputs())
    except DiagnosticError:
        # The configuration asks for what isn't there; that is a matter for a plan of changes.
        return output_changes(request.prior_outputs, request.prior_outputs)
    return output_changes(request.prior_outputs, known_outputs(request.prior_outputs, outputs))


def _recorded(request: Request) -> Dependencies:
    return Dependencies({}, recorded_users(request))


def _plan(
    request: Request,
    changes: Mapping[InstanceAddress, Change],
    dependencies: Dependencies,
    outputs: tuple[OutputChange, ...],
) -> Plan:
    everything = [
        *(replace(change, recorded=_recording(request.prior.get(change.address))) for change in changes.values()),
        *(left_as_read(request) if request.mode is Mode.DESTROY else ()),
        *(_deposed(request) if request.mode is not Mode.REFRESH_ONLY else ()),
    ]
    ordered = tuple(sorted(everything, key=lambda change: (change.address.sort_key(), change.deposed)))
    return Plan(
        mode=request.mode,
        lineage=request.lineage,
        serial=request.serial,
        journal=request.journal,
        timestamp=request.timestamp,
        variables=request.variables,
        ephemeral=request.ephemeral,
        changes=ordered,
        steps=order_steps(ordered, dependencies, request.claims_of, request.line_of, request.needs_of),
        drift=tuple(replace(each, provider=request.prior[each.address].provider) for each in _drift(request)),
        outputs=outputs,
        targets=tuple(str(target) for target in request.part.targets),
        excluded=tuple(str(target) for target in request.part.excluded),
        beside=tuple(_beside(request, changes)),
        outputs_beside=_outputs_beside(request, outputs),
        obsolete=obsolete(request, changes),
        moves=tuple((before, after) for after, before in request.origins.items()),
        refreshed=request.refreshed,
        managed=len(request.recorded) + len(request.deposed),
    )


def _beside(request: Request, changes: Mapping[InstanceAddress, Change]) -> Iterator[Change]:
    """What a plan of a part leaves as it is."""
    if request.part.is_whole:
        return
    for address, prior in (*request.prior.items(), *request.prior_data.items()):
        _, observed = request.existing(address)
        present = prior.attributes if address.resource.mode == "data" or observed is None else observed.object
        if address not in changes:
            yield Change(
                address=address,
                provider=prior.provider,
                action=Action.NO_OP,
                before=present,
                after=None,
                sensitive=prior.sensitive,
                recorded=_recording(prior),
            )


def _outputs_beside(request: Request, planned: Iterable[OutputChange]) -> tuple[OutputChange, ...]:
    if request.part.is_whole:
        return ()
    names = {output.name for output in planned}
    before = {name: output for name, output in request.prior_outputs.items() if name not in names}
    return output_changes(before, before)


def _deposed(request: Request) -> Iterator[Change]:
    """The end of objects that others have taken the place of."""
    for each in request.deposed:
        if request.part.has(each.address):
            kind = request.types.get(each.address.type)
            change = removal(each, each.attributes, kind.cost_of_deleting(each.attributes) if kind else None, "")
            yield replace(change, deposed=each.deposed, recorded=_recording(each))


def _recording(prior: InstanceState | None) -> Recorded | None:
    """What state says of an instance beside its attributes."""
    if prior is None:
        return None
    return Recorded(tuple(prior.dependencies), prior.sensitive, prior.status is not Status.OK)


def _drift(request: Request) -> Iterator[Drift]:
    for address in sorted(request.observed, key=lambda a: a.sort_key()):
        prior, observed = request.prior[address], request.observed[address]
        drift = drift_of(prior, request.types[address.type].schema, observed)
        if drift is not None:
            ended = drift.after is None and request.types[address.type].expires
            yield replace(drift, is_shown=False) if ended else drift
        elif observed is not None and request.recorded[address].attributes is not prior.attributes:
            # Nothing has changed but how it is recorded.
            yield Drift(address, prior.attributes, observed.object, is_shown=False, sensitive=prior.sensitive)
