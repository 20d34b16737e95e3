"""What came of an apply, as text."""

from __future__ import annotations

from collections.abc import Sequence

from kvmform.apply.report import Report
from kvmform.view.event_words import DOING
from kvmform.view.style import Style

__all__ = ["report_text"]

_LISTED = 20
"""How many steps a list names; a lab may have ten thousand."""
_GOING_ON = """What was done is in state; run the same command again to go on from here.
A saved plan is stale now: make a new one."""


def report_text(report: Report, style: Style, *, destroy: bool) -> str:
    """The summary: how many objects; where something failed also what, and what was not done because of it.

    `destroy`: it was the destroy command, which has a summary of its own.
    """
    imported = f"{report.imported} imported, " if report.imported else ""
    counts = f"{imported}{report.added} added, {report.changed} changed, {report.destroyed} destroyed."
    if report.diagnostics:
        return f"\n{style('error', 'Apply incomplete.')} Resources: {counts}\n{_undone(report)}\n{_GOING_ON}\n"
    if destroy:
        return f"\n{style('good', f'Destroy complete! Resources: {report.destroyed} destroyed.')}\n"
    return f"\n{style('good', f'Apply complete! Resources: {counts}')}\n"


def _undone(report: Report) -> str:
    failed = [(str(address), DOING[verb].lower()) for address, verb in report.failed]
    skipped = [(str(each.address), f"needs {each.because}") for each in report.skipped if each.because is not None]
    not_begun = [(str(each.address), "") for each in report.skipped if each.because is None]
    lists = (
        _listed("Failed", failed),
        _listed("Left out, since what they need failed", skipped),
        _listed("Not begun", not_begun),
    )
    return "".join(lists)


def _listed(title: str, rows: Sequence[tuple[str, str]]) -> str:
    if not rows:
        return ""
    shown = rows[:_LISTED]
    width = max(len(name) for name, _ in shown)
    lines = [f"  {name:{width}}  {words}".rstrip() for name, words in shown]
    if len(rows) > _LISTED:
        lines.append(f"  … and {len(rows) - _LISTED} more")
    return "\n".join(("", f"{title}:", *lines, ""))
