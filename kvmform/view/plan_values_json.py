"""What is, and what is to be, in plan JSON: `prior_state` and `planned_values`.

Source: internal/command/jsonplan/values.go and internal/command/jsonstate/state.go of Terraform 1.11.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kvmform.plan.change import Action, Change, Mode, OutputChange, Plan, Recorded
from kvmform.plan.merge import contains_unknown
from kvmform.schema import Object, Plain
from kvmform.state.model import TERRAFORM_VERSION
from kvmform.values.types import Type, type_to_json
from kvmform.view.dynamic_values import bare_object
from kvmform.view.masks import without_unknown
from kvmform.view.modules_json import instance_form, module_tree, recorded_members

__all__ = ["planned_values", "prior_state"]


def planned_values(plan: Plan) -> dict[str, Any]:
    """What there is once the plan is applied, as far as it is known. What was read already is in `prior_state`."""
    outputs = {output.name: _planned_output(output) for output in plan.outputs if output.exists_after}
    form: dict[str, Any] = {"outputs": outputs} if outputs else {}
    changes = sorted((c for c in plan.changes if _is_planned(c, plan)), key=lambda change: str(change.address))
    return form | {"root_module": module_tree(_planned_form(change) for change in changes)}


def prior_state(plan: Plan) -> dict[str, Any]:
    """What there is now, in the form of state JSON: objects as they are, and what was read already; or nothing."""
    told = sorted((*plan.outputs, *plan.outputs_beside), key=lambda output: output.name)
    outputs = {output.name: form for output in told if (form := _prior_output(output)) is not None}
    everything = sorted((*plan.changes, *plan.beside), key=lambda each: (each.address.sort_key(), each.deposed))
    changes = [change for change in everything if _present(change) is not None]
    if not outputs and not changes:
        return {}
    values: dict[str, Any] = {"outputs": outputs} if outputs else {}
    values["root_module"] = module_tree(_prior_form(change) for change in changes)
    return {"format_version": "1.0", "terraform_version": TERRAFORM_VERSION, "values": values}


def _present(change: Change) -> Object | None:
    """What is there already; what a check reads was read, too."""
    is_read = change.is_nested and not contains_unknown(change.after)
    return change.after if is_read else change.before


def _is_planned(change: Change, plan: Plan) -> bool:
    """Whether it is told in what is planned: not what was read already, and nothing that is only read again."""
    is_read = change.address.resource.mode == "data" and change.action is Action.NO_OP
    return change.after is not None and not is_read and plan.mode is not Mode.REFRESH_ONLY


def _planned_output(output: OutputChange) -> dict[str, Any]:
    if contains_unknown(output.after):
        return {"sensitive": output.hides}
    return _output_form(output.hides, output.after, output.type)


def _prior_output(output: OutputChange) -> dict[str, Any] | None:
    """What is known of an output before anything is done, by its new expression where that says it already."""
    if output.exists_after and not contains_unknown(output.after):
        return _output_form(output.sensitive, output.after, output.type)
    if output.exists_before:
        return _output_form(output.sensitive_before, output.before, output.type_before)
    return None


def _output_form(sensitive: bool, value: Plain, kind: Type) -> dict[str, Any]:
    return {"sensitive": sensitive, "type": type_to_json(kind), "value": value}


def _planned_form(change: Change) -> Mapping[str, Any]:
    assert change.after is not None
    planned = bare_object(change.address.resource, change.after)
    form = instance_form(change.address, change.provider, planned, change.sensitive)
    return form | {"values": without_unknown(planned)}


def _prior_form(change: Change) -> Mapping[str, Any]:
    present, recorded = _present(change), change.recorded or Recorded()
    assert present is not None
    found = bare_object(change.address.resource, present)
    sensitive = change.sensitive if change.recorded is None else recorded.sensitive
    form = instance_form(change.address, change.provider, found, sensitive)
    used = {*recorded.dependencies, *change.dependencies} if change.recorded is not None else ()
    return form | recorded_members(used, tainted=recorded.tainted, deposed=change.deposed)
