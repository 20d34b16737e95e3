"""Functions that search collections, and choose from them.

Source: https://developer.hashicorp.com/terraform/language/functions, section "Collection Functions".
"""

from __future__ import annotations

from collections.abc import Hashable

from kvmform.lang.conversion import convert
from kvmform.lang.functions.arguments import elements, is_sequence, known_length
from kvmform.lang.functions.signature import Function, FunctionError, Parameter, parameters
from kvmform.lang.unify import unify
from kvmform.values.equality import equals, typed_key
from kvmform.values.kinds import is_null, null_of, type_of
from kvmform.values.marks import is_wholly_known
from kvmform.values.model import ListValue, SetValue, Unknown, Value
from kvmform.values.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    SetType,
    TupleType,
    Type,
)

__all__ = ["FUNCTIONS"]

STRINGS = ListType(STRING)


def compact(strings: ListValue) -> Value:
    if not is_wholly_known(strings):
        return Unknown(STRINGS)
    return ListValue(STRING, tuple(item for item in strings.items if item and not is_null(item)))


def distinct(sequence: ListValue) -> Value:
    if not is_wholly_known(sequence):
        return Unknown(type_of(sequence))
    unique: dict[Hashable, Value] = {}
    for item in sequence.items:
        unique.setdefault(typed_key(item), item)
    return ListValue(sequence.element, tuple(unique.values()))


def contains(sequence: Value, wanted: Value) -> Value:
    if not is_sequence(type_of(sequence)):
        raise FunctionError("argument must be list, tuple, or set")
    answers = [equals(item, wanted) for item in elements(sequence)]
    if True in answers:
        return True
    return Unknown(BOOL) if None in answers else False


def index(sequence: Value, wanted: Value) -> Value:
    if isinstance(sequence, SetValue) or not is_sequence(type_of(sequence)):
        raise FunctionError("argument must be a list or tuple")
    if not elements(sequence):
        raise FunctionError("cannot search an empty list")
    for place, item in enumerate(elements(sequence)):
        answer = equals(item, wanted)
        if answer is not False:
            return place if answer else Unknown(NUMBER)
    raise FunctionError("item not found")


def one_type(sequence: Value) -> Type:
    kind = type_of(sequence)
    match kind:
        case ListType() | SetType():
            return kind.element
        case TupleType(elements=()):
            return DYNAMIC
        case TupleType(elements=(only,)):
            return only
    raise FunctionError("must be a list, set, or tuple value with either zero or one elements", 0)


def one(sequence: Value) -> Value:
    kind = one_type(sequence)
    count = known_length(sequence)
    if count is None:
        return Unknown(kind)
    if count > 1:
        raise FunctionError("must be a list, set, or tuple value with either zero or one elements", 0)
    return elements(sequence)[0] if count else null_of(kind)


def alltrue(answers: ListValue) -> Value:
    if any(item is False or is_null(item) for item in answers.items):
        return False
    return True if is_wholly_known(answers) else Unknown(BOOL)


def anytrue(answers: ListValue) -> Value:
    if any(item is True for item in answers.items):
        return True
    return False if is_wholly_known(answers) else Unknown(BOOL)


def coalesce_type(*values: Value) -> Type:
    kind = unify([type_of(value) for value in values])
    if kind is None:
        raise FunctionError("all arguments must have the same type")
    return kind


def coalesce(*values: Value) -> Value:
    kind = coalesce_type(*values)
    for value in values:
        if isinstance(value, Unknown):
            return Unknown(kind)
        if not is_null(value) and value != "":
            return convert(value, kind)
    raise FunctionError("no non-null, non-empty-string arguments")


def coalescelist_type(*sequences: Value) -> Type:
    if not sequences:
        raise FunctionError("at least one argument is required")
    kinds: list[Type] = []
    for sequence in sequences:
        if isinstance(sequence, Unknown):
            return DYNAMIC
        kinds.append(type_of(sequence))
        if not isinstance(kinds[-1], ListType | TupleType):
            raise FunctionError("coalescelist arguments must be lists or tuples")
    return kinds[0] if all(kind == kinds[0] for kind in kinds) else DYNAMIC


def coalescelist(*sequences: Value) -> Value:
    kind = coalescelist_type(*sequences)
    for sequence in sequences:
        if isinstance(sequence, Unknown):
            return Unknown(kind)
        if not is_null(sequence) and elements(sequence):
            return sequence
    raise FunctionError("no non-null arguments")


def matchkeys_type(values: Value, keys: Value, searchset: Value) -> Type:
    if unify([type_of(keys), type_of(searchset)]) is None:
        raise FunctionError("keys and searchset must be of the same type")
    return type_of(values)


def matchkeys(values: ListValue, keys: ListValue, searchset: ListValue) -> Value:
    kind = matchkeys_type(values, keys, searchset)
    if len(values.items) != len(keys.items):
        raise FunctionError("length of keys and values should be equal")
    if not searchset.items:
        return ListValue(values.element, ())
    if not all(map(is_wholly_known, (values, keys, searchset))):
        return Unknown(kind)
    common = unify([type_of(keys), type_of(searchset)])
    assert common is not None
    wanted = {typed_key(item) for item in convert(searchset, common).items}
    pairs = zip(convert(keys, common).items, values.items, strict=True)
    return ListValue(values.element, tuple(value for key, value in pairs if typed_key(key) in wanted))


EACH = Parameter("vals", DYNAMIC, allow_null=True, allow_unknown=True, allow_dynamic=True)

FUNCTIONS = (
    Function(
        "compact", parameters(list=STRINGS), STRINGS, compact, "A list of strings without the empty and null ones."
    ),
    Function(
        "distinct",
        parameters(list=ListType(DYNAMIC)),
        type_of,
        distinct,
        "A list without repeated elements.",
        declared=ListType(DYNAMIC),
    ),
    Function(
        "contains",
        parameters(list=DYNAMIC, value=DYNAMIC),
        BOOL,
        contains,
        "Tells whether a value is in a list.",
        declared=DYNAMIC,
    ),
    Function(
        "index",
        parameters(list=DYNAMIC, value=DYNAMIC),
        NUMBER,
        index,
        "The place of a value in a list.",
        declared=DYNAMIC,
    ),
    Function(
        "one",
        parameters(list=DYNAMIC),
        one_type,
        one,
        "The only element of a list, or null if it is empty.",
        may_be_null=True,
    ),
    Function(
        "alltrue", parameters(list=ListType(BOOL)), BOOL, alltrue, "Tells whether all elements of a list are true."
    ),
    Function("anytrue", parameters(list=ListType(BOOL)), BOOL, anytrue, "Tells whether any element of a list is true."),
    Function(
        "coalesce",
        (),
        coalesce_type,
        coalesce,
        "The first value that is neither null nor an empty string.",
        variadic=EACH,
    ),
    Function("coalescelist", (), coalescelist_type, coalescelist, "The first list that is not empty.", variadic=EACH),
    Function(
        "matchkeys",
        parameters(values=ListType(DYNAMIC), keys=ListType(DYNAMIC), searchset=ListType(DYNAMIC)),
        matchkeys_type,
        matchkeys,
        "The values whose keys, at the same places of another list, are in a third list.",
        declared=ListType(DYNAMIC),
    ),
)
