"""`random_integer`: a random number from a range."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.diagnostics import error
from kvmform.resources.random.seeded import Generator
from kvmform.resources.recorded import chosen, keepers, made, recorded_type
from kvmform.schema import Object, Operation, Problem, Schema
from kvmform.schema.rules import whole
from kvmform.values.model import Unknown
from kvmform.values.types import NUMBER, STRING

__all__ = ["INTEGER"]


_LARGEST_RANGE = (1 << 63) - 1


def _is_a_range(written: Object) -> Iterator[Problem]:
    low, high = written["min"], written["max"]
    if isinstance(low, Unknown) or isinstance(high, Unknown):
        return
    if high < low:
        detail = f"The minimum value needs to be smaller than or equal to the maximum value; {low} is more than {high}."
        yield Problem(("min",), error("Invalid Attribute Combination", detail))
    if high - low >= _LARGEST_RANGE:
        detail = f"There are more than {_LARGEST_RANGE} numbers from {low} to {high}. Make the range smaller."
        yield Problem(("max",), error("Invalid Attribute Combination", detail))


_SCHEMA = Schema(
    doc="A random whole number from a range.",
    rows={
        "id": made(STRING, "The number as text."),
        "min": chosen(NUMBER, "The smallest number that it may be.", required=True),
        "max": chosen(NUMBER, "The largest number that it may be.", required=True),
        "seed": chosen(STRING, "Any text; the same one always gives the same number, also the one that Terraform has."),
        "keepers": keepers(),
        "result": made(NUMBER, "The number."),
    },
    rules=(whole("min", "max"), _is_a_range),
)


def _create(_operation: Operation[None], planned: Object) -> Object:
    low, high = planned["min"], planned["max"]
    found = low + Generator(planned["seed"]).below(high + 1 - low)
    return {**planned, "id": str(found), "seed": planned["seed"] or None, "result": found}


INTEGER = recorded_type("random_integer", _SCHEMA, _create)
