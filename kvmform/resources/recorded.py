"""What resource types share of which nothing is anywhere but in the state: a random name, a point in time.

Their objects are as recorded; nothing outside can change them. Changing, replacing or
deleting one touches nothing that exists, so it has the disruption class `none`: what it
costs is what it makes the plan do with the things that use it, and those tell it themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kvmform.schema import Disruption, Edit, EditContext, Effect, Object, Observed, Operation, Row
from kvmform.values.model import Unknown
from kvmform.values.types import Type

__all__ = ["delete", "made", "read_record", "remake", "remake_for_values", "update"]


def made(kind: Type, doc: str, *, sensitive: bool = False) -> Row:
    """An attribute that `create` fills in, and that then stays as it is."""
    return Row(type=kind, doc=doc, computed=True, read_only=True, sensitive=sensitive, change=Disruption.NONE)


def remake(_context: EditContext) -> Effect:
    """The policy of what decides the value: another object takes the place of the recorded one."""
    return Effect(Disruption.NONE, remade=True)


def remake_for_values(context: EditContext) -> Effect:
    """The policy of `keepers`: as :func:`remake`, but a new key whose value is null is as good as none.

    Source: mapplanmodifiers.RequiresReplaceIfValuesNotNull of terraform-provider-random 3.7.
    """
    before, after = context.edit.before or {}, context.edit.after or {}
    if isinstance(after, Unknown):
        return Effect(Disruption.NONE, remade=True)
    differs = before.keys() - after.keys() or any(before.get(name) != value for name, value in after.items())
    return Effect(Disruption.NONE, remade=bool(differs))


def read_record(made: str) -> Callable[[None, Object], Observed | None]:
    """A `read` for which the object is as recorded.

    `made` is an attribute that only `create` fills in: without it an interrupted run recorded
    the intent, and nothing is there.
    """

    def read(_host: None, prior: Object) -> Observed | None:
        return None if prior.get(made) is None else Observed(prior)

    return read


def update(_operation: Operation[None], _prior: Object, planned: Object, _edits: Sequence[Edit]) -> Object:
    """The object as planned; nothing else is to be done."""
    return planned


def delete(_operation: Operation[None], _prior: Object) -> None:
    """Nothing is anywhere but in the record."""
