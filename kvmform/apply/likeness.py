"""What objects that are like others take over, once what they take it from is real."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kvmform.config.decode import Decoded
from kvmform.config.evaluation import Evaluation
from kvmform.plan.change import Change
from kvmform.plan.likeness import Original, as_recorded, like
from kvmform.plan.merge import ignore_paths
from kvmform.schema import ResourceType

__all__ = ["Likenesses"]


class Likenesses:
    """Lays what is taken over under what blocks describe. Any number of threads may ask."""

    def __init__(
        self, evaluation: Evaluation, types: Mapping[str, ResourceType[Any]], changes: Iterable[Change]
    ) -> None:
        self._evaluation = evaluation
        self._types = types
        self._changes: dict[tuple[str, str, Any], Change] = {}
        for change in changes:
            kind = types.get(change.address.type) if change.address.resource.mode == "managed" else None
            likeness = kind.schema.likeness if kind is not None else None
            if likeness is not None and change.after is not None:
                for name in likeness.named_by:
                    self._changes[change.provider, change.address.type, change.after.get(name)] = change

    def laid_under(self, change: Change, decoded: Decoded) -> Decoded:
        """What the block of a change describes, with what it takes over as that is by now.

        What was taken over of an object that the plan doesn't have is in the plan.
        """
        schema = self._types[change.address.type].schema
        likeness = schema.likeness
        if likeness is None or not decoded.object[likeness.argument]:
            return decoded
        source = self._changes.get((change.provider, change.address.type, decoded.object[likeness.argument]))
        if source is None or source.address == change.address:
            return as_recorded(schema, decoded, change.after or {})
        return like(schema, decoded, self._original(source), None if change.replaces else change.before)

    def _original(self, change: Change) -> Original:
        """What another instance is written like, and what it is."""
        evaluation, schema = self._evaluation, self._types[change.address.type].schema
        block, within, repetition = evaluation.locate(change.address)
        decoded = self.laid_under(change, evaluation.decode(block, within, repetition)[0])
        config = decoded.object
        if change.before is not None and block.lifecycle.ignored != ():
            config = ignore_paths(schema, config, change.before, block.lifecycle.ignored)
        found = evaluation.object(change.address)
        return Original(config, found if found is not None else change.after or {}, frozenset(decoded.sensitive))
