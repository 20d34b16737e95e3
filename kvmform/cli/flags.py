"""Flags: what a command's signature says about its command line, and those that several commands have.

A command is a function. Its parameters, annotated with a :class:`Flag` or an :class:`Argument`, are
the one definition of its command line: :mod:`kvmform.cli.command_line` reads words against them and
:mod:`kvmform.cli.help` describes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

__all__ = [
    "Argument",
    "AutoApprove",
    "Backup",
    "CompactWarnings",
    "Deny",
    "Destroy",
    "DryRun",
    "Excluded",
    "Flag",
    "IgnoreRemoteVersion",
    "Input",
    "Json",
    "Lock",
    "LockTimeout",
    "MaxDelete",
    "MaxDisruption",
    "NoColor",
    "Parallelism",
    "Refresh",
    "RefreshOnly",
    "Replace",
    "ShowSensitive",
    "StateOut",
    "StatePath",
    "Targets",
    "Variables",
    "Verify",
]


class Flag:
    """A flag, by its name with one dash; the parameter's type says what it takes.

    A `bool` is a switch (`-json`, `-refresh=false`), a `Sequence` may be given several times. A parameter with
    several flags is a sequence of pairs, (name of the flag, what was given), in the order of the command line.
    """

    __slots__ = ("help", "hidden", "minimum", "name")

    def __init__(self, name: str, *, help: str = "", hidden: bool = False, minimum: int | None = None) -> None:  # noqa: A002
        self.name = name
        self.help = help
        self.hidden = hidden
        self.minimum = minimum


class Argument:
    """A word that is no flag; `metavar` stands for it in help. A `Sequence` takes all that are left."""

    __slots__ = ("help", "metavar")

    def __init__(self, metavar: str, *, help: str = "") -> None:  # noqa: A002
        self.metavar = metavar
        self.help = help


AutoApprove = Annotated[bool, Flag("-auto-approve", help="Don't ask; apply at once.")]
Backup = Annotated[Path | None, Flag("-backup", help="Where the state as it was is kept; - keeps none.")]
CompactWarnings = Annotated[bool, Flag("-compact-warnings", help="Show no more of warnings than their summaries.")]
Deny = Annotated[
    Sequence[str],
    Flag(
        "-deny",
        help="Refuse a plan with changes of these actions or disruption classes, for example delete,replace,data-loss.",
    ),
]
Destroy = Annotated[bool, Flag("-destroy", help="Plan to destroy everything in state.")]
DryRun = Annotated[bool, Flag("-dry-run", help="Say what would be done, and don't do it.")]
Excluded = Annotated[
    Sequence[tuple[str, str]],
    Flag("-exclude", help="Leave this out, and what depends on it; may be given several times."),
    Flag("-exclude-file", help="File with addresses to leave out, one a line."),
]
IgnoreRemoteVersion = Annotated[bool, Flag("-ignore-remote-version", hidden=True)]
Input = Annotated[bool, Flag("-input", help="Ask for variables that have no value.")]
Json = Annotated[bool, Flag("-json", help="Write JSON, for programs.")]
Lock = Annotated[bool, Flag("-lock", help="Hold the state's lock.")]
LockTimeout = Annotated[str, Flag("-lock-timeout", help="How long to wait for the lock, for example 30s.")]
MaxDelete = Annotated[
    str | None,
    Flag(
        "-max-delete", help="Refuse a plan that deletes or replaces more objects than so many, or such a share (20%)."
    ),
]
MaxDisruption = Annotated[
    str | None,
    Flag(
        "-max-disruption",
        help="Refuse a plan that disrupts more: none, live, next-boot, interrupt, reboot, replace or data-loss.",
    ),
]
NoColor = Annotated[bool, Flag("-no-color", help="Write without colours.")]
Parallelism = Annotated[int, Flag("-parallelism", minimum=1, help="How many things to do at once.")]
Refresh = Annotated[bool, Flag("-refresh", help="Read the hosts before planning.")]
RefreshOnly = Annotated[bool, Flag("-refresh-only", help="Only note in state what is real.")]
Replace = Annotated[Sequence[str], Flag("-replace", help="Replace this instance; may be given several times.")]
ShowSensitive = Annotated[bool, Flag("-show-sensitive", help="Show sensitive values, too.")]
StateOut = Annotated[Path | None, Flag("-state-out", help="Where the new state goes, if not to where it was.")]
StatePath = Annotated[Path | None, Flag("-state", help="Where the state file is.")]
Targets = Annotated[
    Sequence[tuple[str, str]],
    Flag("-target", help="Plan only this, and what it needs; may be given several times."),
    Flag("-target-file", help="File with such addresses, one a line."),
]
Variables = Annotated[
    Sequence[tuple[str, str]],
    Flag("-var", help="Value of an input variable: 'name=value'."),
    Flag("-var-file", help="File with values of input variables."),
]
Verify = Annotated[bool, Flag("-verify", help="Plan again afterwards, and fail if anything still differs.")]
