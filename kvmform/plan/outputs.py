"""Changes of the root module's output values."""

from __future__ import annotations

from collections.abc import Mapping

from kvmform.plan.change import OutputChange
from kvmform.state.model import OutputValue
from kvmform.values.kinds import type_of
from kvmform.values.marks import unmark_deep
from kvmform.values.model import Value
from kvmform.values.plain import to_plain
from kvmform.values.types import DYNAMIC

__all__ = ["output_changes"]


def output_changes(
    before: Mapping[str, OutputValue], after: Mapping[str, tuple[Value, bool]]
) -> tuple[OutputChange, ...]:
    """Compare recorded output values with what they are to be (value, and whether it is sensitive)."""
    found = []
    for name in sorted({*before, *after}):
        old = before.get(name)
        value, sensitive = after.get(name, (None, old.sensitive if old else False))
        bare, _ = unmark_deep(value)
        plain, _ = to_plain(bare)
        found.append(
            OutputChange(
                name=name,
                before=old.value if old else None,
                after=plain,
                type=type_of(bare) if name in after else DYNAMIC,
                sensitive=sensitive,
                exists_before=old is not None,
                exists_after=name in after,
            )
        )
    return tuple(found)
