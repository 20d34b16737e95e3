"""Functions on lists, tuples and sets.

Source: https://developer.hashicorp.com/terraform/language/functions, section "Collection Functions".
"""

from __future__ import annotations

from kvmform.lang.conversion import convert
from kvmform.lang.functions.arguments import elements, is_sequence, known_length, whole_number
from kvmform.lang.functions.grapheme import cluster_count
from kvmform.lang.functions.signature import Function, FunctionError, Parameter
from kvmform.lang.unify import unify
from kvmform.values.kinds import is_null, type_of
from kvmform.values.marks import is_wholly_known, mark, unmark
from kvmform.values.model import ListValue, SetValue, Unknown, Value
from kvmform.values.types import (
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    ObjectType,
    SetType,
    TupleType,
    Type,
)

__all__ = ["FUNCTIONS"]

STRINGS = ListType(STRING)


def length(value: Value) -> Value:
    plain, marks = unmark(value)
    if isinstance(plain, str):
        return mark(cluster_count(plain), marks)
    kind = type_of(plain)
    if kind in (STRING, DYNAMIC):
        return mark(Unknown(NUMBER), marks)
    if not is_sequence(kind) and not isinstance(kind, MapType | ObjectType):
        raise FunctionError("argument must be a string, a collection type, or a structural type")
    count = known_length(plain)
    return mark(Unknown(NUMBER) if count is None else count, marks)


def element_type(sequence: Value, index: Value) -> Type:
    kind = type_of(sequence)
    match kind:
        case ListType():
            return kind.element
        case TupleType():
            if isinstance(index, Unknown):
                return DYNAMIC
            return kind.elements[wrapped_index(index, len(kind.elements))]
    raise FunctionError(f"cannot read elements from {kind}")


def wrapped_index(index: Value, count: int) -> int:
    """An index behind the end, or before the start, begins from the other side."""
    place = whole_number(index)
    if count == 0:
        raise FunctionError("cannot use element function with an empty list")
    return place % count


def element(sequence: Value, index: Value) -> Value:
    plain, marks = unmark(sequence)
    if isinstance(plain, SetValue) or not is_sequence(type_of(plain)):
        raise FunctionError(f"cannot read elements from {type_of(plain)}")
    items = elements(plain)
    return mark(items[wrapped_index(index, len(items))], marks)


def concat_type(*sequences: Value) -> Type:
    if not sequences:
        raise FunctionError("at least one argument is required")
    kinds = [type_of(sequence) for sequence in sequences]
    if all(isinstance(kind, ListType) for kind in kinds):
        common = unify(kinds)
        if common is not None:
            return common
    types: list[Type] = []
    for index, (sequence, kind) in enumerate(zip(sequences, kinds, strict=True)):
        match kind:
            case TupleType():
                types.extend(kind.elements)
            case ListType():
                plain, _ = unmark(sequence)
                if isinstance(plain, Unknown):
                    return DYNAMIC
                types.extend([kind.element] * len(plain.items))
            case _:
                raise FunctionError(f"all arguments must be lists or tuples; got {kind}", index)
    return TupleType(tuple(types))


def concat(*sequences: Value) -> Value:
    kind = concat_type(*sequences)
    items: list[Value] = []
    marks: frozenset[str] = frozenset()
    for sequence in sequences:
        plain, found = unmark(convert(sequence, kind) if isinstance(kind, ListType) else sequence)
        items.extend(elements(plain))
        marks |= found
    return mark(ListValue(kind.element, tuple(items)) if isinstance(kind, ListType) else tuple(items), marks)


def flatten_type(sequence: Value) -> Type:
    kind = type_of(sequence)
    # Terraform looks at the type of what is known only.
    if not is_sequence(kind) and not isinstance(sequence, Unknown):
        raise FunctionError("can only flatten lists, sets and tuples")
    return DYNAMIC


def flatten(sequence: Value) -> Value:
    flatten_type(sequence)
    items: list[Value] = []
    marks, known = collect(sequence, items)
    return mark(tuple(items) if known else Unknown(), marks)


def collect(sequence: Value, items: list[Value]) -> tuple[frozenset[str], bool]:
    """Add all elements at any depth; the result is the marks of the sequences, and whether all are known."""
    plain, marks = unmark(sequence)
    if isinstance(plain, Unknown) or known_length(plain) is None:
        return marks, False
    known = True
    for item in elements(plain):
        inner, _ = unmark(item)
        kind = type_of(inner) if isinstance(inner, Unknown) else None
        if kind == DYNAMIC:
            known = False
        elif isinstance(inner, tuple | ListValue | SetValue) or (kind is not None and is_sequence(kind)):
            found, inner_known = collect(item, items)
            marks, known = marks | found, known and inner_known
        else:
            items.append(item)
    return marks, known


