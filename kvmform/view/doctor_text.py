"""What `doctor` found, for people."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from kvmform.doctor import Examination, Finding, Verdict
from kvmform.view.style import Style

__all__ = ["examination_text"]

_MARKS = {Verdict.GOOD: ("✓", "good"), Verdict.WARNING: ("!", "warning"), Verdict.ERROR: ("✗", "error")}
_WIDTH = 100
_NAME_WIDTH = 10


def examination_text(examination: Examination, *, color: bool) -> str:
    """One host: a line for each finding; below those that are not good, what comes of it and how to mend it."""
    style = Style(color)
    lines = [style("bold", examination.uri)]
    for finding in examination.findings:
        lines += _lines(finding, style)
    return "\n".join([*lines, "", _summary(examination)])


def _lines(finding: Finding, style: Style) -> Iterator[str]:
    mark, name = _MARKS[finding.verdict]
    yield f"  {style(name, mark)} {finding.check:{_NAME_WIDTH}} {finding.summary}"
    indent = " " * (_NAME_WIDTH + 5)
    yield from wrap(finding.detail, _WIDTH, initial_indent=indent, subsequent_indent=indent)
    for number, fix in enumerate(finding.fix):
        yield f"{indent}{'Fix: ' if number == 0 else '     '}{fix}"


def _summary(examination: Examination) -> str:
    counts = {verdict: sum(each.verdict is verdict for each in examination.findings) for verdict in Verdict}
    if examination.verdict is Verdict.GOOD:
        return "Nothing is missing here."
    told = [
        f"{counts[verdict]} {word}{'s' if counts[verdict] > 1 else ''}"
        for verdict, word in ((Verdict.ERROR, "error"), (Verdict.WARNING, "warning"))
        if counts[verdict]
    ]
    return f"{' and '.join(told)}."
