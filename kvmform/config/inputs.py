"""Values for the root module's input variables, and where each comes from.

Precedence, lowest first, as Terraform's: `TF_VAR_name` in the environment,
`terraform.tfvars`, `terraform.tfvars.json`, `*.auto.tfvars` and `*.auto.tfvars.json` in
lexical order, then `-var` and `-var-file` in the order given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from kvmform.config.files import read_text
from kvmform.config.module import Module, Variable
from kvmform.diagnostics import Diagnostic, DiagnosticError, Diagnostics, SourceRange, error, warning
from kvmform.lang.evaluate import evaluate
from kvmform.lang.parse import parse_config, parse_expression
from kvmform.lang.scope import Scope
from kvmform.lang.suggestion import did_you_mean
from kvmform.struct import Struct
from kvmform.values.model import Unknown, Value
from kvmform.values.types import BOOL, DYNAMIC, NUMBER, STRING

__all__ = ["Ask", "Input", "VariableArgument", "collect_inputs", "unknown_input"]

Ask = Callable[[Variable], str | None]
"""Asks the user for a variable's value, as one types it; None: nobody answers."""


class VariableArgument(Struct):
    """A `-var` (`text` is `name=value`) or a `-var-file` (`text` is a path)."""

    text: str
    is_file: bool


class Input(Struct):
    """A value given for an input variable, before conversion to the variable's type."""

    value: Value
    origin: str
    range: SourceRange | None = None


def collect_inputs(
    module: Module,
    arguments: Iterable[VariableArgument],
    environment: Mapping[str, str],
    ask: Ask | None,
    working_directory: Path,
    *,
    required: bool = True,
    automatic: bool = True,
) -> tuple[dict[str, Input], list[Diagnostic]]:
    """Gather what is given for the root module's variables.

    Args:
        module: the root module.
        arguments: `-var` and `-var-file`, in the order of the command line.
        environment: the process's environment.
        ask: asks for what is missing; None: nobody is there to answer.
        working_directory: where a relative `-var-file` starts.
        required: whether every variable must have a value; if not, one that has none is unknown.
        automatic: whether the files count that are read without being named.

    Returns:
        Inputs by variable name, and warnings.

    Raises:
        DiagnosticError: a file or value is wrong, or a required variable has no value.
    """
    gathering = _Gathering(module)
    for name in module.variables:
        if f"TF_VAR_{name}" in environment:
            gathering.text(name, environment[f"TF_VAR_{name}"], f"the environment variable TF_VAR_{name}")
    for path in _automatic_files(module.directory) if automatic else ():
        gathering.file(path)
    for argument in arguments:
        if argument.is_file:
            gathering.file(working_directory / argument.text)
        else:
            gathering.argument(argument.text)
    # What a file gives that can't be read is not known to be missing.
    is_complete = not gathering.problems.has_errors
    for variable in module.variables.values():
        if variable.default is None and variable.name not in gathering.found:
            if required and is_complete:
                gathering.missing(variable, ask)
            else:
                gathering.found[variable.name] = unknown_input(variable)
    gathering.problems.raise_errors()
    return gathering.found, list(gathering.problems)


def unknown_input(variable: Variable) -> Input:
    """What stands for a variable whose value nobody knows."""
    return Input(Unknown(variable.constraint.type if variable.constraint else DYNAMIC), "nowhere")


def _automatic_files(directory: Path) -> list[Path]:
    named = [directory / "terraform.tfvars", directory / "terraform.tfvars.json"]
    automatic = sorted(
        (p for p in directory.iterdir() if p.name.endswith((".auto.tfvars", ".auto.tfvars.json"))),
        key=lambda p: p.name,
    )
    return [path for path in [*named, *automatic] if path.is_file()]


class _Gathering:
    def __init__(self, module: Module) -> None:
        self.found: dict[str, Input] = {}
        self.problems = Diagnostics()
        self._variables = module.variables

    def text(self, name: str, text: str, origin: str) -> None:
        """A value as text: taken as it is for primitive types, else as an expression."""
        variable = self._variables[name]
        kind = variable.constraint.type if variable.constraint is not None else STRING
        if kind in (STRING, NUMBER, BOOL):
            self.found[name] = Input(text, origin)
            return
        try:
            value = evaluate(parse_expression(text, f"<value for var.{name}>"), Scope.empty())
        except DiagnosticError as problem:
            self.problems.caught(problem)
        else:
            self.found[name] = Input(value, origin)

    def argument(self, text: str) -> None:
        """A `-var` argument."""
        name, equals, value = text.partition("=")
        name = name.strip()
        if not equals:
            detail = f'The given -var option "{text}" is not written as name=value.'
            self.problems.add(error("Invalid -var option", detail))
        elif name not in self._variables:
            hint = did_you_mean(name, self._variables)
            detail = f'"{name}" is given with -var, but the root module declares no such variable.{hint}'
            self.problems.add(error("Value for undeclared variable", detail))
        else:
            self.text(name, value, f"-var {name}=…")

    def file(self, path: Path) -> None:
        """A `.tfvars` or `.tfvars.json` file."""
        try:
            text = read_text(path)
            values = _read_json(text, path) if path.name.endswith(".json") else self._read_hcl(text, path)
        except DiagnosticError as problem:
            self.problems.caught(problem)
            return
        for name, given in values.items():
            if name in self._variables:
                self.found[name] = given
            else:
                detail = f'The root module declares no variable named "{name}".{did_you_mean(name, self._variables)}'
                self.problems.add(warning("Value for undeclared variable", detail, given.range))

    def _read_hcl(self, text: str, path: Path) -> dict[str, Input]:
        body, found = parse_config(text, path.name)
        self.problems.add(*found)
        for block in body.blocks:
            detail = "A variables file holds lines like name = value; blocks are not allowed in it."
            self.problems.add(error(f'Unexpected "{block.type}" block', detail, block.type_range))
        values: dict[str, Input] = {}
        for name, attribute in body.attributes.items():
            try:
                value = evaluate(attribute.expression, Scope.empty())
            except DiagnosticError as problem:
                self.problems.caught(problem)
            else:
                values[name] = Input(value, path.name, attribute.expression.range)
        return values

    def missing(self, variable: Variable, ask: Ask | None) -> None:
        """No value: ask for it, or say so."""
        answer = None if ask is None else ask(variable)
        if answer is not None:
            self.text(variable.name, answer, "the answer to the prompt")
            return
        detail = (
            f'The root module input variable "{variable.name}" is not set, and has no default value. Give it with '
            f"-var '{variable.name}=…', in a .tfvars file, or in the environment as TF_VAR_{variable.name}."
        )
        self.problems.add(error("No value for required variable", detail, variable.range))


def _read_json(text: str, path: Path) -> dict[str, Input]:
    from json import JSONDecodeError

    from kvmform.values.json import value_from_json_text

    try:
        members = value_from_json_text(text)
    except JSONDecodeError as problem:
        detail = f"{path.name} is not valid JSON: {problem.msg} at line {problem.lineno}, column {problem.colno}."
        raise DiagnosticError.of("Invalid JSON", detail) from problem
    if not isinstance(members, dict):
        raise DiagnosticError.of("Invalid JSON", f"{path.name} must hold one object, with a member for each variable.")
    return {name: Input(value, path.name) for name, value in members.items()}
