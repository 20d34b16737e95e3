"""Refuse what a configuration says must not happen to an object."""

from __future__ import annotations

from kvmform.config.module import ResourceBlock
from kvmform.diagnostics import DiagnosticError, error
from kvmform.plan.change import Action, Change
from kvmform.plan.paths import path_text

__all__ = ["check_prevent_destroy", "reject_loss_of_kept"]


def check_prevent_destroy(change: Change, block: ResourceBlock | None) -> None:
    """Refuse to delete or replace what is declared with `prevent_destroy`.

    Raises:
        DiagnosticError: naming the resource.
    """
    if block is None or not block.lifecycle.prevent_destroy:
        return
    if change.action in {Action.DELETE, Action.REPLACE}:
        forced = ", ".join(path_text(path) for path in change.replace_paths)
        why = f" (a change of {forced} needs it to be replaced)" if forced else ""
        detail = (
            f"{change.address} has lifecycle.prevent_destroy set, and this plan would destroy it{why}. To go on, "
            "take prevent_destroy out, leave this resource out of the plan with -exclude, or undo the change."
        )
        raise DiagnosticError(error("Instance cannot be destroyed", detail, block.range, address=str(change.address)))


def reject_loss_of_kept(change: Change) -> None:
    """Refuse to replace an object that is kept (`keep = true`).

    Raises:
        DiagnosticError: naming the resource, and what would replace it.
    """
    if change.action is Action.REPLACE:
        forced = ", ".join(path_text(path) for path in change.replace_paths)
        why = f"a change of {forced}" if forced else "this plan"
        detail = (
            f"{change.address} is to be kept (keep = true), and {why} would delete it and make another one. To go on, "
            "undo the change; or set keep = false, if what it holds is not needed any more; or declare the new one "
            "under another name, and let this one go: it is then forgotten, and stays on the host."
        )
        raise DiagnosticError.of("Kept object cannot be replaced", detail)
