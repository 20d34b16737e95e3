"""`kvmform providers schema`."""

from __future__ import annotations

from kvmform.cli import flags
from kvmform.cli.command_line import wrong_usage

__all__ = ["schema"]


def schema(*, json: flags.Json = False) -> None:
    """Write every argument and block of all providers, as JSON, for editors and linters."""
    if not json:
        raise wrong_usage("providers schema", "Schemas are for programs: -json is needed.")
    from kvmform.state.json_text import json_text
    from kvmform.view.schemas_json import schemas_document
    from kvmform.workspace.catalogue import installed

    print(json_text(schemas_document(installed().by_provider())))
