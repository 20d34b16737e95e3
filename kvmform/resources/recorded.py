"""What resource types share of which nothing is anywhere but in the state: a random name, a point in time.

Their objects are as recorded; nothing outside can change them. Changing, replacing or
deleting one touches nothing that exists, so it has the disruption class `none`: what it
costs is what it makes the plan do with the things that use it, and those tell it themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kvmform.schema import (
    Disruption,
    Edit,
    EditContext,
    Effect,
    Object,
    Observed,
    Operation,
    ResourceType,
    Row,
    Schema,
)
from kvmform.struct import replace
from kvmform.values.model import Unknown
from kvmform.values.types import STRING, MapType, Type

__all__ = [
    "chosen",
    "delete",
    "keepers",
    "made",
    "read_record",
    "recorded_type",
    "remake",
    "remake_for_values",
    "triggers",
    "update",
]


def remake(_context: EditContext) -> Effect:
    """The policy of what decides the value: another object takes the place of the recorded one."""
    return Effect(Disruption.NONE, remade=True)


def remake_for_values(context: EditContext) -> Effect:
    """The policy of `keepers`: as :func:`remake`, but a new key whose value is null is as good as none.

    Source: mapplanmodifiers.RequiresReplaceIfValuesNotNull of terraform-provider-random 3.8.
    """
    before, after = context.edit.before or {}, context.edit.after or {}
    if isinstance(after, Unknown):
        return Effect(Disruption.NONE, remade=True)
    differs = before.keys() - after.keys() or any(before.get(name) != value for name, value in after.items())
    return Effect(Disruption.NONE, remade=bool(differs))


def made(kind: Type, doc: str, *, sensitive: bool = False) -> Row:
    """An attribute that `create` fills in, and that then stays as it is."""
    return Row(type=kind, doc=doc, computed=True, read_only=True, sensitive=sensitive, change=Disruption.NONE)


def chosen(kind: Type, doc: str, *, required: bool = False, default: object = None) -> Row:
    """An attribute that the value is made from."""
    return Row(type=kind, doc=doc, required=required, default=default, change=remake)


def triggers() -> Row:
    """The attribute `triggers`, or `keepers`: what has another value made when it changes."""
    return chosen(MapType(STRING), "Any values. When one changes, another object takes the place of this one.")


def keepers() -> Row:
    """The same, where a new key without value is only recorded."""
    return replace(triggers(), change=remake_for_values)


def read_record(marker: str) -> Callable[[None, Object], Observed | None]:
    """A `read` for which the object is as recorded.

    `marker` is an attribute that only `create` fills in: without it an interrupted run
    recorded no more than the intent, and there is nothing yet.
    """

    def read(_host: None, prior: Object) -> Observed | None:
        return None if prior.get(marker) is None else Observed(prior)

    return read


def update(_operation: Operation[Any], _prior: Object, planned: Object, _edits: Sequence[Edit]) -> Object:
    """The object as planned; nothing else is to be done."""
    return planned


def delete(_operation: Operation[Any], _prior: Object) -> None:
    """Nothing is anywhere but in the record."""


def recorded_type(
    name: str, schema: Schema, create: Callable[[Operation[None], Object], Object], marker: str = "id"
) -> ResourceType[None]:
    """A type of this sort, with the verbs of this module; those that do more `replace` some of them."""
    return ResourceType(
        name=name,
        schema=schema,
        read=read_record(marker),
        create=create,
        update=update,
        delete=delete,
        delete_disruption=Disruption.NONE,
        needs_host=False,
    )
