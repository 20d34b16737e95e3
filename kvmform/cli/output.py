"""`kvmform output`."""

from __future__ import annotations

import json as format_
from typing import Annotated

import typer

from kvmform.cli import flags
from kvmform.cli.session import open_view, reporting, surroundings
from kvmform.diagnostics import DiagnosticError

__all__ = ["output"]


def output(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Only this output value.")] = None,
    *,
    json: flags.Json = False,
    raw: Annotated[bool, typer.Option("--raw/--no-raw", help="The bare string, for scripts.")] = False,
    state: flags.StatePath = None,
    no_color: flags.NoColor = False,
) -> None:
    """Show output values from state."""
    view = open_view(json=False, no_color=no_color)
    with reporting(view):
        from kvmform.view.outputs import output_text, outputs_document
        from kvmform.workspace import Workspace

        with Workspace(surroundings(state=state, lock=False)) as workspace:
            outputs = workspace.state.outputs
        if name is None:
            typer.echo(format_.dumps(outputs_document(outputs), indent=2) if json else output_text(outputs), nl=True)
            return
        if name not in outputs:
            known = ", ".join(sorted(outputs)) or "none"
            detail = f'There is no output value "{name}" in state. There are: {known}. Apply the configuration first.'
            raise DiagnosticError.of("Output not found", detail)
        value = outputs[name].value
        if raw:
            typer.echo(_raw(name, value), nl=False)
        else:
            typer.echo(format_.dumps(value, indent=2) if json else output_text({name: outputs[name]}, bare=True))


def _raw(name: str, value: object) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return format_.dumps(value)
    detail = f'-raw is for strings, numbers and booleans, and "{name}" is none of them. Use -json.'
    raise DiagnosticError.of("Unsupported value for raw output", detail)
