"""`kvmform output`."""

from __future__ import annotations

import json as format_
from typing import Annotated

from kvmform.cli import flags
from kvmform.cli.flags import Argument, Flag
from kvmform.cli.session import open_view, reporting, surroundings
from kvmform.diagnostics import DiagnosticError

__all__ = ["output"]


def output(
    name: Annotated[str | None, Argument("[NAME]", help="Only this output value.")] = None,
    *,
    json: flags.Json = False,
    raw: Annotated[bool, Flag("-raw", help="The bare string, for scripts.")] = False,
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
            print(format_.dumps(outputs_document(outputs), indent=2) if json else output_text(outputs))
            return
        if name not in outputs:
            known = ", ".join(sorted(outputs)) or "none"
            detail = f'There is no output value "{name}" in state. There are: {known}. Apply the configuration first.'
            raise DiagnosticError.of("Output not found", detail)
        value = outputs[name].value
        if raw:
            print(_raw(name, value), end="")
        else:
            print(
                format_.dumps(value, separators=(",", ":")) if json else output_text({name: outputs[name]}, bare=True)
            )


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
