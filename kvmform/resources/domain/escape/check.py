"""What can be told about an escape before it is carried out: by itself, by libvirt's schema, and by libvirt."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.diagnostics import DiagnosticError, error, warning
from kvmform.host.host import Host
from kvmform.host.parsing import refusal_of
from kvmform.resources.domain.escape.escape import escape_of, escaped_xml, settled
from kvmform.resources.domain.escape.rows import WAYS
from kvmform.resources.domain.schema import SCHEMA
from kvmform.schema import Check, Plain, Problem, Row
from kvmform.values.model import Unknown
from kvmform.xml.libvirt_schema import first_fault
from kvmform.xml.owner import Owner

__all__ = ["check_escape"]


def check_escape(check: Check[Host]) -> Iterator[Problem]:
    """Carry the escape out as far as things are known, and ask whether libvirt would take what comes of it."""
    blocks = check.planned["xml"]
    if isinstance(blocks, Unknown) or not any(block[name] for block in blocks for name in WAYS):
        return
    if any(_is_open(block[name]) for block in blocks for name in WAYS):
        return
    way = next(name for name in WAYS if blocks[0][name])
    path = ("xml", 0, way)
    try:
        text = escaped_xml(check.host, settled(check.planned), Owner("", ""))
    except DiagnosticError as problem:
        yield from (Problem(path, found) for found in problem.diagnostics)
        return
    refusal = refusal_of(check.host, text)
    if refusal is not None:
        detail = f"libvirt was asked about what the xml block makes of the domain. {refusal}"
        yield Problem(path, error("libvirt refuses the domain's XML", detail))
        return
    yield from _without_effect(check)
    fault = first_fault("domain", text) if check.host.is_local else None
    if fault is not None:
        detail = (
            f"The xml block puts something at {fault} that libvirt's schema does not allow. libvirt passes over "
            "elements and attributes that it doesn't know, so a slip of the pen would have no effect."
        )
        yield Problem(path, warning("Unknown to libvirt's schema", detail))


def _without_effect(check: Check[Host]) -> Iterator[Problem]:
    """Arguments that are written, or changed, and of which the escape makes something else."""
    escape = escape_of(check.host, check.planned)
    edited = {edit.path[0] for edit in check.edits}
    is_new = check.observed is None or check.replace
    for name in escape.overruled if escape is not None else ():
        row = SCHEMA.rows[name]
        is_written = isinstance(row, Row) and check.config[name] not in (None, row.default)
        if is_written and (is_new or name in edited):
            detail = (
                f"The xml block makes something else of {name}, and has the last word on it. Take the argument out, or "
                f"let the xml block leave {name} as it is."
            )
            yield Problem((name,), warning(f"The xml block overrules {name}", detail))


def _is_open(value: Plain) -> bool:
    """Whether a part of the escape is known only after apply."""
    return isinstance(value, Unknown) or (isinstance(value, dict) and any(map(_is_open, value.values())))