def reverse_type(sequence: Value) -> Type:
    kind = type_of(sequence)
    match kind:
        case TupleType():
            return TupleType(kind.elements[::-1])
        case ListType() | SetType():
            return ListType(kind.element)
    raise FunctionError(f"can only reverse list or tuple values, not {kind}", 0)


def reverse(sequence: Value) -> Value:
    kind = reverse_type(sequence)
    plain, marks = unmark(sequence)
    items = elements(plain)[::-1]
    return mark(ListValue(kind.element, items) if isinstance(kind, ListType) else items, marks)


def slice_type(sequence: Value, start: Value, end: Value) -> Type:
    kind = type_of(sequence)
    if isinstance(kind, SetType):
        raise FunctionError(
            "cannot slice a set, because its elements do not have indices; "
            "explicitly convert to a list if the ordering of the result is not important",
            0,
        )
    if not isinstance(kind, ListType | TupleType):
        raise FunctionError("must be a list or tuple value", 0)
    first, last = slice_bounds(known_length(unmark(sequence)[0]), start, end)
    if isinstance(kind, ListType):
        return kind
    return DYNAMIC if first is None or last is None else TupleType(kind.elements[first:last])


def slice_bounds(count: int | None, start: Value, end: Value) -> tuple[int | None, int | None]:
    """Start and end as ints, None where they are not known yet.

    Raises:
        FunctionError: they are outside of the sequence, or in the wrong order.
    """
    bounds: list[int | None] = []
    for argument, name, value in ((1, "start", start), (2, "end", end)):
        if isinstance(value, Unknown):
            bounds.append(None)
            continue
        place = whole_number(value, argument)
        if place < 0:
            raise FunctionError(f"{name} index must not be less than zero", argument)
        if count is not None and place > count:
            raise FunctionError(f"{name} index must not be greater than the length of the list", argument)
        bounds.append(place)
    first, last = bounds
    if first is not None and last is not None and first > last:
        raise FunctionError("start index must not be greater than end index", 1)
    return first, last


def slice_(sequence: Value, start: Value, end: Value) -> Value:
    kind = slice_type(sequence, start, end)
    plain, marks = unmark(sequence)
    items = elements(plain)[whole_number(start) : whole_number(end)]
    return mark(ListValue(kind.element, items) if isinstance(kind, ListType) else items, marks)


def chunklist_type(sequence: Value, _size: Value) -> Type:
    return ListType(type_of(sequence))


def chunklist(sequence: Value, size: Value) -> Value:
    plain, marks = unmark(sequence)
    count, size_marks = unmark(size)
    step = whole_number(count)
    if step < 0:
        raise FunctionError("the size argument must not be negative")
    kind, items = ListType(plain.element), plain.items
    chunks = [items[at : at + step] for at in range(0, len(items), step)] if step else [items] if items else []
    return mark(ListValue(kind, tuple(ListValue(plain.element, chunk) for chunk in chunks)), marks | size_marks)


def sort(strings: Value) -> Value:
    if isinstance(strings, Unknown):
        return strings
    if not is_wholly_known(strings):
        return ListValue(STRING, tuple(Unknown(STRING) for _ in strings.items))
    for index, item in enumerate(strings.items):
        if is_null(item):
            raise FunctionError(f"given list element {index} is null; a null string cannot be sorted")
    return ListValue(STRING, tuple(sorted(strings.items)))


SEQUENCE = Parameter("list", DYNAMIC, allow_marked=True)

FUNCTIONS = (
    Function(
        "length",
        (Parameter("value", DYNAMIC, allow_unknown=True, allow_dynamic=True, allow_marked=True),),
        NUMBER,
        length,
        "How many elements a collection, or characters a string, has.",
    ),
    Function(
        "element",
        (SEQUENCE, Parameter("index", NUMBER)),
        element_type,
        element,
        "One element of a list; an index beyond its end begins from its start again.",
        may_be_null=True,
    ),
    Function(
        "concat",
        (),
        concat_type,
        concat,
        "All elements of some lists, one behind the other.",
        variadic=Parameter("seqs", DYNAMIC, allow_marked=True),
    ),
    Function("flatten", (SEQUENCE,), flatten_type, flatten, "The elements of a list and of all lists inside of it."),
    Function("reverse", (SEQUENCE,), reverse_type, reverse, "A list in reverse order."),
    Function(
        "slice",
        (SEQUENCE, Parameter("start_index", NUMBER), Parameter("end_index", NUMBER)),
        slice_type,
        slice_,
        "Part of a list: from a start up to, and without, an end.",
    ),
    Function(
        "chunklist",
        (Parameter("list", ListType(DYNAMIC), allow_marked=True), Parameter("size", NUMBER, allow_marked=True)),
        chunklist_type,
        chunklist,
        "A list cut into lists of a given size.",
        declared=ListType(ListType(DYNAMIC)),
    ),
    Function(
        "sort",
        (Parameter("list", STRINGS, allow_unknown=True),),
        STRINGS,
        sort,
        "A list of strings in the order of their characters.",
    ),
)
