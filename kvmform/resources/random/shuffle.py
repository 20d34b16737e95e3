"""`random_shuffle`: a list in random order."""

from __future__ import annotations

from kvmform.resources.random.seeded import Generator
from kvmform.resources.recorded import chosen, keepers, made, recorded_type
from kvmform.schema import Object, Operation, Plain, Schema
from kvmform.schema.rules import at_least, whole
from kvmform.values.types import NUMBER, STRING, ListType

__all__ = ["SHUFFLE"]

_SCHEMA = Schema(
    doc="A list of texts in random order, or some of them.",
    rows={
        "id": made(STRING, "Always `-`."),
        "input": chosen(ListType(STRING), "The texts.", required=True),
        "result_count": chosen(
            NUMBER,
            "How many texts the result has, by default as many as `input`. Where it is more, all of them come once "
            "before any comes again.",
        ),
        "seed": chosen(STRING, "Any text; the same one always gives the same order, also the one that Terraform has."),
        "keepers": keepers(),
        "result": made(ListType(STRING), "The texts in random order."),
    },
    rules=(whole("result_count"), at_least("result_count", 0)),
)


def _create(_operation: Operation[None], planned: Object) -> Object:
    texts, wanted = planned["input"], planned["result_count"]
    count = len(texts) if wanted is None else wanted
    return {**planned, "id": "-", "result": _shuffled(texts, count, Generator(planned["seed"]))}


def _shuffled(texts: list[Plain], count: int, random: Generator) -> list[Plain]:
    found: list[Plain] = []
    while texts and len(found) < count:
        found.extend(texts[at] for at in random.permutation(len(texts)))
    return found[:count]


SHUFFLE = recorded_type("random_shuffle", _SCHEMA, _create)
