"""A plan for people, in Terraform's form: drift, every change and what it costs, outputs, and the sum.

It is made from the JSON form, `kvmform.view.plan_json.changes_document`. What is said differently from
Terraform, and why, is in docs/how-to/read-a-plan.md.
"""

from kvmform.view.plan_text.plan import plan_text

__all__ = ["plan_text"]
