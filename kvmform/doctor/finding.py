"""One thing that was looked at, and what is to be done about it."""

from __future__ import annotations

from enum import StrEnum

from kvmform.struct import Struct

__all__ = ["Finding", "Verdict", "error", "good", "warning"]


class Verdict(StrEnum):
    """What a finding means for a lab on this host."""

    GOOD = "good"
    WARNING = "warning"
    """Labs work, but slower, or not those that need this."""
    ERROR = "error"
    """No lab works, or guests won't start."""


class Finding(Struct):
    """A finding of one check.

    `check` is its name, the same in text and JSON; `summary` says in a line what was found, `detail` what
    comes of it. `fix` are commands for the host's shell, or sentences where no command does it.
    """

    check: str
    verdict: Verdict
    summary: str
    detail: str = ""
    fix: tuple[str, ...] = ()


def good(check: str, summary: str) -> Finding:
    """Nothing to do."""
    return Finding(check, Verdict.GOOD, summary)


def warning(check: str, summary: str, detail: str, *fix: str) -> Finding:
    """Something that some labs need."""
    return Finding(check, Verdict.WARNING, summary, detail, fix)


def error(check: str, summary: str, detail: str, *fix: str) -> Finding:
    """Something that every lab needs."""
    return Finding(check, Verdict.ERROR, summary, detail, fix)
