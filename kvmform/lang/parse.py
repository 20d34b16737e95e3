"""The parser's door: text of the language to its tree.

What it promises to those who walk the tree: at most
:data:`~kvmform.lang.walk.MAXIMUM_HEIGHT` expressions lie inside one another, and at most
:data:`~kvmform.lang.syntax.cursor.MAXIMUM_NESTING` blocks, so they may call themselves for each
level; only a chain of binary operators may be longer, and is to be walked in a loop.
Strings are in Unicode normal form C, as all strings of the language.
"""

from __future__ import annotations

from kvmform.diagnostics import Diagnostic, Source
from kvmform.lang.ast import Body, Expression
from kvmform.lang.syntax.collection import COLLECTION_TERMS
from kvmform.lang.syntax.cursor import NESTING_TOO_DEEP, Cursor
from kvmform.lang.syntax.expression import OPERAND_TERMS, parse_value
from kvmform.lang.syntax.lexer import Mode, tokenize
from kvmform.lang.syntax.structure import parse_file
from kvmform.lang.syntax.template import TEMPLATE_TERMS, parse_template_file
from kvmform.lang.syntax.tokens import END

__all__ = ["parse_config", "parse_expression", "parse_template", "read_expression", "read_template"]

_TERMS = {**OPERAND_TERMS, **COLLECTION_TERMS, **TEMPLATE_TERMS}
_BYTE_ORDER_MARK = "\ufeff"


def parse_config(text: str, filename: str) -> tuple[Body, list[Diagnostic]]:
    """Parse a whole configuration file.

    Nothing is raised: the body holds every argument and block that could be read, and the
    list every error, in the order of the file. It is empty for a valid file.
    """
    source = Source(filename, text.removeprefix(_BYTE_ORDER_MARK))
    body, problems = parse_file(Cursor(source, tokenize(source), _TERMS))
    return body, (_told_as_by_terraform(source, problems) if problems else problems)


def _told_as_by_terraform(source: Source, problems: list[Diagnostic]) -> list[Diagnostic]:
    if any(problem.summary == NESTING_TOO_DEEP for problem in problems):
        return problems
    from kvmform.lang.syntax.fault_items import file_faults

    return file_faults(source) or problems


def parse_expression(text: str, filename: str, start: int = 0) -> Expression:
    """Parse one expression: what follows offset `start` in `text`, newlines allowed anywhere.

    Raises:
        DiagnosticError: it is no expression, or something follows it.
    """
    # The last line may be the end marker of a heredoc, which is a whole line.
    return read_expression(Source(filename, f"{text}\n"), start)


def parse_template(text: str, filename: str) -> Expression:
    """Parse a template file, as `templatefile` reads it.

    The result is a Literal if nothing is interpolated, a TemplateWrap if the text is
    one single `${…}` (its value keeps its type, as in Terraform), a Template otherwise.

    Raises:
        DiagnosticError: a sequence in it is wrong.
    """
    return read_template(Source(filename, text.removeprefix(_BYTE_ORDER_MARK)))


def read_expression(source: Source, start: int = 0) -> Expression:
    """Do as :func:`parse_expression` for a source that is there already."""
    cursor = Cursor(source, tokenize(source, Mode.EXPRESSION, start), _TERMS)
    expression = parse_value(cursor)
    if cursor.kind != END:
        cursor.fail(
            "Extra characters after expression",
            f"The expression is complete before {cursor.found()}. Remove what follows, or add the missing operator.",
        )
    return expression


def read_template(source: Source) -> Expression:
    """Do as :func:`parse_template` for a source that is there already."""
    return parse_template_file(Cursor(source, tokenize(source, Mode.TEMPLATE), _TERMS))
