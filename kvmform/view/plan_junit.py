"""A plan as a JUnit report, for pipelines that show one: each change a test case, which fails where it is refused.

GitLab, GitHub actions, Jenkins and others read what Ant wrote first:
https://github.com/testmoapp/junitxml has the elements that they have in common.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree as ET

from kvmform.plan.change import Gate
from kvmform.view.escapes import harmless
from kvmform.view.plan_report import PlanReport, ReportedChange, drift_words

__all__ = ["plan_junit"]


def plan_junit(report: PlanReport) -> str:
    """The document, with three suites: gates, changes, and drift, which always fails."""
    cases = {
        "gates": [_gate(report, gate) for gate in report.plan.gates] or [_case("gates", "no gates")],
        "changes": [_change(each) for each in report.changes],
        "drift": [
            _failed(_case(drift.address.type, str(drift.address)), "drift", f"{drift.address} {drift_words(drift)}")
            for drift in report.drift
        ],
    }
    root = ET.Element(
        "testsuites", {"name": "kvmform plan"} | _counts(case for all_ in cases.values() for case in all_)
    )
    for name, found in cases.items():
        suite = {"name": f"kvmform plan: {name}", "timestamp": report.plan.timestamp.removesuffix("Z")}
        ET.SubElement(root, "testsuite", suite | _counts(found)).extend(found)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _counts(cases: Iterable[ET.Element]) -> dict[str, str]:
    found = list(cases)
    failures = sum(case.find("failure") is not None for case in found)
    return {"tests": str(len(found)), "failures": str(failures), "errors": "0", "skipped": "0"}


def _gate(report: PlanReport, gate: Gate) -> ET.Element:
    case, broken = _case("gates", gate.said), report.broken(gate)
    if not broken:
        return case
    return _failed(case, "refused", f"{len(broken)} beyond {gate.said}", "\n".join(each.why for each in broken))


def _change(each: ReportedChange) -> ET.Element:
    disruption = each.change.disruption.value
    words = each.action if disruption in {"none", each.action} else f"{each.action}, {disruption}"
    case = _case(each.change.address.type, f"{each.name} ({words})")
    if each.place is not None:
        case.set("file", each.place[0])
        case.set("line", str(each.place[1]))
    if each.refusal is None:
        ET.SubElement(case, "system-out").text = each.text()
        return case
    message = f"{each.refusal.why} {each.refusal.said} does not allow that."
    return _failed(case, "refused", message, each.text())


def _case(class_: str, name: str) -> ET.Element:
    return ET.Element("testcase", {"classname": class_, "name": harmless(name), "time": "0"})


def _failed(case: ET.Element, kind: str, message: str, text: str = "") -> ET.Element:
    failure = ET.SubElement(case, "failure", {"type": kind, "message": harmless(message)})
    failure.text = text or None
    return case
