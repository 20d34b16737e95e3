"""Diagnostics for people: the box with file, line, caret, and the way out."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from kvmform.view.style import Style

__all__ = ["diagnostic_text"]

_WIDTH = 78


def diagnostic_text(form: Mapping[str, Any], style: Style) -> str:
    """One diagnostic, made from its JSON form.

    ::

        ╷
        │ Error: Unsupported argument
        │
        │   on main.tf line 4, in resource "libvirt_domain" "web":
        │    4:   memroy = 512
        │         ^^^^^^
        │
        │ An argument named "memroy" is not expected here. Did you mean "memory"?
        ╵
    """
    kind = form["severity"]
    title = f"{style(kind, kind.capitalize() + ':')} {style('bold', form['summary'])}"
    lines = [title, ""]
    lines.extend(_place(form, style))
    if form["detail"]:
        lines.extend(_paragraphs(form["detail"]))
    else:
        lines.pop()
    bar = style(kind, "│")
    body = "\n".join(f"{bar} {line}".rstrip() for line in lines)
    return f"{style(kind, '╷')}\n{body}\n{style(kind, '╵')}\n"


def _place(form: Mapping[str, Any], style: Style) -> list[str]:
    lines: list[str] = []
    if "address" in form:
        lines.append(f"  with {form['address']},")
    if "range" in form:
        snippet, start = form["snippet"], form["range"]["start"]
        within = f", in {snippet['context']}:" if snippet["context"] else ":"
        lines.append(f"  on {form['range']['filename']} line {start['line']}{within}")
        prefix = f"{start['line']:4}: "
        code = snippet["code"].replace("\t", " ")
        first, last = snippet["highlight_start_offset"], snippet["highlight_end_offset"]
        lines.append(prefix + code[:first] + style("underline", code[first:last]) + code[last:])
        caret = "^" * max(last - first, 1)
        lines.append(" " * (len(prefix) + first) + style(form["severity"], caret))
        lines.extend(f"    {value['traversal']} {value['statement']}" for value in snippet["values"])
    return [*lines, ""] if lines else []


def _paragraphs(text: str) -> list[str]:
    """Wrap sentences; leave lines that are indented (listings) as they are."""
    lines: list[str] = []
    for line in text.split("\n"):
        if line.startswith(" ") or len(line) <= _WIDTH:
            lines.append(line)
        else:
            lines.extend(textwrap.wrap(line, _WIDTH, break_long_words=False, break_on_hyphens=False))
    return lines
