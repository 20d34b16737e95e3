"""The parts of a plan in their order; and what is said where there is nothing to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kvmform.view.columns import rule, terminal_columns, wrapped
from kvmform.view.plan_text.changes import change_text
from kvmform.view.plan_text.drift import drift_text, relevant_drift
from kvmform.view.plan_text.outputs import outputs_text
from kvmform.view.plan_text.summary import summary_text
from kvmform.view.plan_text.symbols import legend_lines
from kvmform.view.style import Style

__all__ = ["plan_text"]


def plan_text(document: Mapping[str, Any], style: Style, columns: int = 0) -> str:
    """The whole plan. `columns`: how wide lines of prose may be; 0: as wide as the terminal is."""
    return "".join(_parts(document, style, columns or terminal_columns()))


def _parts(document: Mapping[str, Any], style: Style, columns: int) -> Iterator[str]:
    changes = [change for change in document["resource_changes"] if _is_shown(change)]
    outputs = outputs_text(document["output_changes"], style)
    drift = relevant_drift(document, changes, is_empty=not changes and not outputs)
    if drift:
        yield drift_text(drift, document["mode"], style, columns)
    if not changes and not outputs:
        if not drift:
            yield _nothing_text(document["mode"], style, columns)
        return
    if drift:
        yield f"\n{style('dim', rule(columns))}\n"
    yield from _changes_parts(changes, document["disruption"], style, columns)
    if outputs:
        yield f"\nChanges to Outputs:\n{outputs}\n"
        if all(change["change"]["actions"] == ["no-op"] for change in changes):
            said = (
                "You can apply this plan to save these new output values to the {product} state, without changing any "
                "real infrastructure."
            )
            yield f"\n{wrapped(style.product.says(said), columns)}\n"


def _is_shown(change: Mapping[str, Any]) -> bool:
    """Whether anything happens to it, if only that state is told another address of it."""
    noted = "previous_address" in change or "importing" in change["change"]
    return noted or change["change"]["actions"] != ["no-op"]


def _changes_parts(changes: list[Mapping[str, Any]], disruption: str, style: Style, columns: int) -> Iterator[str]:
    if not changes:
        return
    actions = {tuple(change["change"]["actions"]) for change in changes}
    if actions != {("no-op",)}:
        said = (
            "{product} used the selected providers to generate the following execution plan. Resource actions are "
            "indicated with the following symbols:"
        )
        yield f"\n{wrapped(style.product.says(said), columns)}\n"
    yield from (f"{line}\n" for line in legend_lines(actions, style))
    yield f"\n{style.product.name} will perform the following actions:\n"
    for change in changes:
        yield f"\n{change_text(change, style)}\n"
    yield f"\n{summary_text(changes, disruption, style, columns)}"


_NOTHING = {
    "normal": "Your infrastructure matches the configuration.",
    "refresh-only": "Your infrastructure still matches the configuration.",
    "destroy": "No objects need to be destroyed.",
}
_BECAUSE = {
    "normal": "{product} has compared your real infrastructure against your configuration and found no differences, so "
    "no changes are needed.",
    "refresh-only": "{product} has checked that the real remote objects still match the result of your most recent "
    "changes, and found no differences.",
    "destroy": "Either you have not created any objects yet or the existing objects were already deleted outside of "
    "{product}.",
}


def _nothing_text(mode: str, style: Style, columns: int) -> str:
    told = wrapped(style.product.says(_BECAUSE[mode]), columns)
    return f"\n{style('good', 'No changes.')} {style('bold', _NOTHING[mode])}\n\n{told}\n"
