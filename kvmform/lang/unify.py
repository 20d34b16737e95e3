"""Which types fit each other: whether one converts to another, and the one type that several convert to.

The rules are go-cty's (`cty/convert`), in their unsafe form, as Terraform uses them: a string
can become a number or a bool, though not every string does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kvmform.struct import Struct
from kvmform.values.types import (
    DYNAMIC,
    STRING,
    ListType,
    MapType,
    ObjectType,
    PrimitiveType,
    SetType,
    TupleType,
    Type,
    object_type,
)

__all__ = ["Mismatch", "mismatch", "missing_attributes", "unify"]


class Mismatch(Struct):
    """Why a type can't be converted to another one.

    `message` has no full stop, and begins with the way to the part that doesn't fit, for
    instance `element 0: attribute "a": number required, but have tuple`; `path` is that way
    as keys.
    """

    message: str
    path: tuple[str | int, ...] = ()

    def inside(self, key: str | int, label: str) -> Mismatch:
        """The same, told of a part: `label` is for instance `element 0`."""
        return Mismatch(f"{label}: {self.message}", (key, *self.path))


def mismatch(source: Type, target: Type) -> Mismatch | None:
    """Why values of type `source` can't be converted to `target`; None if they can.

    Also if only some of them can: whether `"12x"` is a number shows when it is converted.
    """
    if DYNAMIC in (source, target) or source == target:
        return None
    match source, target:
        case PrimitiveType(), PrimitiveType() if STRING in (source, target):
            return None
        case ObjectType(), ObjectType():
            return _object_mismatch(source.as_dict(), target)
        case MapType(element), ObjectType():
            return _first((name, f'attribute "{name}"', element, kind) for name, kind in target.attributes)
        case (ListType(inner) | SetType(inner), ListType(outer) | SetType(outer)) | (MapType(inner), MapType(outer)):
            if mismatch(inner, outer) is None:
                return None
        case TupleType(), TupleType() if len(source.elements) == len(target.elements):
            pairs = zip(source.elements, target.elements, strict=True)
            return _first((at, f"element {at}", *pair) for at, pair in enumerate(pairs))
        case TupleType(), TupleType():
            return Mismatch(f"tuple of {len(target.elements)} elements required, but have {len(source.elements)}")
        case TupleType(), ListType() | SetType():
            word = "list" if isinstance(target, ListType) else "set"
            parts = [(at, f"element {at}", kind, target.element) for at, kind in enumerate(source.elements)]
            return _elements_mismatch(parts, target.element, word)
        case ObjectType(), MapType():
            named = [(name, f'element "{name}"', kind, target.element) for name, kind in source.attributes]
            return _elements_mismatch(named, target.element, "map")
    return Mismatch(f"{target} required, but have {source}")


Part = tuple[str | int, str, Type, Type]
"""Key of a part, its label in messages, its type and the one it should have."""


def _first(parts: Iterable[Part]) -> Mismatch | None:
    for key, label, source, target in parts:
        inner = mismatch(source, target)
        if inner is not None:
            return inner.inside(key, label)
    return None


def _elements_mismatch(parts: Sequence[Part], element: Type, word: str) -> Mismatch | None:
    if element != DYNAMIC or not parts:
        return _first(parts)
    if unify([source for _, _, source, _ in parts]) is None:
        return Mismatch(f"all {word} elements must have the same type")
    return None


def _object_mismatch(attributes: dict[str, Type], target: ObjectType) -> Mismatch | None:
    missing = [name for name, _ in target.attributes if name not in attributes and name not in target.optional]
    if missing:
        return Mismatch(missing_attributes(missing))
    present = [(name, kind) for name, kind in target.attributes if name in attributes]
    return _first((name, f'attribute "{name}"', attributes[name], kind) for name, kind in present)


def missing_attributes(names: Sequence[str]) -> str:
    """The sentence about attributes that an object needs and doesn't have."""
    quoted = [f'"{name}"' for name in names]
    if len(quoted) == 1:
        return f"attribute {quoted[0]} is required"
    return f"attributes {', '.join(quoted[:-1])} and {quoted[-1]} are required"


