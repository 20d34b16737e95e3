r"""A saved plan: a zip of the plan as JSON and the configuration that it was made from.

It holds the attributes of objects, as the state does, and the values of input variables that
apply needs again, sensitive ones too; of ephemeral ones only the names.
Values that are known after apply are written as ``{"\u0000unknown": [type, …]}``; a key of
a map that begins with that character has it twice.
"""

from __future__ import annotations

import io
import os
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path as FilePath
from typing import Any

from kvmform import __version__
from kvmform.address import parse_instance
from kvmform.diagnostics import DiagnosticError
from kvmform.plan.change import (
    Action,
    Change,
    CheckedObject,
    CheckResult,
    Drift,
    Gate,
    Mode,
    OutputChange,
    Plan,
    PlannedEdit,
    Recorded,
    Step,
    Verb,
)
from kvmform.schema import Disruption, Effect, Path, Plain
from kvmform.state.durable import replace_file
from kvmform.state.json_text import json_text, parse_json
from kvmform.struct import Struct
from kvmform.values.model import Unknown
from kvmform.values.plain import MapKey
from kvmform.values.types import type_from_json, type_to_json

__all__ = ["FORMAT", "SavedPlan", "read_plan", "write_plan"]

FORMAT = 5
"""Version of the format; a file of another one is refused."""

_MEMBER = "kvmform-plan.json"
_TERRAFORM_MEMBER = "tfplan"
_UNKNOWN = "\0unknown"

_BROKEN = (
    *(OSError, EOFError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error),
    *(DiagnosticError, LookupError, TypeError, ValueError, AttributeError, RecursionError),
)
"""What reading a file raises that is damaged, or something else altogether."""


class SavedPlan(Struct):
    """A plan with what apply needs beside it.

    `files` has the text of every configuration file, by directory and name.
    """

    plan: Plan
    files: Mapping[FilePath, Mapping[str, str]]
    root_directory: FilePath
    workspace: str

    def moved_to(self, directory: FilePath) -> SavedPlan:
        """The same plan for another root directory; modules stay where they are relative to that."""
        files = {
            FilePath(os.path.normpath(directory / os.path.relpath(each, self.root_directory))): found
            for each, found in self.files.items()
        }
        return SavedPlan(self.plan, files, directory, self.workspace)


def write_plan(path: FilePath, saved: SavedPlan) -> None:
    """Write a saved plan, readable by its owner alone: it holds values of variables.

    Raises:
        DiagnosticError: it can't be written, or something that is no saved plan would be lost.
    """
    _reject_loss(path)
    document = {
        "format": FORMAT,
        "kvmform": __version__,
        "root_directory": str(saved.root_directory),
        "workspace": saved.workspace,
        "files": {str(directory): dict(files) for directory, files in saved.files.items()},
        "plan": _plan_form(saved.plan),
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_MEMBER, json_text(document).encode("utf-8", "surrogatepass"))
    try:
        replace_file(path, content.getvalue())
    except OSError as problem:
        detail = f"The plan could not be saved to {path}: {problem.strerror}."
        raise DiagnosticError.of("Failed to write plan file", detail) from problem


def _reject_loss(path: FilePath) -> None:
    """Refuse to write over what is neither empty nor a saved plan: a state, a configuration."""
    if path.is_file() and path.stat().st_size and not zipfile.is_zipfile(path):
        detail = (
            f"{path} is there, and it is not a saved plan, so it was left alone: a state or a configuration would be "
            "lost. Give the plan another name, or delete that file first."
        )
        raise DiagnosticError.of("Failed to write plan file", detail)


def read_plan(path: FilePath) -> SavedPlan:
    """Read a saved plan.

    Raises:
        DiagnosticError: there is none, it is damaged, or another version of kvmform saved it.
    """
    try:
        document = _document(path)
        if document is not None and (document["format"], document.get("kvmform")) == (FORMAT, __version__):
            return _saved_plan(document)
    except OSError as problem:
        detail = f"{path}: {problem.strerror}. Make a plan with: kvmform plan -out={path}"
        raise DiagnosticError.of("Failed to load plan file", detail) from problem
    except _BROKEN as problem:
        detail = f"{path} is not a plan that kvmform saved ({problem}). Make one with: kvmform plan -out={path}"
        raise DiagnosticError.of("Failed to load plan file", detail) from problem
    raise _of_terraform(path) if document is None else _of_another_version(path, document)


def _document(path: FilePath) -> Mapping[str, Any] | None:
    """What is in the file; None: it is a plan of Terraform's."""
    with zipfile.ZipFile(path) as archive:
        members = archive.namelist()
        if _TERRAFORM_MEMBER in members and _MEMBER not in members:
            return None
        document: Mapping[str, Any] = parse_json(archive.read(_MEMBER).decode("utf-8", "surrogatepass"))
        return document


