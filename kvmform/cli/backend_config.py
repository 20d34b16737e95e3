"""`init -backend-config`: arguments of the backend, as `name=value` or from files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kvmform.diagnostics import DiagnosticError

__all__ = ["backend_arguments"]


def backend_arguments(given: Sequence[str]) -> dict[str, str]:
    """The arguments by name; of one that is given several times the last counts.

    Raises:
        DiagnosticError: a file can't be read, or has more than lines like `name = value`.
    """
    found: dict[str, str] = {}
    for text in given:
        name, sign, value = text.partition("=")
        found |= {name.strip(): value.strip()} if sign and not Path(text).exists() else _from_file(Path(text))
    return found


def _from_file(path: Path) -> dict[str, str]:
    from kvmform.config.files import read_text
    from kvmform.config.settings import static_arguments
    from kvmform.lang.parse import parse_config

    try:
        text = read_text(path)
    except DiagnosticError as problem:
        detail = f"-backend-config is name=value, or a file. {problem.diagnostics[0].detail}"
        raise DiagnosticError.of("Failed to read backend configuration", detail) from problem
    body, problems = parse_config(text, path.name)
    if problems:
        raise DiagnosticError(*problems)
    return static_arguments(body)
