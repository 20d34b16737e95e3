"""`time_sleep`: a pause before what depends on it is made, or after that is deleted."""

from __future__ import annotations

import re
import time

from kvmform.diagnostics import DiagnosticError
from kvmform.resources.recorded import made, recorded_type, triggers
from kvmform.resources.time import clock
from kvmform.schema import Disruption, Object, Operation, Row, Schema
from kvmform.schema.duration import seconds_of
from kvmform.schema.rules import at_least_one_of, matching
from kvmform.struct import replace
from kvmform.values.types import STRING

__all__ = ["SLEEP"]

_DURATION = r"[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h)"
_WORDS = (
    "a number immediately followed by ms (milliseconds), s (seconds), m (minutes), or h (hours). "
    'For example, "30s" for 30 seconds'
)
_TOLD_EVERY = 10.0
"""Seconds."""

_SCHEMA = Schema(
    doc="A pause: of `create_duration` before what depends on it is made, and of `destroy_duration` after that is "
    "deleted.",
    rows={
        "id": made(STRING, "The time in RFC 3339 when the pause was over."),
        "create_duration": Row(
            type=STRING,
            doc="How long to wait when it is made, such as `30s`, `1.5m`, `250ms`. Another value is only recorded.",
            change=Disruption.NONE,
        ),
        "destroy_duration": Row(
            type=STRING,
            doc="How long to wait when it is deleted: the value that is recorded by then.",
            change=Disruption.NONE,
        ),
        "triggers": triggers(),
    },
    rules=(
        at_least_one_of("create_duration", "destroy_duration"),
        matching("create_duration", _DURATION, _WORDS),
        matching("destroy_duration", _DURATION, _WORDS),
    ),
)


def _create(operation: Operation[None], planned: Object) -> Object:
    _pause(operation, planned["create_duration"])
    return {**planned, "id": clock.text(clock.now())}


def _delete(operation: Operation[None], prior: Object) -> None:
    _pause(operation, prior.get("destroy_duration"))


def _pause(operation: Operation[None], duration: str | None) -> None:
    """Wait, unless the user asks to stop.

    Raises:
        DiagnosticError: the user did.
    """
    end = time.monotonic() + _seconds(duration)
    while (left := end - time.monotonic()) > 0:
        if operation.halt.wait(min(left, _TOLD_EVERY)):
            detail = f"The pause of {duration} was stopped. The next run begins it anew."
            raise DiagnosticError.of("Pause interrupted", detail)
        operation.progress(f"pause of {duration}", None, None)


def _seconds(duration: str | None) -> float:
    return seconds_of(duration) or 0.0 if duration and re.fullmatch(_DURATION, duration) else 0.0


SLEEP = replace(recorded_type("time_sleep", _SCHEMA, _create), delete=_delete)