def _of_another_version(path: FilePath, document: Mapping[str, Any]) -> DiagnosticError:
    found, maker = document["format"], document.get("kvmform")
    saved_by = f"kvmform {maker}" if maker else "an older version of kvmform"
    detail = (
        f"{path} was saved by {saved_by} (format {found}), and this is kvmform {__version__} (format {FORMAT}). What "
        "one version planned, another one might carry out otherwise, so a plan is for the version that made it. Apply "
        f"it with that version, or make a new one with: kvmform plan -out={path}"
    )
    return DiagnosticError.of("Invalid plan file", detail)


def _of_terraform(path: FilePath) -> DiagnosticError:
    detail = (
        f"{path} is a plan of Terraform or OpenTofu, which nothing else can carry out. Make one with: "
        f"kvmform plan -out={path}"
    )
    return DiagnosticError.of("Invalid plan file", detail)


def _saved_plan(document: Mapping[str, Any]) -> SavedPlan:
    return SavedPlan(
        plan=_read_plan(document["plan"]),
        files={FilePath(directory): files for directory, files in document["files"].items()},
        root_directory=FilePath(document["root_directory"]),
        workspace=document["workspace"],
    )


def _value_form(value: Plain) -> Any:
    match value:
        case Unknown():
            bounds = [value.min_length, value.max_length]
            return {_UNKNOWN: [type_to_json(value.type), value.not_null, value.prefix, bounds]}
        case dict():
            return {_escaped(name): _value_form(item) for name, item in value.items()}
        case list():
            return [_value_form(item) for item in value]
    return value


def _escaped(name: str) -> str:
    """A key that can't be taken for the sign of an unknown value."""
    return f"\0{name}" if name.startswith("\0") else name


def _read_value(form: Any) -> Plain:
    match form:
        case {"\0unknown": [kind, not_null, prefix, [shortest, longest]]}:
            return Unknown(type_from_json(kind), not_null, prefix, shortest, longest)
        case dict():
            return {name.removeprefix("\0"): _read_value(item) for name, item in form.items()}
        case list():
            return [_read_value(item) for item in form]
    return form


def _plan_form(plan: Plan) -> dict[str, Any]:
    return {
        "mode": plan.mode.value,
        "lineage": plan.lineage,
        "serial": plan.serial,
        "journal": plan.journal,
        "timestamp": plan.timestamp,
        "variables": _value_form(dict(plan.variables)),
        "ephemeral": list(plan.ephemeral),
        "targets": list(plan.targets),
        "excluded": list(plan.excluded),
        "changes": [_change_form(change) for change in plan.changes],
        "steps": [[step.number, step.verb.value, step.address, list(step.needs)] for step in plan.steps],
        "drift": [_drift_form(drift) for drift in plan.drift],
        "outputs": [_output_form(output) for output in plan.outputs],
        "checks": [_check_form(check) for check in plan.checks],
        "beside": [_change_form(change) for change in plan.beside],
        "outputs_beside": [_output_form(output) for output in plan.outputs_beside],
        "obsolete": [str(address) for address in plan.obsolete],
        "moves": [[str(before), str(after)] for before, after in plan.moves],
        "refreshed": plan.refreshed,
        "managed": plan.managed,
        "gates": [[gate.name, gate.value, gate.said] for gate in plan.gates],
    }


def _read_plan(form: Mapping[str, Any]) -> Plan:
    return Plan(
        mode=Mode(form["mode"]),
        lineage=form["lineage"],
        serial=form["serial"],
        journal=form["journal"],
        timestamp=form["timestamp"],
        variables=_read_value(form["variables"]),
        ephemeral=tuple(form["ephemeral"]),
        targets=tuple(form["targets"]),
        excluded=tuple(form["excluded"]),
        changes=tuple(_read_change(change) for change in form["changes"]),
        steps=tuple(Step(number, Verb(verb), address, tuple(needs)) for number, verb, address, needs in form["steps"]),
        drift=tuple(_read_drift(drift) for drift in form["drift"]),
        outputs=tuple(_read_output(output) for output in form["outputs"]),
        checks=tuple(_read_check(check) for check in form["checks"]),
        beside=tuple(_read_change(change) for change in form["beside"]),
        outputs_beside=tuple(_read_output(output) for output in form["outputs_beside"]),
        obsolete=tuple(parse_instance(address) for address in form["obsolete"]),
        moves=tuple((parse_instance(before), parse_instance(after)) for before, after in form["moves"]),
        refreshed=form["refreshed"],
        managed=form["managed"],
        gates=tuple(Gate(name, value, said) for name, value, said in form["gates"]),
    )


