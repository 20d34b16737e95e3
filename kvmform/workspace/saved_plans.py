"""Where a saved plan is carried out, and with which values of variables."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from kvmform.config.files import DirectoryFiles
from kvmform.config.inputs import Input, collect_inputs
from kvmform.diagnostics import DiagnosticError, Diagnostics, error
from kvmform.plan.change import Plan
from kvmform.plan.merge import contains_unknown
from kvmform.plan.planfile import SavedPlan
from kvmform.values.model import Unknown
from kvmform.values.plain import from_plain, to_plain
from kvmform.values.types import DYNAMIC

if TYPE_CHECKING:
    from kvmform.workspace.workspace import Workspace

__all__ = ["placed", "reject_other_values", "saved_inputs"]


def placed(saved: SavedPlan, directory: Path) -> SavedPlan:
    """The plan for this directory, if that has the configuration that it was made from.

    A pipeline may check a lab out elsewhere. Otherwise a plan is for the directory that it was made in, wherever it is
    called for.
    """
    root = saved.root_directory
    if directory != root:
        with suppress(DiagnosticError):
            if DirectoryFiles().read(directory) == saved.files.get(root, {}):
                return saved.moved_to(directory)
    return saved


def saved_inputs(workspace: Workspace, plan: Plan) -> dict[str, Input]:
    """Values of the root module's variables as the plan has them; of ephemeral ones, which it has not, those given now.

    Raises:
        DiagnosticError: an ephemeral one that had a value when the plan was made has none now.
    """
    inputs = {name: Input(from_plain(value, DYNAMIC), "the saved plan") for name, value in plan.variables.items()}
    if not plan.ephemeral:
        return inputs
    around = workspace.surroundings
    given, _ = collect_inputs(workspace.root, around.variables, around.environment, None, Path.cwd(), required=False)
    problems = Diagnostics()
    for name in plan.ephemeral:
        if name not in given or isinstance(given[name].value, Unknown):
            detail = (
                f'The ephemeral input variable "{name}" was set during the plan phase, and so must also be set '
                f"during the apply phase: a plan doesn't keep such a value. Give it with -var '{name}=…', or in "
                f"TF_VAR_{name}."
            )
            problems.add(error("No value for required variable", detail, workspace.root.variables[name].range))
    problems.raise_errors()
    return inputs | {name: given[name] for name in plan.ephemeral}


def reject_other_values(workspace: Workspace, saved: SavedPlan) -> None:
    """Refuse values on the command line that are not those in the plan; ephemeral ones are never in it.

    Raises:
        DiagnosticError: with each variable that would have another value.
    """
    arguments = workspace.surroundings.variables
    if not arguments:
        return
    declared, problems = workspace.root.variables, Diagnostics()
    given, _ = collect_inputs(workspace.root, arguments, {}, None, Path.cwd(), required=False, automatic=False)
    values = workspace.evaluation(None, planning=True, inputs=given).variables()
    for name in given:
        value = to_plain(values[name])[0]
        if declared[name].ephemeral or contains_unknown(value) or value == saved.plan.variables.get(name):
            continue
        detail = (
            f"The plan has its variables in it, and {name} has another value there. Only ephemeral ones are given with "
            "-var and -var-file when a saved plan is applied. Leave it out, or make a new plan with it."
        )
        problems.add(error("Can't change variable when applying a saved plan", detail, declared[name].range))
    problems.raise_errors()
