r"""A saved plan: a zip of the plan as JSON and the configuration that it was made from.

Values that are known after apply are written as ``{"\u0000unknown": type}``; no object
has such a key, since it is no identifier.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from kvmform.address import parse_instance
from kvmform.diagnostics import DiagnosticError
from kvmform.plan.change import Action, Change, Drift, Mode, OutputChange, Plan, PlannedEdit, Step, Verb
from kvmform.schema import Disruption, Effect, Plain
from kvmform.values.model import Unknown
from kvmform.values.types import type_from_json, type_to_json

__all__ = ["FORMAT", "SavedPlan", "read_plan", "write_plan"]

FORMAT = 1
"""Version of the format; a file of another one is refused."""

_UNKNOWN = "\0unknown"


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A plan with what apply needs beside it.

    `files` has the text of every configuration file, by directory and name.
    """

    plan: Plan
    files: Mapping[FilePath, Mapping[str, str]]
    root_directory: FilePath
    workspace: str


def write_plan(path: FilePath, saved: SavedPlan) -> None:
    """Write a saved plan, readable by its owner alone: it holds values of variables.

    Raises:
        DiagnosticError: it can't be written.
    """
    document = {
        "format": FORMAT,
        "root_directory": str(saved.root_directory),
        "workspace": saved.workspace,
        "files": {str(directory): dict(files) for directory, files in saved.files.items()},
        "plan": _plan_form(saved.plan),
    }
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("kvmform-plan.json", json.dumps(document))
    except OSError as problem:
        detail = f"The plan could not be saved to {path}: {problem.strerror}."
        raise DiagnosticError.of("Failed to write plan file", detail) from problem


def read_plan(path: FilePath) -> SavedPlan:
    """Read a saved plan.

    Raises:
        DiagnosticError: there is none, or it is of another version.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            document = json.loads(archive.read("kvmform-plan.json"))
    except (OSError, zipfile.BadZipFile, KeyError, ValueError) as problem:
        detail = f"{path} is not a plan that kvmform saved ({problem}). Make one with: kvmform plan -out={path}"
        raise DiagnosticError.of("Failed to load plan file", detail) from problem
    if document.get("format") != FORMAT:
        detail = f"{path} was saved by another version of kvmform. Make a new plan."
        raise DiagnosticError.of("Invalid plan file", detail)
    return SavedPlan(
        plan=_read_plan(document["plan"]),
        files={FilePath(directory): files for directory, files in document["files"].items()},
        root_directory=FilePath(document["root_directory"]),
        workspace=document["workspace"],
    )


def _value_form(value: Plain) -> Any:
    match value:
        case Unknown():
            return {_UNKNOWN: type_to_json(value.type), "not_null": value.not_null, "prefix": value.prefix}
        case dict():
            return {name: _value_form(item) for name, item in value.items()}
        case list():
            return [_value_form(item) for item in value]
    return value


def _read_value(form: Any) -> Plain:
    match form:
        case dict() if _UNKNOWN in form:
            return Unknown(type_from_json(form[_UNKNOWN]), not_null=form["not_null"], prefix=form["prefix"])
        case dict():
            return {name: _read_value(item) for name, item in form.items()}
        case list():
            return [_read_value(item) for item in form]
    return form


def _plan_form(plan: Plan) -> dict[str, Any]:
    return {
        "mode": plan.mode,
        "lineage": plan.lineage,
        "serial": plan.serial,
        "timestamp": plan.timestamp,
        "variables": _value_form(dict(plan.variables)),
        "targets": plan.targets,
        "changes": [_change_form(change) for change in plan.changes],
        "steps": [[step.number, step.verb, step.address, step.needs] for step in plan.steps],
        "drift": [
            [str(d.address), _value_form(d.before), _value_form(d.after), [_edit_form(e) for e in d.edits], d.is_shown]
            for d in plan.drift
        ],
        "outputs": [_output_form(output) for output in plan.outputs],
    }


def _read_plan(form: Mapping[str, Any]) -> Plan:
    return Plan(
        mode=Mode(form["mode"]),
        lineage=form["lineage"],
        serial=form["serial"],
        timestamp=form["timestamp"],
        variables=_read_value(form["variables"]),
        targets=tuple(form["targets"]),
        changes=tuple(_read_change(change) for change in form["changes"]),
        steps=tuple(Step(number, Verb(verb), address, tuple(needs)) for number, verb, address, needs in form["steps"]),
        drift=tuple(
            Drift(
                parse_instance(a), _read_value(before), _read_value(after), tuple(_read_edit(e) for e in edits), shown
            )
            for a, before, after, edits, shown in form["drift"]
        ),
        outputs=tuple(_read_output(output) for output in form["outputs"]),
    )


def _change_form(change: Change) -> dict[str, Any]:
    return {
        "address": str(change.address),
        "provider": change.provider,
        "action": change.action,
        "before": _value_form(change.before),
        "after": _value_form(change.after),
        "reason": change.reason,
        "edits": [_edit_form(edit) for edit in change.edits],
        "disruption": change.disruption.value,
        "generation": change.generation,
        "resumes": change.resumes,
        "sensitive": sorted((list(path) for path in change.sensitive), key=str),
        "dependencies": change.dependencies,
    }


def _read_change(form: Mapping[str, Any]) -> Change:
    return Change(
        address=parse_instance(form["address"]),
        provider=form["provider"],
        action=Action(form["action"]),
        before=_read_value(form["before"]),
        after=_read_value(form["after"]),
        reason=form["reason"],
        edits=tuple(_read_edit(edit) for edit in form["edits"]),
        disruption=Disruption(form["disruption"]),
        generation=form["generation"],
        resumes=form["resumes"],
        sensitive=frozenset(tuple(path) for path in form["sensitive"]),
        dependencies=tuple(form["dependencies"]),
    )


def _edit_form(edit: PlannedEdit) -> list[Any]:
    effect = [edit.effect.disruption.value, edit.effect.reason, edit.effect.in_place]
    return [list(edit.path), _value_form(edit.before), _value_form(edit.after), *effect]


def _read_edit(form: list[Any]) -> PlannedEdit:
    path, before, after, disruption, reason, in_place = form
    effect = Effect(Disruption(disruption), reason, in_place)
    return PlannedEdit(tuple(path), _read_value(before), _read_value(after), effect)


def _output_form(output: OutputChange) -> dict[str, Any]:
    return {
        "name": output.name,
        "before": _value_form(output.before),
        "after": _value_form(output.after),
        "type": type_to_json(output.type),
        "sensitive": output.sensitive,
        "exists": [output.exists_before, output.exists_after],
    }


def _read_output(form: Mapping[str, Any]) -> OutputChange:
    return OutputChange(
        form["name"],
        _read_value(form["before"]),
        _read_value(form["after"]),
        type_from_json(form["type"]),
        form["sensitive"],
        *form["exists"],
    )
