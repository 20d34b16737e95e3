"""What is wrong with an expression; see :mod:`kvmform.lang.syntax.fault_items`."""

from __future__ import annotations

from kvmform.lang.syntax.reader import Reader, Term
from kvmform.lang.syntax.scan import Scanned
from kvmform.values.number import parse_number

__all__ = ["OPERAND_TERMS", "read_expression", "read_loop_header"]

_OPERATORS = frozenset({"||", "&&", "==", "!=", ">", ">=", "<", "<=", "+", "-", "*", "/", "%"})


def read_expression(reader: Reader) -> bool:
    """Read an expression; tell whether anything is wrong with it."""
    before, first = len(reader.problems), reader.next
    if _read_operations(reader) or reader.next.kind != "?":
        return len(reader.problems) > before
    reader.read()
    if _has_failed(reader, read_expression(reader)):
        return True
    colon = reader.next
    if colon.kind != ":":
        detail = (
            "A conditional has the form CONDITION ? TRUE_RESULT : FALSE_RESULT; "
            f'":" and the second result are missing before {reader.found()}.'
        )
        reader.tell("Missing false expression in conditional", detail, colon, reader.range(first, colon))
        return True
    reader.read()
    read_expression(reader)
    return len(reader.problems) > before


def _has_failed(reader: Reader, is_wrong: bool) -> bool:
    """Whether what was read is so wrong that reading can't just go on."""
    return is_wrong and reader.recovering


def _read_operations(reader: Reader) -> bool:
    """Read operands and the operators between them; tell whether that failed."""
    while True:
        before = len(reader.problems)
        _read_operand(reader)
        if _has_failed(reader, len(reader.problems) > before):
            return True
        if reader.next.kind not in _OPERATORS:
            return False
        reader.read()


def _read_operand(reader: Reader) -> None:
    while reader.next.kind in {"-", "!"}:
        reader.read()
    term = reader.terms.get(reader.next.kind)
    if term is not None:
        term(reader)
    else:
        summary = "Missing expression" if reader.next.kind == "end" else "Invalid expression"
        detail = (
            "A value is expected here: a literal, a reference, a function call, or an opening bracket; found "
            f"{reader.found()}."
        )
        reader.tell_once(summary, detail, reader.next)
        reader.recovering = True
    _read_traversal(reader)


def _read_word(reader: Reader) -> None:
    name = reader.read()
    if reader.next.kind in {"(", "::"}:
        _read_call(reader, name)


def _read_number(reader: Reader) -> None:
    number = reader.read()
    try:
        parse_number(number.text)
    except ValueError:
        detail = (
            f'"{number.text}" is not a number. Write digits, with one decimal point and an exponent if need be: 1.5e3.'
        )
        reader.tell("Invalid number literal", detail, number)


def _read_parentheses(reader: Reader) -> None:
    opening = reader.read()
    with reader.newlines(count=False):
        if read_expression(reader):
            reader.skip_past(")")
            return
        closing = reader.next
        if closing.kind != ")":
            detail = f'This parenthesis must be closed by ")" before {reader.found()}.'
            reader.tell("Unbalanced parentheses", detail, closing, reader.range(opening, closing))
            reader.recovering = True
        reader.read()


def _read_call(reader: Reader, name: Scanned) -> None:
    opening = reader.read()
    while opening.kind == "::":
        found = reader.found()
        part = reader.read()
        if part.kind != "identifier":
            detail = f'"::" must be followed by the name of a function; found {found}.'
            reader.tell("Missing function name", detail, part, reader.range(name, part))
            reader.skip_over("(", ")")
            return
        opening = reader.read()
    if opening.kind != "(":
        detail = "The name of a function must be followed by its arguments in parentheses."
        reader.tell("Missing open parenthesis", detail, opening, reader.range(name, opening))
        reader.skip_over("(", ")")
        return
    with reader.newlines(count=False):
        while reader.next.kind != ")":
            if not _read_argument(reader, name, opening):
                return
        reader.read()


