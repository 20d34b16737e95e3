"""`terraform_data`: keeps a value, and is replaced when another one changes.

Source: https://developer.hashicorp.com/terraform/language/resources/terraform-data, and
internal/builtin/providers/terraform/resource_data.go of Terraform 1.11.
"""

from __future__ import annotations

from collections.abc import Sequence

from kvmform.resources.recorded import chosen, made, recorded_type
from kvmform.schema import Disruption, Edit, Object, Operation, Plain, Proposal, Row, Schema
from kvmform.struct import replace
from kvmform.values.model import Unknown
from kvmform.values.types import DYNAMIC, STRING, type_from_json

__all__ = ["DATA"]

_SCHEMA = Schema(
    doc="Keeps a value in the state, and is replaced when another one changes.",
    rows={
        "id": made(STRING, "A random UUID, another one for each object."),
        "input": Row(type=DYNAMIC, doc="Any value, of any type.", change=Disruption.NONE),
        "output": made(DYNAMIC, "The value of `input`, known only after apply where that changes."),
        "triggers_replace": chosen(DYNAMIC, "Any value. When it changes, another object takes the place of this one."),
    },
)


def _propose(proposal: Proposal) -> Object:
    """`output` follows `input`, but not before it is applied; only its type and a null are known at once."""
    planned = dict(proposal.planned)
    written = planned["input"]
    if proposal.observed is None or written != proposal.observed.object["input"]:
        planned["output"] = _output_of(written)
    return planned


def _output_of(written: Plain) -> Plain:
    match written:
        case {"value": None} | None:
            return written
        case {"type": kind}:
            return Unknown(type_from_json(kind))
    return Unknown(written.type)


def _create(_operation: Operation[None], planned: Object) -> Object:
    from uuid import uuid4

    return {**planned, "id": str(uuid4()), "output": planned["input"]}


def _update(_operation: Operation[None], _prior: Object, planned: Object, _edits: Sequence[Edit]) -> Object:
    return {**planned, "output": planned["input"]}


def _find(_host: None, meant: str) -> Object:
    """Any id is that of an object; what it held is not known."""
    return {**dict.fromkeys(_SCHEMA.rows), "id": meant}


def _from_null_resource(attributes: Object) -> Object:
    """Triggers become an object, which is how most configurations write them."""
    triggers = attributes.get("triggers")
    kept: Plain = None
    if triggers is not None:
        kept = {"value": triggers, "type": ["object", dict.fromkeys(sorted(triggers), "string")]}
    return {**dict.fromkeys(_SCHEMA.rows), "id": attributes["id"], "triggers_replace": kept}


DATA = replace(
    recorded_type("terraform_data", _SCHEMA, _create),
    find=_find,
    found_by="any text",
    propose=_propose,
    update=_update,
    takes_over={"null_resource": _from_null_resource},
)
