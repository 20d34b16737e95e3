"""The flat parts of a template, and the tree they make.

A heredoc of the indented kind (`<<-`) loses its margin first; then the texts that directives
don't separate are joined, and what stands between directives is put into them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NoReturn

from kvmform.diagnostics import DiagnosticError, Source, SourceRange
from kvmform.lang.ast import Expression, Literal, Template, TemplateFor, TemplateIf, TemplateWrap
from kvmform.lang.syntax.escapes import BLANK
from kvmform.struct import Struct, field

__all__ = ["EndPart", "ForPart", "IfPart", "InterpolationPart", "Part", "TextPart", "remove_margin", "template_tree"]


class TextPart(Struct, frozen=False):
    """Literal text; in a heredoc or a template file, of one line at most until texts are joined."""

    start: int
    end: int
    text: str


class InterpolationPart(Struct, frozen=False):
    """`${expression}`."""

    start: int
    end: int
    expression: Expression


class IfPart(Struct, frozen=False):
    """`%{ if condition }`."""

    start: int
    end: int
    condition: Expression


class ForPart(Struct, frozen=False):
    """`%{ for key, value in collection }`."""

    start: int
    end: int
    key: str | None
    value: str
    collection: Expression


class EndPart(Struct, frozen=False):
    """`%{ else }`, `%{ endif }` or `%{ endfor }`."""

    start: int
    end: int
    word: str


Part = TextPart | InterpolationPart | IfPart | ForPart | EndPart


def remove_margin(parts: Sequence[Part]) -> None:
    """Take from each line the blanks that all lines begin with, in place.

    Only the text at the beginning of a line counts; a line of blanks doesn't, and one that
    begins with a sequence has no margin. What is interpolated is not looked at.
    """
    lines: list[TextPart] = []
    margins: list[int] = []
    line_begins = True
    for part in parts:
        text = part.text if isinstance(part, TextPart) else ""
        margin = len(text) - len(text.lstrip(BLANK))
        is_blank_line = margin == len(text) and text.endswith("\n")
        if line_begins and not is_blank_line:
            margins.append(margin)
            if isinstance(part, TextPart):
                lines.append(part)
        line_begins = text.endswith("\n")
    margin = min(margins, default=0)
    for line in lines:
        line.text = line.text[margin:]
        line.start += margin


def template_tree(source: Source, parts: Sequence[Part], place: SourceRange, closing: SourceRange) -> Expression:
    """Make the expression for a template that stands at `place` and ends with `closing`.

    It is a Literal if there is only text, and a TemplateWrap if there is one interpolation and
    nothing else, not even a text that a strip marker left empty.

    Raises:
        DiagnosticError: a directive lacks its end, or an end its directive.
    """
    match _join_texts(parts):
        case []:
            return Literal(source, place.start, place.end, "")
        case [TextPart(text=text)]:
            return Literal(source, place.start, place.end, text)
        case [InterpolationPart(expression=expression)]:
            return TemplateWrap(source, place.start, place.end, expression)
        case joined:
            return Template(source, place.start, place.end, tuple(_nest(source, joined, closing)))


def _join_texts(parts: Sequence[Part]) -> list[Part]:
    joined: list[Part] = []
    for is_text, run in groupby(parts, lambda part: isinstance(part, TextPart)):
        if is_text:
            texts = [part for part in run if isinstance(part, TextPart)]
            joined.append(TextPart(texts[0].start, texts[-1].end, "".join(part.text for part in texts)))
        else:
            joined.extend(run)
    return joined


class _Open(Struct, frozen=False):
    """A directive whose end is to come: what stood before it, what follows it, and what followed its `else`."""

    directive: IfPart | ForPart
    before: list[Expression]
    content: list[Expression] = field(default_factory=list)
    otherwise: list[Expression] | None = None


def _nest(source: Source, parts: Sequence[Part], closing: SourceRange) -> list[Expression]:
    open_directives: list[_Open] = []
    current: list[Expression] = []
    for part in parts:
        match part:
            case TextPart():
                if part.text:
                    current.append(Literal(source, part.start, part.end, part.text))
            case InterpolationPart():
                current.append(part.expression)
            case IfPart() | ForPart():
                open_directives.append(_Open(part, current))
                current = open_directives[-1].content
            case EndPart():
                current = _end(source, open_directives, part)
    if open_directives:
        _fail_unclosed(source, open_directives[-1].directive, closing)
    return current


def _end(source: Source, open_directives: list[_Open], part: EndPart) -> list[Expression]:
    """Handle an `else` or an end; give the list to which what follows belongs."""
    if not open_directives:
        _fail_unexpected(source, part, "no directive is open here")
    innermost = open_directives[-1]
    match innermost.directive, part.word:
        case IfPart(), "else" if innermost.otherwise is None:
            innermost.otherwise = []
            return innermost.otherwise
        case IfPart() as opening, "endif":
            then = _body(source, innermost.content, opening.end)
            otherwise = _body(source, innermost.otherwise or [], part.start)
            node: Expression = TemplateIf(source, opening.start, part.end, opening.condition, then, otherwise)
        case ForPart() as opening, "endfor":
            body = _body(source, innermost.content, opening.end)
            start, end = opening.start, part.end
            node = TemplateFor(source, start, end, opening.key, opening.value, opening.collection, body)
        case opening, _:
            line = source.position(opening.start).line
            _fail_unexpected(source, part, f"the {_word(opening)} directive on line {line} has to be ended first")
    open_directives.pop()
    innermost.before.append(node)
    return innermost.before


def _body(source: Source, content: list[Expression], at: int) -> Expression:
    """What a directive makes, always a string; an empty one stands at offset `at`."""
    match content:
        case []:
            return Literal(source, at, at, "")
        case [Literal(value=str()) as text]:
            return text
        case _:
            return Template(source, content[0].start, content[-1].end, tuple(content))


def _word(directive: IfPart | ForPart) -> str:
    return "if" if isinstance(directive, IfPart) else "for"


def _fail_unclosed(source: Source, directive: IfPart | ForPart, closing: SourceRange) -> NoReturn:
    word, line = _word(directive), source.position(directive.start).line
    raise DiagnosticError.of(
        "Unexpected end of template",
        f"The {word} directive on line {line} is not ended. Write %{{ end{word} }} after what belongs to it.",
        closing,
    )


def _fail_unexpected(source: Source, part: EndPart, reason: str) -> NoReturn:
    raise DiagnosticError.of(
        f"Unexpected {part.word} directive",
        f"There can be no %{{ {part.word} }} at this place: {reason}.",
        source.range(part.start, part.end),
    )
