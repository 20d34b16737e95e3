"""Output values of the root module: as planned, as recorded, and how they differ."""

from __future__ import annotations

from collections.abc import Mapping

from kvmform.plan.change import OutputChange
from kvmform.plan.merge import contains_unknown
from kvmform.state.model import OutputValue
from kvmform.values.kinds import is_null, type_of
from kvmform.values.marks import unmark_deep
from kvmform.values.model import Value
from kvmform.values.plain import to_plain
from kvmform.values.types import DYNAMIC

__all__ = ["known_outputs", "output_changes", "output_values"]


def output_values(evaluated: Mapping[str, tuple[Value, bool]]) -> dict[str, OutputValue]:
    """Outputs in the form of the record, from their values and whether each is sensitive; parts may be `Unknown`.

    One that is null is none, as in Terraform's state.
    """
    found = {}
    for name, (value, sensitive) in evaluated.items():
        bare, _ = unmark_deep(value)
        if is_null(bare):
            continue
        found[name] = OutputValue(to_plain(bare)[0], type_of(bare), sensitive)
    return found


def known_outputs(before: Mapping[str, OutputValue], after: Mapping[str, OutputValue]) -> dict[str, OutputValue]:
    """What can be recorded: an output that is not known (yet) keeps the value that it had, if any."""
    known = {name: before.get(name) if contains_unknown(new.value) else new for name, new in after.items()}
    return {name: value for name, value in known.items() if value is not None}


def output_changes(before: Mapping[str, OutputValue], after: Mapping[str, OutputValue]) -> tuple[OutputChange, ...]:
    """Compare recorded outputs with what they are to be."""
    found = []
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        told = new or old
        assert told is not None
        found.append(
            OutputChange(
                name=name,
                before=old.value if old else None,
                after=new.value if new else None,
                type=new.type if new else DYNAMIC,
                sensitive=told.sensitive,
                exists_before=old is not None,
                exists_after=new is not None,
                type_before=old.type if old else DYNAMIC,
                sensitive_before=old is not None and old.sensitive,
            )
        )
    return tuple(found)
