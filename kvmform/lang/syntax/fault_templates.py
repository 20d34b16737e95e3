"""What is wrong with a quoted string or a heredoc; see :mod:`kvmform.lang.syntax.fault_items`."""

from __future__ import annotations

from kvmform.diagnostics import SourceRange
from kvmform.lang.syntax.escapes import InvalidEscapeError, decode_quoted
from kvmform.lang.syntax.fault_expressions import read_expression, read_loop_header
from kvmform.lang.syntax.reader import Reader, Term
from kvmform.lang.syntax.scan import Scanned
from kvmform.struct import Struct

__all__ = ["TEMPLATE_TERMS", "read_literal"]

_UNCLOSED = 'There is no "}" that ends this "${" before the template does. Add it, or write "$${" for a literal "${".'
_DIRECTIVES = ("if", "else", "endif", "for", "endfor")


class _Directive(Struct):
    """A directive that was read, and its place."""

    word: str
    range: SourceRange


def read_literal(reader: Reader, literal: Scanned) -> None:
    """Check the escape sequences of a literal in quotes that is read."""
    try:
        decode_quoted(literal.text)
    except InvalidEscapeError as problem:
        first = literal.start + problem.start
        at = reader.range(Scanned("", first, literal.start + problem.end, ""))
        reader.tell(problem.malformed.summary, problem.malformed.detail, at)


def _read_template(reader: Reader) -> None:
    opening = reader.read()
    closer = "quote end" if opening.kind == "quote" else "heredoc end"
    first = reader.next
    directives: list[_Directive] = []
    with reader.newlines(count=True):
        while (token := reader.read()).kind != closer:
            match token.kind:
                case "literal":
                    read_literal(reader, token)
                case "line":
                    pass
                case "${":
                    _read_interpolation(reader, first, closer)
                case "%{":
                    directive = _read_directive(reader, token, first)
                    directives.extend([directive] if directive is not None else [])
                case _:
                    detail = "There is no closing marker for this text. Close it."
                    reader.tell_once("Unterminated template string", detail, token, reader.range(first, token))
                    reader.skip_past(closer)
                    break
    _check_balance(reader, directives, reader.range(reader.previous))


def _read_interpolation(reader: Reader, first: Scanned, closer: str) -> None:
    with reader.newlines(count=False):
        read_expression(reader)
        token = reader.next
        if token.kind == "sequence end":
            reader.read()
            return
        if token.kind == "end" or (token.kind in {"quote", "quote end"} and closer == "quote end"):
            reader.tell_once("Unclosed template interpolation sequence", _UNCLOSED, first)
        else:
            detail = (
                f'A "}}" must end the interpolation here; found {reader.found()}. If this is meant for another '
                'program, such as a shell, write "$${" instead of "${".'
            )
            context = reader.range(first, token)
            reader.tell_once("Extra characters after interpolation expression", detail, token, context)
        reader.skip_past("sequence end")


def _read_directive(reader: Reader, opening: Scanned, first: Scanned) -> _Directive | None:
    with reader.newlines(count=False):
        word = reader.next
        if word.kind != "identifier":
            detail = (
                f'"%{{" must be followed by if, else, endif, for or endfor; found {reader.found()}. '
                'For a literal "%{", write "%%{".'
            )
            reader.tell_once("Invalid template directive", detail, word, reader.range(opening, word))
            reader.skip_past("sequence end")
            return None
        reader.read()
        if word.text not in _DIRECTIVES:
            detail = (
                f'"{word.text}" is no directive. Write if, else, endif, for or endfor, or "%%{{" for a literal "%{{".'
            )
            reader.tell_once("Invalid template control keyword", detail, word, reader.range(opening, word))
            reader.skip_past("sequence end")
            return None
        if word.text == "for" and read_loop_header(reader, "Invalid 'for' directive", opening):
            reader.skip_past("sequence end")
            return None
        if word.text in {"if", "for"}:
            read_expression(reader)
        token = reader.next
        if token.kind == "sequence end":
            reader.read()
        else:
            detail = f'A "}}" must end it here; found {reader.found()}.'
            reader.tell_once(f"Extra characters in {word.text} marker", detail, token, reader.range(first, token))
            reader.skip_past("sequence end")
        return _Directive(word.text, reader.range(opening, reader.previous))


def _check_balance(reader: Reader, directives: list[_Directive], closing: SourceRange) -> None:
    """Tell of directives that lack their end, and of ends that lack their directive."""
    opened: list[_Directive] = []
    for directive in directives:
        match opened[-1].word if opened else "", directive.word:
            case _, "if" | "for":
                opened.append(directive)
            case "if", "else":
                opened[-1] = _Directive("else", opened[-1].range)
            case ("if" | "else", "endif") | ("for", "endfor"):
                opened.pop()
            case innermost, word:
                reason = (
                    f"the {innermost} directive has to be ended first" if innermost else "no directive is open here"
                )
                detail = f"There can be no %{{ {word} }} at this place: {reason}."
                reader.tell(f"Unexpected {word} directive", detail, directive.range)
                if opened:
                    opened.pop()
    if opened:
        word = "for" if opened[-1].word == "for" else "if"
        detail = (
            f"The {word} directive at {opened[-1].range} is not ended. Write %{{ end{word} }} after what belongs to it."
        )
        reader.tell("Unexpected end of template", detail, closing)


TEMPLATE_TERMS: dict[str, Term] = {"quote": _read_template, "heredoc": _read_template, "heredoc-": _read_template}
"""The operands that this module reads, by the kind of their first token."""
