"""A plan as Terraform's plan JSON (format 1.2), with a `disruption` for each change.

Source: https://developer.hashicorp.com/terraform/internals/json-format#plan-representation.
Additions of kvmform: `disruption` at the top and in each change, `edits` in each change (the
differences by path, each with its disruption and reason), `resumes`, `refusals`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from kvmform.address import InstanceAddress
from kvmform.config.module import Module
from kvmform.plan.change import Action, Change, Drift, Mode, OutputChange, Plan, PlannedEdit
from kvmform.plan.checks import check_results
from kvmform.plan.merge import contains_unknown
from kvmform.schema import Path
from kvmform.state.model import TERRAFORM_VERSION
from kvmform.view.checks_json import checks_form
from kvmform.view.configuration_json import configuration_form, default_of
from kvmform.view.dynamic_values import bare, bare_object
from kvmform.view.masks import after_unknown, sensitive_mask, without_unknown
from kvmform.view.modules_json import provider_source
from kvmform.view.plan_values_json import planned_values, prior_state
from kvmform.view.refusals_json import refusal_forms
from kvmform.view.relevant_json import relevant_attributes

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
    """The whole document of `show -json PLAN`. As in Terraform's, what has nothing in it is left out."""
    document = changes_document(plan)
    defaults = {name: {"value": default_of(v)} for name, v in root.variables.items() if v.default is not None}
    document["variables"] = defaults | document["variables"]
    document["planned_values"] = planned_values(plan)
    if plan.mode is Mode.REFRESH_ONLY:
        # It changes only what is recorded; what has moved is told as noticed.
        changes, noticed = document["resource_changes"], {drift.address for drift in plan.drift}
        moved = {str(each.address) for each in plan.changes if each.previous and each.address not in noticed}
        document["resource_drift"] += [change for change in changes if change["address"] in moved]
        document["resource_changes"] = []
    _tell_nulls(document, plan, root)
    for change in document["output_changes"].values():
        if change["after_unknown"] is True:
            del change["after"]
    document["prior_state"] = prior_state(plan)
    document["configuration"] = configuration_form(root)
    document["relevant_attributes"] = relevant_attributes(plan, root)
    document["checks"] = checks_form(check_results(plan.checks))
    document["refusals"] = list(refusal_forms(plan))
    document["applyable"] = plan.is_applyable and not document["refusals"]
    return {name: value for name, value in document.items() if value not in ([], {})}


def _tell_nulls(document: dict[str, Any], plan: Plan, root: Module) -> None:
    """Outputs that are null, before and after, are in no state, and in Terraform's plans all the same."""
    if plan.mode is Mode.DESTROY or plan.is_partial:
        return
    hidden = {name: output.sensitive for name, output in root.outputs.items() if name not in document["output_changes"]}
    for name, sensitive in hidden.items():
        marks = {"before_sensitive": sensitive, "after_sensitive": sensitive}
        null = {"actions": ["no-op"], "before": None, "after": None, "after_unknown": False, **marks}
        document["output_changes"][name] = null
        told = document["planned_values"].setdefault("outputs", {})
        told[name] = {"sensitive": sensitive, "type": "dynamic", "value": None}


def changes_document(plan: Plan) -> dict[str, Any]:
    """What of the document tells changes; the view for people is made from it."""
    return {
        "format_version": "1.2",
        "terraform_version": TERRAFORM_VERSION,
        "mode": plan.mode.value,
        "variables": {name: {"value": value} for name, value in plan.variables.items()},
        "resource_drift": _drift_forms(plan),
        "resource_changes": [change_form(change) for change in plan.changes if _is_told(change)],
        "output_changes": {output.name: _output_form(output) for output in plan.outputs},
        "relevant_attributes": list(_dependencies(plan)),
        "timestamp": plan.timestamp,
        "applyable": plan.is_applyable,
        "complete": not plan.is_partial,
        "errored": False,
        "disruption": plan.disruption.value,
    }


def _dependencies(plan: Plan) -> Iterator[dict[str, Any]]:
    """What objects that change depend on, as a whole; :func:`plan_document` has it attribute by attribute."""
    acting = (change for change in plan.changes if change.action is not Action.NO_OP)
    for name in dict.fromkeys(name for change in acting for name in change.dependencies):
        yield {"resource": name, "attribute": []}


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
    form["provider_name"] = provider_source(change.provider)
    form["change"] = {
        "actions": ["create", "delete"] if change.new_first else _ACTIONS[change.action],
        **_before_and_after(change, _sensitive_before(change), change.sensitive),
        "disruption": change.disruption.value,
        "edits": [_edit_form(change.address, edit, change.sensitive) for edit in change.edits],
    }
    if change.resumes:
        form["change"]["resumes"] = True
    if change.replace_paths:
        form["change"]["replace_paths"] = [list(path) for path in change.replace_paths]
    if change.importing:
        form["change"]["importing"] = {"id": change.importing}
    if change.generated:
        form["change"]["generated_config"] = change.generated
    if change.reason:
        form["action_reason"] = change.reason
    return form


def _sensitive_before(change: Change) -> frozenset[Path]:
    return change.sensitive if change.recorded is None else change.recorded.sensitive


def _before_and_after(
    change: Change | Drift, sensitive_before: Iterable[Path], sensitive: Iterable[Path]
) -> dict[str, Any]:
    resource = change.address.resource
    before, after = (
        bare_object(resource, found) if found is not None else None for found in (change.before, change.after)
    )
    return {
        "before": before,
        "after": without_unknown(after),
        "after_unknown": after_unknown(after) if contains_unknown(after) else {},
        "before_sensitive": sensitive_mask(before, sensitive_before) if before is not None else False,
        "after_sensitive": sensitive_mask(after, sensitive) if after is not None else False,
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


def _drift_forms(plan: Plan) -> list[dict[str, Any]]:
    """The members of `resource_drift`."""
    previous = {after: before for before, after in plan.moves}
    return [_drift_form(drift, previous.get(drift.address)) for drift in plan.drift if drift.is_shown]


def _drift_form(drift: Drift, previous: InstanceAddress | None) -> dict[str, Any]:
    change = _before_and_after(drift, drift.sensitive, drift.sensitive)
    change["actions"] = ["delete"] if drift.after is None else ["update"]
    change["edits"] = [_edit_form(drift.address, edit, drift.sensitive) for edit in drift.edits]
    moved = {} if previous is None else {"previous_address": str(previous)}
    return address_form(drift) | moved | {"provider_name": provider_source(drift.provider), "change": change}


def _output_form(output: OutputChange) -> dict[str, Any]:
    unknown = contains_unknown(output.after)
    return {
        "actions": _ACTIONS[output.action],
        "before": output.before,
        "after": without_unknown(output.after),
        "after_unknown": after_unknown(output.after) if unknown else False,
        "before_sensitive": output.hides,
        "after_sensitive": output.hides,
    }
