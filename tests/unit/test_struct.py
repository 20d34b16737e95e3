"""A struct is what a frozen dataclass with slots is, to those who use it."""

from __future__ import annotations

import copy
import pickle
from typing import Generic, TypeVar

import pytest

from kvmform.struct import Struct, field, replace

T = TypeVar("T")


class Point(Struct):
    x: int
    y: int = 0


class Named(Point):
    name: str = "nobody"


class Keywords(Struct, kw_only=True):
    first: int = 1
    second: int


class Basket(Struct, frozen=False):
    items: list[str] = field(default_factory=list)
    total: int = field(init=False, default=0)


class Node(Struct, eq=False):
    start: int


class Leaf(Node):
    value: str


class Told(Struct):
    text: str
    secret: str = field(repr=False, compare=False)


class Squared(Struct):
    side: int
    area: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "area", self.side**2)


class Box(Struct, Generic[T]):
    content: T


class Doubled(Point):
    def __init__(self, x: int) -> None:
        super().__init__(2 * x, 1)


def test_fields_are_arguments_in_their_order_those_of_the_base_first():
    named = Named(1, name="n")
    assert (named.x, named.y, named.name) == (1, 0, "n")
    assert Point(1, 2).y == 2
    assert Box("c").content == "c"


@pytest.mark.parametrize("arguments", [(), (1, 2, 3)])
def test_a_missing_or_a_surplus_argument_is_a_type_error(arguments):
    with pytest.raises(TypeError, match="__init__"):
        Point(*arguments)


def test_structs_are_equal_when_class_and_fields_are():
    assert Point(1) == Point(1, 0)
    assert hash(Point(1)) == hash(Point(1, 0))
    assert Point(1) != Point(2)
    assert Point(1) != Named(1)
    assert Point(1) != (1, 0)


def test_a_struct_that_changes_has_no_hash():
    assert Basket(["a"]) == Basket(["a"])
    with pytest.raises(TypeError, match="unhashable"):
        hash(Basket())


def test_identity_can_be_what_counts_and_is_inherited():
    leaf = Leaf(1, "a")
    assert leaf == leaf  # noqa: PLR0124 - that is the point
    assert leaf != Leaf(1, "a")
    assert len({leaf, Leaf(1, "a")}) == 2


def test_equality_can_be_of_its_own_kind():
    class Word(Struct, eq=False):
        text: str

        def __eq__(self, other):
            return isinstance(other, Word) and self.text.lower() == other.text.lower()

        def __hash__(self):
            return hash(self.text.lower())

    assert Word("A") == Word("a")
    assert len({Word("A"), Word("a")}) == 1


def test_keywords_only_may_come_in_any_order():
    assert Keywords(second=2).first == 1
    with pytest.raises(TypeError):
        Keywords(1, 2)


def test_each_has_a_default_of_its_own():
    one, other = Basket(), Basket()
    one.items.append("a")
    assert other.items == []
    assert one.total == 0


def test_a_field_can_be_left_out_of_text_and_comparison():
    assert Told("a", "b") == Told("a", "c")
    assert repr(Told("a", "b")) == "Told(text='a')"
    assert repr(Named(1)) == "Named(x=1, y=0, name='nobody')"


def test_a_field_can_be_worked_out_from_others():
    assert Squared(3).area == 9


def test_replace_changes_some_fields_and_keeps_the_others():
    assert replace(Named(1, 2), name="n") == Named(1, 2, "n")
    assert replace(Squared(2), side=3).area == 9
    with pytest.raises(TypeError):
        replace(Point(1), z=1)


def test_structs_have_slots_and_patterns():
    with pytest.raises(AttributeError):
        Point(1).z = 1
    match Named(1, 2):
        case Point(x, y):
            assert (x, y) == (1, 2)


def test_a_subclass_with_arguments_of_its_own_calls_its_base():
    assert (Doubled(2).x, Doubled(2).y) == (4, 1)
    assert Doubled(2) == Doubled(2)


def test_structs_can_be_copied():
    assert copy.deepcopy(Basket(["a"])) == Basket(["a"])
    assert pickle.loads(pickle.dumps(Named(1))) == Named(1)


def test_threads_that_are_first_together_make_the_same_methods():
    class Fresh(Named):
        size: int = 0

    first, same, hashed = Fresh.__init__, Fresh.__eq__, Fresh.__hash__
    one = Fresh(1, size=2)
    assert hash(one) == hash(Fresh(1, size=2))
    late = Fresh.__new__(Fresh)
    first(late, 1, size=2)  # by a thread that had begun the call before the other's method was there
    assert same(late, one)
    assert hashed(late) == hash(one)
    assert Fresh(3, size=4).size == 4
    assert Named(1) == Named(1)
