"""Diagnostics for people: the box with file, line, caret, and the way out."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from kvmform.diagnostics import Diagnostic, Severity
from kvmform.struct import replace
from kvmform.view.columns import cell_width
from kvmform.view.style import Style

__all__ = ["consolidated", "diagnostic_text", "summaries_text"]

_COLUMNS = 80
_NARROWEST = 20
_BAR = 2


def diagnostic_text(form: Mapping[str, Any], style: Style, columns: int = _COLUMNS) -> str:
    """One diagnostic, made from its JSON form; its sentences fit into `columns`, of which they use 80 at the most.

    ::

        ╷
        │ Error: Invalid function argument
        │
        │   on main.tf line 4, in resource "libvirt_domain" "web":
        │    4:   memory = upper(var.size)
        │                        ^^^^^^^^
        │     ├────────────────
        │     │ while calling upper(str)
        │     │ var.size is list of string with 2 elements
        │
        │ Invalid value for "str" parameter: string required, but have list of string.
        ╵

    Without its box, if the style has none.
    """
    kind = form["severity"]
    title = f"{style(kind, kind.capitalize() + ':')} {style('bold', form['summary'])}"
    lines = [title, ""]
    lines.extend(_place(form, style))
    if form["detail"]:
        lines.extend(_paragraphs(form["detail"], max(min(columns, _COLUMNS), _NARROWEST) - _BAR))
    else:
        lines.pop()
    if not style.boxed:
        return "\n" + "".join(f"{line.rstrip()}\n" for line in lines)
    bar = style(kind, "│")
    body = "\n".join(f"{bar} {line}".rstrip() for line in lines)
    return f"{style(kind, '╷')}\n{body}\n{style(kind, '╵')}\n"


def consolidated(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The diagnostics with all warnings of one summary told as one, as Terraform does; errors are all told."""
    alike: Counter[str] = Counter()
    kept: list[Diagnostic] = []
    for diagnostic in found:
        if diagnostic.severity is Severity.WARNING:
            alike[diagnostic.summary] += 1
            if alike[diagnostic.summary] > 1:
                continue
        kept.append(diagnostic)
    return [_with_count(each, alike[each.summary] - 1) if each.severity is Severity.WARNING else each for each in kept]


def _with_count(diagnostic: Diagnostic, more: int) -> Diagnostic:
    if more <= 0:
        return diagnostic
    words = "one more similar warning" if more == 1 else f"{more} more similar warnings"
    return replace(diagnostic, detail=f"{diagnostic.detail}\n\n(and {words} elsewhere)".lstrip("\n"))


def summaries_text(warnings: Iterable[Diagnostic], style: Style) -> str:
    """Warnings by their summaries alone, each with its first place and how many more there are, as Terraform has it."""
    alike: dict[str, list[Diagnostic]] = {}
    for each in warnings:
        alike.setdefault(each.summary, []).append(each)
    lines = [style("warning", "Warnings:"), ""]
    for summary, (first, *others) in alike.items():
        at = f"\n  on {first.subject.filename} line {first.subject.first.line}" if first.subject is not None else ""
        more = f" (and {len(others)} more)" if others else ""
        lines.append(f"- {summary}{at}{more}")
    return "\n".join([*lines, "", "To see the full warning notes, run kvmform without -compact-warnings.", ""])


def _place(form: Mapping[str, Any], style: Style) -> list[str]:
    lines: list[str] = []
    if "address" in form:
        lines.append(f"  with {form['address']},")
    if "range" in form:
        snippet, start = form["snippet"], form["range"]["start"]
        within = f", in {snippet['context']}:" if snippet["context"] else ":"
        lines.append(f"  on {form['range']['filename']} line {start['line']}{within}")
        lines.extend(_code(snippet, form["severity"], style))
        lines.extend(_told(snippet, style))
    return [*lines, ""] if lines else []


def _code(snippet: Mapping[str, Any], severity: str, style: Style) -> list[str]:
    """The lines of the snippet, with what is meant underlined, and pointed at where that is on one line."""
    code = snippet["code"].replace("\t", " ").encode()
    first, last = snippet["highlight_start_offset"], snippet["highlight_end_offset"]
    before, meant, after = (part.decode(errors="replace") for part in (code[:first], code[first:last], code[last:]))
    underlined = "\n".join(style("underline", line) for line in meant.split("\n"))
    shown = f"{before}{underlined}{after}".split("\n")
    lines = [f"{number:4}: {line}" for number, line in enumerate(shown, snippet["start_line"])]
    pointed_at = meant.rstrip("\n")
    if "\n" not in pointed_at:
        blanks = " " * (6 + cell_width(before.rpartition("\n")[2]))
        at = before.count("\n") + 1
        lines[at:at] = [blanks + style(severity, "^" * max(cell_width(pointed_at), 1))]
    return lines


def _told(snippet: Mapping[str, Any], style: Style) -> list[str]:
    """What was called, and the values of what is referred to."""
    bar = style("dim", "│")
    lines = []
    if call := snippet.get("function_call"):
        signature = call["signature"]
        names = [parameter["name"] for parameter in signature["params"]]
        names.extend([f"{signature['variadic_param']['name']}..."] if "variadic_param" in signature else [])
        lines.append(f"    {bar} while calling {style('bold', call['called_as'])}({', '.join(names)})")
    lines.extend(f"    {bar} {style('bold', each['traversal'])} {each['statement']}" for each in snippet["values"])
    return [f"    {style('dim', '├────────────────')}", *lines] if lines else []


def _paragraphs(text: str, width: int) -> list[str]:
    """Wrap sentences; leave lines that are indented (listings) as they are."""
    lines: list[str] = []
    for line in text.split("\n"):
        if line.startswith(" ") or len(line) <= width:
            lines.append(line)
        else:
            lines.extend(textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False))
    return lines
