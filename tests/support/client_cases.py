"""What programs that run Terraform type, in order, and what they read in the answers: tests/cases/clients/*.toml.

A case is one client. Its commands are run one after the other in a copy of tests/cases/clients/lab. Each says:

- `line`: the command line, as a shell would have it;
- `code`: its exit code, 0 if not given; `terraform`: that of Terraform 1.11.4, where it is another;
- `groups`: a regular expression, the client's own, and the groups that it finds first on standard output;
- `errors`, `warns`: expressions that are found on standard error, or on standard output;
- `json`: members of the document that standard output is, by their path; `*` is each item of a list, a path that
  is empty the whole. Nothing is on standard error then;
- `jq`: a filter of jq's, and what it makes of standard output;
- `why`: a word on it, where one is needed;
- `write`: files that are written before; `files`: what is there afterwards.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["CASES", "LAB", "ClientCase", "ClientCommand", "client_cases"]

CASES = Path(__file__).parents[1] / "cases" / "clients"
LAB = CASES / "lab"


@dataclass(frozen=True)
class ClientCommand:
    """One command line, and what its client finds in the answer."""

    line: str
    code: int = 0
    terraform: int | None = None
    groups: Sequence[str] = ()
    errors: Sequence[str] = ()
    warns: Sequence[str] = ()
    json: dict[str, Any] = field(default_factory=dict)
    jq: Sequence[Any] = ()
    write: dict[str, str] = field(default_factory=dict)
    files: Sequence[str] = ()
    why: str = ""

    @property
    def words(self) -> list[str]:
        """Its words, the program left out."""
        return shlex.split(self.line)

    def check(self, output: str, errors: str) -> None:
        """Read the answer as the client does.

        Raises:
            AssertionError: it would not find what it looks for.
        """
        if self.groups:
            pattern, *expected = self.groups
            found = re.search(pattern, output, re.MULTILINE)
            assert found is not None, f"{pattern!r} is not in:\n{output}"
            assert [group or "" for group in found.groups()] == expected
        for patterns, text in ((self.errors, errors), (self.warns, output)):
            for pattern in patterns:
                assert re.search(pattern, text, re.MULTILINE), f"{pattern!r} is not in:\n{text}"
        if self.json:
            assert errors == ""
            document = json.loads(output)
            for path, expected in self.json.items():
                assert member(document, path) == expected, path
        if self.jq:
            assert errors == ""
            program, expected = self.jq
            assert filtered(program, output) == expected


@dataclass(frozen=True)
class ClientCase:
    """One client: who it is, how one names the program to it, what it takes for success, what it types."""

    client: str
    selects: str
    decides: str
    commands: Sequence[ClientCommand]
    environment: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_file(cls, path: Path) -> ClientCase:
        """The case in a TOML file."""
        form = tomllib.loads(path.read_text())
        commands = [ClientCommand(**command) for command in form.pop("command")]
        return cls(commands=commands, **form)


def client_cases() -> dict[str, ClientCase]:
    """All of them, by the names of their files."""
    return {path.stem: ClientCase.from_file(path) for path in sorted(CASES.glob("*.toml"))}


def member(document: Any, path: str) -> Any:
    """What is at a path like `a.0.b` or `a.*.b`."""
    name, _, rest = path.partition(".")
    if not name:
        return document
    if name == "*":
        return [member(item, rest) for item in document]
    return member(document[int(name)] if isinstance(document, list) else document[name], rest)


def filtered(program: str, text: str) -> Any:
    """What jq makes of a text.

    Raises:
        AssertionError: there is no jq; it is one of the packages of the set-up.
    """
    jq = shutil.which("jq")
    assert jq is not None, "jq is not installed (make setup installs it)"
    ran = subprocess.run([jq, "-c", program], input=text, capture_output=True, text=True, check=True)
    return json.loads(ran.stdout)
