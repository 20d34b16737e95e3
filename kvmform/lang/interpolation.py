"""Strings with something in them: `"web-${x}"`, and the `%{ for }` of templates."""

from __future__ import annotations

from kvmform.lang.ast import Expression, Template, TemplateFor, TemplateWrap
from kvmform.lang.conversion import ConversionError, convert
from kvmform.lang.dispatch import EvaluationError, Failures, Fault, evaluates, failure, value_of
from kvmform.lang.limits import MAXIMUM_TEXT
from kvmform.lang.loops import loop_collection
from kvmform.lang.scope import Scope
from kvmform.values.kinds import is_null
from kvmform.values.marks import NO_MARKS, mark, unmark
from kvmform.values.model import Unknown, Value
from kvmform.values.types import STRING

__all__: list[str] = []

_SUMMARY = "Invalid template interpolation value"
_ENDS_A_PREFIX = frozenset(" !\"#$%&'()*+,-./:;?@[\\]^_`{|}~")
"""Characters with which no following one combines; `<`, `=` and `>` are not among them."""


@evaluates(TemplateWrap)
def _wrap(node: TemplateWrap, scope: Scope) -> Value:
    return value_of(node.expression, scope)


@evaluates(Template)
def _template(node: Template, scope: Scope) -> Value:
    texts: list[str] = []
    prefix: str | None = None
    marks = NO_MARKS
    failures = None
    for part in node.parts:
        try:
            value = value_of(part, scope)
            if type(value) is not str:
                value, part_marks = unmark(value)
                marks |= part_marks
                value = _text(value, part, scope)
        except EvaluationError as problem:
            failures = failures or Failures()
            failures.caught(problem)
            continue
        if type(value) is str:
            texts.append(value)
        elif prefix is None:
            prefix = _safe_prefix(_normal("".join(texts)))
    if failures:
        raise failures.error(mark(Unknown(STRING, not_null=True), marks))
    if prefix is not None:
        return mark(Unknown(STRING, not_null=True, prefix=prefix), marks)
    if sum(map(len, texts)) > MAXIMUM_TEXT:
        detail = f"The text would have more than {MAXIMUM_TEXT} characters. Put less into it."
        raise failure(Fault("Text too long", detail), node, scope)
    return mark(_normal("".join(texts)), marks)


def _text(value: Value, part: Expression, scope: Scope) -> Value:
    """A part's value as a string, or an unknown."""
    if is_null(value):
        detail = "The expression result is null. Cannot include a null value in a string template."
        raise failure(Fault(_SUMMARY, detail), part, scope)
    if type(value) is Unknown:
        return value
    try:
        return convert(value, STRING)
    except ConversionError as problem:
        detail = f"Cannot include the given value in a string template: {problem.message}."
        raise failure(Fault(_SUMMARY, detail), part, scope) from None


def _normal(text: str) -> str:
    """All strings of the language are in Unicode normal form C."""
    if text.isascii():
        return text
    from unicodedata import normalize

    return normalize("NFC", text)


def _safe_prefix(text: str) -> str:
    """What a string surely begins with, whatever is put behind `text`: a last letter might get an accent."""
    return text if text[-1:] in _ENDS_A_PREFIX else text[:-1]


@evaluates(TemplateFor)
def _template_for(node: TemplateFor, scope: Scope) -> Value:
    elements, marks = loop_collection(node.collection, scope)
    if elements is None:
        return mark(Unknown(STRING, not_null=True), marks)
    scope = scope.child()
    texts = []
    for key, value in elements:
        if node.key is not None:
            scope.names[node.key] = key
        scope.names[node.value] = value
        text, body_marks = unmark(value_of(node.body, scope))
        marks |= body_marks
        texts.append(_text(text, node.body, scope))
    if all(type(text) is str for text in texts):
        return mark(_normal("".join(texts)), marks)
    return mark(Unknown(STRING, not_null=True), marks)
