"""Checks of a plan against the host, before anything is touched."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from kvmform.address import InstanceAddress
from kvmform.diagnostics import Diagnostic, DiagnosticError
from kvmform.plan.change import Action, Change, Plan
from kvmform.plan.paths import value_at
from kvmform.plan.request import Detail, Planning
from kvmform.schema import Check, CheckAll, Edit, Object, Plain, Problem, ResourceType
from kvmform.struct import replace

__all__ = ["preflight"]

_LEAVING = {Action.DELETE, Action.REPLACE}
_CHECKED = {Action.CREATE, Action.UPDATE, Action.REPLACE}


def preflight(
    planning: Planning,
    types: Mapping[str, ResourceType[Any]],
    host_of: Callable[[str], Any],
    base_directory: Path,
) -> list[Diagnostic]:
    """Ask each type whether its planned objects can be made as planned, each and all; returns every problem."""
    found: list[Diagnostic] = []
    others: dict[tuple[str, str], list[Object]] = {}
    leaving: dict[tuple[str, str], set[Plain]] = {}
    managed = [change for change in planning.plan.changes if change.address.resource.mode == "managed"]
    for change in managed:
        place = (change.provider, change.address.type)
        if change.after is not None:
            others.setdefault(place, []).append(change.after)
        if change.action in _LEAVING and change.before is not None and not change.new_first:
            leaving.setdefault(place, set()).add(change.before.get("id"))
    for change in managed:
        if change.action in _CHECKED and change.address in planning.details:
            kind, detail = types[change.address.type], planning.details[change.address]
            host = host_of(change.provider) if kind.needs_host else base_directory
            try:
                problems = kind.check(_check(change, detail, host, base_directory, others, leaving))
                placed = _place(problems, change.address, detail)
                found.extend(_without_secrets(each, change) for each in placed)
            except DiagnosticError as problem:
                found.extend(d.at(detail.block.range).about(str(change.address)) for d in problem.diagnostics)
    found += _of_all(planning.plan, types, host_of, base_directory, others)
    return [*found, *_lost(managed, types, host_of, leaving)]


def _lost(
    changes: Iterable[Change],
    types: Mapping[str, ResourceType[Any]],
    host_of: Callable[[str], Any],
    leaving: Mapping[tuple[str, str], Collection[Plain]],
) -> Iterator[Diagnostic]:
    """What goes with the objects that are deleted."""
    for change in changes:
        kind = types.get(change.address.type)
        if kind is None or change.action not in _LEAVING or change.before is None or not kind.needs_host:
            continue
        gone = _leaving(change, leaving)
        for diagnostic in kind.lost_with(host_of(change.provider), change.before, gone):
            yield diagnostic.about(str(change.address))


def _leaving(
    change: Change, leaving: Mapping[tuple[str, str], Collection[Plain]]
) -> Callable[[str], Collection[Plain]]:
    return lambda kind: leaving.get((change.provider, kind), ())


def _of_all(
    plan: Plan,
    types: Mapping[str, ResourceType[Any]],
    host_of: Callable[[str], Any],
    base_directory: Path,
    planned: Mapping[tuple[str, str], Sequence[Object]],
) -> Iterator[Diagnostic]:
    """What is wrong with the objects of a type together, on each host where any of them changes."""
    new: dict[tuple[str, str], list[Object]] = {}
    for change in plan.changes:
        if change.action in _CHECKED and change.after is not None:
            made = new.setdefault((change.provider, change.address.type), [])
            made.extend([change.after] if change.action is not Action.UPDATE else ())
    for (provider, name), made in new.items():
        host = host_of(provider) if types[name].needs_host else base_directory
        yield from types[name].check_all(CheckAll(host, base_directory, planned[provider, name], made))


def _without_secrets(diagnostic: Diagnostic, change: Change) -> Diagnostic:
    """The same diagnostic; a value that it quotes and nobody may see is taken out."""
    detail = diagnostic.detail
    for path in change.sensitive:
        value = value_at(change.after, path)
        if isinstance(value, str):
            detail = detail.replace(f'"{value}"', "(sensitive value)")
    return replace(diagnostic, detail=detail)


def _check(
    change: Change,
    detail: Detail,
    host: Any,
    base_directory: Path,
    others: Mapping[tuple[str, str], Sequence[Object]],
    leaving: Mapping[tuple[str, str], Collection[Plain]],
) -> Check[Any]:
    assert change.after is not None
    return Check(
        address=str(change.address),
        host=host,
        base_directory=base_directory,
        identity=detail.comparison.identity,
        config=detail.comparison.config,
        # What is made first is made as if there were nothing of it yet.
        observed=None if change.new_first else detail.observed,
        planned=change.after,
        replace=change.action is Action.REPLACE and not change.new_first,
        edits=[Edit(edit.path, edit.before, edit.after) for edit in change.edits],
        others=lambda kind: others.get((change.provider, kind), ()),
        leaving=_leaving(change, leaving),
    )


def _place(problems: Iterable[Problem], address: InstanceAddress, detail: Detail) -> Iterable[Diagnostic]:
    for problem in problems:
        where = detail.decoded.range_of(problem.path, detail.block.range)
        yield problem.diagnostic.at(where).about(str(address))
