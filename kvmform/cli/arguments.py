"""Terraform's way of writing flags, turned into what the parser takes.

Accepted: `-flag v`, `-flag=v`, `--flag v`, `--flag=v`; bare booleans and `=true`, `=false`;
`TF_CLI_ARGS` and `TF_CLI_ARGS_plan` in the environment, put behind the subcommand.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

__all__ = ["VALUE_FLAGS", "normalised", "ordered_variables"]

VALUE_FLAGS = frozenset(
    {"chdir", "var", "var-file", "target", "replace", "state", "out", "parallelism", "lock-timeout", "type"}
    | {"max-disruption", "backup", "state-out", "backend-config", "from-module", "plugin-dir"}
)
"""Flags that take a value, as the next word if not behind an equals sign."""

_TRUE, _FALSE = {"true", "1", "t"}, {"false", "0", "f"}


def normalised(words: Sequence[str], environment: Mapping[str, str]) -> list[str]:
    """The command line in double-dash form, with what the environment adds."""
    result: list[str] = []
    command: str | None = None
    pending = list(words)
    position = 0
    while pending:
        word = pending.pop(0)
        position += 1
        if word == "--":
            return [*result, word, *pending]
        if not word.startswith("-") or word == "-":
            result.append(word)
            if command is None:
                command = word
                pending = [*_added(command, environment), *pending]
            continue
        name, equals, value = word.lstrip("-").partition("=")
        if name in VALUE_FLAGS:
            if not equals:
                if not pending:
                    return [*result, f"--{name}"]
                value = pending.pop(0)
            note = f"{position}:" if name in {"var", "var-file"} else ""
            result.append(f"--{name}={note}{value}")
        elif equals:
            result.append(_switch(name, value))
        else:
            result.append(f"--{name}" if len(name) > 1 else f"-{name}")
    return result


def _switch(name: str, value: str) -> str:
    if value.lower() in _TRUE:
        return f"--{name}"
    if value.lower() in _FALSE:
        return f"--no-{name}"
    return f"--{name}={value}"


def _added(command: str, environment: Mapping[str, str]) -> list[str]:
    words: list[str] = []
    for variable in ("TF_CLI_ARGS", f"TF_CLI_ARGS_{command.replace('-', '_')}"):
        words += shlex.split(environment.get(variable, ""))
    return words


def ordered_variables(values: Sequence[str], files: Sequence[str]) -> list[tuple[str, bool]]:
    """`-var` and `-var-file` as they stood on the command line: (text, is it a file).

    Each comes with its position before a colon, which :func:`normalised` put there since
    the parser forgets the order between two flags.
    """
    noted = [(*_noted(text), False) for text in values] + [(*_noted(text), True) for text in files]
    return [(text, is_file) for _, text, is_file in sorted(noted)]


def _noted(text: str) -> tuple[int, str]:
    position, _, rest = text.partition(":")
    return int(position), rest
