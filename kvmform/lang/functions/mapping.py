"""Functions on maps and objects.

Source: https://developer.hashicorp.com/terraform/language/functions, section "Collection Functions".
"""

from __future__ import annotations

from kvmform.lang.conversion import ConversionError, convert
from kvmform.lang.functions.arguments import elements, entries, is_mapping
from kvmform.lang.functions.signature import Function, FunctionError, Parameter, parameters
from kvmform.values.kinds import is_null, type_of
from kvmform.values.marks import is_wholly_known, mark, unmark
from kvmform.values.model import ListValue, MapValue, Unknown, Value
from kvmform.values.types import (
    DYNAMIC,
    STRING,
    ListType,
    MapType,
    ObjectType,
    TupleType,
    Type,
    object_type,
)

__all__ = ["FUNCTIONS"]

GROUPS = MapType(ListType(STRING))


def keys_type(mapping: Value) -> Type:
    kind = type_of(mapping)
    match kind:
        case MapType():
            return ListType(STRING)
        case ObjectType():
            return TupleType((STRING,) * len(kind.attributes))
    raise FunctionError("must have map or object type", 0)


def keys(mapping: Value) -> Value:
    kind = keys_type(mapping)
    plain, marks = unmark(mapping)
    match plain:
        case Unknown(type=ObjectType() as known):
            return mark(tuple(sorted(known.as_dict())), marks)
        case Unknown():
            return mark(Unknown(kind), marks)
    names = tuple(sorted(entries(plain)))
    return mark(names if isinstance(kind, TupleType) else ListValue(STRING, names), marks)


def values_type(mapping: Value) -> Type:
    kind = type_of(mapping)
    match kind:
        case MapType():
            return ListType(kind.element)
        case ObjectType():
            return TupleType(tuple(attribute for _, attribute in kind.attributes))
    raise FunctionError("values() requires a map as the first argument")


def values(mapping: Value) -> Value:
    kind = values_type(mapping)
    plain, marks = unmark(mapping)
    items = tuple(item for _, item in sorted(entries(plain).items()))
    return mark(ListValue(kind.element, items) if isinstance(kind, ListType) else items, marks)


def lookup_type(mapping: Value, key: Value, *default: Value) -> Type:
    if len(default) > 1:
        raise FunctionError(f"lookup() takes two or three arguments, got {2 + len(default)}")
    kind = type_of(mapping)
    match kind:
        case ObjectType():
            return attribute_type(kind, unmark(key)[0], *default)
        case MapType():
            if default:
                try:
                    convert(default[0], kind.element)
                except ConversionError:
                    raise FunctionError("the default value must have the same type as the map elements", 2) from None
            return kind.element
    raise FunctionError("lookup() requires a map as the first argument", 0)


def attribute_type(kind: ObjectType, name: Value, *default: Value) -> Type:
    """The type of an object's attribute, or of the default for it."""
    if isinstance(name, Unknown):
        return DYNAMIC
    attributes = kind.as_dict()
    if name in attributes:
        return attributes[name]
    if default:
        return type_of(default[0])
    raise FunctionError(f'the given object has no attribute "{name}"', 0)


def lookup(mapping: Value, key: Value, *default: Value) -> Value:
    kind = lookup_type(mapping, key, *default)
    plain, marks = unmark(mapping)
    name, key_marks = unmark(key)
    found = entries(plain)
    if name in found:
        return mark(found[name], marks | key_marks)
    if default:
        return mark(convert(default[0], kind), marks | key_marks)
    raise FunctionError(f'lookup failed to find key "{name}"')


def merge_type(*mappings: Value) -> Type:
    if not mappings:
        return object_type({})
    kinds = [type_of(mapping) for mapping in mappings]
    attributes: dict[str, Type] = {}
    known = True
    for mapping, kind in zip(mappings, kinds, strict=True):
        if kind != DYNAMIC and not is_mapping(kind):
            raise FunctionError(f'arguments must be maps or objects, got "{kind}"')
        plain, _ = unmark(mapping)
        if isinstance(kind, ObjectType) and not is_null(plain):
            attributes.update(kind.attributes)
        elif isinstance(plain, MapValue):
            attributes.update(dict.fromkeys(plain.items, plain.element))
        elif isinstance(plain, Unknown):
            known = False
    if all(kind == kinds[0] for kind in kinds):
        return kinds[0]
    return object_type(attributes) if known and DYNAMIC not in kinds else DYNAMIC


