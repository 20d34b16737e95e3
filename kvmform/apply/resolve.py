"""The final planned object of a step: what the plan said, with its open values filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kvmform.config.decode import Decoded
from kvmform.config.module import ResourceBlock
from kvmform.diagnostics import DiagnosticError, error
from kvmform.plan.change import Change
from kvmform.plan.diff import value_at
from kvmform.plan.guard import path_text
from kvmform.plan.merge import contains_unknown, ignore_paths, merge
from kvmform.schema import Edit, Identity, Object, Observed, Path, Plain, Proposal, ResourceType
from kvmform.values.model import Unknown

__all__ = ["Resolved", "resolve"]


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a step works with; nothing in it is unknown."""

    planned: Object
    edits: tuple[Edit, ...]
    sensitive: frozenset[Path]


def resolve(
    change: Change,
    kind: ResourceType[Any],
    identity: Identity,
    decoded: Decoded,
    before: Object | None,
    block: ResourceBlock,
    settings: Mapping[str, Plain],
) -> Resolved:
    """Fill in what the plan left open.

    Args:
        change: the plan's change.
        kind: its resource type.
        identity: of the object that the step works on.
        decoded: the configuration, now that what it refers to is real.
        before: the existing object, for an update.
        block: the resource block.
        settings: the provider's.

    Raises:
        DiagnosticError: a value that the plan showed turns out different; a bug in kvmform.
    """
    config = decoded.object
    if before is not None and block.lifecycle.ignore_changes != ():
        config = ignore_paths(config, before, block.lifecycle.ignore_changes)
    assert change.after is not None
    planned = change.after
    if contains_unknown(planned):
        merged = merge(kind.schema.rows, config, before)
        observed = Observed(before) if before is not None else None
        fresh = kind.propose(Proposal(change.address.__str__(), identity, config, observed, merged, settings, _none))
        planned = _fill(planned, fresh)
    _check_agreement(change, planned)
    edits = tuple(Edit(e.path, e.before, _final(e.after, planned, e.path)) for e in change.edits)
    return Resolved(planned, edits, frozenset(decoded.sensitive))


def _none(_kind: str) -> Sequence[Object]:
    return ()


def _fill(planned: Plain, fresh: Plain) -> Plain:
    """Replace what is unknown in the plan; what stays unknown (computed by the host) is None."""
    match planned:
        case Unknown():
            return _without_unknown(fresh)
        case dict() if isinstance(fresh, dict):
            return {name: _fill(value, fresh.get(name)) for name, value in planned.items()}
        case list() if isinstance(fresh, list) and len(fresh) == len(planned):
            return [_fill(value, new) for value, new in zip(planned, fresh, strict=True)]
        case list() | dict():
            return _without_unknown(fresh if contains_unknown(planned) else planned)
    return planned


def _without_unknown(value: Plain) -> Plain:
    match value:
        case Unknown():
            return None
        case dict():
            return {name: _without_unknown(item) for name, item in value.items()}
        case list():
            return [_without_unknown(item) for item in value]
    return value


def _final(after: Plain, planned: Object, path: Path) -> Plain:
    return value_at(planned, path) if contains_unknown(after) else after


def _check_agreement(change: Change, planned: Object) -> None:
    """Every known value of the plan must be in what the step works with."""
    for path in _disagreements(change.after, planned, ()):
        detail = (
            f"The plan for {change.address} gave a value for {path_text(path)}, and its expression now gives another "
            "one. Nothing was done to it. Make a new plan. This is a bug in kvmform."
        )
        raise DiagnosticError(error("Plan and apply disagree", detail, address=str(change.address)))


def _disagreements(said: Plain, now: Plain, path: Path) -> list[Path]:
    match said:
        case Unknown():
            return []
        case dict() if isinstance(now, dict):
            return [p for name, value in said.items() for p in _disagreements(value, now.get(name), (*path, name))]
        case list() if isinstance(now, list) and len(now) == len(said):
            return [p for i, value in enumerate(said) for p in _disagreements(value, now[i], (*path, i))]
    return [] if said == now else [path]
