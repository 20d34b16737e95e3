"""The table of clients in the reference, from the cases: what each types, how it ends, what it reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from client_cases import ClientCase, ClientCommand, client_cases

__all__ = ["clients_page"]

_HEAD = """# What programs around Terraform type

The command lines of programs that run Terraform, as they are sent to kvmform: how each ends, and what its client reads
in the answer. The tests type each of them, in this order, in a directory with a small lab, and read the answers with
the clients' own regular expressions, jq filters and members of JSON. Terraform 1.11.4 ends each of them with the same
exit code, but where another is named (`scripts/replay_clients` asks it). See also [how to name kvmform to
them](../how-to/wrappers.md).

"""


def clients_page() -> str:
    """The whole page."""
    return _HEAD + "\n".join(_section(case) for _, case in sorted(client_cases().items()))


def _section(case: ClientCase) -> str:
    around = ", ".join(f"`{name}={value}`" for name, value in case.environment.items() if value)
    lines = [f"## {case.client}", "", f"It is pointed to kvmform by {case.selects}. Exit codes: {case.decides}."]
    if around:
        lines.append(f"In its environment: {around}.")
    lines += ["", "| command line | exit code | what is read |", "| --- | --- | --- |"]
    lines += [f"| {_code(each.line.strip())} | {each.code} | {_cell(_read(each))} |" for each in case.commands]
    return "\n".join([*lines, ""])


def _read(command: ClientCommand) -> str:
    return "; ".join(_readings(command))


def _readings(command: ClientCommand) -> Iterator[str]:
    if command.terraform is not None:
        yield f"(Terraform: {command.terraform}; {command.why})"
    if command.groups:
        pattern, *found = command.groups
        yield f"`{pattern}`: {', '.join(f'`{each}`' if each else 'nothing' for each in found)}"
    for pattern in command.errors:
        yield f"on standard error `{pattern}`"
    for pattern in command.warns:
        yield f"`{pattern}` in a warning"
    for path, value in command.json.items():
        yield f"{f'`{path}`' if path else 'all of it'} is `{_json(value)}`"
    if command.jq:
        program, expected = command.jq
        yield f"`jq '{program}'` gives `{_json(expected)}`"
    for file in command.files:
        yield f"`{file}` is there"


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _code(text: str) -> str:
    return f"`{_cell(text)}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
