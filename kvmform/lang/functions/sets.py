"""Functions on sets.

Source: https://developer.hashicorp.com/terraform/language/functions, section "Collection Functions".
"""

from __future__ import annotations

import itertools
import math

from kvmform.lang.conversion import convert
from kvmform.lang.functions.arguments import elements, known_length
from kvmform.lang.functions.signature import Function, FunctionError, Parameter, parameters
from kvmform.lang.limits import MAXIMUM_ELEMENTS
from kvmform.lang.unify import unify
from kvmform.values.equality import typed_key
from kvmform.values.kinds import type_of
from kvmform.values.marks import is_wholly_known, mark, unmark
from kvmform.values.model import ListValue, SetValue, Unknown, Value
from kvmform.values.ordering import make_set
from kvmform.values.types import DYNAMIC, ListType, SetType, TupleType, Type

__all__ = ["FUNCTIONS"]

ANY_SET = SetType(DYNAMIC)


def common_set_type(*sets: Value) -> SetType:
    kinds: list[Type] = []
    for each in sets:
        kind = type_of(each)
        # An empty set of nothing in particular goes with any other.
        if isinstance(kind, SetType) and not (kind == ANY_SET and isinstance(each, SetValue) and not each.items):
            kinds.append(kind.element)
    element = unify(kinds) if kinds else DYNAMIC
    if element is None:
        raise FunctionError("given sets must all have compatible element types")
    return SetType(element)


def common_sets(sets: tuple[Value, ...]) -> list[SetValue]:
    """The sets in their common type."""
    kind = common_set_type(*sets)
    return [convert(each, kind) if each.items else SetValue(kind.element, ()) for each in sets]


def setunion(*sets: Value) -> Value:
    found = common_sets(sets)
    return make_set(found[0].element, [item for each in found for item in each.items])


def setintersection(*sets: Value) -> Value:
    first, *others = common_sets(sets)
    if not all(map(is_wholly_known, sets)):
        return Unknown(type_of(first))
    keys = [{typed_key(item) for item in other.items} for other in others]
    return SetValue(first.element, tuple(item for item in first.items if all(typed_key(item) in each for each in keys)))


def setsubtract(left: Value, right: Value) -> Value:
    first, second = common_sets((left, right))
    if not is_wholly_known(left) or not is_wholly_known(right):
        return Unknown(type_of(first))
    keys = {typed_key(item) for item in second.items}
    return SetValue(first.element, tuple(item for item in first.items if typed_key(item) not in keys))


def setproduct_type(*sets: Value) -> ListType | SetType:
    if len(sets) < 2:
        raise FunctionError("at least two arguments are required")
    kinds = [type_of(each) for each in sets]
    product = TupleType(tuple(member_type(kind, index) for index, kind in enumerate(kinds)))
    return SetType(product) if any(isinstance(kind, SetType) for kind in kinds) else ListType(product)


def member_type(kind: Type, index: int) -> Type:
    """The one type of all elements of a set, list or tuple.

    Raises:
        FunctionError: there is none; blames argument `index`.
    """
    match kind:
        case SetType() | ListType():
            return kind.element
        case TupleType():
            common = unify(kind.elements) if kind.elements else DYNAMIC
            if common is None:
                raise FunctionError("all elements must be of the same type", index)
            return common
    raise FunctionError("a set or a list is required", index)


def setproduct(*sets: Value) -> Value:
    kind = setproduct_type(*sets)
    assert isinstance(kind.element, TupleType)
    unmarked = [unmark(each) for each in sets]
    marks = frozenset().union(*(found for _, found in unmarked))
    plain = [each for each, _ in unmarked]
    lengths = [known_length(each) for each in plain]
    if any(isinstance(each, Unknown) or length is None for each, length in zip(plain, lengths, strict=True)):
        return mark(Unknown(kind), marks)
    if math.prod(length or 0 for length in lengths) > MAXIMUM_ELEMENTS:
        raise FunctionError(f"the product would have more than {MAXIMUM_ELEMENTS} elements")
    members = [
        [convert(item, element) for item in elements(each)]
        for each, element in zip(plain, kind.element.elements, strict=True)
    ]
    product = tuple(itertools.product(*members))
    return mark(
        ListValue(kind.element, product) if isinstance(kind, ListType) else make_set(kind.element, product), marks
    )


OTHERS = Parameter("other_sets", ANY_SET, allow_dynamic=True)

FUNCTIONS = (
    Function(
        "setunion",
        (Parameter("first_set", ANY_SET, allow_dynamic=True),),
        common_set_type,
        setunion,
        "The elements that are in any of some sets.",
        variadic=OTHERS,
        declared=ANY_SET,
    ),
    Function(
        "setintersection",
        (Parameter("first_set", ANY_SET, allow_dynamic=True),),
        common_set_type,
        setintersection,
        "The elements that are in all of some sets.",
        variadic=OTHERS,
        declared=ANY_SET,
    ),
    Function(
        "setsubtract",
        parameters(a=ANY_SET, b=ANY_SET),
        common_set_type,
        setsubtract,
        "The elements of a set that are not in another one.",
        declared=ANY_SET,
    ),
    Function(
        "setproduct",
        (),
        setproduct_type,
        setproduct,
        "All combinations of elements of some sets or lists.",
        variadic=Parameter("sets", DYNAMIC, allow_unknown=True, allow_marked=True),
    ),
)
