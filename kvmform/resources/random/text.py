"""What `random_string` and `random_password` share: characters of chosen kinds, each at least so often."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator

from kvmform.diagnostics import error
from kvmform.resources.recorded import chosen, keepers, remake
from kvmform.schema import Disruption, EditContext, Effect, Object, Problem, Proposal, Row, Rule
from kvmform.schema.rules import at_least, whole
from kvmform.values.model import Unknown
from kvmform.values.types import BOOL, NUMBER, STRING

__all__ = ["ROWS", "RULES", "generate", "propose", "upgrade"]

SPECIAL = "!@#$%&*()-_=+[]{}<>:?"
_MINIMA = ("min_numeric", "min_lower", "min_upper", "min_special")


def _unless_emptied(context: EditContext) -> Effect:
    """One version of the provider recorded "" where nothing was written."""
    is_same = context.edit.before == "" and context.edit.after is None
    return Effect(Disruption.NONE, remade=not is_same)


def _minimum(what: str) -> Row:
    return chosen(NUMBER, f"How many {what} there are at least.", default=0)


ROWS: dict[str, Row] = {
    "length": chosen(NUMBER, "How many characters, at least 1 and no fewer than the minima in all.", required=True),
    "upper": chosen(BOOL, "Whether capital letters may be in it.", default=True),
    "lower": chosen(BOOL, "Whether small letters may be in it.", default=True),
    "numeric": Row(type=BOOL, doc="Whether digits may be in it; by default they may.", computed=True, change=remake),
    "number": Row(
        type=BOOL,
        doc="The old name of `numeric`, with the same value.",
        computed=True,
        deprecated="numeric",
        change=remake,
    ),
    "special": chosen(BOOL, f"Whether other characters may be in it: `{SPECIAL}`.", default=True),
    "override_special": Row(
        type=STRING, doc="The other characters that may be in it, instead of those.", change=_unless_emptied
    ),
    "min_upper": _minimum("capital letters"),
    "min_lower": _minimum("small letters"),
    "min_numeric": _minimum("digits"),
    "min_special": _minimum("other characters"),
    "keepers": keepers(),
}
"""All but what is made."""


def _is_long_enough(written: Object) -> Iterator[Problem]:
    parts = [written[name] for name in _MINIMA]
    length = written["length"]
    if not any(isinstance(part, Unknown) for part in (*parts, length)) and length < sum(parts):
        detail = f"Attribute length value must be at least sum of {', '.join(_MINIMA)}: {sum(parts)}, got: {length}."
        yield Problem(("length",), error("Invalid Attribute Value", detail))


def _has_characters(written: Object) -> Iterator[Problem]:
    kinds = ("upper", "lower", "special")
    digits = [written[name] for name in ("numeric", "number") if written[name] is not None]
    if digits and all(value is False for value in (*digits, *(written[kind] for kind in kinds))):
        detail = "At least one of upper, lower, numeric and special must be true: there is nothing to make it of."
        yield Problem((), error("Invalid Attribute Combination", detail))


def _says_one_thing_of_digits(written: Object) -> Iterator[Problem]:
    found = {written["numeric"], written["number"]} - {None}
    if found == {True, False}:
        detail = "number is the old name of numeric, and here they differ. Leave number out."
        yield Problem(("number",), error("Number and numeric are both configured with different values", detail))


RULES: tuple[Rule, ...] = (
    whole("length", *_MINIMA),
    at_least("length", 1),
    *(at_least(name, 0) for name in _MINIMA),
    _is_long_enough,
    _has_characters,
    _says_one_thing_of_digits,
)


def propose(proposal: Proposal) -> Object:
    """`numeric` and `number` are the same, and true where neither is written."""
    written = [proposal.config[name] for name in ("numeric", "number") if proposal.config[name] is not None]
    digits = written[0] if written else True
    return {**proposal.planned, "numeric": digits, "number": digits}


def generate(planned: Object) -> str:
    """A text as planned, from the system's source of randomness."""
    source = random.SystemRandom()
    special = planned["override_special"] or SPECIAL
    kinds = {
        "upper": string.ascii_uppercase,
        "lower": string.ascii_lowercase,
        "numeric": string.digits,
        "special": special,
    }
    found: list[str] = []
    for kind, characters in kinds.items():
        found += source.choices(characters, k=planned[f"min_{kind}"])
    allowed = "".join(characters for kind, characters in kinds.items() if planned[kind])
    found += source.choices(allowed, k=planned["length"] - len(found)) if len(found) < planned["length"] else []
    source.shuffle(found)
    return "".join(found)


def upgrade(attributes: Object, _version: int) -> Object:
    """Attributes of any older version as they are recorded now."""
    digits = attributes.get("numeric")
    if digits is None:
        digits = attributes.get("number")
    known = {name: row.default for name, row in ROWS.items() if row.default is not None}
    known |= {"length": len(attributes.get("result") or "")}
    found = {name: value for name, value in attributes.items() if value is not None}
    return {**attributes, **known, **found, **dict.fromkeys(("numeric", "number"), digits is not False)}
