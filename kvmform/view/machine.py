"""The view for programs: one JSON object a line on standard output.

Source: https://developer.hashicorp.com/terraform/internals/machine-readable-ui, version 1.2.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kvmform import __version__
from kvmform.address import InstanceAddress
from kvmform.apply.events import Event, Progressed
from kvmform.apply.report import Report
from kvmform.diagnostics import Diagnostic
from kvmform.plan.change import Action, Change, Mode, Plan, Verb
from kvmform.product import KVMFORM, Product
from kvmform.state.model import TERRAFORM_VERSION, OutputValue
from kvmform.view.diagnostics_json import diagnostic_form
from kvmform.view.document_text import document_text
from kvmform.view.event_json import event_message, resource_form
from kvmform.view.event_words import duration_text
from kvmform.view.outputs import outputs_document
from kvmform.view.plan_json import changes_document

__all__ = ["MachineView"]

_REASONS = {
    "replace_because_cannot_update": "cannot_update",
    "replace_because_tainted": "tainted",
    "replace_by_request": "requested",
    "replace_by_triggers": "replace_triggered_by",
}
"""The words of the stream for `action_reason`, where they are others."""


def _import_text(count: int, words: str) -> str:
    return f"{count} {words}, " if count else ""


class MachineView:
    """Writes the stream; see the module's source for the message types."""

    def __init__(self, product: Product = KVMFORM) -> None:
        self._product = product
        self._lock = threading.Lock()
        self._told_plan = False
        self._begun: dict[InstanceAddress, float] = {}
        """When the reading of each data source began."""
        self._words: dict[tuple[InstanceAddress, Verb], str] = {}
        """What each step said last that it goes on with."""
        self._tell(
            "version",
            f"kvmform v{__version__}" if product.is_own else f"{product.name} {TERRAFORM_VERSION}",
            terraform=TERRAFORM_VERSION,
            kvmform=__version__,
            ui="1.2",
        )

    def diagnostics(self, found: Iterable[Diagnostic]) -> None:
        """A `diagnostic` message each."""
        for diagnostic in found:
            form = diagnostic_form(diagnostic)
            text = f"{form['severity'].capitalize()}: {form['summary']}"
            self._tell("diagnostic", text, level=diagnostic.severity.value, diagnostic=form)

    def say(self, text: str, code: str | None = None) -> None:
        """An `init_output` message if it has a code, else a `log` message."""
        if code is None:
            self._tell("log", text.strip())
        else:
            self._tell("init_output", text.strip(), message_code=code)

    def refreshing(self, address: InstanceAddress, known_id: str | None, done: bool) -> None:
        """`refresh_start`, or `refresh_complete`; of a data source the messages of an apply, as in Terraform."""
        if address.resource.mode == "data":
            self._reading(address, done)
            return
        hook = {"resource": resource_form(address)} | ({"id_key": "id", "id_value": known_id} if known_id else {})
        words = "Refresh complete" if done else "Refreshing state..."
        text = f"{address}: {words}{f' [id={known_id}]' if known_id else ''}"
        self._tell("refresh_complete" if done else "refresh_start", text, hook=hook)

    def _reading(self, address: InstanceAddress, done: bool) -> None:
        hook: dict[str, Any] = {"resource": resource_form(address), "action": "read"}
        if not done:
            self._begun[address] = time.monotonic()
            self._tell("apply_start", f"{address}: Refreshing...", hook=hook)
            return
        seconds = time.monotonic() - self._begun.pop(address)
        text = f"{address}: Refresh complete after {duration_text(seconds)}"
        self._tell("apply_complete", text, hook=hook | {"elapsed_seconds": int(seconds)})

    def plan(self, plan: Plan) -> None:
        """Drift, changes, their sum, and outputs."""
        document = changes_document(plan)
        self._told_plan = True
        for drift in plan.drift:
            if drift.is_shown:
                self._drift(drift.address, "delete" if drift.after is None else "update")
        if plan.mode is Mode.REFRESH_ONLY:
            for change in plan.changes:
                if change.previous is not None:
                    self._drift(change.address, "move", change.previous)
        else:
            self._planned_changes(plan.changes)
        added, changed, destroyed = plan.counts()
        self._summary(
            "plan",
            (plan.imported, added, changed, destroyed),
            f"Plan: {_import_text(plan.imported, 'to import')}{added} to add, {changed} to change, {destroyed} to "
            "destroy.",
            disruption=plan.disruption.value,
        )
        outputs = {
            name: {"action": form["actions"][0].replace("no-op", "noop"), "sensitive": form["after_sensitive"]}
            for name, form in document["output_changes"].items()
        }
        if outputs:
            self._tell("outputs", f"Outputs: {len(outputs)}", outputs=outputs)

    def _drift(self, address: InstanceAddress, action: str, previous: InstanceAddress | None = None) -> None:
        told: dict[str, Any] = {"resource": resource_form(address)}
        if previous is not None:
            told["previous_resource"] = resource_form(previous)
        self._tell("resource_drift", f"{address}: Drift detected ({action})", change=told | {"action": action})

    def _planned_changes(self, changes: Iterable[Change]) -> None:
        for change in changes:
            if not change.is_idle or change.is_nested:
                self._planned_change(change)

    def _planned_change(self, change: Change) -> None:
        action = change.action.value
        if change.action is Action.NO_OP:
            action = "import" if change.importing else "move"
        elif change.action is Action.FORGET:
            action = "remove"
        told: dict[str, Any] = {"resource": resource_form(change.address)}
        if change.previous is not None:
            told["previous_resource"] = resource_form(change.previous)
        told |= {"action": action, "disruption": change.disruption.value}
        if change.reason:
            told["reason"] = _REASONS.get(change.reason, change.reason)
        if change.importing:
            told["importing"] = {"id": change.importing}
        if change.generated:
            told["generated_config"] = change.generated
        self._tell("planned_change", f"{change.address}: Plan to {action}", change=told)

    def plan_saved(self, path: Path) -> None:
        """Nothing: programs know where they told the plan to go."""

    def ask(self, _question: str, _detail: str) -> str:
        """Nobody answers here."""
        return ""

    def apply_begins(self, plan: Plan) -> None:
        """What a saved plan has: it was not told in this stream. Then the first step tells."""
        if not self._told_plan:
            self._planned_changes(change for change in plan.changes if change.action is not Action.NO_OP)

    def event(self, event: Event) -> None:
        """A message each; of what a step goes on with only what it has not said yet."""
        if isinstance(event, Progressed):
            key = (event.address, event.verb)
            if self._words.get(key) == event.words:
                return
            self._words[key] = event.words
        kind, text, hook = event_message(event)
        self._tell(kind, text, hook=hook)

    def apply_ends(self, _plan: Plan, report: Report, outputs: Mapping[str, OutputValue], *, destroy: bool) -> None:
        """The sum, and the output values, where nothing failed."""
        added, changed, destroyed = report.added, report.changed, report.destroyed
        if report.diagnostics:
            return
        self._summary(
            "destroy" if destroy else "apply",
            (report.imported, added, changed, destroyed),
            f"Destroy complete! Resources: {destroyed} destroyed."
            if destroy
            else f"Apply complete! Resources: {_import_text(report.imported, 'imported')}{added} added, {changed} "
            f"changed, {destroyed} destroyed.",
        )
        shown = outputs_document(outputs)
        for form in shown.values():
            if form["sensitive"]:  # unlike `output -json`, the stream ends up in logs
                del form["value"]
        self._tell("outputs", f"Outputs: {len(shown)}", outputs=shown)

    def interrupted(self, *, again: bool) -> None:
        """A `log` message."""
        self._tell("log", "Two interrupts received." if again else "Interrupt received.", level="warn")

    def close(self) -> None:
        """Push out what is buffered."""
        sys.stdout.flush()

    def _summary(self, operation: str, counts: tuple[int, int, int, int], text: str, **more: Any) -> None:
        imported, added, changed, destroyed = counts
        changes = {"add": added, "change": changed, "import": imported, "remove": destroyed, "operation": operation}
        self._tell("change_summary", text, changes=changes, **more)

    def _tell(self, kind: str, text: str, *, level: str = "info", **members: Any) -> None:
        message = {
            "@level": "warn" if level == "warning" else level,
            "@message": text,
            "@module": f"{self._product.program}.ui",
            "@timestamp": datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "type": kind,
            **members,
        }
        with self._lock:
            sys.stdout.write(f"{document_text(message)}\n")
            sys.stdout.flush()
