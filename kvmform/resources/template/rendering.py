"""Render a template that came as a text.

Source: https://registry.terraform.io/providers/hashicorp/template, version 2.2. A template is
in the language of `templatefile`; it sees its variables, all of them strings, and functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from kvmform.diagnostics import DiagnosticError
from kvmform.lang.ast import Expression
from kvmform.lang.conversion import ConversionError, convert
from kvmform.lang.evaluate import call_context, evaluate_template
from kvmform.lang.parse import parse_template
from kvmform.values.kinds import is_null
from kvmform.values.types import STRING

__all__ = ["render"]


@lru_cache(maxsize=32)
def _parsed(text: str, name: str) -> Expression:
    """The tree of a template: a fleet of guests has one template, and thousands of values for it."""
    return parse_template(text, name)


def render(text: str, variables: Mapping[str, str | None] | None, base_directory: Path, name: str) -> str:
    """The text of a template with the given variables; a null one is as good as none.

    Args:
        text: the template.
        variables: by name.
        base_directory: where the paths start that it gives to functions.
        name: what messages call the template.

    Raises:
        DiagnosticError: it can't be rendered; points into the template.
    """
    template = _parsed(text, name)
    known = {each: value for each, value in (variables or {}).items() if value is not None}
    value = evaluate_template(template, known, call_context(str(base_directory), lambda: datetime.now(UTC)))
    try:
        rendered = convert(value, STRING)
    except ConversionError as problem:
        raise DiagnosticError.of(
            "Invalid template result", f"A template makes a text, and this one doesn't: {problem.message}."
        ) from None
    if is_null(rendered):
        raise DiagnosticError.of("Invalid template result", "A template makes a text, and this one makes null.")
    assert isinstance(rendered, str)
    return rendered
