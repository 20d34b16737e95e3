"""Output values, for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kvmform.state.model import OutputValue
from kvmform.values.plain import from_plain
from kvmform.values.types import type_to_json
from kvmform.view.console_text import console_text

__all__ = ["output_text", "outputs_document"]


def outputs_document(outputs: Mapping[str, OutputValue]) -> dict[str, Any]:
    """What `output -json` prints: value, type and sensitivity by name."""
    return {
        name: {"sensitive": output.sensitive, "type": type_to_json(output.type), "value": output.value}
        for name, output in sorted(outputs.items())
    }


def output_text(outputs: Mapping[str, OutputValue], *, bare: bool = False) -> str:
    """`name = value` lines, as Terraform's; with `bare` the value alone. Sensitive values are hidden unless bare."""
    if not outputs:
        return "No outputs found. Declare an output value and apply, or look into another state with -state."
    lines = []
    for name, output in sorted(outputs.items()):
        hidden = output.sensitive and not bare
        text = "<sensitive>" if hidden else console_text(from_plain(output.value, output.type))
        lines.append(text if bare else f"{name} = {text}")
    return "\n".join(lines)
