"""The data source `external`: what a program answers.

Source: https://registry.terraform.io/providers/hashicorp/external, version 2.3. The program gets
a JSON object of strings on standard input, and answers with another one on standard output.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from kvmform.diagnostics import DiagnosticError, error
from kvmform.resources.paths import located
from kvmform.resources.recorded import made
from kvmform.schema import DataSource, Object, Problem, Reading, Row, Schema
from kvmform.values.types import STRING, ListType, MapType

__all__ = ["DATA_SOURCE"]


def _check_program(written: Object) -> Iterator[Problem]:
    if written["program"] == []:
        detail = "The data source was configured without a program to execute. Name one, with its arguments behind it."
        yield Problem(("program",), error("External Program Missing", detail))


_SCHEMA = Schema(
    doc="What a program answers. It is run by each plan, so it must change nothing.",
    rules=(_check_program,),
    rows={
        "id": made(STRING, "Always `-`."),
        "program": Row(
            type=ListType(STRING),
            doc="The program, and its arguments; no shell is involved. An empty or null one is left out.",
            required=True,
        ),
        "working_dir": Row(type=STRING, doc="Directory to run it in; by default the root module's."),
        "query": Row(type=MapType(STRING), doc="What it gets on standard input, as a JSON object."),
        "result": made(MapType(STRING), "What it wrote to standard output, a JSON object whose values are strings."),
    },
)


def _read(reading: Reading[None], config: Object) -> Object:
    words = [word for word in config["program"] if word]
    if not words:
        raise DiagnosticError.of("External Program Missing", 'Nothing in "program" names a program.')
    query = {name: value for name, value in (config["query"] or {}).items() if value is not None}
    directory = located(reading.base_directory, config["working_dir"] or ".")
    output = _run([_located(words[0], reading.base_directory), *words[1:]], _json(query), directory)
    return {**config, "id": "-", "result": _result(output, words[0])}


def _json(query: Mapping[str, str]) -> str:
    """As Go writes it: some programs are shell scripts that know no more of JSON than what they have seen."""
    text = json.dumps(query, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "".join(f"\\u{ord(letter):04x}" if letter in "<>&\u2028\u2029" else letter for letter in text)


def _located(program: str, base_directory: Path) -> str:
    """Where the program is: a path starts in the root module's directory, a mere name is looked for on PATH."""
    found = shutil.which(located(base_directory, program) if "/" in program else program)
    if found is None:
        raise DiagnosticError.of(
            "External Program Lookup Failed",
            f'The program "{program}" was not found, or it may not be executed. A program that belongs to the '
            'configuration is best named with the module\'s path: "${path.module}/my-program".',
        )
    return str(found)


def _run(command: Sequence[str], query: str, directory: Path) -> bytes:
    try:
        ran = subprocess.run(command, input=query.encode(), capture_output=True, cwd=directory, check=False)
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else problem
        detail = f"{command[0]} can't be run in {directory}: {reason}."
        raise DiagnosticError.of("External Program Execution Failed", detail) from problem
    if ran.returncode:
        said = ran.stderr.decode(errors="replace").strip()
        how = f"exit code {ran.returncode}" if ran.returncode > 0 else f"signal {-ran.returncode}"
        detail = f"{command[0]} ended with {how}" + (f", and said:\n{said}" if said else ", without saying why.")
        raise DiagnosticError.of("External Program Execution Failed", detail)
    return ran.stdout


def _result(output: bytes, program: str) -> dict[str, str]:
    try:
        result = json.loads(output)
    except ValueError as problem:
        raise _unexpected(program, f"it is not JSON ({problem})") from None
    if not isinstance(result, dict):
        raise _unexpected(program, "it is no object")
    for name, value in result.items():
        if value is not None and not isinstance(value, str):
            raise _unexpected(program, f'the value of "{name}" is no string; write it as one')
    # Go, in which the original is written, takes a null for an empty string.
    return {name: value or "" for name, value in result.items()}


def _unexpected(program: str, reason: str) -> DiagnosticError:
    detail = f"What {program} wrote to standard output must be a JSON object whose values are strings; {reason}."
    return DiagnosticError.of("Unexpected External Program Results", detail)


DATA_SOURCE: DataSource[None] = DataSource(name="external", schema=_SCHEMA, read=_read, needs_host=False)
