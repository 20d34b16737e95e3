"""Plan and state JSON without its secrets: what the masks mark is replaced, everything else stays as it is.

The word is that of HashiCorp's terraform-json (sanitize), which other programs know already.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kvmform.config.module import Module
from kvmform.schema import Block, Plain, Row
from kvmform.values.model import Unknown
from kvmform.view.known_schema import schema_of
from kvmform.view.masks import mask_of

__all__ = ["REDACTED", "redact_plan", "redact_state"]

REDACTED = "REDACTED_SENSITIVE"
"""What stands in the place of a sensitive value."""

Form = dict[str, Any]


def redact_plan(document: Form, root: Module) -> Form:
    """The whole plan document without sensitive values; variables and their defaults are told by `root`."""
    hidden = {name for name, variable in root.variables.items() if variable.sensitive}
    found = dict(document)
    if "variables" in document:
        found["variables"] = {
            name: {"value": redacted(form["value"], name in hidden)} for name, form in document["variables"].items()
        }
    for name in ("resource_changes", "resource_drift"):
        if name in document:
            found[name] = [form | {"change": _change(form["change"])} for form in document[name]]
    if "output_changes" in document:
        found["output_changes"] = {name: _change(form) for name, form in document["output_changes"].items()}
    found["planned_values"] = _values(document["planned_values"])
    if "prior_state" in document:
        found["prior_state"] = redact_state(document["prior_state"])
    found["configuration"] = _configuration(document["configuration"])
    return found


def redact_state(document: Form) -> Form:
    """The whole state document without sensitive values."""
    return document | ({"values": _values(document["values"])} if "values" in document else {})


def redacted(value: Plain, mask: Plain) -> Plain:
    """A value with :data:`REDACTED` for its sensitive parts; null is no secret."""
    if mask is True:
        return value if value is None or isinstance(value, Unknown) else REDACTED
    match value:
        case dict() if isinstance(mask, dict):
            return {name: redacted(item, mask_of(mask, name)) for name, item in value.items()}
        case list() if isinstance(mask, list):
            return [redacted(item, mask_of(mask, index)) for index, item in enumerate(value)]
    return value


def _change(form: Form) -> Form:
    """A change of a resource or of an output."""
    found = dict(form)
    for name in ("before", "after"):
        if name in form:
            found[name] = redacted(form[name], form[f"{name}_sensitive"])
    if "edits" in form:
        found["edits"] = [_edit(edit) for edit in form["edits"]]
    return found


def _edit(form: Form) -> Form:
    if not form["sensitive"]:
        return form
    return form | {name: redacted(form[name], True) for name in ("before", "after")}


def _values(form: Form) -> Form:
    """`planned_values`, or the `values` of a state."""
    found: Form = {"root_module": _module(form["root_module"])}
    if "outputs" in form:
        found = {"outputs": {name: _output(output) for name, output in form["outputs"].items()}} | found
    return found


def _output(form: Form) -> Form:
    return form | ({"value": redacted(form["value"], form["sensitive"])} if "value" in form else {})


def _module(form: Form) -> Form:
    found = dict(form)
    if "resources" in form:
        found["resources"] = [
            each | {"values": redacted(each["values"], each["sensitive_values"])} for each in form["resources"]
        ]
    if "child_modules" in form:
        found["child_modules"] = [_module(child) for child in form["child_modules"]]
    return found


def _configuration(form: Form) -> Form:
    """The configuration without defaults of sensitive variables, and without what schemas say is sensitive."""
    return form | {"root_module": _declared(form["root_module"])}


def _declared(form: Form) -> Form:
    found = dict(form)
    if "variables" in form:
        found["variables"] = {name: _variable(each) for name, each in form["variables"].items()}
    if "resources" in form:
        found["resources"] = [_resource(each) for each in form["resources"]]
    if "module_calls" in form:
        calls: Mapping[str, Form] = form["module_calls"]
        found["module_calls"] = {name: call | {"module": _declared(call["module"])} for name, call in calls.items()}
    return found


def _resource(form: Form) -> Form:
    schema = schema_of(form["mode"], form["type"])
    if schema is None or "expressions" not in form:
        return form
    return form | {"expressions": _expressions(form["expressions"], schema.rows)}


def _expressions(forms: Form, rows: Mapping[str, Row | Block]) -> Form:
    """The arguments of a body, with its blocks; what a sensitive one refers to is no secret."""
    found = dict(forms)
    for name, form in forms.items():
        row = rows.get(name)
        if isinstance(form, list):
            inner = row.rows if isinstance(row, Block) else {}
            found[name] = [_expressions(each, inner) for each in form]
        elif isinstance(row, Row) and row.sensitive and "constant_value" in form:
            found[name] = {"constant_value": redacted(form["constant_value"], True)}
    return found


def _variable(form: Form) -> Form:
    if "default" not in form:
        return form
    return form | {"default": redacted(form["default"], form.get("sensitive", False))}