def _check_form(check: CheckResult) -> list[Any]:
    objects = [[each.address, each.status, list(each.messages)] for each in check.objects or ()]
    return [check.kind, check.address, check.status, None if check.objects is None else objects]


def _read_check(form: list[Any]) -> CheckResult:
    kind, address, status, objects = form
    found = tuple(CheckedObject(name, verdict, tuple(told)) for name, verdict, told in objects or ())
    return CheckResult(kind, address, status, None if objects is None else found)


def _change_form(change: Change) -> dict[str, Any]:
    return {
        "address": str(change.address),
        "provider": change.provider,
        "action": change.action.value,
        "before": _value_form(change.before),
        "after": _value_form(change.after),
        "reason": change.reason,
        "edits": [_edit_form(edit) for edit in change.edits],
        "disruption": change.disruption.value,
        "generation": change.generation,
        "seed": change.seed,
        "previous": str(change.previous) if change.previous else None,
        "new_first": change.new_first,
        "deposed": change.deposed,
        "importing": change.importing,
        "generated": change.generated,
        "resumes": change.resumes,
        "sensitive": _paths_form(change.sensitive),
        "dependencies": list(change.dependencies),
        "recorded": _recorded_form(change.recorded),
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
        seed=form["seed"],
        previous=parse_instance(form["previous"]) if form["previous"] else None,
        new_first=form["new_first"],
        deposed=form["deposed"],
        importing=form["importing"],
        generated=form["generated"],
        resumes=form["resumes"],
        sensitive=_read_paths(form["sensitive"]),
        dependencies=tuple(form["dependencies"]),
        recorded=_read_recorded(form["recorded"]),
    )


def _recorded_form(recorded: Recorded | None) -> list[Any] | None:
    if recorded is None:
        return None
    return [list(recorded.dependencies), _paths_form(recorded.sensitive), recorded.tainted]


def _read_recorded(form: list[Any] | None) -> Recorded | None:
    if form is None:
        return None
    dependencies, sensitive, tainted = form
    return Recorded(tuple(dependencies), _read_paths(sensitive), tainted)


def _drift_form(drift: Drift) -> dict[str, Any]:
    return {
        "address": str(drift.address),
        "before": _value_form(drift.before),
        "after": _value_form(drift.after),
        "edits": [_edit_form(edit) for edit in drift.edits],
        "is_shown": drift.is_shown,
        "sensitive": _paths_form(drift.sensitive),
        "provider": drift.provider,
    }


def _read_drift(form: Mapping[str, Any]) -> Drift:
    return Drift(
        address=parse_instance(form["address"]),
        before=_read_value(form["before"]),
        after=_read_value(form["after"]),
        edits=tuple(_read_edit(edit) for edit in form["edits"]),
        is_shown=form["is_shown"],
        sensitive=_read_paths(form["sensitive"]),
        provider=form["provider"],
    )


def _paths_form(paths: Iterable[Path]) -> list[Any]:
    """Paths; the key of a map is in a list of its own, which tells it from an attribute."""
    return sorted(([[str(step)] if isinstance(step, MapKey) else step for step in path] for path in paths), key=str)


def _read_paths(form: Iterable[Any]) -> frozenset[Path]:
    return frozenset(tuple(MapKey(*step) if isinstance(step, list) else step for step in path) for path in form)


def _edit_form(edit: PlannedEdit) -> list[Any]:
    effect = [edit.effect.disruption.value, edit.effect.reason, edit.effect.in_place, edit.effect.remade]
    return [list(edit.path), _value_form(edit.before), _value_form(edit.after), *effect]


def _read_edit(form: list[Any]) -> PlannedEdit:
    path, before, after, disruption, reason, in_place, remade = form
    effect = Effect(Disruption(disruption), reason, in_place, remade)
    return PlannedEdit(tuple(path), _read_value(before), _read_value(after), effect)


def _output_form(output: OutputChange) -> dict[str, Any]:
    return {
        "name": output.name,
        "before": _value_form(output.before),
        "after": _value_form(output.after),
        "type": type_to_json(output.type),
        "sensitive": output.sensitive,
        "exists": [output.exists_before, output.exists_after],
        "type_before": type_to_json(output.type_before),
        "sensitive_before": output.sensitive_before,
    }


def _read_output(form: Mapping[str, Any]) -> OutputChange:
    exists_before, exists_after = form["exists"]
    return OutputChange(
        name=form["name"],
        before=_read_value(form["before"]),
        after=_read_value(form["after"]),
        type=type_from_json(form["type"]),
        sensitive=form["sensitive"],
        exists_before=exists_before,
        exists_after=exists_after,
        type_before=type_from_json(form["type_before"]),
        sensitive_before=form["sensitive_before"],
    )
