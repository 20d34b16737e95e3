"""What of a plan is refused, for programs: kvmform's addition to Terraform's form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kvmform.plan.change import Plan
from kvmform.plan.gates import refusals

__all__ = ["refusal_forms"]


def refusal_forms(plan: Plan) -> Iterator[dict[str, Any]]:
    """Each change that goes beyond gates, by its address; without one, the plan as a whole does."""
    for refusal in refusals(plan):
        about = {"address": str(refusal.change.address)} if refusal.change is not None else {}
        yield about | {"gates": [gate.said for gate in refusal.gates], "reason": refusal.why}
