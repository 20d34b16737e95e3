"""Tokens to bodies: arguments and blocks, and going on after an error.

An error costs the argument or block header it is in; reading goes on behind it, so that all
errors of a file are told at once.
"""

from __future__ import annotations

from typing import NoReturn

from kvmform.diagnostics import Diagnostic, DiagnosticError, SourceRange, error
from kvmform.lang.ast import Attribute, Block, Body, Label
from kvmform.lang.syntax.cursor import Cursor
from kvmform.lang.syntax.expression import parse_value
from kvmform.lang.syntax.tokens import END, IDENTIFIER, INVALID, LITERAL, NEWLINE, QUOTE, STRING
from kvmform.struct import Struct, field

__all__ = ["parse_file"]

_BLOCK_GOES_ON = frozenset({"{", IDENTIFIER, STRING, QUOTE})
"""What follows the type of a block: a label or the opening brace."""


class _Content(Struct, frozen=False):
    """What a body holds so far. `problems` is shared by all bodies of a file."""

    problems: list[Diagnostic]
    attributes: dict[str, Attribute] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)

    def add(self, attribute: Attribute) -> None:
        """Add an argument; a second one of its name is an error, and left out."""
        first = self.attributes.setdefault(attribute.name, attribute)
        if first is not attribute:
            self.problems.append(
                error(
                    "Attribute redefined",
                    f'The argument "{attribute.name}" is set already on line {first.name_range.first.line}. '
                    "Each argument can be set only once: remove one of the two.",
                    attribute.name_range,
                )
            )


def parse_file(cursor: Cursor) -> tuple[Body, list[Diagnostic]]:
    """Parse a whole file: what could be read, and every error in the order of the file."""
    content = _Content([])
    _parse_items(cursor, content, END)
    body = Body(cursor.source, 0, len(cursor.source.text), content.attributes, content.blocks)
    return body, sorted(content.problems, key=_offset)


def _offset(problem: Diagnostic) -> int:
    return problem.subject.start if problem.subject else 0


def _parse_items(cursor: Cursor, content: _Content, closer: str) -> None:
    """Parse arguments and blocks up to the token that ends the body, or to the end of the file."""
    kinds = cursor.kinds
    while (kind := kinds[cursor.index]) not in {closer, END}:
        if kind == NEWLINE:
            cursor.index += 1
            continue
        first, nesting = cursor.index, cursor.nesting
        try:
            _parse_item(cursor, content)
        except DiagnosticError as problem:
            content.problems.extend(problem.diagnostics)
            cursor.nesting = nesting
            cursor.skip_item(first, in_block=closer == "}")


def _parse_item(cursor: Cursor, content: _Content) -> None:
    first, kinds = cursor.index, cursor.kinds
    if kinds[first] != IDENTIFIER:
        _fail_without_name(cursor)
    cursor.index = first + 1
    following = kinds[first + 1]
    if following == "=":
        content.add(_parse_attribute(cursor, first))
    elif following in _BLOCK_GOES_ON:
        _parse_block(cursor, first, content)
    else:
        _fail_after_name(cursor, first)
    if kinds[cursor.index] == NEWLINE:
        cursor.index += 1
    elif kinds[cursor.index] != END:
        _fail_without_newline(cursor, "argument" if following == "=" else "block definition")


def _fail_without_name(cursor: Cursor) -> NoReturn:
    if cursor.kind in {STRING, QUOTE}:
        cursor.fail(
            "Invalid argument name", "Names of arguments and types of blocks are not quoted. Remove the quotes."
        )
    hint = " It closes no block that is open." if cursor.kind == "}" else ""
    cursor.fail(
        "Argument or block definition required",
        f"An argument (name = value) or a block is expected here; found {cursor.found()}.{hint}",
    )


def _fail_after_name(cursor: Cursor, name: int) -> NoReturn:
    cursor.fail(
        "Argument or block definition required",
        f'After the name "{cursor.values[name]}" must come "=" and a value, if it is an argument, '
        f'or labels and "{{", if it is a block; found {cursor.found()}.',
        name if cursor.kind != INVALID else None,
    )


