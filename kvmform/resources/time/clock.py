"""Points in time as the types here have them: RFC 3339 text to the second, and its parts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from kvmform.diagnostics import DiagnosticError, error
from kvmform.resources.recorded import made
from kvmform.schema import Object, Plain, Problem, Row, Rule
from kvmform.values.model import Unknown
from kvmform.values.types import NUMBER

__all__ = ["PARTS", "moment", "now", "parts", "same_moment", "shifted", "text", "timestamp"]

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)", re.ASCII)

PARTS: Mapping[str, Row] = {
    "year": made(NUMBER, "Its year."),
    "month": made(NUMBER, "Its month, from 1."),
    "day": made(NUMBER, "Its day of the month, from 1."),
    "hour": made(NUMBER, "Its hour, from 0."),
    "minute": made(NUMBER, "Its minute."),
    "second": made(NUMBER, "Its second."),
    "unix": made(NUMBER, "Seconds from 1970 up to it."),
}
"""The attributes that :func:`parts` fills in."""


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def moment(written: str) -> datetime:
    """The moment that a text stands for.

    Raises:
        ValueError: it is not as RFC 3339 has it.
    """
    if not _RFC3339.fullmatch(written):
        raise ValueError(f'"{written}" is not of the form 2006-01-02T15:04:05Z (or +07:00)')
    return datetime.fromisoformat(written)


def text(at: datetime) -> str:
    """A moment in RFC 3339, to the second."""
    found = at.replace(microsecond=0).isoformat()
    return found.removesuffix("+00:00") + "Z" if at.utcoffset() == timedelta(0) else found


def parts(at: datetime) -> Object:
    """The attributes of :data:`PARTS`, on the clock of the moment's own zone."""
    found: Object = {name: getattr(at, name) for name in PARTS if name != "unix"}
    return found | {"unix": int(at.timestamp() // 1)}


def shifted(at: datetime, *, years: int = 0, months: int = 0, **span: int) -> datetime:
    """A moment so much later; `span` is that of a timedelta.

    A day that a month lacks counts on into the next: a month from the 31st of January is the
    2nd or 3rd of March.

    Raises:
        DiagnosticError: it is outside the years 1 to 9999.
    """
    year, month = divmod((at.year + years) * 12 + at.month - 1 + months, 12)
    try:
        return at.replace(year=year, month=month + 1, day=1) + timedelta(days=at.day - 1) + timedelta(**span)
    except (ValueError, OverflowError) as problem:
        detail = f"That long from {text(at)} is outside of the years 1 to 9999. Use a smaller number."
        raise DiagnosticError.of("Time out of range", detail) from problem


def same_moment(before: Plain, after: Plain) -> bool:
    """Whether two texts stand for the same moment in zones of the same offset; other values, whether they are equal."""
    try:
        one, other = moment(before), moment(after)
    except (ValueError, TypeError):
        return bool(before == after)
    return one == other and one.utcoffset() == other.utcoffset()


def timestamp(name: str) -> Rule:
    """The rule that a text is a moment."""

    def rule(written: Object) -> list[Problem]:
        value = written[name]
        if value is None or isinstance(value, Unknown):
            return []
        try:
            moment(value)
        except ValueError as problem:
            detail = f"Attribute {name} must be a time in RFC 3339: {problem}."
            return [Problem((name,), error("Invalid RFC3339 String Value", detail))]
        return []

    return rule