def _read_argument(reader: Reader, name: Scanned, opening: Scanned) -> bool:
    """Read one argument and the comma behind it; tell whether there can be more, or the end."""
    if _has_failed(reader, read_expression(reader)):
        reader.skip_past(")")
        return False
    if reader.next.kind == ")":
        return True
    found = reader.found()
    separator = reader.read()
    if separator.kind == ",":
        return True
    if separator.kind == "...":
        if reader.next.kind == ")":
            return True
        detail = 'Only the last argument of a call can be expanded by "..."; close the call after it.'
        reader.tell_once("Missing closing parenthesis", detail, separator, reader.range(name, separator))
    elif separator.kind == "end":
        detail = f'The call of {name.text} is not closed before the end of the file. Add ")" after its last argument.'
        reader.tell("Unterminated function call", detail, reader.range(name, opening))
    else:
        detail = f"Arguments of {name.text} must be separated by commas; found {found}."
        reader.tell("Missing argument separator", detail, separator, reader.range(name, separator))
    reader.skip_past(")")
    return False


def read_loop_header(reader: Reader, summary: str, opening: Scanned) -> bool:
    """Read `key, value in`, or `value in`, behind `for`; tell whether that failed."""
    for expected in ("a name", "a second name"):
        if reader.next.kind != "identifier":
            return _fail_in_loop_header(reader, summary, opening, expected)
        reader.read()
        if reader.next.kind != "," or expected != "a name":
            break
        reader.read()
    if not reader.is_word("in"):
        return _fail_in_loop_header(reader, summary, opening, '"in"')
    reader.read()
    return False


def _fail_in_loop_header(reader: Reader, summary: str, opening: Scanned, expected: str) -> bool:
    detail = (
        f'After "for" come one or two names, "in", and a collection: "for key, value in var.map"; expected {expected}, '
        f"found {reader.found()}."
    )
    reader.tell_once(summary, detail, reader.next, reader.range(opening, reader.next))
    return True


def _read_traversal(reader: Reader) -> None:
    while (kind := reader.next.kind) in {".", "["}:
        reader.read()
        if kind == "[":
            _read_index(reader)
        elif reader.next.kind == "*":
            _read_attribute_splat(reader)
        elif not _read_attribute(reader, reader.next):
            detail = f"A dot must be followed by the name of an attribute; found {reader.found()}."
            reader.tell("Invalid attribute name", detail, reader.next)
            reader.recovering = True


def _read_attribute(reader: Reader, place: Scanned) -> bool:
    """Read what follows a dot, a name or an old index, if it is that; what is wrong with it is told at `place`."""
    token = reader.next
    if token.kind == "number" and "." in token.text:
        reader.read()
        first, _, second = token.text.partition(".")
        detail = f"Two indexes can't follow one another in this old form. Write [{first}][{second}] instead."
        reader.tell("Invalid legacy index syntax", detail, place)
    elif token.kind == "number":
        _read_number(reader)
    elif token.kind == "identifier":
        reader.read()
    else:
        return False
    return True


def _read_attribute_splat(reader: Reader) -> None:
    """Read `.*` and what follows it: only names and old indexes are part of that."""
    star = reader.read()
    while reader.next.kind == ".":
        reader.read()
        if _read_attribute(reader, star):
            continue
        if reader.next.kind == "*":
            detail = 'Inside an expression with ".*" there can be no second one. Use the full form, "[*]", for both.'
            reader.tell_once("Nested splat expression not allowed", detail, reader.next)
        else:
            detail = f"A dot must be followed by the name of an attribute; found {reader.found()}."
            reader.tell_once("Invalid attribute name", detail, star)
        reader.recovering = True
        return


def _read_index(reader: Reader) -> None:
    if reader.next.kind == "*":
        reader.read()
        found = reader.found()
        closing = reader.read()
        if closing.kind != "]" and not reader.recovering:
            detail = f'In "[*]", the star must be followed by the closing bracket; found {found}.'
            # Terraform points at where it goes on.
            reader.skip_past("]")
            reader.tell("Missing close bracket on splat index", detail, reader.previous)
        return
    with reader.newlines(count=False):
        if _has_failed(reader, read_expression(reader)):
            reader.skip_past("]")
            return
        found = reader.found()
        closing = reader.read()
        if closing.kind != "]" and not reader.recovering:
            detail = f'The key must be followed by the closing bracket "]"; found {found}.'
            reader.skip_past("]")
            reader.tell("Missing close bracket on index", detail, reader.previous)


OPERAND_TERMS: dict[str, Term] = {"identifier": _read_word, "number": _read_number, "(": _read_parentheses}
"""The operands that this module reads, by the kind of their first token."""