def _fail_without_newline(cursor: Cursor, noun: str) -> NoReturn:
    if cursor.kind == "," and noun == "argument":
        cursor.fail(
            "Unexpected comma after argument",
            "Arguments are separated by newlines, not by commas. Put the next one on a line of its own.",
        )
    cursor.fail(
        f"Missing newline after {noun}",
        f"Each {noun} ends with its line; found {cursor.found()}. Begin a new line before it.",
    )


def _parse_attribute(cursor: Cursor, name: int) -> Attribute:
    """Parse the value of an argument; the equals sign is the next token."""
    cursor.index += 1
    value = parse_value(cursor)
    source, start = cursor.source, cursor.starts[name]
    name_range = SourceRange(source, start, cursor.ends[name])
    return Attribute(source, start, value.end, cursor.values[name], name_range, value)


def _parse_block(cursor: Cursor, first: int, content: _Content) -> None:
    """Parse a block whose type is read, and add it with as much of its content as could be read."""
    labels = _parse_labels(cursor)
    opening = cursor.index
    cursor.index = opening + 1
    cursor.enter()
    inner, end = _Content(content.problems), cursor.ends[opening]
    try:
        if cursor.kind in {NEWLINE, "}", END}:
            _parse_items(cursor, inner, "}")
            if not cursor.take("}") and not content.problems:
                # After an earlier error this one would most likely be its consequence.
                _fail_unclosed(cursor, first, opening)
        else:
            _parse_only_argument(cursor, inner)
            if not cursor.take("}"):
                _fail_in_line(cursor, first, opening)
        end = cursor.previous_end
        cursor.nesting -= 1
    finally:
        source, start = cursor.source, cursor.starts[first]
        body = Body(source, cursor.starts[opening], end, inner.attributes, inner.blocks)
        block = Block(source, start, end, cursor.values[first], cursor.range(first), tuple(labels), body)
        content.blocks.append(block)


def _parse_labels(cursor: Cursor) -> list[Label]:
    """Parse labels up to the opening brace, which is not passed."""
    labels: list[Label] = []
    while cursor.kind != "{":
        index = cursor.index
        if not cursor.take(STRING) and not cursor.take(IDENTIFIER):
            _fail_in_header(cursor)
        labels.append(Label(cursor.source, cursor.starts[index], cursor.ends[index], cursor.values[index]))
    return labels


def _fail_in_header(cursor: Cursor) -> NoReturn:
    summary = "Invalid block definition"
    match cursor.kind:
        case "quote":
            while cursor.take(QUOTE) or cursor.take(LITERAL):
                pass
            cursor.fail(
                "Invalid string literal",
                f"A label is fixed text, without {cursor.found()}…}}. "
                f"For a literal {cursor.found()}, double its first character.",
            )
        case "newline" | "end":
            cursor.fail(summary, 'A block has its content in braces; write "{" on the line of its type and labels.')
        case "=":
            cursor.fail(
                summary,
                'Only an argument is set with "=", and its name has no labels. '
                'Leave out "=" if it is a block, or what is before it if it is an argument.',
            )
        case _:
            cursor.fail(summary, f'Here comes a quoted label or "{{"; found {cursor.found()}.')


def _parse_only_argument(cursor: Cursor, content: _Content) -> None:
    """Parse what stands in a block that is written on one line."""
    name = cursor.index
    if not cursor.take(IDENTIFIER):
        _fail_without_name(cursor)
    if cursor.kind in _BLOCK_GOES_ON:
        cursor.fail(
            "Argument definition required",
            "A block that is written on one line can hold only one argument, and no block. "
            "Put what it holds on lines of its own.",
            name,
        )
    if cursor.kind != "=":
        _fail_after_name(cursor, name)
    content.add(_parse_attribute(cursor, name))


def _fail_in_line(cursor: Cursor, first: int, opening: int) -> NoReturn:
    if cursor.kind == END:
        _fail_unclosed(cursor, first, opening)
    cursor.fail(
        "Invalid single-argument block definition",
        'A block that begins with an argument on the line of its "{" ends on that line, and holds only that; '
        f'found {cursor.found()} instead of "}}". Begin a new line after "{{", and after each argument.',
    )


def _fail_unclosed(cursor: Cursor, first: int, opening: int) -> NoReturn:
    raise DiagnosticError.of(
        "Unclosed configuration block",
        'This block is not closed before the end of the file. Add "}", here or in a block inside it.',
        cursor.range(first, opening),
    )
