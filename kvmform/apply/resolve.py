"""The final planned object of a step: what the plan said, with its open values filled in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from kvmform.config.decode import Decoded
from kvmform.config.module import ResourceBlock
from kvmform.diagnostics import DiagnosticError
from kvmform.plan.change import Change
from kvmform.plan.diff import differences
from kvmform.plan.merge import contains_unknown, ignore_paths, merge
from kvmform.plan.paths import path_text, value_at
from kvmform.schema import Block, Edit, Identity, Object, Observed, Path, Plain, Proposal, ResourceType, Row
from kvmform.state.records import known
from kvmform.struct import Struct
from kvmform.values.model import Unknown
from kvmform.values.types import DYNAMIC, SetType, Type

__all__ = ["Resolved", "Setting", "broken_promises", "resolve"]

Rows = Mapping[str, Row | Block]


class Setting(Struct):
    """What a resource type gets beside the objects when it proposes; see kvmform.schema.Proposal."""

    identity: Identity
    settings: Mapping[str, Plain]
    others: Callable[[str], Sequence[Object]]


class Resolved(Struct):
    """What a step works with; nothing in it is unknown."""

    planned: Object
    edits: tuple[Edit, ...]
    sensitive: frozenset[Path]


def resolve(
    change: Change, kind: ResourceType[Any], setting: Setting, decoded: Decoded, block: ResourceBlock
) -> Resolved:
    """Fill in what the plan left open.

    Args:
        change: the plan's change.
        kind: its resource type.
        setting: the object's identity and surroundings.
        decoded: the configuration, now that what it refers to is real.
        block: the resource block.

    Raises:
        DiagnosticError: a value that the plan showed turns out different.
    """
    assert change.after is not None
    before = None if change.replaces else change.before
    planned = change.after
    if contains_unknown(planned):
        config = decoded.object
        if before is not None and block.lifecycle.ignored != ():
            config = ignore_paths(kind.schema, config, before, block.lifecycle.ignored)
        merged = merge(kind.schema.rows, config, before)
        observed = Observed(before) if before is not None else None
        proposal = Proposal(
            str(change.address), setting.identity, config, observed, merged, setting.settings, setting.others
        )
        planned = _filled(kind.schema.rows, planned, kind.propose(proposal), ())
    return Resolved(planned, tuple(_final_edits(kind.schema.rows, change, planned)), frozenset(decoded.sensitive))


def _filled(rows: Rows, planned: Object, fresh: Object, at: Path) -> Object:
    """The planned object with fresh values where it has unknown ones; what the host decides is null."""
    found: Object = {}
    for name, row in rows.items():
        path = (*at, name)
        said: Plain = planned.get(name)
        now: Plain = known(fresh.get(name))
        if not contains_unknown(said):
            found[name] = said
        elif isinstance(said, Unknown):
            found[name] = now
        elif isinstance(row, Row):
            if not _agree(row.type, _bare(row, said), _bare(row, now)):
                raise _disagreement(path)
            found[name] = now
        else:
            if len(said) != len(now):
                raise _disagreement(path)
            pairs = zip(said, fresh[name], strict=True)
            found[name] = [_filled(row.rows, old, new, (*path, i)) for i, (old, new) in enumerate(pairs)]
    return found


def _bare(row: Row, value: Plain) -> Plain:
    """What an attribute of any type is, without its type: that may become more exact."""
    return value["value"] if row.type == DYNAMIC and isinstance(value, dict) else value


def _agree(kind: Type | None, said: Plain, now: Plain) -> bool:
    """Whether a value is one that the plan's value, with unknown parts, can turn out to be."""
    match said:
        case Unknown(prefix=prefix):
            return not prefix or (isinstance(now, str) and now.startswith(prefix))
        case dict() if isinstance(now, dict):
            return said.keys() == now.keys() and all(_agree(None, value, now[name]) for name, value in said.items())
        case list() if isinstance(now, list) and isinstance(kind, SetType):
            # Elements may turn out to be the same one; and a set is in the order of its values.
            return len(now) <= len(said) and all(contains_unknown(item) or item in now for item in said)
        case list() if isinstance(now, list):
            return len(said) == len(now) and all(map(_agree, [None] * len(said), said, now))
    return bool(said == now)


def _disagreement(path: Path) -> DiagnosticError:
    return DiagnosticError.of(
        "Plan and apply disagree",
        f"The plan gave a value for {path_text(path)}, and its expression now gives another one: a file that it reads "
        "may have changed since. Nothing was done to this object. Make a new plan.",
    )


def _final_edits(rows: Rows, change: Change, planned: Object) -> Iterator[Edit]:
    """The plan's edits with final values; one of blocks that were not known becomes those of the blocks."""
    fresh = list(differences(rows, change.before or {}, planned)) if contains_unknown(change.after) else []
    for edit in change.edits:
        inside = [each for each in fresh if each.path[: len(edit.path)] == edit.path]
        if isinstance(edit.after, Unknown) and any(len(each.path) > len(edit.path) for each in inside):
            yield from inside
        else:
            after = value_at(planned, edit.path) if contains_unknown(edit.after) else edit.after
            yield Edit(edit.path, edit.before, after)


def broken_promises(change: Change, rows: Rows, resolved: Resolved, result: Object) -> list[Path]:
    """Where an object is not as the plan said: what the next plan would want to change again."""
    return [
        edit.path
        for edit in differences(rows, result, resolved.planned)
        if not _is_open(rows, edit) and not contains_unknown(value_at(change.after, edit.path))
    ]


def _is_open(rows: Rows, edit: Edit) -> bool:
    """Whether a plan promises nothing of what an edit is about: it moves by itself, or comes from the host."""
    row: Row | Block | None = None
    for step in edit.path:
        if isinstance(step, str):
            row = rows[step]
            rows = row.rows if isinstance(row, Block) else {}
    if isinstance(row, Row):
        return row.volatile or (row.computed and edit.after is None)
    return row is not None and row.computed and edit.after is None
