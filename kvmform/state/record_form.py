"""Records of the journal as JSON, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kvmform.address import InstanceAddress, parse_instance
from kvmform.diagnostics import DiagnosticError
from kvmform.state.file import outputs_from_form, outputs_to_form
from kvmform.state.form import MalformedError, member
from kvmform.state.instance_form import instance_from_form, instance_to_form
from kvmform.state.model import InstanceState
from kvmform.state.records import (
    Checked,
    Creating,
    Deleting,
    Deposed,
    Done,
    Folding,
    Moved,
    OutputsSet,
    Record,
    Recorded,
    Removed,
    Restored,
    Updating,
)

__all__ = ["record_from_form", "record_to_form"]

_ONE_OBJECT: dict[str, type[Deleting | Removed | Deposed | Restored]] = {
    "deleting": Deleting,
    "removed": Removed,
    "deposed": Deposed,
    "restored": Restored,
}


def record_to_form(record: Record) -> dict[str, Any]:
    """The JSON form of a record; `kind` says which one it is."""
    match record:
        case Creating(instance):
            return {"kind": "creating", "object": _object_to_form(instance)}
        case Updating(address):
            return {"kind": "updating", "address": str(address)}
        case Deleting() | Removed() | Deposed() | Restored():
            kind = type(record).__name__.lower()
            return {"kind": kind, "address": str(record.address), "deposed": record.deposed}
        case Recorded(address, attributes):
            return {"kind": "recorded", "address": str(address), "attributes": attributes}
        case Done(instances):
            return {"kind": "done", "objects": [_object_to_form(instance) for instance in instances]}
        case Moved(pairs):
            return {"kind": "moved", "pairs": [[str(before), str(after)] for before, after in pairs]}
        case OutputsSet(outputs):
            return {"kind": "outputs", "outputs": outputs_to_form(outputs)}
        case Checked(results):
            return {"kind": "checked", "results": results}
        case Folding(serial):
            return {"kind": "folding", "serial": serial}


def record_from_form(form: Mapping[str, Any]) -> Record:
    """The inverse of :func:`record_to_form`.

    Raises:
        MalformedError: it is no record that this version of kvmform knows.
    """
    match member(form, "kind", ""):
        case "creating":
            return Creating(_object_from_form(member(form, "object", {}, dict)))
        case "updating":
            return Updating(_address(form))
        case "deleting" | "removed" | "deposed" | "restored" as kind:
            return _ONE_OBJECT[kind](_address(form), member(form, "deposed", ""))
        case "recorded":
            return Recorded(_address(form), member(form, "attributes", {}, dict))
        case "done":
            return Done(tuple(_object_from_form(item) for item in member(form, "objects", [], list)))
        case "moved":
            return Moved(tuple(_pair(item) for item in member(form, "pairs", [], list)))
        case "outputs":
            return OutputsSet(outputs_from_form(member(form, "outputs", {}, dict)))
        case "checked":
            return Checked(form.get("results"))
        case "folding":
            return Folding(member(form, "serial", 0))
        case kind:
            raise MalformedError(f"a record of the unknown kind {kind!r}")


def _object_to_form(instance: InstanceState) -> dict[str, Any]:
    return {"address": str(instance.address), "provider": instance.provider, **instance_to_form(instance)}


def _object_from_form(form: Mapping[str, Any]) -> InstanceState:
    own = {name: value for name, value in form.items() if name not in {"address", "provider"}}
    return instance_from_form(own, _address(form).resource, member(form, "provider", ""))


def _address(form: Mapping[str, Any]) -> InstanceAddress:
    return _parsed(member(form, "address", ""))


def _pair(form: Any) -> tuple[InstanceAddress, InstanceAddress]:
    match form:
        case [str(before), str(after)]:
            return _parsed(before), _parsed(after)
    raise MalformedError("a move is not a pair of addresses")


def _parsed(text: str) -> InstanceAddress:
    try:
        return parse_instance(text)
    except DiagnosticError as problem:
        raise MalformedError(f"{text!r} is not an address") from problem
