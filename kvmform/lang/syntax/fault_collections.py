"""What is wrong with a tuple, an object, or a for expression; see :mod:`kvmform.lang.syntax.fault_items`."""

from __future__ import annotations

from kvmform.diagnostics import SourceRange
from kvmform.lang.syntax.fault_expressions import read_expression, read_loop_header
from kvmform.lang.syntax.reader import Reader, Term
from kvmform.lang.syntax.scan import Scanned

__all__ = ["COLLECTION_TERMS"]

_FOR = "Invalid 'for' expression"


def _read_tuple(reader: Reader) -> None:
    opening = reader.read()
    with reader.newlines(count=False):
        if reader.is_word("for"):
            _read_for(reader, opening, "]")
            return
        while reader.next.kind != "]":
            if read_expression(reader) and reader.recovering:
                reader.skip_past("]")
                return
            if reader.next.kind == "]":
                break
            if reader.next.kind != ",":
                _tell_unseparated(
                    reader, opening, "tuple", "Missing item separator", "Elements must be separated by commas"
                )
                reader.skip_past("]")
                return
            reader.read()
        reader.read()


def _tell_unseparated(reader: Reader, opening: Scanned, noun: str, summary: str, rule: str) -> None:
    token = reader.next
    if token.kind == "end":
        detail = f"This bracket is not closed before the end of the file. Close it behind what belongs to the {noun}."
        reader.tell_once(f"Unterminated {noun} constructor expression", detail, opening)
    else:
        reader.tell_once(summary, f"{rule}; found {reader.found()}.", token, reader.range(opening, token))


def _read_object(reader: Reader) -> None:
    opening = reader.read()
    with reader.newlines(count=False):
        is_for = reader.is_word("for")
    if is_for:
        with reader.newlines(count=False):
            _read_for(reader, opening, "}")
        return
    with reader.newlines(count=True):
        while (kind := reader.next.kind) != "}":
            if kind == "newline":
                reader.read()
            elif not _read_item(reader, opening):
                reader.skip_past("}")
                return
        reader.read()


def _read_item(reader: Reader, opening: Scanned) -> bool:
    """Read `key = value` and what separates it from the next; tell whether reading can go on."""
    if read_expression(reader) and reader.recovering:
        return False
    token = reader.next
    if token.kind in {"newline", ","}:
        detail = f'Each item has the form KEY = VALUE; found {reader.found()} instead of "=".'
        reader.tell_once("Missing attribute value", detail, token, reader.range(opening, token))
        return False
    if token.kind not in {"=", ":"}:
        rule = 'Each item has the form KEY = VALUE; "=" is missing'
        _tell_unseparated(reader, opening, "object", "Missing key/value separator", rule)
        return False
    reader.read()
    if read_expression(reader) and reader.recovering:
        return False
    if reader.next.kind in {",", "newline"}:
        reader.read()
    elif reader.next.kind != "}":
        rule = "Items of an object must be separated by newlines or commas"
        _tell_unseparated(reader, opening, "object", "Missing attribute separator", rule)
        return False
    return True


def _read_for(reader: Reader, opening: Scanned, closer: str) -> None:
    """Read a for expression, whose opening bracket is read."""
    reader.read()
    if read_loop_header(reader, _FOR, opening) or (read_expression(reader) and reader.recovering):
        reader.skip_past(closer)
        return
    if reader.next.kind != ":":
        detail = f'The collection must be followed by ":" and the result; found {reader.found()}.'
        reader.tell_once(_FOR, detail, reader.next, reader.range(opening, reader.next))
        reader.skip_past(closer)
        return
    reader.read()
    first = reader.next
    is_wrong = read_expression(reader)
    result = reader.range(first, reader.previous)
    has_key = reader.next.kind == "=>"
    if has_key:
        reader.read()
        is_wrong = read_expression(reader) or is_wrong
    if is_wrong and reader.recovering:
        reader.skip_past(closer)
        return
    _read_for_end(reader, opening, closer, result, has_key=has_key)


def _read_for_end(reader: Reader, opening: Scanned, closer: str, result: SourceRange, *, has_key: bool) -> None:
    """Read what follows the result of a for expression; `result` is its key where it has one."""
    ellipsis = reader.read() if reader.next.kind == "..." else None
    if reader.is_word("if"):
        reader.read()
        if read_expression(reader) and reader.recovering:
            reader.skip_past(closer)
            return
    if reader.next.kind == closer:
        reader.read()
    else:
        detail = f'The for expression is complete before {reader.found()}; close it with "{closer}".'
        reader.tell_once(_FOR, detail, reader.next, reader.range(opening, reader.next))
        reader.skip_past(closer)
    if closer == "]" and has_key:
        detail = 'A key ("=>") makes an object, whose brackets are "{ }". Write those, or leave out the key.'
        reader.tell(_FOR, detail, result)
    if closer == "]" and ellipsis is not None:
        detail = 'Grouping ("...") is for objects, whose brackets are "{ }".'
        reader.tell(_FOR, detail, ellipsis)
    if closer == "}" and not has_key:
        detail = 'An object needs a key for each element: "for x in list : x.name => x". For a list write "[ ]".'
        reader.tell(_FOR, detail, result)


COLLECTION_TERMS: dict[str, Term] = {"[": _read_tuple, "{": _read_object}
"""The operands that this module reads, by the kind of their first token."""
