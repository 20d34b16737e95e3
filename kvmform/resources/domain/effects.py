"""What carrying out an update will cost, worked out anew from the guest as it is then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kvmform.resources.domain.schema import SCHEMA
from kvmform.schema import Block, Disruption, Edit, EditContext, Object, Plain, Policy, Row
from kvmform.struct import Struct

__all__ = ["Undertaking", "undertaking"]

_AT_ONCE = {Disruption.NONE, Disruption.LIVE, Disruption.INTERRUPT}


class Undertaking(Struct):
    """An update's edits, each with its class, and the domain as it was before."""

    edits: tuple[tuple[Edit, Disruption], ...]
    prior: Object

    @property
    def worst(self) -> Disruption:
        """The worst class of all."""
        return max((disruption for _, disruption in self.edits), default=Disruption.NONE)

    @property
    def names(self) -> frozenset[str]:
        """The arguments and blocks that are edited."""
        return frozenset(str(edit.path[0]) for edit, _ in self.edits)

    def live(self) -> Undertaking:
        """Only those edits that a running guest gets at once."""
        return Undertaking(tuple(pair for pair in self.edits if pair[1] in _AT_ONCE), self.prior)

    def removed(self, block: str) -> Iterator[Object]:
        """The elements of a block that are taken away, as they were."""
        return (edit.before for edit in self._of(block) if len(edit.path) == 2 and edit.after is None)

    def touched(self, block: str) -> dict[int, dict[str, Edit]]:
        """The elements of a block that are edited, by index, each with its edits by argument; a new one has none."""
        found: dict[int, dict[str, Edit]] = {}
        for edit in self._of(block):
            match edit.path:
                case (_, int(index)) if edit.after is not None:
                    found.setdefault(index, {})
                case (_, int(index), str(name), *_):
                    found.setdefault(index, {}).setdefault(name, edit)
        return found

    def before(self, name: str) -> Plain:
        """What an argument was, if it is edited."""
        return next((edit.before for edit in self._of(name)), None)

    def _of(self, name: str) -> Iterator[Edit]:
        return (edit for edit, _ in self.edits if edit.path[0] == name)


def undertaking(edits: Sequence[Edit], before: Object, after: Object, facts: Mapping[str, Plain]) -> Undertaking:
    """Ask the policy of each edit's row."""
    return Undertaking(tuple((edit, _disruption(edit, before, after, facts)) for edit in edits), before)


def _disruption(edit: Edit, before: Object, after: Object, facts: Mapping[str, Plain]) -> Disruption:
    policy = _policy(edit)
    return policy if isinstance(policy, Disruption) else policy(EditContext(edit, before, after, facts)).disruption


def _policy(edit: Edit) -> Policy:
    rows: Mapping[str, Row | Block] = SCHEMA.rows
    policy: Policy = Disruption.NONE
    for step in edit.path:
        if isinstance(step, str):
            row = rows[step]
            policy = row.change
            rows = row.rows if isinstance(row, Block) else {}
    return policy
