"""Flags that several commands have, each with its one description."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Option

__all__ = [
    "AutoApprove",
    "CompactWarnings",
    "Destroy",
    "Input",
    "Json",
    "Lock",
    "LockTimeout",
    "MaxDisruption",
    "NoColor",
    "Parallelism",
    "Refresh",
    "RefreshOnly",
    "Replace",
    "StatePath",
    "Targets",
    "VariableFiles",
    "Variables",
]

AutoApprove = Annotated[bool, Option("--auto-approve/--no-auto-approve", help="Don't ask; apply at once.")]
CompactWarnings = Annotated[bool, Option("--compact-warnings", help="Show warnings as one line each.")]
Destroy = Annotated[bool, Option("--destroy/--no-destroy", help="Plan to destroy everything in state.")]
Input = Annotated[bool, Option("--input/--no-input", help="Ask for variables that have no value.")]
Json = Annotated[bool, Option("--json/--no-json", help="Write JSON, for programs.")]
Lock = Annotated[bool, Option("--lock/--no-lock", help="Hold the state's lock.")]
LockTimeout = Annotated[str, Option("--lock-timeout", help="How long to wait for the lock, for example 30s.")]
MaxDisruption = Annotated[
    str,
    Option(
        "--max-disruption",
        help="Refuse a plan that disrupts more: none, live, next-boot, interrupt, reboot, replace or data-loss.",
    ),
]
NoColor = Annotated[bool, Option("--no-color", help="Write without colours.")]
Parallelism = Annotated[int, Option("--parallelism", min=1, help="How many things to do at once.")]
Refresh = Annotated[bool, Option("--refresh/--no-refresh", help="Read the hosts before planning.")]
RefreshOnly = Annotated[bool, Option("--refresh-only/--no-refresh-only", help="Only note in state what is real.")]
Replace = Annotated[list[str], Option("--replace", help="Replace this instance; may be given several times.")]
StatePath = Annotated[Path | None, Option("--state", help="Where the state file is.")]
Targets = Annotated[
    list[str], Option("--target", help="Plan only this, and what it needs; may be given several times.")
]
VariableFiles = Annotated[list[str], Option("--var-file", help="File with values of input variables.")]
Variables = Annotated[list[str], Option("--var", help="Value of an input variable: 'name=value'.")]