def merge(*mappings: Value) -> Value:
    kind = merge_type(*mappings)
    merged: dict[str, Value] = {}
    marks: frozenset[str] = frozenset()
    for mapping in mappings:
        plain, found = unmark(mapping)
        if not is_null(plain):
            merged |= entries(plain)
            marks |= found
    return mark(MapValue(kind.element, merged) if isinstance(kind, MapType) else merged, marks)


def zipmap_type(names: Value, items: Value) -> Type:
    kind = type_of(items)
    match kind:
        case ListType():
            return MapType(kind.element)
        case TupleType():
            if not is_wholly_known(names):
                return DYNAMIC
            return object_type(dict(zip(zipmap_names(names, len(kind.elements))[0], kind.elements, strict=True)))
    raise FunctionError("values argument must be a list or tuple value")


def zipmap_names(names: Value, count: int) -> tuple[list[str], frozenset[str]]:
    """The keys for `count` values, and the marks that are on any of them.

    Raises:
        FunctionError: there are more or fewer, or a null among them.
    """
    plain, marks = unmark(names)
    if len(plain.items) != count:
        raise FunctionError(f"number of keys ({len(plain.items)}) does not match number of values ({count})")
    found: list[str] = []
    for index, item in enumerate(plain.items):
        name, own = unmark(item)
        if is_null(name):
            raise FunctionError(f"keys list has null value at index {index}")
        found.append(name)
        marks |= own
    return found, marks


def zipmap(names: Value, items: Value) -> Value:
    kind = zipmap_type(names, items)
    plain, marks = unmark(items)
    if not is_wholly_known(names):
        return mark(Unknown(kind), marks | unmark(names)[1])
    found, key_marks = zipmap_names(names, len(elements(plain)))
    zipped = dict(zip(found, elements(plain), strict=True))
    return mark(MapValue(kind.element, zipped) if isinstance(kind, MapType) else zipped, marks | key_marks)


def transpose(groups: MapValue) -> Value:
    if not is_wholly_known(groups):
        return Unknown(GROUPS)
    transposed: dict[str, list[str]] = {}
    for key, members in sorted(groups.items.items()):
        if is_null(members):
            raise FunctionError(f'cannot use null list for ["{key}"]')
        for index, member in enumerate(members.items):
            if is_null(member):
                raise FunctionError(f'cannot use null string for ["{key}"][{index}]')
            transposed.setdefault(member, []).append(key)
    return MapValue(ListType(STRING), {key: ListValue(STRING, tuple(found)) for key, found in transposed.items()})


MAPPING = Parameter("mapping", DYNAMIC, allow_marked=True)

FUNCTIONS = (
    Function(
        "keys",
        (Parameter("inputMap", DYNAMIC, allow_unknown=True, allow_marked=True),),
        keys_type,
        keys,
        "The keys of a map, in order.",
    ),
    Function("values", (MAPPING,), values_type, values, "The values of a map, in the order of their keys."),
    Function(
        "lookup",
        (Parameter("inputMap", DYNAMIC, allow_marked=True), Parameter("key", STRING, allow_marked=True)),
        lookup_type,
        lookup,
        "The value of a key in a map, or a default if it is not there.",
        variadic=Parameter(
            "default", DYNAMIC, allow_null=True, allow_unknown=True, allow_dynamic=True, allow_marked=True
        ),
        may_be_null=True,
    ),
    Function(
        "merge",
        (),
        merge_type,
        merge,
        "All keys and values of some maps; those of later ones win.",
        variadic=Parameter("maps", DYNAMIC, allow_null=True, allow_dynamic=True, allow_marked=True),
    ),
    Function(
        "zipmap",
        (Parameter("keys", ListType(STRING), allow_marked=True), Parameter("values", DYNAMIC, allow_marked=True)),
        zipmap_type,
        zipmap,
        "A map of a list of keys and a list of values.",
    ),
    Function(
        "transpose",
        parameters(values=GROUPS),
        GROUPS,
        transpose,
        "A map of lists of strings with keys and strings in each other's place.",
    ),
)
