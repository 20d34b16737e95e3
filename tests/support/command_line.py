"""kvmform as a user types it, in this process: quick, and with everything but the start of Python."""

from __future__ import annotations

import io
import json
import os
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any
from unittest.mock import patch

from kvmform.cli.app import main

__all__ = ["CommandLine", "redirect_stdin"]


class redirect_stdin(redirect_stdout[io.StringIO]):  # noqa: N801 - named as those of contextlib are
    """What is read from standard input comes from a text, in a `with` block."""

    _stream = "stdin"


@dataclass(frozen=True)
class CommandLine:
    """A directory with a configuration that needs no host, and commands in it."""

    directory: Path

    def write(self, text: str, name: str = "main.tf") -> CommandLine:
        """Write a file of the configuration."""
        (self.directory / name).write_text(dedent(text))
        return self

    def run(self, *words: str, code: int = 0) -> str:
        """Run a command; what it said, after checking its exit code."""
        said = io.StringIO()
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("TF_", "KVMFORM_", "LIBVIRT_"))}
        with (
            chdir(self.directory),
            redirect_stdin(io.StringIO()),
            redirect_stdout(said),
            redirect_stderr(said),
            patch.dict(os.environ, clean, clear=True),
        ):
            found = _exit_code([*words, *(["-no-color"] if words[0] in {"plan", "apply", "destroy"} else [])])
        assert found == code, said.getvalue()
        assert "Traceback" not in said.getvalue()
        return said.getvalue()

    def applied(self, text: str) -> CommandLine:
        """The directory with a configuration that is applied, and of which a second plan has nothing to say."""
        self.write(text).run("apply", "-auto-approve")
        self.run("plan", "-detailed-exitcode")
        return self

    def plan(self, *words: str) -> dict[str, Any]:
        """The changes of a plan by address, as its JSON has them."""
        self.run("plan", "-out=saved", *words)
        document = json.loads(self.run("show", "-json", "saved"))
        return {change["address"]: change for change in document["resource_changes"]}

    def actions(self, *words: str) -> dict[str, list[str]]:
        """What a plan does to each managed instance."""
        return {address: change["change"]["actions"] for address, change in self.plan(*words).items()}

    def state(self) -> dict[str, Any]:
        """What the state file has of each resource that doesn't repeat: the first instance, and its `provider`."""
        document = json.loads((self.directory / "terraform.tfstate").read_text())
        return {
            f"{r['type']}.{r['name']}": r["instances"][0] | {"provider": r["provider"]} for r in document["resources"]
        }

    def attributes(self, address: str) -> dict[str, Any]:
        """The attributes that the state file has of an instance."""
        found: dict[str, Any] = self.state()[address]["attributes"]
        return found

    def outputs(self) -> dict[str, Any]:
        """Recorded output values."""
        return {name: output["value"] for name, output in json.loads(self.run("output", "-json")).items()}


def _exit_code(words: list[str]) -> object:
    try:
        main(words)
    except SystemExit as end:
        return end.code or 0
