"""Tokens to expressions: conditionals, operators, traversals, and the simple operands.

What an operand can begin with is looked up in the cursor's terms; brackets and templates,
which have expressions in them, are terms of their own modules.
"""

from __future__ import annotations

from typing import NoReturn

from kvmform.lang.ast import (
    Binary,
    Call,
    Conditional,
    Expression,
    GetAttribute,
    Index,
    Literal,
    Name,
    Parentheses,
    Splat,
    SplatItem,
    Unary,
)
from kvmform.lang.syntax.cursor import NESTING_TOO_DEEP, Cursor, Term
from kvmform.lang.syntax.tokens import END, IDENTIFIER, NEWLINE, NUMBER, STRING
from kvmform.lang.walk import MAXIMUM_HEIGHT, is_higher_than
from kvmform.values.number import parse_number

__all__ = ["OPERAND_TERMS", "parse_expression", "parse_loop_header", "parse_value"]

_STRENGTH = {
    "||": 1,
    "&&": 2,
    "==": 3,
    "!=": 3,
    ">": 4,
    ">=": 4,
    "<": 4,
    "<=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
    "%": 6,
}
_ONE_TOKEN = {IDENTIFIER, STRING, NUMBER}
_KEYWORDS = {"true": True, "false": False, "null": None}


def parse_value(cursor: Cursor) -> Expression:
    """Parse an expression that is in no other one.

    Raises:
        DiagnosticError: what comes next is none, or too many expressions lie inside one another.
    """
    first = cursor.index
    if cursor.kinds[first + 1 : first + 2] == [NEWLINE] and cursor.kinds[first] in _ONE_TOKEN:
        return cursor.terms[cursor.kinds[first]](cursor)  # as most arguments have it
    expression = parse_expression(cursor)
    if cursor.index - first > MAXIMUM_HEIGHT and is_higher_than(expression, MAXIMUM_HEIGHT):
        cursor.fail(
            NESTING_TOO_DEEP,
            f"More than {MAXIMUM_HEIGHT} operations depend on one another in this expression. "
            "Move a part of it into a local value.",
            first,
        )
    return expression


def parse_expression(cursor: Cursor) -> Expression:
    """Parse an expression.

    Raises:
        DiagnosticError: what comes next is none.
    """
    cursor.enter()
    expression = _parse_operations(cursor)
    if cursor.kinds[cursor.index] == "?":
        expression = _parse_conditional(cursor, expression)
    cursor.nesting -= 1
    return expression


def _parse_conditional(cursor: Cursor, condition: Expression) -> Expression:
    choices: list[tuple[Expression, Expression]] = []
    while cursor.take("?"):
        then = parse_expression(cursor)
        if not cursor.take(":"):
            cursor.fail(
                "Missing false expression in conditional",
                "A conditional has the form CONDITION ? TRUE_RESULT : FALSE_RESULT; "
                f'":" and the second result are missing before {cursor.found()}.',
            )
        choices.append((condition, then))
        condition = _parse_operations(cursor)
    result = condition
    for condition, then in reversed(choices):
        result = Conditional(cursor.source, condition.start, result.end, condition, then, result)
    return result


def _parse_operations(cursor: Cursor) -> Expression:
    """Parse operands and the operators between them; the stronger one binds first, equals from the left."""
    operand = _parse_operand(cursor)
    strength = _STRENGTH.get(cursor.kinds[cursor.index], 0)
    if not strength:
        return operand
    operands = [operand]
    operators: list[tuple[int, str]] = []
    while True:
        while operators and operators[-1][0] >= strength:
            right, left = operands.pop(), operands.pop()
            operands.append(Binary(cursor.source, left.start, right.end, operators.pop()[1], left, right))
        if not strength:
            return operands[0]
        operators.append((strength, cursor.kinds[cursor.index]))
        cursor.index += 1
        operands.append(_parse_operand(cursor))
        strength = _STRENGTH.get(cursor.kinds[cursor.index], 0)


def _parse_operand(cursor: Cursor) -> Expression:
    term = cursor.terms.get(cursor.kinds[cursor.index])
    if term is None:
        _fail_without_operand(cursor)
    operand = term(cursor)
    if cursor.kinds[cursor.index] in {".", "["}:
        return _parse_traversal(cursor, operand)
    return operand


