"""The state file: Terraform's format, version 4.

The text is a function of the state alone, and for what Terraform 1.11 wrote it is, byte for
byte, what Terraform wrote. Source: internal/states/statefile/version4.go of Terraform 1.11.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from kvmform.address import ROOT, InstanceKey, ModuleAddress, ResourceAddress, parse_target
from kvmform.diagnostics import DiagnosticError
from kvmform.state.form import MalformedError, member, rest, within
from kvmform.state.instance_form import instance_from_form, instance_to_form
from kvmform.state.json_text import Canonical, json_text, parse_json
from kvmform.state.model import TERRAFORM_VERSION, InstanceState, OutputValue, State
from kvmform.struct import replace
from kvmform.values.types import type_from_json, type_to_json

__all__ = ["format_state", "outputs_from_form", "outputs_to_form", "parse_state", "same_content"]

K = TypeVar("K")

_TOP = frozenset({"version", "terraform_version", "serial", "lineage", "outputs", "resources", "check_results"})
_RESOURCE = frozenset({"module", "mode", "type", "name", "provider", "instances"})
_OUTPUT = frozenset({"value", "type", "sensitive"})


def format_state(state: State) -> bytes:
    """The text of the file; everything in it is sorted."""
    document = {
        "version": 4,
        "terraform_version": state.terraform_version,
        "serial": state.serial,
        "lineage": state.lineage,
        "outputs": outputs_to_form(state.outputs),
        "resources": _resource_forms(state),
        "check_results": state.check_results,
        **state.foreign,
    }
    # A lone surrogate, which JSON can write but UTF-8 cannot, is the one thing to be replaced.
    return (json_text(document, indented=True) + "\n").encode(errors="replace")


def same_content(before: State, after: State) -> bool:
    """Whether two states have the same text but for the serial.

    Objects that are the same in memory are not compared, so this costs what was changed.
    """
    if not _same_objects(before.instances, after.instances) or not _same_objects(before.deposed, after.deposed):
        return False
    return _bare_text(before) == _bare_text(after)


def parse_state(data: bytes, filename: str) -> State:
    """The state in a file's content; `filename` is how messages call it.

    Raises:
        DiagnosticError: it is not a state in format version 4.
    """
    try:
        document = parse_json(data)
    except ValueError as problem:
        raise _unreadable(filename, f"it is not JSON ({problem})") from problem
    if not isinstance(document, dict):
        raise _unreadable(filename, "it holds no JSON object")
    _check_version(document.get("version"), filename)
    try:
        return _state_from_form(document)
    except MalformedError as problem:
        raise _unreadable(filename, str(problem)) from problem


def outputs_to_form(outputs: dict[str, OutputValue]) -> dict[str, Any]:
    """The JSON form of output values."""
    forms = {}
    for name, output in sorted(outputs.items()):
        sensitive = {"sensitive": True} if output.sensitive else {}
        forms[name] = {
            "value": Canonical(output.value),
            "type": type_to_json(output.type),
            **sensitive,
            **output.foreign,
        }
    return forms


def outputs_from_form(forms: dict[str, Any]) -> dict[str, OutputValue]:
    """The inverse of :func:`outputs_to_form`.

    Raises:
        MalformedError: the form is not as the format has it.
    """
    outputs = {}
    for name, form in forms.items():
        with within(f"outputs.{name}"):
            if not isinstance(form, dict):
                raise MalformedError("content is not an object")
            try:
                kind = type_from_json(form.get("type"))
            except (ValueError, KeyError, TypeError, AttributeError) as problem:
                raise MalformedError("type is not a type of Terraform's language") from problem
            sensitive = member(form, "sensitive", default=False)
            outputs[name] = OutputValue(form.get("value"), kind, sensitive, rest(form, _OUTPUT))
    return outputs


def _same_objects(before: Mapping[K, InstanceState], after: Mapping[K, InstanceState]) -> bool:
    if before.keys() != after.keys():
        return False
    pairs = ((old, after[key]) for key, old in before.items())
    return all(old is new or _object_text(old) == _object_text(new) for old, new in pairs)


def _object_text(instance: InstanceState) -> str:
    return instance.provider + json_text(instance_to_form(instance))


def _bare_text(state: State) -> bytes:
    return format_state(replace(state, serial=0, instances={}, deposed={}))


def _state_from_form(document: dict[str, Any]) -> State:
    state = State(
        lineage=member(document, "lineage", ""),
        serial=member(document, "serial", 0),
        terraform_version=member(document, "terraform_version", TERRAFORM_VERSION),
        outputs=outputs_from_form(member(document, "outputs", {}, dict)),
        check_results=document.get("check_results"),
        foreign=rest(document, _TOP),
    )
    modules = {"": ROOT}
    for number, form in enumerate(member(document, "resources", [], list)):
        with within(f"resources[{number}]"):
            if not isinstance(form, dict):
                raise MalformedError("content is not an object")
            _add_resource(state, form, modules)
    return state


def _add_resource(state: State, form: dict[str, Any], modules: dict[str, ModuleAddress]) -> None:
    module = member(form, "module", "")
    if module not in modules:
        modules[module] = _module_address(module)
    mode, kind, name = (member(form, part, "") for part in ("mode", "type", "name"))
    if mode not in {"managed", "data"} or not kind or not name:
        raise MalformedError("mode, type and name do not name a resource")
    resource = ResourceAddress(modules[module], mode, kind, name)
    provider = member(form, "provider", "")
    for number, instance in enumerate(member(form, "instances", [], list)):
        with within(f"instances[{number}]"):
            if not isinstance(instance, dict):
                raise MalformedError("content is not an object")
            state.put(instance_from_form(instance, resource, provider))
    if foreign := rest(form, _RESOURCE):
        state.resource_foreign[resource] = foreign


def _module_address(text: str) -> ModuleAddress:
    try:
        address = parse_target(text)
    except DiagnosticError as problem:
        raise MalformedError(f"module has the address {text!r}, which is none") from problem
    if not isinstance(address, ModuleAddress):
        raise MalformedError(f"module has the address {text!r}, which is not that of a module")
    return address


def _resource_forms(state: State) -> list[dict[str, Any]]:
    """All objects, by resource and provider, in the order that Terraform has in its files."""
    groups: dict[tuple[ResourceAddress, str], list[InstanceState]] = {}
    for instance in (*state.instances.values(), *state.deposed.values()):
        groups.setdefault((instance.address.resource, instance.provider), []).append(instance)
    forms = []
    for (resource, provider), instances in groups.items():
        module = {} if resource.module.is_root else {"module": str(resource.module)}
        forms.append(
            {
                **module,
                "mode": resource.mode,
                "type": resource.type,
                "name": resource.name,
                "provider": provider,
                "instances": _instance_forms(instances),
                **state.resource_foreign.get(resource, {}),
            }
        )
    return sorted(
        forms, key=lambda form: tuple(form.get(name, "") for name in ("module", "mode", "type", "name", "provider"))
    )


def _instance_forms(instances: Iterable[InstanceState]) -> list[dict[str, Any]]:
    ordered = sorted(instances, key=lambda instance: (_key_order(instance.address.key), instance.deposed))
    return [instance_to_form(instance) for instance in ordered]


def _key_order(key: InstanceKey) -> tuple[int, int, str]:
    match key:
        case None:
            return (0, 0, "")
        case int():
            return (1, key, "")
        case str():
            return (2, 0, key)


def _check_version(version: Any, filename: str) -> None:
    if version == 4:
        return
    summary = "Unsupported state file format"
    if type(version) is not int:
        raise _unreadable(filename, 'it has no "version", which every state file has')
    if version > 4:
        raise DiagnosticError.of(
            summary,
            f"The state file {filename} has format version {version}, and kvmform reads version 4. A newer program "
            f"has written it. Go on with that program, or restore the last version that kvmform wrote: see "
            f"{filename}.backup.",
        )
    raise DiagnosticError.of(
        summary,
        f"The state file {filename} has format version {version}, from before Terraform 0.12; kvmform reads version 4. "
        'Run "terraform apply" with Terraform 0.13 in this directory once, which brings it to version 4.',
    )


def _unreadable(filename: str, reason: str) -> DiagnosticError:
    return DiagnosticError.of(
        "Unreadable state file",
        f"The state file {filename} is damaged: {reason}. Nothing has been changed. The version before is in "
        f'{filename}.backup, if there is one: look at it with "kvmform show {filename}.backup", and copy it over '
        f"{filename} to go on with it.",
    )
