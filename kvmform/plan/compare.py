"""Compare one resource instance: what is wanted, what is recorded, what is real."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kvmform.plan.change import Action, Drift, PlannedEdit
from kvmform.plan.diff import planned_edits
from kvmform.plan.merge import contains_unknown, ignore_paths, merge
from kvmform.schema import (
    Block,
    Disruption,
    Identity,
    Object,
    Observed,
    Path,
    Plain,
    Proposal,
    ResourceType,
    Row,
    Schema,
)
from kvmform.state.model import InstanceState, Status
from kvmform.struct import Struct

__all__ = ["Comparison", "Subject", "compare", "drift_of", "is_volatile"]


class Subject(Struct, kw_only=True):
    """One instance that is in the configuration.

    `observed` is None where the object doesn't exist. `anew` tells what is wanted of one that takes
    its place, where that is more than `config`. `ignored` is `ignore_changes`, None
    for `all`; `replace` is the reason for a replacement in any case, or empty; `seed` is what
    the identity is derived from in place of the address, or empty; `settings` and `others`
    are those of a Proposal.
    """

    address: str
    lineage: str
    seed: str = ""
    prior: InstanceState | None
    observed: Observed | None
    config: Object
    anew: Callable[[], Object] | None = None
    ignored: Sequence[Path] | None
    replace: str
    settings: Mapping[str, Plain]
    others: Callable[[str], Sequence[Object]]


class Comparison(Struct, kw_only=True):
    """The outcome for one instance; most fields are those of a Change."""

    action: Action
    before: Object | None
    after: Object
    generation: int
    identity: Identity
    config: Object
    """What the user wrote, after `ignore_changes`."""
    reason: str = ""
    edits: tuple[PlannedEdit, ...] = ()
    disruption: Disruption = Disruption.NONE
    resumes: bool = False


def compare(kind: ResourceType[Any], subject: Subject) -> Comparison:
    """Work out the action for an instance that is in the configuration."""
    prior, observed = subject.prior, subject.observed
    generation = prior.generation if prior is not None else 0
    if observed is None or observed.remains or (prior is not None and prior.status is Status.CREATING):
        identity, after = _propose(kind, subject, None, subject.config, generation)
        if observed is not None and prior is not None and _is_something_else(kind, prior, after, observed):
            return _replacement(kind, subject, observed, subject.config, generation, "replace_because_tainted")
        return Comparison(
            action=Action.CREATE,
            before=None,
            after=after,
            generation=generation,
            resumes=observed is not None,
            identity=identity,
            config=subject.config,
        )
    wanted = subject.config
    if subject.ignored != ():
        wanted = ignore_paths(kind.schema, wanted, observed.object, subject.ignored)
    identity, after = _propose(kind, subject, observed, wanted, generation)
    edits = planned_edits(kind.schema.rows, observed.object, after, observed.facts)
    action, reason = _action(prior, edits, subject.replace)
    if action is Action.REPLACE:
        return _replacement(kind, subject, observed, wanted, generation, reason, edits)
    return Comparison(
        action=action,
        before=observed.object,
        after=after,
        edits=edits,
        disruption=_worst(edits),
        generation=generation,
        identity=identity,
        config=wanted,
    )


def _replacement(
    kind: ResourceType[Any],
    subject: Subject,
    observed: Observed,
    wanted: Object,
    generation: int,
    reason: str,
    edits: tuple[PlannedEdit, ...] = (),
) -> Comparison:
    """Another object in the place of the one that is there."""
    if subject.anew is not None:
        wanted = ignore_paths(kind.schema, subject.anew(), observed.object, subject.ignored)
    identity, after = _propose(kind, subject, None, wanted, generation + 1)
    return Comparison(
        action=Action.REPLACE,
        before=observed.object,
        after=after,
        reason=reason,
        edits=edits,
        disruption=max(_worst(edits), kind.cost_of_deleting(observed.object)),
        generation=generation + 1,
        identity=identity,
        config=wanted,
    )


def _worst(edits: Sequence[PlannedEdit]) -> Disruption:
    return max((edit.effect.disruption for edit in edits), default=Disruption.NONE)


def _is_something_else(kind: ResourceType[Any], prior: InstanceState, after: Object, observed: Observed) -> bool:
    """Whether an interrupted creation meant an object that can't become the one that is wanted now."""
    edits = planned_edits(kind.schema.rows, prior.attributes, after, observed.facts)
    # An attribute without value in the record was not known yet, or is the host's to decide.
    said = (e for e in edits if not contains_unknown(e.after) and (e.before is not None or isinstance(e.path[-1], int)))
    return any(edit.effect.replaces for edit in said)


def _propose(
    kind: ResourceType[Any], subject: Subject, existing: Observed | None, wanted: Object, generation: int
) -> tuple[Identity, Object]:
    identity = Identity(subject.lineage, subject.seed or subject.address, generation)
    merged = merge(kind.schema.rows, wanted, existing.object if existing else None)
    proposal = Proposal(subject.address, identity, wanted, existing, merged, subject.settings, subject.others)
    return identity, kind.propose(proposal)


def _action(prior: InstanceState | None, edits: Sequence[PlannedEdit], replace: str) -> tuple[Action, str]:
    if prior is not None and prior.status is Status.TAINTED:
        return Action.REPLACE, "replace_because_tainted"
    if replace:
        return Action.REPLACE, replace
    if any(edit.effect.replaces for edit in edits):
        return Action.REPLACE, "replace_because_cannot_update"
    return (Action.UPDATE if edits else Action.NO_OP), ""


def drift_of(prior: InstanceState, schema: Schema, observed: Observed | None) -> Drift | None:
    """How an object differs from its record; None where it doesn't.

    What changes by itself (volatile rows) is in `after`, so that state gets it, but not
    among the edits that are shown; and neither is what the record says nothing of, or says in
    other words (the fact `noted_otherwise` has the paths), because provider 0.8 made it, or an
    older version.
    """
    creating = prior.status is Status.CREATING
    if observed is None:
        return Drift(prior.address, prior.attributes, None, is_shown=not creating, sensitive=prior.sensitive)
    if creating or observed.remains or observed.object == prior.attributes:
        return None
    edits = planned_edits(schema.rows, prior.attributes, observed.object, observed.facts)
    otherwise = {tuple(path) for path in observed.facts.get("noted_otherwise", ())}
    of_another = bool(schema.lacking(prior.attributes))
    shown = tuple(
        edit
        for edit in edits
        if not is_volatile(schema.rows, edit.path)
        and edit.path not in otherwise
        and not (of_another and edit.before is None and _is_first_told(schema.rows, prior.attributes, edit.path))
    )
    return Drift(prior.address, prior.attributes, observed.object, shown, bool(shown), prior.sensitive)


def _is_first_told(rows: Mapping[str, Row | Block], recorded: Object, path: Path) -> bool:
    """Whether a record has no place for what is at a path, or left it to the host without noting what that chose."""
    *way, last = [step for step in path if isinstance(step, str)]
    known: list[Plain] = [recorded]
    for step in way:
        block = rows[step]
        assert isinstance(block, Block), "an edit ends at an attribute"
        known = [element for each in known for element in each.get(step) or ()]
        rows = block.rows
    return rows[last].computed or all(last not in each for each in known)


def is_volatile(rows: Mapping[str, Row | Block], path: Path) -> bool:
    """Whether what is at a path changes by itself."""
    for step in path:
        if isinstance(step, str):
            row = rows[step]
            if isinstance(row, Row):
                return row.volatile
            rows = row.rows
    return False
