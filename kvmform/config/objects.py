"""What resources are to the expressions that refer to them: planned, real, or not known yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kvmform.address import InstanceAddress, InstanceKey, ResourceAddress
from kvmform.config.memo import Read
from kvmform.config.repetition import RepetitionKind
from kvmform.schema import Object, Path, Schema
from kvmform.struct import Struct, field
from kvmform.values.marks import mark_paths
from kvmform.values.model import Unknown, Value
from kvmform.values.plain import from_plain

__all__ = ["Objects", "SchemaTable"]

SchemaTable = Mapping[tuple[str, str], Schema]
"""Schemas by mode (`managed`, `data`) and type."""


class _Resource(Struct, frozen=False):
    """How a resource repeats, and what its instances are. `values` and `whole` are made when somebody asks."""

    schema: Schema
    kind: RepetitionKind | None = None
    keys: dict[InstanceKey, None] | None = None
    objects: dict[InstanceKey, tuple[Object, frozenset[Path]]] = field(default_factory=dict)
    values: dict[InstanceKey, Value] = field(default_factory=dict)
    whole: Value = None


class Objects:
    """The objects of one evaluation. One thread at a time."""

    def __init__(self, schemas: SchemaTable) -> None:
        self._schemas = schemas
        self._resources: dict[ResourceAddress, _Resource] = {}

    def set_instances(self, address: ResourceAddress, kind: RepetitionKind, keys: Iterable[InstanceKey] | None) -> None:
        """Say how a resource repeats; `keys` None: it is not known which instances there are."""
        known = self._of(address)
        known.kind, known.whole = kind, None
        known.keys = None if keys is None else dict.fromkeys(keys)

    def set_object(self, address: InstanceAddress, found: Object, sensitive: frozenset[Path]) -> None:
        """Say what an instance is."""
        known = self._of(address.resource)
        known.objects[address.key] = (found, sensitive)
        known.values.pop(address.key, None)
        known.whole = None

    def drop_object(self, address: InstanceAddress) -> None:
        """Say that it is not known what an instance is."""
        known = self._of(address.resource)
        known.objects.pop(address.key, None)
        known.values.pop(address.key, None)
        known.whole = None

    def object(self, address: InstanceAddress) -> Object | None:
        """What an instance is, as plain data."""
        found = self._of(address.resource).objects.get(address.key)
        return found[0] if found is not None else None

    def instance_value(self, address: InstanceAddress) -> Value:
        """What an instance is, as a value."""
        return _value_of(self._of(address.resource), address.key)

    def kind(self, address: ResourceAddress) -> RepetitionKind | None:
        """How a resource repeats; None where nobody said so yet."""
        return self._of(address).kind

    def value(self, address: ResourceAddress, steps: Sequence[str | int]) -> tuple[Value, int, Read]:
        """The value of a resource, or of one instance where the first step is its key.

        Returns:
            The value, how many steps are in it, and what was read.
        """
        known = self._of(address)
        if known.kind is None:
            return Unknown(), len(steps), address
        if known.kind is RepetitionKind.SINGLE:
            return _value_of(known, None), 0, address.instance()
        key = _key(known, steps)
        if key is not None:
            return _value_of(known, key), 1, address.instance(key)
        if known.keys is None:
            return Unknown(), 0, address
        if known.whole is None:
            elements = {key: _value_of(known, key) for key in known.keys}
            is_list = known.kind is RepetitionKind.COUNT
            known.whole = tuple(elements.values()) if is_list else {str(key): value for key, value in elements.items()}
        return known.whole, 0, address

    def _of(self, address: ResourceAddress) -> _Resource:
        known = self._resources.get(address)
        if known is None:
            known = self._resources[address] = _Resource(self._schemas[address.mode, address.type])
        return known


def _key(known: _Resource, steps: Sequence[str | int]) -> InstanceKey:
    """The key that the first step is; None where it is none of this resource."""
    match known.kind, steps:
        case RepetitionKind.COUNT, (int() as key, *_) if known.keys is None or 0 <= key < len(known.keys):
            return key
        case RepetitionKind.COUNT, (str() as text, *_) if text.isdecimal():
            return _key(known, (int(text),))
        case RepetitionKind.EACH, (str() as key, *_) if known.keys is None or key in known.keys:
            return key
    return None


def _value_of(known: _Resource, key: InstanceKey) -> Value:
    value = known.values.get(key)
    if value is None:
        if key not in known.objects:
            return Unknown(known.schema.type)
        found, sensitive = known.objects[key]
        value = known.values[key] = mark_paths(from_plain(found, known.schema.type), sensitive)
    return value
