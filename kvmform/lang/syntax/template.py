"""Tokens to templates: quoted strings with sequences in them, heredocs, and template files.

Source: https://developer.hashicorp.com/terraform/language/expressions/strings. How strip markers and
margins meet is HCL's rule: each line of a heredoc is a text of its own, a marker strips one
text, and margins are measured after that.
"""

from __future__ import annotations

from typing import NoReturn

from kvmform.diagnostics import DiagnosticError
from kvmform.lang.ast import Expression
from kvmform.lang.syntax.cursor import Cursor, Term
from kvmform.lang.syntax.escapes import BLANK
from kvmform.lang.syntax.expression import parse_expression, parse_loop_header
from kvmform.lang.syntax.malformed import UNCLOSED_STRING
from kvmform.lang.syntax.template_parts import (
    EndPart,
    ForPart,
    IfPart,
    InterpolationPart,
    Part,
    TextPart,
    remove_margin,
    template_tree,
)
from kvmform.lang.syntax.tokens import (
    DIRECTIVE,
    END,
    END_SEQUENCE,
    END_TEMPLATE,
    HEREDOC,
    IDENTIFIER,
    INTERPOLATION,
    LITERAL,
    QUOTE,
    STRING,
)

__all__ = ["TEMPLATE_TERMS", "parse_template_file"]

_STRIP = "~"


def parse_template_file(cursor: Cursor) -> Expression:
    """Parse a text that is one template from its beginning to its end.

    Raises:
        DiagnosticError: a sequence in it is wrong, or a directive lacks its end.
    """
    parts = _parse_parts(cursor, END)
    return template_tree(cursor.source, parts, cursor.range(0, cursor.index), cursor.range(cursor.index))


def _parse_opened(cursor: Cursor) -> Expression:
    """Parse a quoted string or a heredoc; its opening is the next token."""
    opening = cursor.index
    cursor.index = opening + 1
    parts = _parse_parts(cursor, END_TEMPLATE)
    closing = cursor.index
    cursor.index = closing + 1
    if cursor.kinds[opening] == HEREDOC and cursor.values[opening] == "-":
        remove_margin(parts)
    return template_tree(cursor.source, parts, cursor.range(opening, closing), cursor.range(closing))


def _parse_parts(cursor: Cursor, closer: str) -> list[Part]:
    """Parse up to the token that closes the template, which is not passed; strip markers are applied."""
    parts: list[Part] = []
    while cursor.kind != closer:
        index = cursor.index
        kind, value = cursor.kinds[index], cursor.values[index]
        last = parts[-1] if parts else None
        cursor.index = index + 1
        if kind == LITERAL:
            text = value.lstrip(BLANK) if last and _strips_right(cursor, index - 1) else value
            parts.append(TextPart(cursor.starts[index], cursor.ends[index], text))
            continue
        if value == _STRIP and isinstance(last, TextPart):
            last.text = last.text.rstrip(BLANK)
        if kind == INTERPOLATION:
            parts.append(_parse_interpolation(cursor, index))
        elif kind == DIRECTIVE:
            parts.append(_parse_directive(cursor, index))
        else:
            cursor.fail("Unterminated template string", "The text ends inside this template. Close it.", index)
    return parts


def _strips_right(cursor: Cursor, index: int) -> bool:
    return cursor.kinds[index] == END_SEQUENCE and cursor.values[index] == _STRIP


def _parse_interpolation(cursor: Cursor, opening: int) -> InterpolationPart:
    expression = parse_expression(cursor)
    if not cursor.take(END_SEQUENCE):
        _fail_in_interpolation(cursor, opening)
    return InterpolationPart(cursor.starts[opening], cursor.previous_end, expression)


def _fail_in_interpolation(cursor: Cursor, opening: int) -> NoReturn:
    if cursor.kind in {END, QUOTE, STRING} or cursor.values[cursor.index] is UNCLOSED_STRING:
        raise DiagnosticError.of(
            "Unclosed template interpolation sequence",
            'There is no "}" that ends this "${" before the template does. Add it, or write "$${" for a literal "${".',
            cursor.range(opening),
        )
    cursor.fail(
        "Extra characters after interpolation expression",
        f'A "}}" must end the interpolation here; found {cursor.found()}. If this is meant for another program, '
        'such as a shell, write "$${" instead of "${".',
    )


def _parse_directive(cursor: Cursor, opening: int) -> Part:
    start = cursor.starts[opening]
    word = cursor.values[cursor.index]
    if not cursor.take(IDENTIFIER):
        cursor.fail(
            "Invalid template directive",
            f'"%{{" must be followed by if, else, endif, for or endfor; found {cursor.found()}. '
            'For a literal "%{", write "%%{".',
        )
    part: Part
    match word:
        case "if":
            part = IfPart(start, start, parse_expression(cursor))
        case "for":
            part = ForPart(start, start, *parse_loop_header(cursor, "Invalid 'for' directive"))
        case "else" | "endif" | "endfor":
            part = EndPart(start, start, word)
        case _:
            cursor.fail(
                "Invalid template control keyword",
                f'"{word}" is no directive. Write if, else, endif, for or endfor, or "%%{{" for a literal "%{{".',
                cursor.index - 1,
            )
    if not cursor.take(END_SEQUENCE):
        cursor.fail(f"Extra characters in {word} marker", f'A "}}" must end it here; found {cursor.found()}.')
    part.end = cursor.previous_end
    return part


TEMPLATE_TERMS: dict[str, Term] = {QUOTE: _parse_opened, HEREDOC: _parse_opened}
"""The operands that this module reads, by the kind of their first token."""