def _fail_without_operand(cursor: Cursor) -> NoReturn:
    if cursor.kind == END:
        cursor.fail("Missing expression", "An expression is expected here, but the text ends. Write a value.")
    cursor.fail(
        "Invalid expression",
        "A value is expected here: a literal, a reference, a function call, or an opening bracket; "
        f"found {cursor.found()}.",
    )


def _parse_word(cursor: Cursor) -> Expression:
    index = cursor.index
    cursor.index = index + 1
    if cursor.kinds[index + 1] in {"(", "::"}:
        return _parse_call(cursor, index)
    name = cursor.values[index]
    start, end = cursor.starts[index], cursor.ends[index]
    if name in _KEYWORDS:
        return Literal(cursor.source, start, end, _KEYWORDS[name])
    return Name(cursor.source, start, end, name)


def _parse_string(cursor: Cursor) -> Literal:
    index = cursor.index
    cursor.index = index + 1
    return Literal(cursor.source, cursor.starts[index], cursor.ends[index], cursor.values[index])


def _parse_number(cursor: Cursor) -> Literal:
    index = cursor.index
    text: str = cursor.values[index]
    try:
        value = parse_number(text)
    except ValueError:
        cursor.fail(
            "Invalid number literal",
            f'"{text}" is not a number. Write digits, with one decimal point and an exponent if need be: 1.5e3.',
        )
    cursor.index = index + 1
    return Literal(cursor.source, cursor.starts[index], cursor.ends[index], value)


def _parse_parentheses(cursor: Cursor) -> Parentheses:
    opening = cursor.index
    cursor.index = opening + 1
    inner = parse_expression(cursor)
    if not cursor.take(")"):
        cursor.fail(
            "Unbalanced parentheses",
            f'The parenthesis opened on line {cursor.line(opening)} must be closed by ")" before {cursor.found()}.',
        )
    return Parentheses(cursor.source, cursor.starts[opening], cursor.previous_end, inner)


def _parse_unary(cursor: Cursor) -> Expression:
    first = last = cursor.index
    while cursor.kinds[last] in {"-", "!"}:
        last += 1
    cursor.index = last
    operand = _parse_operand(cursor)
    for index in reversed(range(first, last)):
        operand = Unary(cursor.source, cursor.starts[index], operand.end, cursor.kinds[index], operand)
    return operand


def _parse_call(cursor: Cursor, first: int) -> Call:
    """Parse what follows the first word of a function's name: more of the name, and the arguments."""
    name, last = cursor.values[first], first
    while cursor.take("::"):
        last = cursor.index
        if not cursor.take(IDENTIFIER):
            cursor.fail(
                "Missing function name",
                f'"{name}::" must be followed by the name of a function; found {cursor.found()}.',
            )
        name = f"{name}::{cursor.values[last]}"
    opening = cursor.index
    if not cursor.take("("):
        cursor.fail(
            "Missing open parenthesis",
            f"The function name {name} must be followed by its arguments in parentheses; found {cursor.found()}.",
        )
    name_range = cursor.range(first, last)
    arguments: list[Expression] = []
    expand = False
    while not cursor.take(")"):
        if cursor.kind == END:
            _fail_in_call(cursor, name, opening)
        arguments.append(parse_expression(cursor))
        if cursor.take(")"):
            break
        if cursor.take("..."):
            expand = True
            if not cursor.take(")"):
                cursor.fail(
                    "Missing closing parenthesis",
                    'Only the last argument of a call can be expanded by "..."; close the call after it.',
                )
            break
        if not cursor.take(","):
            _fail_in_call(cursor, name, opening)
    return Call(cursor.source, cursor.starts[first], cursor.previous_end, name, name_range, tuple(arguments), expand)


def _fail_in_call(cursor: Cursor, name: str, opening: int) -> NoReturn:
    if cursor.kind == END:
        cursor.fail(
            "Unterminated function call",
            f'The call of {name} is not closed before the end of the text. Add ")" after its last argument.',
            opening,
        )
    cursor.fail(
        "Missing argument separator",
        f"Arguments of {name} must be separated by commas; found {cursor.found()}.",
    )


