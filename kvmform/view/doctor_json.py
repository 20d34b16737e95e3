"""What `doctor` found, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable

from kvmform.doctor import Examination

__all__ = ["examinations_document"]


def examinations_document(examinations: Iterable[Examination]) -> str:
    """A document with the member `hosts`: for each its `uri`, the worst `verdict`, and the `findings`."""
    hosts = [
        {
            "uri": each.uri,
            "verdict": each.verdict.value,
            "findings": [
                {
                    "check": finding.check,
                    "verdict": finding.verdict.value,
                    "summary": finding.summary,
                    "detail": finding.detail,
                    "fix": list(finding.fix),
                }
                for finding in each.findings
            ],
        }
        for each in examinations
    ]
    return json.dumps({"format_version": "1.0", "hosts": hosts}, indent=2)
