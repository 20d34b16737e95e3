"""Render a user's own template (`xml { template = … }`): jinja2, without access to anything but the values it is given.

It is strict, as kvmform's own templates are: a name that is not given is an error. There is nothing to include or to
import, and attributes that begin with an underscore are out of reach. What is rendered has limits in size, and in time
too, which is looked at with each piece of it.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sized
from functools import cache
from typing import TYPE_CHECKING, Any

from kvmform.diagnostics import DiagnosticError
from kvmform.schema import Plain

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

__all__ = ["check_user_template", "markup", "render_user_template"]

_SUMMARY = "Invalid template"
_LONGEST = 4 * 2**20
"""Characters; the definitions of real domains have some thousands."""
_SECONDS = 5.0


def markup(text: str) -> Plain:
    """XML that a template inserts as it is."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 - it comes from kvmform's own templates, which escape all values


def check_user_template(text: str, names: Collection[str]) -> None:
    """Whether a text is a template that asks for no other names than these.

    Raises:
        DiagnosticError: it is none, or does.
    """
    from jinja2 import TemplateSyntaxError, meta

    try:
        unknown = meta.find_undeclared_variables(_environment().parse(text)) - {*names}
    except TemplateSyntaxError as problem:
        raise DiagnosticError.of(_SUMMARY, f"Line {problem.lineno}: {problem.message}.") from None
    if unknown:
        line = _line_of(text, min(unknown))
        raise DiagnosticError.of(
            _SUMMARY,
            f"Line {line}: there is no value {', '.join(sorted(unknown))}. A template may ask for "
            f"{', '.join(sorted(names))}.",
        )


def render_user_template(text: str, values: Mapping[str, Plain]) -> str:
    """The text that a template makes of these values.

    Raises:
        DiagnosticError: it is no template, asks for what is not there, or for too much.
    """
    from jinja2 import TemplateError

    check_user_template(text, values)
    end, pieces, length = time.monotonic() + _SECONDS, [], 0
    try:
        for piece in _environment().from_string(text).generate(values):
            pieces.append(piece)
            length += len(piece)
            if length > _LONGEST or time.monotonic() > end:
                raise DiagnosticError.of(
                    _SUMMARY, f"It makes more than {_LONGEST} characters, or takes more than {_SECONDS:g} seconds."
                )
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as problem:
        line = _line_in_template(problem)
        raise DiagnosticError.of(_SUMMARY, f"{line}{str(problem).rstrip('.')}.") from None
    return "".join(pieces)


def _line_in_template(problem: Exception) -> str:
    """Where in the template an error arose, as far as its traceback tells."""
    found, trace = "", problem.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            found = f"Line {trace.tb_lineno}: "
        trace = trace.tb_next
    return found


def _line_of(text: str, name: str) -> int:
    return text[: max(text.find(name), 0)].count("\n") + 1


@cache
def _environment() -> SandboxedEnvironment:
    from jinja2 import StrictUndefined
    from jinja2.exceptions import SecurityError
    from jinja2.loaders import DictLoader
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Bounded(ImmutableSandboxedEnvironment):
        intercepted_binops = frozenset({"*", "**"})

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            """No power of anything, and no product that is longer than a template may be."""
            sizes = [len(each) if isinstance(each, Sized) else each for each in (left, right)]
            is_short = isinstance(left, int | float) and isinstance(right, int | float)
            if operator == "**" or not (is_short or sizes[0] * sizes[1] <= _LONGEST):
                raise SecurityError(f"{operator} makes more than a template may")
            return super().call_binop(context, operator, left, right)

    return Bounded(
        loader=DictLoader({}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
