"""Answers of `console -json`: one object a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kvmform.diagnostics import Diagnostic
from kvmform.state.json_text import json_text
from kvmform.values.json import to_json
from kvmform.values.kinds import type_of
from kvmform.values.marks import is_sensitive, is_wholly_known, unmark_deep
from kvmform.values.model import Value
from kvmform.values.types import type_to_json
from kvmform.view.diagnostics_json import diagnostic_form

__all__ = ["error_line", "value_line"]


def value_line(value: Value) -> str:
    """`value`, `type` and `sensitive` (of the value itself, not of parts of it); numbers are exact.

    `unknown` and `type` if a part of it is known only after apply; `infinity` and `type` if a
    number in it is infinite, which JSON can't say.
    """
    kind = type_to_json(type_of(value))
    plain, _ = unmark_deep(value)
    if not is_wholly_known(plain):
        return json_text({"unknown": True, "type": kind})
    try:
        form = to_json(plain)
    except ValueError:
        return json_text({"infinity": True, "type": kind})
    return json_text({"value": form, "type": kind, "sensitive": is_sensitive(value)})


def error_line(found: Sequence[Diagnostic]) -> str:
    """`error` of an answer: summary, detail, and range of the first problem."""
    form = diagnostic_form(found[0])
    error: dict[str, Any] = {name: form[name] for name in ("summary", "detail", "range") if name in form}
    return json_text({"error": error})
