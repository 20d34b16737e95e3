"""When a certificate is to be replaced by another one.

Source: https://registry.terraform.io/providers/hashicorp/tls, version 4: once its end, less
`early_renewal_hours`, is past, `ready_for_renewal` is true, and the next plan replaces it.
"""

from __future__ import annotations

from datetime import UTC, datetime

from kvmform.schema import Object, Observed, Plain, Proposal
from kvmform.values.model import Unknown
from kvmform.values.types import BOOL

__all__ = ["propose", "read"]


def read(_host: None, prior: Object) -> Observed | None:
    """The certificate as recorded, and whether its time has come."""
    if prior.get("id") is None:
        return None
    return Observed({**prior, "ready_for_renewal": _is_due(prior, prior["early_renewal_hours"])})


def propose(proposal: Proposal) -> Object:
    """Have a certificate replaced whose time has come; of a new one tell whether it has from the beginning."""
    planned = proposal.planned
    early = planned["early_renewal_hours"]
    if proposal.observed is not None:
        due = _is_due(proposal.observed.object, early)
        return {**planned, "ready_for_renewal": Unknown(BOOL) if due else False}
    hours = planned["validity_period_hours"]
    if isinstance(early, Unknown) or isinstance(hours, Unknown):
        return planned
    return {**planned, "ready_for_renewal": hours <= early}


def _is_due(recorded: Object, early_renewal_hours: Plain) -> bool:
    end = recorded.get("validity_end_time")
    if not end or isinstance(early_renewal_hours, Unknown):
        return False
    left = datetime.fromisoformat(end) - datetime.now(UTC)
    return left.total_seconds() <= (early_renewal_hours or 0) * 3600
