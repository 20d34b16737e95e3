"""Expressions evaluated in the root module, one after another; nothing of the configuration is worked out twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kvmform.config.evaluation import Evaluation
from kvmform.config.module import Module
from kvmform.config.validate import check_references
from kvmform.diagnostics import DiagnosticError, Source
from kvmform.lang.ast import Call, Expression, Parentheses
from kvmform.lang.parse import parse_expression
from kvmform.lang.syntax.lexer import Mode, tokenize
from kvmform.lang.syntax.malformed import UNCLOSED_COMMENT, unclosed_heredoc
from kvmform.lang.syntax.tokens import DIRECTIVE, END_SEQUENCE, INTERPOLATION, INVALID
from kvmform.lang.walk import children
from kvmform.struct import Struct
from kvmform.values.kinds import type_of
from kvmform.values.model import Value
from kvmform.values.types import Type
from kvmform.workspace.recorded import recorded_evaluation

if TYPE_CHECKING:
    from kvmform.workspace.workspace import Workspace

__all__ = ["Console", "Pending", "TypeAnswer", "open_console"]

_FILENAME = "<console-input>"
_OPENING = frozenset({"(", "[", "{", INTERPOLATION, DIRECTIVE})
_CLOSING = frozenset({")", "]", "}", END_SEQUENCE})
_UNCLOSED = frozenset({UNCLOSED_COMMENT.summary, unclosed_heredoc("").summary})


def open_console(workspace: Workspace, *, planned: bool) -> Console:
    """What answers expressions; see :meth:`Workspace.console`."""
    if planned:
        from kvmform.workspace.options import PlanOptions

        evaluation = workspace.plan(PlanOptions()).evaluation
        assert evaluation is not None
        return Console(workspace.root, evaluation)
    return Console(workspace.root, recorded_evaluation(workspace, workspace.given_inputs))


class TypeAnswer(Struct):
    """What `type(…)` answers, a function that only the console has: a type; None: that of a type."""

    type: Type | None


class Console:
    """Answers expressions as in the root module, outside of any block."""

    def __init__(self, module: Module, evaluation: Evaluation) -> None:
        self._module = module
        self._evaluation = evaluation

    def answer(self, text: str) -> Value | TypeAnswer:
        """The value of the expression in a text.

        Raises:
            DiagnosticError: it is no expression, or can't be evaluated.
        """
        _reject_undecoded(text)
        expression = parse_expression(text, _FILENAME)
        if "type" in text:
            return self._typed(expression)
        return self._value(expression)

    def _value(self, expression: Expression) -> Value:
        problems = check_references(self._module, expression)
        if problems:
            raise DiagnosticError(*problems)
        return self._evaluation.value(expression, self._evaluation.root)

    def _typed(self, expression: Expression) -> Value | TypeAnswer:
        """The value of an expression that may be a call of `type`."""
        while isinstance(expression, Parentheses):
            expression = expression.expression
        if not _asks_for_type(expression):
            _reject_types_inside(expression)
            return self._value(expression)
        assert isinstance(expression, Call)
        argument = self._typed(expression.arguments[0])
        return TypeAnswer(None if isinstance(argument, TypeAnswer) else type_of(argument))


def _reject_undecoded(text: str) -> None:
    """Refuse what was not UTF-8; such bytes come as surrogates, which are no text."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as problem:
            detail = f"Character {problem.start + 1} is not UTF-8. Expressions must be UTF-8."
            raise DiagnosticError.of("Invalid character encoding", detail) from None


def _asks_for_type(expression: Expression) -> bool:
    return (
        isinstance(expression, Call)
        and expression.name == "type"
        and len(expression.arguments) == 1
        and not expression.expand
    )


def _reject_types_inside(expression: Expression) -> None:
    pending = [expression]
    while pending:
        node = pending.pop()
        if _asks_for_type(node):
            detail = 'The console-only "type" function gives no value, so it can\'t be part of an expression.'
            raise DiagnosticError.of("Invalid use of type function", detail, node.range)
        pending.extend(children(node))


class Pending:
    """Lines of an expression that may go on: a bracket, a heredoc or a comment is open."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._depth = 0
        self._in_text = False

    @property
    def text(self) -> str:
        """What was given so far."""
        return "\n".join(self.lines)

    def add(self, line: str) -> bool:
        """Take one more line; tell whether the expression goes on behind it."""
        self.lines.append(line)
        if not self._in_text:
            depth, self._in_text = _openings(line)
            self._depth += depth
        if self._in_text:
            self._depth, self._in_text = _openings(self.text)
        return self._depth > 0 or self._in_text


def _openings(text: str) -> tuple[int, bool]:
    """How many more brackets a text opens than it closes, and whether a heredoc or a comment is open at its end."""
    tokens = tokenize(Source(_FILENAME, f"{text}\n"), Mode.EXPRESSION)
    depth = sum((kind in _OPENING) - (kind in _CLOSING) for kind in tokens.kinds)
    malformed = [value.summary for kind, value in zip(tokens.kinds, tokens.values, strict=True) if kind == INVALID]
    return depth, not _UNCLOSED.isdisjoint(malformed)
