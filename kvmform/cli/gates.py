"""The gates that a command line and the environment set; those of the environment are there to stay."""

from __future__ import annotations

import os
from collections.abc import Sequence

from kvmform.plan.change import Gate
from kvmform.plan.gates import parse_gates

__all__ = ["given_gates"]


def given_gates(*, deny: Sequence[str], max_disruption: str | None, max_delete: str | None) -> tuple[Gate, ...]:
    """All of them: a flag adds to what KVMFORM_DENY, KVMFORM_MAX_DISRUPTION and KVMFORM_MAX_DELETE say.

    Raises:
        DiagnosticError: one of them means nothing.
    """
    flags = {"deny": deny, "max-disruption": _given(max_disruption), "max-delete": _given(max_delete)}
    found: list[Gate] = []
    for name, texts in flags.items():
        for text in texts:
            found += parse_gates(name, text, f"-{name}")
        variable = f"KVMFORM_{name.replace('-', '_').upper()}"
        if said := os.environ.get(variable):
            found += parse_gates(name, said, variable)
    return tuple(dict.fromkeys(found))


def _given(text: str | None) -> list[str]:
    return [] if text is None else [text]
