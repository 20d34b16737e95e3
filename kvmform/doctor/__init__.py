"""`kvmform doctor`: what a host can do, what it lacks, and how to mend it."""

from kvmform.doctor.examination import Examination, examine
from kvmform.doctor.finding import Finding, Verdict

__all__ = ["Examination", "Finding", "Verdict", "examine"]
