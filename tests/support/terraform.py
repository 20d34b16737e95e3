"""The real Terraform, where one is installed: what it makes of expressions and of files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

__all__ = ["VERSION", "has_terraform", "outputs_of", "syntax_errors_of", "terraform_in"]

VERSION = "1.11"
"""Whose language kvmform reads; other versions answer otherwise in places."""


def has_terraform() -> bool:
    """Whether there is one of that version."""
    program = shutil.which("terraform")
    if program is None:
        return False
    told = _run(Path("/"), "version", "-json")
    return bool(json.loads(told.stdout)["terraform_version"].startswith(f"{VERSION}."))


def outputs_of(directory: Path, expressions: Sequence[str]) -> list[tuple[Any, Any] | set[str]]:
    """Value and type of each expression, or the summaries of its errors.

    Values are as a plan has them. All expressions are asked at once; those that are wrong are
    left out, and the others asked again.
    """
    found: list[tuple[Any, Any] | set[str]] = [set() for _ in expressions]
    asked = list(range(len(expressions)))
    while True:
        _write(directory, {index: expressions[index] for index in asked})
        told = _run(directory, "plan", "-json", "-out=plan", "-input=false")
        wrong = _wrong_outputs(told.stdout)
        if not wrong:
            break
        for index, summaries in wrong.items():
            found[index] = summaries
        asked = [index for index in asked if index not in wrong]
    plan = json.loads(_run(directory, "show", "-json", "plan").stdout, parse_float=Decimal)
    outputs = plan.get("planned_values", {}).get("outputs", {})
    for index in asked:
        output = outputs.get(f"o{index}", {})
        found[index] = output.get("value"), output.get("type", "dynamic")
    return found


def _write(directory: Path, expressions: dict[int, str]) -> None:
    for old in directory.glob("o*.tf"):
        old.unlink()
    for index, text in expressions.items():
        (directory / f"o{index}.tf").write_text(f'output "o{index}" {{\n  value = {text}\n}}\n')


def _wrong_outputs(stream: str) -> dict[int, set[str]]:
    wrong: dict[int, set[str]] = {}
    for line in stream.splitlines():
        diagnostic = json.loads(line).get("diagnostic", {})
        if diagnostic.get("severity") != "error":
            continue
        if "range" in diagnostic:
            index = int(diagnostic["range"]["filename"].removeprefix("o").removesuffix(".tf"))
        else:
            index = int(diagnostic["detail"].partition('output value "o')[2].partition('"')[0])
        wrong.setdefault(index, set()).add(diagnostic["summary"])
    return wrong


def syntax_errors_of(directory: Path, texts: Sequence[str]) -> list[list[tuple[str, int, int]]]:
    """Summary, line and column of every error in each file, those of its meaning included."""
    for index, text in enumerate(texts):
        (directory / f"f{index}.tf").write_text(text, encoding="utf-8", newline="")
    found: list[list[tuple[str, int, int]]] = [[] for _ in texts]
    for diagnostic in json.loads(_run(directory, "validate", "-json").stdout)["diagnostics"]:
        if "range" in diagnostic:
            index = int(diagnostic["range"]["filename"].removeprefix("f").removesuffix(".tf"))
            start = diagnostic["range"]["start"]
            found[index].append((diagnostic["summary"], start["line"], start["column"]))
    return found


def terraform_in(directory: Path) -> Callable[..., str]:
    """Terraform in a directory: runs a command that ends with `code`, or 0, and gives what it printed.

    Raises:
        AssertionError: it ended otherwise.
    """

    def run(*words: str, code: int = 0) -> str:
        told = _run(directory, *words)
        assert told.returncode == code, told.stdout + told.stderr
        return told.stdout

    return run


def _run(directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull}
    return subprocess.run(
        ["terraform", *words], cwd=directory, env=environment, capture_output=True, text=True, check=False
    )
