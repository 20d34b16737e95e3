"""What plan, apply and destroy have in common."""

from __future__ import annotations

from collections.abc import Sequence

from kvmform.address import parse_instance, parse_target
from kvmform.diagnostics import DiagnosticError
from kvmform.plan.change import Mode
from kvmform.schema import Disruption
from kvmform.workspace import PlanOptions

__all__ = ["plan_options"]


def plan_options(
    *,
    destroy: bool,
    refresh_only: bool,
    refresh: bool,
    targets: Sequence[str],
    replace: Sequence[str],
    limit: Disruption,
) -> PlanOptions:
    """Plan options from flags.

    Raises:
        DiagnosticError: an address is none, or two flags contradict each other.
    """
    if destroy and refresh_only:
        raise DiagnosticError.of("Incompatible flags", "-destroy and -refresh-only ask for two different plans.")
    mode = Mode.DESTROY if destroy else Mode.REFRESH_ONLY if refresh_only else Mode.NORMAL
    return PlanOptions(
        mode=mode,
        targets=tuple(parse_target(text) for text in targets),
        replace=frozenset(parse_instance(text) for text in replace),
        refresh=refresh,
        max_disruption=limit,
    )
