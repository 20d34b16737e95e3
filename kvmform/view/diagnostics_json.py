"""Diagnostics as data: the form of `validate -json` and of `-json` streams.

Source: https://developer.hashicorp.com/terraform/internals/machine-readable-ui#diagnostic
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kvmform.diagnostics import Diagnostic, Position, Severity, SourceRange
from kvmform.view.snippet_context import snippet_context

__all__ = ["diagnostic_form", "validation_document"]


def diagnostic_form(diagnostic: Diagnostic) -> dict[str, Any]:
    """One diagnostic: severity, summary, detail, address, range and snippet."""
    form: dict[str, Any] = {
        "severity": diagnostic.severity.value,
        "summary": diagnostic.summary,
        "detail": diagnostic.detail,
    }
    if diagnostic.address is not None:
        form["address"] = diagnostic.address
    if diagnostic.subject is not None:
        subject = diagnostic.subject
        form["range"] = {
            "filename": subject.filename,
            "start": _position_form(subject.first),
            "end": _position_form(_end(subject)),
        }
        form["snippet"] = _snippet_form(diagnostic, subject)
    return form


def _end(subject: SourceRange) -> Position:
    """Where a range ends; an empty one is shown as one character, as in Terraform's form."""
    last = subject.last
    return last if subject.start < subject.end else Position(last.line, last.column + 1, last.byte + 1)


def _position_form(position: Position) -> dict[str, int]:
    return {"line": position.line, "column": position.column, "byte": position.byte}


def _snippet_form(diagnostic: Diagnostic, subject: SourceRange) -> dict[str, Any]:
    """The lines of the subject, or of the context round it; offsets are in bytes of that text."""
    around = diagnostic.context or subject
    first = min(around.first.line, subject.first.line)
    last = max(_last_line(around), _last_line(subject))
    code = "\n".join(subject.source.line(number) for number in range(first, last + 1))
    length = len(code.encode())
    begin = subject.source.first_byte(first)
    start = min(subject.first.byte - begin, length)
    end = min(max(subject.last.byte - begin, start), length)
    form: dict[str, Any] = {
        "context": snippet_context(subject),
        "code": code,
        "start_line": first,
        "highlight_start_offset": start,
        "highlight_end_offset": end,
        "values": [{"traversal": reference, "statement": said} for reference, said in diagnostic.values],
    }
    if diagnostic.function is not None:
        call = diagnostic.function
        form["function_call"] = {"called_as": call.called_as, "signature": dict(call.signature)}
    return form


def _last_line(part: SourceRange) -> int:
    """The line on which a range ends. One that ends with a newline ends on the next line, where there is one."""
    at_end = part.end == len(part.source.text) and part.text.endswith("\n")
    return part.source.position(part.end - at_end).line


def validation_document(found: Iterable[Diagnostic]) -> dict[str, Any]:
    """What `validate -json` prints."""
    forms = [diagnostic_form(diagnostic) for diagnostic in found]
    errors = sum(1 for form in forms if form["severity"] == Severity.ERROR)
    return {
        "format_version": "1.0",
        "valid": not errors,
        "error_count": errors,
        "warning_count": len(forms) - errors,
        "diagnostics": forms,
    }
