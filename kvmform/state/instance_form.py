"""One recorded object in the JSON form of Terraform's state file, format version 4.

Source: internal/states/statefile/version4.go of Terraform 1.11. What Terraform has no place
for goes into `private`, which it keeps for providers without looking at it:
``{"kvmform": {"generation": 1, "made": 4, "settled": 4, "seed": "…", "creating": true}}``,
beside what is there already.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from kvmform.address import ResourceAddress
from kvmform.state.form import MalformedError, member, rest
from kvmform.state.json_text import Canonical, json_text, parse_json
from kvmform.state.model import InstanceState, Status
from kvmform.values.plain import MapKey, Path

__all__ = ["instance_from_form", "instance_to_form"]

_OURS = "kvmform"
_COUNTS = ("generation", "made", "settled")
_KNOWN = frozenset(
    {
        "index_key",
        "status",
        "deposed",
        "schema_version",
        "attributes",
        "sensitive_attributes",
        "private",
        "dependencies",
        "create_before_destroy",
    }
)


def instance_to_form(instance: InstanceState) -> dict[str, Any]:
    """The object's JSON form, without the address of its resource; members in Terraform's order."""
    form: dict[str, Any] = {}
    if instance.address.key is not None:
        form["index_key"] = instance.address.key
    if instance.status is not Status.OK:
        form["status"] = Status.TAINTED.value
    if instance.deposed:
        form["deposed"] = instance.deposed
    form["schema_version"] = instance.schema_version
    form["attributes"] = Canonical(instance.attributes)
    form["sensitive_attributes"] = [_path_to_form(path) for path in sorted(instance.sensitive, key=_path_order)]
    if private := _private_to_bytes(instance):
        form["private"] = base64.b64encode(private).decode()
    if instance.dependencies:
        form["dependencies"] = list(instance.dependencies)
    if instance.create_before_destroy:
        form["create_before_destroy"] = True
    return {**form, **instance.foreign}


def instance_from_form(form: Mapping[str, Any], resource: ResourceAddress, provider: str) -> InstanceState:
    """The inverse of :func:`instance_to_form`.

    Raises:
        MalformedError: the form is not as the format has it.
    """
    key = form.get("index_key")
    if key is not None and type(key) not in {int, str}:
        raise MalformedError("index_key is neither a whole number nor a string")
    dependencies = member(form, "dependencies", [], list)
    if not all(isinstance(dependency, str) for dependency in dependencies):
        raise MalformedError("dependencies is not a list of strings")
    private, ours = _private_from_text(member(form, "private", ""))
    tainted = member(form, "status", "") == Status.TAINTED.value
    creating = tainted and member(ours, "creating", default=False)
    return InstanceState(
        address=resource.instance(key),
        provider=provider,
        attributes=member(form, "attributes", {}, dict),
        schema_version=member(form, "schema_version", 0),
        sensitive=frozenset(_path_from_form(path) for path in member(form, "sensitive_attributes", [], list)),
        status=Status.CREATING if creating else Status.TAINTED if tainted else Status.OK,
        **{name: member(ours, name, 0) for name in _COUNTS},
        seed=member(ours, "seed", ""),
        dependencies=tuple(dependencies),
        create_before_destroy=member(form, "create_before_destroy", default=False),
        deposed=member(form, "deposed", ""),
        private=private,
        foreign=rest(form, _KNOWN),
    )


def _private_to_bytes(instance: InstanceState) -> bytes:
    """The provider's data with ours in it; only what differs from the default is ours."""
    ours: dict[str, Any] = {name: count for name in _COUNTS if (count := getattr(instance, name))}
    if instance.seed:
        ours["seed"] = instance.seed
    if instance.status is Status.CREATING:
        ours["creating"] = True
    if not ours:
        return instance.private
    theirs = _object_or_none(instance.private) if instance.private else {}
    if theirs is None:
        theirs, ours["beside"] = {}, base64.b64encode(instance.private).decode()
    return json_text({**theirs, _OURS: ours}).encode()


def _private_from_text(text: str) -> tuple[bytes, dict[str, Any]]:
    """The provider's data without ours, and ours."""
    everything = _decoded(text)
    members = _object_or_none(everything) if everything else None
    if members is None or _OURS not in members:
        return everything, {}
    ours = member(members, _OURS, {}, dict)
    beside = _decoded(member(ours, "beside", ""))
    theirs = {name: value for name, value in members.items() if name != _OURS}
    return beside or (json_text(theirs).encode() if theirs else b""), ours


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as problem:
        raise MalformedError("private is not in base64") from problem


def _object_or_none(text: bytes) -> dict[str, Any] | None:
    try:
        value = parse_json(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _path_to_form(path: Path) -> list[dict[str, Any]]:
    return [_step_to_form(step) for step in path]


def _step_to_form(step: str | int) -> dict[str, Any]:
    match step:
        case MapKey():
            return {"type": "index", "value": {"value": str(step), "type": "string"}}
        case str():
            return {"type": "get_attr", "value": step}
        case int():
            return {"type": "index", "value": {"value": step, "type": "number"}}


def _path_from_form(form: Any) -> Path:
    match form:
        case list():
            return tuple(_step_from_form(step) for step in form)
    raise MalformedError("sensitive_attributes is not a list of paths")


def _step_from_form(form: Any) -> str | int:
    match form:
        case {"type": "get_attr", "value": str(name)}:
            return name
        case {"type": "index", "value": {"value": str(key)}}:
            return MapKey(key)
        case {"type": "index", "value": {"value": int(index)}}:
            return index
    raise MalformedError("sensitive_attributes has a step that is neither an attribute nor an index")


def _path_order(path: Path) -> list[tuple[bool, int, str]]:
    return [(True, step, "") if isinstance(step, int) else (False, 0, step) for step in path]