def unify(types: Sequence[Type]) -> Type | None:
    """The type that values of all these types can be converted to, or None.

    Objects with the same attributes give an object, others a map; tuples of the same length
    a tuple, others a list. Where a structure meets a type that is not known yet the result is
    `dynamic`.
    """
    if not types:
        return None
    first = types[0]
    if all(kind == first for kind in types):
        return first
    structures = {type(kind) for kind in types if kind != DYNAMIC}
    has_dynamic = DYNAMIC in types
    if len(structures) == 1 and PrimitiveType not in structures:
        return DYNAMIC if has_dynamic else _unify_alike(types)
    if structures == {MapType, ObjectType}:
        return _unify_mixed(types, ObjectType, MapType) or _preferred(types)
    if structures == {ListType, TupleType}:
        return _unify_mixed(types, TupleType, ListType) or _preferred(types)
    if {ObjectType, TupleType} <= structures:
        return None
    return _preferred(types)


def _unify_alike(types: Sequence[Type]) -> Type | None:
    """Types that are all lists, or all sets, maps, objects or tuples."""
    first = types[0]
    if isinstance(first, ListType | SetType | MapType):
        element = unify([kind.element for kind in types if isinstance(kind, ListType | SetType | MapType)])
        return None if element is None else type(first)(element)
    if isinstance(first, ObjectType):
        return _unify_objects([kind for kind in types if isinstance(kind, ObjectType)])
    return _unify_tuples([kind for kind in types if isinstance(kind, TupleType)])


def _unify_objects(types: Sequence[ObjectType]) -> Type | None:
    attributes = [kind.as_dict() for kind in types]
    if any(each.keys() != attributes[0].keys() for each in attributes):
        return _as_map(types)
    unified = {name: unify([each[name] for each in attributes]) for name in attributes[0]}
    known = {name: kind for name, kind in unified.items() if kind is not None}
    return object_type(known) if len(known) == len(unified) else None


def _unify_tuples(types: Sequence[TupleType]) -> Type | None:
    if any(len(kind.elements) != len(types[0].elements) for kind in types):
        return _as_list(types)
    unified = [unify(across) for across in zip(*(kind.elements for kind in types), strict=True)]
    known = tuple(kind for kind in unified if kind is not None)
    return TupleType(known) if len(known) == len(unified) else None


def _as_map(types: Sequence[ObjectType]) -> Type | None:
    element = unify([attribute for kind in types for _, attribute in kind.attributes])
    return None if element is None else MapType(element)


def _as_list(types: Sequence[TupleType]) -> Type | None:
    element = unify([element for kind in types for element in kind.elements])
    return None if element is None else ListType(element)


def _unify_mixed(types: Sequence[Type], structure: type, collection: type) -> Type | None:
    """Objects among maps, or tuples among lists: first the ones as the others, then all."""
    if structure is ObjectType:
        inner = _as_map([kind for kind in types if isinstance(kind, ObjectType)])
    else:
        inner = _as_list([kind for kind in types if isinstance(kind, TupleType)])
    if inner is None:
        return None
    whole = unify([inner if isinstance(kind, structure) else kind for kind in types])
    return whole if isinstance(whole, collection) else None


def _preferred(types: Sequence[Type]) -> Type | None:
    """The first of the types, in order of preference, that all the others convert to."""
    for wanted in _by_preference(types):
        if all(kind == wanted or mismatch(kind, wanted) is None for kind in types):
            return wanted
    return None


def _by_preference(types: Sequence[Type]) -> list[Type]:
    """The types, those first that others should become; otherwise in their order."""
    rest = list(dict.fromkeys(types))
    ordered = []
    while rest:
        best = next((kind for kind in rest if not any(_prefers(other, kind) for other in rest)), rest[0])
        rest.remove(best)
        ordered.append(best)
    return ordered


def _prefers(left: Type, right: Type) -> bool:
    """Whether `left` is the better common type of the two: it can hold all that `right` can."""
    if DYNAMIC in (left, right):
        return left != DYNAMIC
    match left, right:
        case PrimitiveType(), PrimitiveType():
            return left == STRING and right != STRING
        case (ListType(a), ListType(b)) | (SetType(a), SetType(b)) | (MapType(a), MapType(b)):
            return _prefers(a, b)
        case (ListType(), TupleType()) | (MapType(), ObjectType()):
            return True
        case (ListType() | TupleType(), SetType()):
            return True
    return False
