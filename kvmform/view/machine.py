"""The view for programs: one JSON object a line on standard output.

Source: https://developer.hashicorp.com/terraform/internals/machine-readable-ui, version 1.2.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kvmform import __version__
from kvmform.address import InstanceAddress
from kvmform.apply.events import (
    Event,
    Failed,
    Finished,
    Progressed,
    ProvisionEvent,
    ProvisionFailed,
    ProvisionFinished,
    ProvisionProgressed,
    ProvisionStarted,
    Skipped,
    Started,
)
from kvmform.apply.executor import Report
from kvmform.diagnostics import Diagnostic
from kvmform.plan.change import Action, Change, Mode, Plan, Verb
from kvmform.product import KVMFORM, Product
from kvmform.state.model import TERRAFORM_VERSION, OutputValue
from kvmform.view.diagnostics_json import diagnostic_form
from kvmform.view.event_words import ACTIONS, DOING, DONE, duration_text
from kvmform.view.outputs import outputs_document
from kvmform.view.plan_json import changes_document

__all__ = ["MachineView"]

_HOOKS = {Started: "apply_start", Progressed: "apply_progress", Finished: "apply_complete", Failed: "apply_errored"}
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
            self._tell("log", text)
        else:
            self._tell("init_output", text.strip(), message_code=code)

    def plan(self, plan: Plan) -> None:
        """Drift, changes, their sum, and outputs."""
        document = changes_document(plan)
        for drift in plan.drift:
            if drift.is_shown:
                action = "delete" if drift.after is None else "update"
                noticed = {"resource": _resource(drift.address), "action": action}
                self._tell("resource_drift", f"{drift.address}: Drift detected ({action})", change=noticed)
        for change in plan.changes:
            if not change.is_idle:
                self._planned_change(change)
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

    def _planned_change(self, change: Change) -> None:
        action = change.action.value
        if change.action is Action.NO_OP:
            action = "import" if change.importing else "move"
        elif change.action is Action.FORGET:
            action = "remove"
        told: dict[str, Any] = {"resource": _resource(change.address)}
        if change.previous is not None:
            told["previous_resource"] = _resource(change.previous)
        told |= {"action": action, "disruption": change.disruption.value}
        if change.reason:
            told["reason"] = _REASONS.get(change.reason, change.reason)
        if change.importing:
            told["importing"] = {"id": change.importing}
        self._tell("planned_change", f"{change.address}: Plan to {action}", change=told)

    def plan_saved(self, path: Path) -> None:
        """Nothing: programs know where they told the plan to go."""

    def ask(self, _question: str, _detail: str) -> str:
        """Nobody answers here."""
        return ""

    def apply_begins(self, _plan: Plan) -> None:
        """Nothing; the first step tells."""

    def event(self, event: Event) -> None:
        """`apply_start`, `apply_progress`, `apply_complete`, `apply_errored`; those of provisioners likewise."""
        if isinstance(event, Skipped):
            return
        if isinstance(event, ProvisionEvent):
            self._provision_event(event)
            return
        hook: dict[str, Any] = {"resource": _resource(event.address), "action": ACTIONS[event.verb]}
        match event:
            case Started():
                text = f"{event.address}: {DOING[event.verb]}..."
            case Progressed():
                text = f"{event.address}: Still {DOING[event.verb].lower()}... [{duration_text(event.seconds)} elapsed]"
                hook |= {"words": event.words, "bytes_done": event.done, "bytes_total": event.total}
            case Finished():
                text = f"{event.address}: {DONE[event.verb]} after {duration_text(event.seconds)}"
            case Failed():
                text = f"{event.address}: {DOING[event.verb]} errored after {duration_text(event.seconds)}"
        if not isinstance(event, Started):
            hook["elapsed_seconds"] = int(event.seconds)
        if isinstance(event, Started | Finished) and event.id and event.verb is not Verb.READ:
            hook |= {"id_key": "id", "id_value": event.id}
        self._tell(_HOOKS[type(event)], text, hook=hook)

    def _provision_event(self, event: ProvisionEvent) -> None:
        """`provision_start`, `provision_progress`, `provision_complete`, `provision_errored`."""
        hook = {"resource": _resource(event.address), "provisioner": event.provisioner}
        address, kind = event.address, event.provisioner
        match event:
            case ProvisionStarted():
                self._tell("provision_start", f"{address}: Provisioning with '{kind}'...", hook=hook)
            case ProvisionProgressed(output=output):
                self._tell("provision_progress", f"{address}: ({kind}): {output}", hook=hook | {"output": output})
            case ProvisionFinished():
                self._tell("provision_complete", f"{address}: ({kind}) Provisioning complete", hook=hook)
            case ProvisionFailed():
                self._tell("provision_errored", f"{address}: ({kind}) Provisioning errored", hook=hook)

    def apply_ends(self, plan: Plan, report: Report, outputs: Mapping[str, OutputValue], *, destroy: bool) -> None:
        """The sum, and the output values, where nothing failed."""
        added, changed, destroyed = report.added, report.changed, report.destroyed
        if report.diagnostics:
            return
        done = destroy or plan.mode is Mode.DESTROY
        self._summary(
            "destroy" if done else "apply",
            (report.imported, added, changed, destroyed),
            f"Destroy complete! Resources: {destroyed} destroyed."
            if done
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
            sys.stdout.write(json.dumps(message) + "\n")
            sys.stdout.flush()


def _resource(address: InstanceAddress) -> dict[str, Any]:
    resource = address.resource
    own = str(address).removeprefix(f"{address.module}.") if not address.module.is_root else str(address)
    return {
        "addr": str(address),
        "module": str(address.module),
        "resource": own,
        "implied_provider": resource.type.split("_", 1)[0],
        "resource_type": resource.type,
        "resource_name": resource.name,
        "resource_key": address.key,
    }
