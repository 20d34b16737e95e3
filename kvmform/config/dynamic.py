"""`dynamic` blocks: one block written for all elements of a collection.

Source: https://developer.hashicorp.com/terraform/language/expressions/dynamic-blocks.
"""

from __future__ import annotations

from kvmform.config.arguments import check_names
from kvmform.diagnostics import DiagnosticError, Diagnostics, SourceRange, error
from kvmform.lang.ast import Block, Body, Expression, Name
from kvmform.lang.evaluate import evaluate
from kvmform.lang.loops import elements_of
from kvmform.lang.scope import Scope
from kvmform.struct import Struct
from kvmform.values.kinds import is_null, type_of
from kvmform.values.marks import unmark
from kvmform.values.model import EPHEMERAL, Unknown, Value

__all__ = ["Dynamic", "dynamic_elements", "is_dynamic", "read_dynamic"]


class Dynamic(Struct):
    """A `dynamic` block: its collection, the name of each element, and the body made of each."""

    collection: Expression
    iterator: str
    content: Body
    header: SourceRange


def is_dynamic(block: Block, name: str) -> bool:
    """Whether a block makes blocks of the type `name`."""
    return block.type == "dynamic" and [label.value for label in block.labels] == [name]


def read_dynamic(block: Block) -> Dynamic:
    """The parts of a `dynamic` block.

    Raises:
        DiagnosticError: with every problem of its form.
    """
    problems = Diagnostics()
    attributes = block.body.attributes
    check_names(block.body, ("for_each", "iterator", "labels"), ("content",), "a dynamic block", problems)
    contents = [inner for inner in block.body.blocks if inner.type == "content"]
    if "for_each" not in attributes:
        problems.add(error("Invalid dynamic block", "A dynamic block needs the argument for_each.", block.header))
    if len(contents) != 1:
        detail = f"A dynamic block needs exactly one content block, and this one has {len(contents)}."
        problems.add(error("Invalid dynamic block", detail, block.header))
    iterator = block.labels[0].value
    match attributes.get("iterator") and attributes["iterator"].expression:
        case None:
            pass
        case Name(name=iterator):
            pass
        case expression:
            detail = "The iterator is a single word, without quotes: the name of each element inside of content."
            problems.add(error("Invalid dynamic iterator name", detail, expression.range))
    problems.raise_errors()
    return Dynamic(attributes["for_each"].expression, iterator, contents[0].body, block.header)


def dynamic_elements(dynamic: Dynamic, scope: Scope) -> tuple[list[tuple[Value, Value]] | None, bool]:
    """Keys and values that a `dynamic` block goes over, and whether which there are is secret.

    Returns:
        None in place of the elements where they are not known yet.

    Raises:
        DiagnosticError: it is no collection.
    """
    value, marks = unmark(evaluate(dynamic.collection, scope))
    if EPHEMERAL in marks:
        detail = "The blocks are recorded in the state, so how many there are can't come from an ephemeral value."
        raise DiagnosticError.of("Invalid dynamic for_each value", detail, dynamic.collection.range)
    if isinstance(value, Unknown):
        return None, bool(marks)
    elements = elements_of(value)
    if elements is None:
        what = "null" if is_null(value) else f"a value of type {type_of(value)}"
        detail = f"The for_each of a dynamic block must be a list, a set, a map or an object, and it is {what}."
        raise DiagnosticError.of("Invalid dynamic for_each value", detail, dynamic.collection.range)
    return elements, bool(marks)
