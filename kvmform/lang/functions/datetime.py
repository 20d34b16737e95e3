"""Functions on dates and times, which the language writes as RFC 3339 strings.

Source: https://developer.hashicorp.com/terraform/language/functions, section "Date and Time".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from kvmform.lang.functions.signature import CallContext, Function, FunctionError, parameters
from kvmform.struct import Struct
from kvmform.values.model import Unknown, Value
from kvmform.values.types import NUMBER, STRING

__all__ = ["FUNCTIONS", "Timestamp", "parse_timestamp"]

SECOND = 1_000_000_000
"""Nanoseconds."""

UNITS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ms": 1_000_000,
    "s": SECOND,
    "m": 60 * SECOND,
    "h": 3600 * SECOND,
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAXIMUM_DURATION = 2**63 - 1

RFC3339 = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
    r"T(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?:\.(?P<fraction>\d+))?"
    r"(?:Z|(?P<sign>[+-])(?P<offset_hour>\d\d):(?P<offset_minute>\d\d))",
    re.ASCII,
)
DURATION_PART = re.compile(r"(\d*)(?:\.(\d*))?([^\d.]+)", re.ASCII)

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


class Timestamp(Struct):
    """An instant in nanoseconds since 1970, and the offset from UTC, in seconds, that it is shown with."""

    nanoseconds: int
    offset: int


class LocalTime(Struct):
    """A timestamp as a calendar and a clock show it; `weekday` counts from Monday, 0."""

    year: int
    month: int
    day: int
    weekday: int
    hour: int
    minute: int
    second: int
    offset: int


def parse_timestamp(text: str, argument: int | None = None) -> Timestamp:
    """Read an RFC 3339 timestamp.

    Raises:
        FunctionError: it is none; blames `argument`.
    """
    found = RFC3339.fullmatch(text)
    if found is None:
        raise FunctionError(
            f'not a valid RFC3339 timestamp: "{text}" is not of the form 2006-01-02T15:04:05Z (or +07:00)',
            argument,
        )
    part = {name: int(digits or 0) for name, digits in found.groupdict().items() if name not in {"sign", "fraction"}}
    if part["offset_hour"] > 23 or part["offset_minute"] > 59:
        raise FunctionError("not a valid RFC3339 timestamp: the UTC offset is out of range", argument)
    offset = (part["offset_hour"] * 60 + part["offset_minute"]) * 60 * (-1 if found["sign"] == "-" else 1)
    try:
        date = datetime(part["year"], part["month"], part["day"], tzinfo=UTC)
        local = date.replace(hour=part["hour"], minute=part["minute"], second=part["second"])
    except ValueError as problem:
        raise FunctionError(f"not a valid RFC3339 timestamp: {problem}", argument) from None
    seconds = (local - EPOCH) // timedelta(seconds=1) - offset
    fraction = int((found["fraction"] or "")[:9].ljust(9, "0"))
    return Timestamp(seconds * SECOND + fraction, offset)


def local_time(moment: Timestamp) -> LocalTime:
    """What a calendar and a clock show at a moment.

    Raises:
        FunctionError: before the year 1, or after 9999.
    """
    try:
        local = EPOCH + timedelta(seconds=moment.nanoseconds // SECOND + moment.offset)
    except OverflowError:
        raise FunctionError("the resulting time is outside of the years 1 to 9999") from None
    return LocalTime(
        local.year, local.month, local.day, local.weekday(), local.hour, local.minute, local.second, moment.offset
    )


def rfc3339(moment: Timestamp) -> str:
    """The RFC 3339 form, in whole seconds."""
    local = local_time(moment)
    date = f"{local.year:04}-{local.month:02}-{local.day:02}"
    return f"{date}T{local.hour:02}:{local.minute:02}:{local.second:02}{zone(local, ':', 'Z')}"


def zone(local: LocalTime, separator: str, utc: str | None = None) -> str:
    """The offset from UTC, or the word `utc` if there is none."""
    if local.offset == 0 and utc is not None:
        return utc
    hours, minutes = divmod(abs(local.offset) // 60, 60)
    return f"{'-' if local.offset < 0 else '+'}{hours:02}{separator}{minutes:02}"


def twelve_hours(local: LocalTime) -> int:
    """The hour as a clock of twelve hours shows it."""
    return local.hour % 12 or 12


VERBS: dict[str, Callable[[LocalTime], str]] = {
    "YYYY": lambda local: f"{local.year:04}",
    "YY": lambda local: f"{local.year % 100:02}",
    "MMMM": lambda local: MONTHS[local.month - 1],
    "MMM": lambda local: MONTHS[local.month - 1][:3],
    "MM": lambda local: f"{local.month:02}",
    "M": lambda local: str(local.month),
    "DD": lambda local: f"{local.day:02}",
    "D": lambda local: str(local.day),
    "EEEE": lambda local: DAYS[local.weekday],
    "EEE": lambda local: DAYS[local.weekday][:3],
    "hh": lambda local: f"{local.hour:02}",
    "h": lambda local: str(local.hour),
    "HH": lambda local: f"{twelve_hours(local):02}",
    "H": lambda local: str(twelve_hours(local)),
    "AA": lambda local: "AM" if local.hour < 12 else "PM",
    "aa": lambda local: "am" if local.hour < 12 else "pm",
    "mm": lambda local: f"{local.minute:02}",
    "m": lambda local: str(local.minute),
    "ss": lambda local: f"{local.second:02}",
    "s": lambda local: str(local.second),
    "ZZZZZ": lambda local: zone(local, ":"),
    "ZZZZ": lambda local: zone(local, ""),
    "ZZZ": lambda local: zone(local, "", "UTC"),
    "Z": lambda local: zone(local, ":", "Z"),
}
DATE_FORMAT = re.compile(
    r"(?P<quote>'')|'(?P<literal>(?:[^']|'')*)'|(?P<open>')|(?P<verb>(?P<letter>[a-zA-Z])(?P=letter)*)|(?P<other>[^'a-zA-Z]+)"
)


def formatdate(template: str, time: str) -> str:
    local = local_time(parse_timestamp(time, 1))
    written = []
    for token in DATE_FORMAT.finditer(template):
        match token.lastgroup:
            case "quote":
                written.append("'")
            case "literal":
                written.append(token["literal"].replace("''", "'"))
            case "open":
                raise FunctionError("unterminated literal '", 0)
            case "other":
                written.append(token["other"])
            case _:
                written.append(date_verb(token["verb"], local))
    return "".join(written)


def date_verb(verb: str, local: LocalTime) -> str:
    """What one run of letters in a date format stands for."""
    if verb in VERBS:
        return VERBS[verb](local)
    known = ", ".join(f'"{form}"' for form in sorted(VERBS) if form[0] == verb[0])
    hint = f"must be one of {known}" if known else "there is no such letter; enclose literal text in single quotes"
    raise FunctionError(f'invalid date format verb "{verb}": {hint}', 0)


def parse_duration(text: str) -> int:
    """Read a duration such as `1h30m` or `-1.5s`; the result is in nanoseconds.

    Raises:
        FunctionError: it is none, or beyond 290 years.
    """
    rest = text[1:] if text[:1] in {"+", "-"} else text
    if rest == "0":
        return 0
    total, at = 0, 0
    for part in DURATION_PART.finditer(rest):
        whole, fraction, unit = part.groups(default="")
        if part.start() != at or not (whole or fraction) or unit not in UNITS:
            break
        total += int(whole or 0) * UNITS[unit] + int(fraction or 0) * UNITS[unit] // 10 ** len(fraction)
        at = part.end()
    if not rest or at != len(rest) or total > MAXIMUM_DURATION:
        raise FunctionError(f'invalid duration "{text}": must be numbers with units (ns, us, ms, s, m, h), like 1h30m')
    return -total if text[0] == "-" else total


def timeadd(timestamp: str, duration: str) -> str:
    moment = parse_timestamp(timestamp)
    return rfc3339(Timestamp(moment.nanoseconds + parse_duration(duration), moment.offset))


def timecmp(first: str, second: str) -> int:
    one, other = parse_timestamp(first, 0).nanoseconds, parse_timestamp(second, 1).nanoseconds
    return (one > other) - (one < other)


def timestamp(context: CallContext) -> str:
    return f"{context.now():%Y-%m-%dT%H:%M:%SZ}"


def plantimestamp(context: CallContext) -> Value:
    return context.plan_timestamp or Unknown(STRING)


FUNCTIONS = (
    Function(
        "formatdate",
        parameters(format=STRING, time=STRING),
        STRING,
        formatdate,
        "Writes a timestamp in another format.",
    ),
    Function(
        "timeadd",
        parameters(timestamp=STRING, duration=STRING),
        STRING,
        timeadd,
        "Adds a duration to a timestamp.",
        may_be_null=True,
    ),
    Function(
        "timecmp",
        parameters(timestamp_a=STRING, timestamp_b=STRING),
        NUMBER,
        timecmp,
        "Compares two timestamps: -1 if the first is earlier, 0 if they are the same moment, 1 if it is later.",
    ),
    Function(
        "timestamp",
        (),
        STRING,
        timestamp,
        "The current time; known only when changes are applied.",
        impure=True,
        needs_context=True,
    ),
    Function(
        "plantimestamp",
        (),
        STRING,
        plantimestamp,
        "The time when the plan was made.",
        needs_context=True,
        may_be_null=True,
    ),
)
