"""How conditions turned out, in plan and state JSON.

Source: internal/command/jsonchecks of Terraform 1.11.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from kvmform.address import InstanceAddress, ModuleAddress, ResourceAddress, parse_target
from kvmform.diagnostics import DiagnosticError
from kvmform.schema import Plain

__all__ = ["checks_form"]


def checks_form(recorded: Plain) -> list[dict[str, Any]]:
    """The member `checks`, from what a state file has as `check_results`; what makes no sense there is left out."""
    forms = []
    for each in recorded if isinstance(recorded, list) else ():
        # Nothing depends on it, and another program wrote it: it is no reason to show nothing else either.
        with suppress(LookupError, TypeError, AttributeError, DiagnosticError):
            forms.append(_result_form(each))
    return sorted(forms, key=lambda form: str(form["address"]["to_display"]))


def _result_form(recorded: Mapping[str, Any]) -> dict[str, Any]:
    kind, address = recorded["object_kind"], recorded["config_addr"]
    form: dict[str, Any] = {"address": _block_form(kind, address), "status": recorded["status"]}
    objects = [_object_form(kind, each) for each in recorded.get("objects") or ()]
    if objects:
        form["instances"] = sorted(objects, key=lambda each: str(each["address"]["to_display"]))
    return form


def _block_form(kind: str, address: str) -> dict[str, Any]:
    """A block: what it is, its name, and the module that it is in."""
    if kind == "resource":
        resource = parse_target(address)
        if not isinstance(resource, ResourceAddress):
            raise LookupError(address)
        form = {"kind": kind, "mode": resource.mode, "type": resource.type, "name": resource.name}
        return form | _module_form(resource.module) | {"to_display": address}
    module, _, name = address.rpartition(".")
    form = {"kind": "output_value" if kind == "output" else kind, "name": name}
    return form | _around(module) | {"to_display": address}


def _object_form(kind: str, recorded: Mapping[str, Any]) -> dict[str, Any]:
    """One object of a block."""
    address = recorded["object_addr"]
    told: dict[str, Any] = {}
    if kind == "resource":
        instance = parse_target(address)
        if isinstance(instance, InstanceAddress):
            told = {"instance_key": instance.key} | _module_form(instance.module)
        elif isinstance(instance, ResourceAddress):
            told = _module_form(instance.module)
    else:
        told = _around(address.rpartition(".")[0])
    form: dict[str, Any] = {"address": told | {"to_display": address}, "status": recorded["status"]}
    problems = [{"message": message} for message in recorded.get("failure_messages") or ()]
    return form | ({"problems": problems} if problems else {})


def _around(kind: str) -> dict[str, Any]:
    """The module of `module.m.var`."""
    module = kind.rpartition(".")[0]
    return {"module": module} if module else {}


def _module_form(module: ModuleAddress) -> dict[str, Any]:
    return {} if module.is_root else {"module": str(module)}