def parse_loop_header(cursor: Cursor, summary: str) -> tuple[str | None, str, Expression]:
    """Parse `key, value in collection`, or `value in collection`; both kinds of loop begin so.

    Raises:
        DiagnosticError: with this summary, what comes next is not that.
    """
    names: list[str] = []
    while not names or (len(names) == 1 and cursor.take(",")):
        if not cursor.take(IDENTIFIER):
            _fail_in_loop_header(cursor, summary, "a name")
        names.append(cursor.values[cursor.index - 1])
    if not cursor.is_word("in"):
        _fail_in_loop_header(cursor, summary, '"in"')
    cursor.index += 1
    return names[0] if len(names) == 2 else None, names[-1], parse_expression(cursor)


def _fail_in_loop_header(cursor: Cursor, summary: str, expected: str) -> NoReturn:
    cursor.fail(
        summary,
        f'After "for" come one or two names, "in", and a collection: "for key, value in var.map"; '
        f"expected {expected}, found {cursor.found()}.",
    )


def _parse_traversal(cursor: Cursor, operand: Expression) -> Expression:
    """Parse the `.name`, `[key]`, `[*]` and `.*` after an operand.

    A full splat takes all that follows it, so those are closed at the end, the last one first.
    """
    first = operand.start
    splats: list[tuple[Expression, SplatItem]] = []
    while (kind := cursor.kinds[cursor.index]) in {".", "["}:
        cursor.index += 1
        if kind == ".":
            parse_step = _parse_attribute_splat if cursor.take("*") else _parse_attribute
            operand = parse_step(cursor, operand)
        elif cursor.take("*"):
            splats.append((operand, _parse_star(cursor)))
            operand = splats[-1][1]
        else:
            operand = _parse_index(cursor, operand)
    for collection, item in reversed(splats):
        operand = Splat(cursor.source, first, operand.end, collection, item, operand, full=True)
    return operand


def _parse_attribute(cursor: Cursor, operand: Expression) -> GetAttribute | Index:
    """Parse what follows a dot: a name, or the old form of an index."""
    index = cursor.index
    if cursor.kinds[index] == NUMBER:
        if "." in cursor.values[index]:
            first, _, second = cursor.values[index].partition(".")
            cursor.fail(
                "Invalid legacy index syntax",
                f"Two indexes can't follow one another in this old form. Write [{first}][{second}] instead.",
            )
        key = _parse_number(cursor)
        return Index(cursor.source, operand.start, key.end, operand, key, legacy=True)
    if cursor.kinds[index] == "*":
        cursor.fail(
            "Nested splat expression not allowed",
            'Inside an expression with ".*" there can be no second one. Use the full form, "[*]", for both.',
        )
    if not cursor.take(IDENTIFIER):
        cursor.fail(
            "Invalid attribute name", f"A dot must be followed by the name of an attribute; found {cursor.found()}."
        )
    return GetAttribute(cursor.source, operand.start, cursor.ends[index], operand, cursor.values[index])


def _parse_attribute_splat(cursor: Cursor, collection: Expression) -> Splat:
    """Parse what follows `.*`: only names and old indexes are part of it."""
    star = cursor.index - 1
    item = SplatItem(cursor.source, cursor.starts[star - 1], cursor.ends[star])
    each: Expression = item
    while cursor.take("."):
        each = _parse_attribute(cursor, each)
    return Splat(cursor.source, collection.start, each.end, collection, item, each, full=False)


def _parse_star(cursor: Cursor) -> SplatItem:
    """Parse the end of `[*]`."""
    star = cursor.index - 1
    if not cursor.take("]"):
        cursor.fail(
            "Missing close bracket on splat index",
            f'In "[*]", the star must be followed by the closing bracket; found {cursor.found()}.',
        )
    return SplatItem(cursor.source, cursor.starts[star - 1], cursor.previous_end)


def _parse_index(cursor: Cursor, collection: Expression) -> Index:
    """Parse what follows the opening bracket of an index."""
    key = parse_expression(cursor)
    if not cursor.take("]"):
        cursor.fail(
            "Missing close bracket on index",
            f'The key must be followed by the closing bracket "]"; found {cursor.found()}.',
        )
    return Index(cursor.source, collection.start, cursor.previous_end, collection, key)


OPERAND_TERMS: dict[str, Term] = {
    IDENTIFIER: _parse_word,
    STRING: _parse_string,
    NUMBER: _parse_number,
    "(": _parse_parentheses,
    "-": _parse_unary,
    "!": _parse_unary,
}
"""The operands that this module reads, by the kind of their first token."""
