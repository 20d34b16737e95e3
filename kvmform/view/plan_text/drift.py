"""What has changed outside: as far as the plan has to do with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kvmform.view.columns import wrapped
from kvmform.view.plan_text.changes import drifted_text
from kvmform.view.style import Style

__all__ = ["drift_text", "relevant_drift"]

_FOUND = (
    '{product} detected the following changes made outside of {product} since the last "{program} apply" which may '
    "have affected this plan:"
)
_ENDS = {
    "refresh-only": (
        "This is a refresh-only plan, so {product} will not take any actions to undo these. If you were expecting "
        "these changes then you can apply this plan to record the updated values in the {product} state without "
        "changing any remote objects."
    ),
}
_END = (
    "Unless you have made equivalent changes to your configuration, or ignored the relevant attributes using "
    "ignore_changes, the following plan may include actions to undo or respond to these changes."
)


def relevant_drift(
    document: Mapping[str, Any], changes: Iterable[Mapping[str, Any]], *, is_empty: bool
) -> list[Mapping[str, Any]]:
    """The drift to show: of what the plan changes, or what that depends on; of a refresh-only plan all of it.

    Where nothing is to be done, whatever has changed is as it is wanted, and state follows.
    """
    drift = document["resource_drift"]
    if document["mode"] == "refresh-only":
        return list(drift)
    if is_empty:
        return []
    relevant = {change["address"] for change in changes}
    relevant |= {attribute["resource"] for attribute in document.get("relevant_attributes", ())}
    return [each for each in drift if each["address"] in relevant or _resource_of(each) in relevant]


def _resource_of(drift: Mapping[str, Any]) -> str:
    """The address without the key of the instance."""
    module = f"{drift['module_address']}." if "module_address" in drift else ""
    return f"{module}{drift['type']}.{drift['name']}"


def drift_text(drift: Iterable[Mapping[str, Any]], mode: str, style: Style, columns: int) -> str:
    """The whole section, but for the rule that ends it."""
    title = f"{style('read', 'Note:')} {style('bold', style.product.says('Objects have changed outside of {product}'))}"
    objects = "".join(f"\n{drifted_text(each, style)}\n" for each in drift)
    found, end = (style.product.says(text) for text in (_FOUND, _ENDS.get(mode, _END)))
    return f"\n{title}\n\n{wrapped(found, columns)}\n{objects}\n\n{wrapped(end, columns)}\n"
