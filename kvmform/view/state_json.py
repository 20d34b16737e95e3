"""The state as Terraform's state JSON (`show -json`), format 1.0."""

from __future__ import annotations

from typing import Any

from kvmform.state.model import InstanceState, State, Status
from kvmform.view.checks_json import checks_form
from kvmform.view.dynamic_values import bare_object
from kvmform.view.known_schema import secrets_of
from kvmform.view.modules_json import instance_form, module_tree, recorded_members
from kvmform.view.outputs import outputs_document

__all__ = ["state_document"]


def state_document(state: State) -> dict[str, Any]:
    """The whole document; only the format's version where nothing is recorded."""
    document: dict[str, Any] = {"format_version": "1.0"}
    if not state.instances and not state.outputs:
        return document
    values: dict[str, Any] = {"root_module": module_tree(_form(i) for i in state.objects())}
    if state.outputs:
        values["outputs"] = outputs_document(state.outputs)
    document |= {"terraform_version": state.terraform_version, "values": values}
    checks = checks_form(state.check_results)
    return document | ({"checks": checks} if checks else {})


def _form(instance: InstanceState) -> dict[str, Any]:
    values = bare_object(instance.address.resource, instance.attributes)
    secrets = secrets_of(instance)
    form = instance_form(instance.address, instance.provider, values, secrets, instance.schema_version)
    is_tainted = instance.status is not Status.OK
    return form | recorded_members(instance.dependencies, tainted=is_tainted, deposed=instance.deposed)
