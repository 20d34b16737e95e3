"""A plan as Terraform's plan JSON (format 1.2), with a `disruption` for each change.

Source: https://developer.hashicorp.com/terraform/internals/json-format#plan-representation.
Additions of kvmform: `disruption` at the top and in each change, `edits` in each change (the
differences by path, each with its disruption and reason), `resumes`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kvmform.address import InstanceAddress
from kvmform.config.module import Module
from kvmform.plan.change import Action, Change, Drift, OutputChange, Plan, PlannedEdit
from kvmform.plan.merge import contains_unknown
from kvmform.schema import Object, Path
from kvmform.state.model import TERRAFORM_VERSION
from kvmform.values.types import type_to_json
from kvmform.view.configuration_json import configuration_form
from kvmform.view.dynamic_values import bare, bare_object
from kvmform.view.masks import after_unknown, sensitive_mask, without_unknown
from kvmform.view.modules_json import instance_form, module_tree

__all__ = ["changes_document", "plan_document"]

_ACTIONS = {
    Action.NO_OP: ["no-op"],
    Action.CREATE: ["create"],
    Action.READ: ["read"],
    Action.UPDATE: ["update"],
    Action.DELETE: ["delete"],
    Action.REPLACE: ["delete", "create"],
    Action.FORGET: ["forget"],
}


def plan_document(plan: Plan, root: Module) -> dict[str, Any]:
    """The whole document of `show -json PLAN`."""
    document = changes_document(plan)
    planned = [c for c in plan.changes if c.after is not None]
    prior = [c for c in plan.changes if c.before is not None]
    outputs = {o.name: _planned_output(o) for o in plan.outputs if o.exists_after}
    document["planned_values"] = {"root_module": module_tree(_planned_form(c) for c in planned)}
    if outputs:
        document["planned_values"]["outputs"] = outputs
    document["prior_state"] = {
        "format_version": "1.0",
        "terraform_version": TERRAFORM_VERSION,
        "values": {"root_module": module_tree(_prior_form(c) for c in prior)},
    }
    document["configuration"] = configuration_form(root)
    return document


def changes_document(plan: Plan) -> dict[str, Any]:
    """What of the document tells changes; the view for people is made from it."""
    return {
        "format_version": "1.2",
        "terraform_version": TERRAFORM_VERSION,
        "mode": plan.mode.value,
        "variables": {name: {"value": value} for name, value in plan.variables.items()},
        "resource_drift": [_drift_form(drift) for drift in plan.drift if drift.is_shown],
        "resource_changes": [change_form(change) for change in plan.changes if _is_told(change)],
        "output_changes": {output.name: _output_form(output) for output in plan.outputs},
        "timestamp": plan.timestamp,
        "applyable": plan.is_applyable,
        "complete": not plan.is_partial,
        "errored": False,
        "disruption": plan.disruption.value,
    }


def _is_told(change: Change) -> bool:
    return change.address.resource.mode == "managed" or change.action is Action.READ


def address_form(change: Change | Drift) -> dict[str, Any]:
    """The members that tell which instance it is."""
    address = change.address
    form: dict[str, Any] = {"address": str(address)}
    if not address.module.is_root:
        form["module_address"] = str(address.module)
    form |= {"mode": address.resource.mode, "type": address.type, "name": address.resource.name}
    if address.key is not None:
        form["index"] = address.key
    return form


def change_form(change: Change) -> dict[str, Any]:
    """One member of `resource_changes`."""
    form = address_form(change)
    if change.deposed:
        form["deposed"] = change.deposed
    if change.previous is not None:
        form["previous_address"] = str(change.previous)
    form["provider_name"] = _provider_name(change.provider)
    form["change"] = {
        "actions": ["create", "delete"] if change.new_first else _ACTIONS[change.action],
        **_before_and_after(change.address, change.before, change.after, change.sensitive),
        "disruption": change.disruption.value,
        "edits": [_edit_form(change.address, edit, change.sensitive) for edit in change.edits],
    }
    if change.resumes:
        form["change"]["resumes"] = True
    if change.replace_paths:
        form["change"]["replace_paths"] = [list(path) for path in change.replace_paths]
    if change.importing:
        form["change"]["importing"] = {"id": change.importing}
    if change.reason:
        form["action_reason"] = change.reason
    return form


def _provider_name(provider: str) -> str:
    return provider.split('"')[1] if '"' in provider else provider


def _before_and_after(
    address: InstanceAddress, before: Object | None, after: Object | None, sensitive: Iterable[Path]
) -> dict[str, Any]:
    paths = list(sensitive)
    before, after = (bare_object(address.resource, found) if found is not None else None for found in (before, after))
    return {
        "before": before,
        "after": without_unknown(after),
        "after_unknown": after_unknown(after) if after is not None and contains_unknown(after) else {},
        "before_sensitive": sensitive_mask(before, paths) if before is not None else False,
        "after_sensitive": sensitive_mask(after, paths) if after is not None else False,
    }


def _edit_form(address: InstanceAddress, edit: PlannedEdit, sensitive: Iterable[Path]) -> dict[str, Any]:
    before, after = (bare(address.resource, edit.path, value) for value in (edit.before, edit.after))
    hidden = any(edit.path[: len(path)] == path or path[: len(edit.path)] == edit.path for path in sensitive)
    return {
        "path": list(edit.path),
        "before": before,
        "after": without_unknown(after),
        "after_unknown": after_unknown(after) if contains_unknown(after) else False,
        "sensitive": hidden,
        "disruption": edit.effect.disruption.value,
        "reason": edit.effect.reason,
        "replaces": edit.effect.replaces,
    }


def _drift_form(drift: Drift) -> dict[str, Any]:
    change = _before_and_after(drift.address, drift.before, drift.after, ())
    change["actions"] = ["delete"] if drift.after is None else ["update"]
    change["edits"] = [_edit_form(drift.address, edit, ()) for edit in drift.edits]
    return address_form(drift) | {"change": change}


def _output_form(output: OutputChange) -> dict[str, Any]:
    unknown = contains_unknown(output.after)
    return {
        "actions": _ACTIONS[output.action],
        "before": output.before,
        "after": without_unknown(output.after),
        "after_unknown": after_unknown(output.after) if unknown else False,
        "before_sensitive": output.sensitive,
        "after_sensitive": output.sensitive,
    }


def _planned_output(output: OutputChange) -> dict[str, Any]:
    form: dict[str, Any] = {"sensitive": output.sensitive}
    if not contains_unknown(output.after):
        form |= {"type": type_to_json(output.type), "value": output.after}
    return form


def _planned_form(change: Change) -> Mapping[str, Any]:
    assert change.after is not None
    planned = without_unknown(bare_object(change.address.resource, change.after))
    return instance_form(change.address, change.provider, planned, change.sensitive)


def _prior_form(change: Change) -> Mapping[str, Any]:
    assert change.before is not None
    found = bare_object(change.address.resource, change.before)
    return instance_form(change.address, change.provider, found, change.sensitive)
