"""Tokens to tuples, objects, and the for expressions that make them."""

from __future__ import annotations

from kvmform.diagnostics import DiagnosticError
from kvmform.lang.ast import Expression, ForExpression, Literal, Name, ObjectExpression, ObjectItem, TupleExpression
from kvmform.lang.syntax.cursor import Cursor, Term
from kvmform.lang.syntax.escapes import normalize
from kvmform.lang.syntax.expression import parse_expression, parse_loop_header
from kvmform.lang.syntax.tokens import END, IDENTIFIER, NEWLINE

__all__ = ["COLLECTION_TERMS"]

_WORDS = {True: "true", False: "false", None: "null"}
_FOR = "Invalid 'for' expression"


def _parse_tuple(cursor: Cursor) -> Expression:
    opening = cursor.index
    cursor.index = opening + 1
    if cursor.is_word("for"):
        return _parse_for(cursor, opening, "]")
    items: list[Expression] = []
    while not cursor.take("]"):
        _check_not_at_end(cursor, opening, "tuple", "]")
        items.append(parse_expression(cursor))
        if cursor.take("]"):
            break
        if not cursor.take(","):
            _check_not_at_end(cursor, opening, "tuple", "]")
            cursor.fail(
                "Missing item separator",
                f"Elements must be separated by commas; found {cursor.found()} "
                f"in the brackets opened on line {cursor.line(opening)}.",
            )
    return TupleExpression(cursor.source, cursor.starts[opening], cursor.previous_end, tuple(items))


def _parse_object(cursor: Cursor) -> Expression:
    opening = cursor.index
    cursor.index = opening + 1
    if cursor.is_word("for"):
        return _parse_for(cursor, opening, "}")
    items: list[ObjectItem] = []
    while True:
        while cursor.take(NEWLINE):
            pass
        if cursor.take("}"):
            break
        _check_not_at_end(cursor, opening, "object", "}")
        items.append(_parse_item(cursor, opening))
        if cursor.take("}"):
            break
        if not cursor.take(",") and not cursor.take(NEWLINE):
            _check_not_at_end(cursor, opening, "object", "}")
            cursor.fail(
                "Missing attribute separator",
                f"Attributes of an object must be separated by newlines or commas; found {cursor.found()} "
                f"in the braces opened on line {cursor.line(opening)}.",
            )
    return ObjectExpression(cursor.source, cursor.starts[opening], cursor.previous_end, tuple(items))


def _parse_item(cursor: Cursor, opening: int) -> ObjectItem:
    key = _as_key(parse_expression(cursor))
    if not cursor.take("=") and not cursor.take(":"):
        _check_not_at_end(cursor, opening, "object", "}")
        if cursor.kind in {NEWLINE, ","}:
            cursor.fail("Missing attribute value", 'A key must be followed by "=" and a value, on the same line.')
        hint = " A key with dots or blanks in it must be quoted." if cursor.kind == IDENTIFIER else ""
        cursor.fail("Missing key/value separator", f'A key must be followed by "="; found {cursor.found()}.{hint}')
    return ObjectItem(key, parse_expression(cursor))


def _as_key(expression: Expression) -> Expression:
    """A bare word as key stands for itself, `true`, `false` and `null` too."""
    if isinstance(expression, Name):
        word = normalize(expression.name)
    elif isinstance(expression, Literal) and (expression.value is None or isinstance(expression.value, bool)):
        word = expression.range.text
    else:
        return expression
    return Literal(expression.source, expression.start, expression.end, word)


def _parse_for(cursor: Cursor, opening: int, closer: str) -> ForExpression:
    """Parse a for expression, of which the bracket is read and the word `for` comes next."""
    cursor.index += 1
    key, value, collection = parse_loop_header(cursor, _FOR)
    if not cursor.take(":"):
        cursor.fail(_FOR, f'The collection must be followed by ":" and a result; found {cursor.found()}.')
    result_key: Expression | None = None
    result = parse_expression(cursor)
    if cursor.take("=>"):
        result_key, result = result, parse_expression(cursor)
    ellipsis = cursor.index - 1 if cursor.take("...") else None
    condition: Expression | None = None
    if cursor.is_word("if"):
        cursor.index += 1
        condition = parse_expression(cursor)
    if not cursor.take(closer):
        cursor.fail(
            _FOR,
            f'After the result (and "if" with a condition) must come "{closer}", which closes the bracket '
            f"opened on line {cursor.line(opening)}; found {cursor.found()}.",
        )
    _check_form(cursor, result_key, result, ellipsis, makes_object=closer == "}")
    start, end = cursor.starts[opening], cursor.previous_end
    return ForExpression(
        cursor.source, start, end, key, value, collection, result_key, result, condition, ellipsis is not None
    )


def _check_form(
    cursor: Cursor, result_key: Expression | None, result: Expression, ellipsis: int | None, *, makes_object: bool
) -> None:
    if makes_object and result_key is None:
        raise DiagnosticError.of(
            _FOR, 'In braces, a for expression makes an object: write "KEY => VALUE" as its result.', result.range
        )
    if not makes_object and result_key is not None:
        raise DiagnosticError.of(
            _FOR,
            "In square brackets, a for expression makes a tuple, whose elements have no keys. "
            'Use braces instead, or leave out the key and "=>".',
            result_key.range,
        )
    if not makes_object and ellipsis is not None:
        cursor.fail(_FOR, 'Values can be grouped by "..." only under the keys of an object, in braces.', ellipsis)


def _check_not_at_end(cursor: Cursor, opening: int, noun: str, closer: str) -> None:
    if cursor.kind == END:
        cursor.fail(
            f"Unterminated {noun} constructor expression",
            f'This bracket is not closed before the end of the text. Add "{closer}" after its last element.',
            opening,
        )


COLLECTION_TERMS: dict[str, Term] = {"[": _parse_tuple, "{": _parse_object}
"""The operands that this module reads, by the kind of their first token."""
