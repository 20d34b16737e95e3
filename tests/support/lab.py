"""A lab as its user has it: a directory of configuration, and the kvmform that is installed beside this Python."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from labhost import REPOSITORY

__all__ = ["KVMFORM", "Lab", "Said", "checked", "environment_for", "flat", "unboxed"]

KVMFORM = Path(sys.executable).with_name("kvmform")
"""The program that a user types."""

_OURS = ("TF_", "KVMFORM_", "LIBVIRT_")

Said = subprocess.CompletedProcess[str]
"""What a command printed, and its exit code."""


def environment_for(uri: str, domain_type: str = "", **variables: str) -> dict[str, str]:
    """The environment of a command: this process's own, but of kvmform's variables only those given.

    Args:
        uri: of the host.
        domain_type: of guests that don't say theirs; "" leaves it to kvmform.
        variables: input variables, by name.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    environment |= {"LIBVIRT_DEFAULT_URI": uri} | {f"TF_VAR_{name}": value for name, value in variables.items()}
    if domain_type:
        environment["KVMFORM_DOMAIN_TYPE"] = domain_type
    return environment


class Lab:
    """One directory with `.tf` files, and commands that are run in it."""

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        self.directory = directory
        self.environment = dict(environment)
        self.before: list[str] = []
        """What stands before each command."""

    @classmethod
    def of_example(cls, name: str, directory: Path, environment: Mapping[str, str], *rest: Any) -> Self:
        """A copy of one of the examples; `rest` is what else the class takes."""
        shutil.copytree(REPOSITORY / "examples" / name, directory, dirs_exist_ok=True)
        return cls(directory, environment, *rest)

    @classmethod
    def of_text(cls, text: str, directory: Path, environment: Mapping[str, str], *rest: Any) -> Self:
        """A lab of one file, `main.tf`."""
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "main.tf").write_text(text)
        return cls(directory, environment, *rest)

    def kvmform(self, *words: str, code: int | None = 0, seconds: float = 120, answers: str = "") -> Said:
        """Run a command to its end; `answers` is what comes through the pipe if it asks.

        Raises:
            AssertionError: it ended with another exit code than `code`, or showed a traceback.
        """
        ran = subprocess.run(
            [*self.before, KVMFORM, *words],
            cwd=self.directory,
            env=self.environment,
            input=answers,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        return checked(Said(words, ran.returncode, ran.stdout, ran.stderr), code)

    def begin(self, *words: str) -> subprocess.Popen[str]:
        """Start a command, for tests that do something to it while it works."""
        return subprocess.Popen(
            [*self.before, KVMFORM, *words],
            cwd=self.directory,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def apply(self, *words: str, code: int = 0) -> str:
        """Apply without asking; what it says on both outputs, its errors as :func:`unboxed`."""
        return _all_of(self.kvmform("apply", "-auto-approve", *words, code=code))

    def destroy(self, *words: str) -> str:
        """Destroy without asking."""
        return _all_of(self.kvmform("destroy", "-auto-approve", *words))

    def plan(self, *words: str) -> str:
        """The text of a plan that has something to do."""
        return self.kvmform("plan", "-detailed-exitcode", *words, code=2).stdout

    def fails(self, *words: str) -> str:
        """What a command that ends with exit code 1 says on standard error; see :func:`unboxed`."""
        return unboxed(self.kvmform(*words, code=1).stderr)

    def plan_is_empty(self, *words: str) -> bool:
        """Whether a plan finds nothing to do, nor anything that changed by itself.

        Raises:
            AssertionError: it does; the message is the plan.
        """
        told = self.kvmform("plan", "-json", "-detailed-exitcode", *words).stdout
        lines = [json.loads(line) for line in told.splitlines()]
        assert not any(line["type"] == "resource_drift" for line in lines), told
        planned = [line["change"] for line in lines if line["type"] == "planned_change"]
        return all(change.get("reason") == "read_because_check_nested" for change in planned)

    def output(self, name: str) -> Any:
        """One output value."""
        return json.loads(self.kvmform("output", "-json", name).stdout)

    def addresses(self) -> list[str]:
        """What is in state, sorted: `libvirt_domain.guest["web"]` and so on."""
        return self.kvmform("state", "list").stdout.split()

    def state(self) -> dict[str, Any]:
        """The state file."""
        document: dict[str, Any] = json.loads((self.directory / "terraform.tfstate").read_text())
        return document

    def give(self, **variables: Any) -> None:
        """Set input variables for all later commands, in `terraform.tfvars.json`; those not named keep their values."""
        path = self.directory / "terraform.tfvars.json"
        known = json.loads(path.read_text()) if path.exists() else {}
        path.write_text(json.dumps(known | variables, indent=2))

    def add(self, text: str, file: str) -> None:
        """Write another file of configuration, or a new version of it."""
        (self.directory / file).write_text(text)

    def remove(self, file: str) -> None:
        """Delete a file of configuration."""
        (self.directory / file).unlink()

    def edit(self, before: str, after: str, file: str = "main.tf") -> None:
        """Put one text in the place of another, as a user with an editor does; it must be there exactly once."""
        path = self.directory / file
        text = path.read_text()
        assert text.count(before) == 1, f"{before!r} is {text.count(before)} times in {path}"
        path.write_text(text.replace(before, after))


def checked(said: Said, code: int | None) -> Said:
    """The same, if it ended with this exit code and without a traceback.

    Raises:
        AssertionError: it did not.
    """
    told = f"kvmform {' '.join(said.args)} ended with {said.returncode}:\n{said.stdout}{said.stderr}"
    assert code is None or said.returncode == code, told
    assert "Traceback" not in told, told
    assert "This is a bug in kvmform" not in told, told
    return said


def flat(text: str) -> str:
    """A text in one line, with single blanks: names of attributes are aligned in a plan."""
    return " ".join(text.split())


def unboxed(text: str) -> str:
    """Diagnostics without their boxes, and each paragraph on one line, however wide it was."""
    lines = (line.removeprefix("│").strip() for line in text.splitlines())
    paragraphs = "\n".join("" if line in {"╷", "╵"} else line for line in lines).split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs if paragraph.strip())


def _all_of(said: Said) -> str:
    return said.stdout + unboxed(said.stderr)
