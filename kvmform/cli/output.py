"""`kvmform output`."""

from __future__ import annotations

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
        if raw and json:
            raise DiagnosticError.of("Invalid output format", "The -raw and -json options are mutually-exclusive.")
        if raw and name is None:
            detail = "You must give the name of a single output value when using the -raw option."
            raise DiagnosticError.of("Output name required", detail)
        from kvmform.view.document_text import document_text
        from kvmform.view.outputs import output_text, outputs_document
        from kvmform.workspace import Workspace

        with Workspace(surroundings(state=state, lock=False)) as workspace:
            outputs = workspace.state.outputs
        if name is None:
            print(document_text(outputs_document(outputs), indented=True) if json else output_text(outputs))
            return
        if name not in outputs:
            known = ", ".join(sorted(outputs)) or "none"
            detail = f'There is no output value "{name}" in state. There are: {known}. Apply the configuration first.'
            raise DiagnosticError.of(f'Output "{name}" not found', detail)
        value = outputs[name].value
        if raw:
            print(_raw(name, value), end="")
        else:
            print(document_text(value) if json else output_text({name: outputs[name]}, bare=True))


def _raw(name: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if value is not None and not isinstance(value, list | dict):
        from kvmform.view.document_text import document_text

        return document_text(value)
    detail = f'-raw is for strings, numbers and booleans, and "{name}" is none of them. Use -json.'
    raise DiagnosticError.of("Unsupported value for raw output", detail)
