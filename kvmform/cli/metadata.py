"""`kvmform metadata functions`."""

from __future__ import annotations

from kvmform.cli import flags
from kvmform.cli.command_line import wrong_usage

__all__ = ["functions"]


def functions(*, json: flags.Json = False) -> None:
    """Write what each function takes and gives, as JSON, for editors."""
    if not json:
        raise wrong_usage("metadata functions", "The signatures of functions are for programs: -json is needed.")
    from kvmform.state.json_text import json_text
    from kvmform.view.functions_json import functions_document

    print(json_text(functions_document()))
