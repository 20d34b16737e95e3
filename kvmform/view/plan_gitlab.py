"""A plan as GitLab's Terraform report: three numbers, for the widget of a merge request.

GitLab counts the actions in the plan's JSON with jq; these are its numbers:
https://docs.gitlab.com/user/infrastructure/iac/mr_integration/
"""

from __future__ import annotations

from collections import Counter

from kvmform.view.plan_report import PlanReport

__all__ = ["plan_gitlab"]


def plan_gitlab(report: PlanReport) -> dict[str, int]:
    """How many objects are created, updated and deleted; one that is replaced is deleted and created."""
    counted = Counter(action for each in report.changes for action in each.form["change"]["actions"])
    return {action: counted[action] for action in ("create", "update", "delete")}
