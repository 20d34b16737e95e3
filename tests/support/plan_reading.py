"""Plans as text: the cases of them, and what of a text is told differently on purpose."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from labhost import REPOSITORY

__all__ = ["CASES", "REFRESHED", "Terraform", "likened", "without_ids", "words_of"]

CASES = sorted((REPOSITORY / "tests/cases/plan_text").iterdir())
"""A directory each: `before.tf` is applied; of `after.tf` a plan is made, whose text is in `plan.txt`."""

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
REFRESHED = re.compile(r"^.*: (?:Refreshing|Preparing|Reading|Read complete).*\n", re.MULTILINE)
_NOT_SAVED = re.compile(r"\n─+\n\nNote: You didn't use the -out option(?:.|\n)*\Z")
_COSTS = re.compile(r"^(?:Disruption: .*|  \d+ [a-z-]+: .*|  # \(disruption: .*\))\n", re.MULTILINE)
_COLOR = re.compile("\x1b\\[[0-9;]*m")
_WARNINGS = re.compile(r"\n(?:╷\n│ )?Warning: (?:.|\n)*\Z")
_FORCED = re.compile(r"( # whitespace changes) force replacement| # forces replacement")


def words_of(case: Path, purpose: str) -> list[list[str]]:
    """The command lines that a case has for a purpose: `# first: taint terraform_data.a`."""
    lines = (case / "after.tf").read_text().splitlines()
    return [line.partition(": ")[2].split() for line in lines if line.startswith(f"# {purpose}: ")]


def without_ids(text: str) -> str:
    """The text with the same id for every object."""
    return _ID.sub("<id>", text)


def likened(text: str) -> str:
    """A text of either program's without what they tell differently on purpose.

    Terraform tells that the plan was not saved, and colours some nulls whether it is to or not. kvmform tells
    what each change costs, and which attribute it is that a replacement is made for, also where Terraform's own
    resource doesn't. Warnings, which stand below the plan, have a form of their own.
    """
    text = REFRESHED.sub("", without_ids(_COLOR.sub("", text)))
    return _FORCED.sub(r"\1", _COSTS.sub("", _NOT_SAVED.sub("", _WARNINGS.sub("", text)))).rstrip()


class Terraform:
    """The real one, in a directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def run(self, *words: str) -> str:
        """Run a command; what it said on standard output."""
        environment = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull}
        told = subprocess.run(
            ["terraform", *words, *(["-no-color"] if words[0] in {"plan", "apply", "show", "output"} else [])],
            cwd=self.directory,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert told.returncode == 0, told.stdout + told.stderr
        return told.stdout
