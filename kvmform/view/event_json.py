"""What happens while a plan is applied, as messages of Terraform's machine-readable stream."""

from __future__ import annotations

from typing import Any

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
    StillRunning,
)
from kvmform.plan.change import Verb
from kvmform.view.event_words import ACTIONS, DOING, DONE, duration_text

__all__ = ["event_message", "resource_form"]

Message = tuple[str, str, dict[str, Any]]
"""Its type, its text, and its `hook`."""


def event_message(event: Event) -> Message:
    """`apply_start`, `apply_progress`, `apply_complete`, `apply_errored`, `apply_skipped`; `provision_…` likewise."""
    if isinstance(event, ProvisionEvent):
        return _provision_message(event)
    about = {"resource": resource_form(event.address), "action": ACTIONS[event.verb]}
    doing = f"{event.address}: {DOING[event.verb]}"
    match event:
        case Started():
            return "apply_start", f"{doing}...{_id_text(event)}", about | _id_form(event)
        case Progressed() | StillRunning():
            known = f"id={event.id}, " if isinstance(event, StillRunning) and event.id else ""
            elapsed = f"[{known}{duration_text(event.seconds)} elapsed]"
            text = f"{event.address}: Still {DOING[event.verb].lower()}... {elapsed}"
            return "apply_progress", text, about | _progress_form(event)
        case Finished():
            text = f"{event.address}: {DONE[event.verb]} after {duration_text(event.seconds)}{_id_text(event)}"
            return "apply_complete", text, about | _id_form(event) | {"elapsed_seconds": int(event.seconds)}
        case Failed():
            text = f"{doing} errored after {duration_text(event.seconds)}"
            return "apply_errored", text, about | {"elapsed_seconds": int(event.seconds)}
        case Skipped():
            because = None if event.because is None else resource_form(event.because)
            why = "you asked to stop" if event.because is None else f"it needs {event.because}, which failed"
            return "apply_skipped", f"{doing} left out, since {why}", about | {"because": because}


def _id_text(event: Started | Finished) -> str:
    return f" [id={event.id}]" if event.id else ""


def _id_form(event: Started | Finished) -> dict[str, Any]:
    return {"id_key": "id", "id_value": event.id} if event.id and event.verb is not Verb.READ else {}


def _progress_form(event: Progressed | StillRunning) -> dict[str, Any]:
    form: dict[str, Any] = {
        "elapsed_seconds": int(event.seconds),
        "words": event.words,
        "bytes_done": event.done,
        "bytes_total": event.total,
        "bytes_per_second": None if event.rate is None else int(event.rate),
    }
    if isinstance(event, StillRunning):
        form["waiting"] = [str(address) for address in event.waiting]
    return form


def _provision_message(event: ProvisionEvent) -> Message:
    hook = {"resource": resource_form(event.address), "provisioner": event.provisioner}
    address, kind = event.address, event.provisioner
    match event:
        case ProvisionStarted():
            return "provision_start", f"{address}: Provisioning with '{kind}'...", hook
        case ProvisionProgressed(output=output):
            return "provision_progress", f"{address}: ({kind}): {output}", hook | {"output": output}
        case ProvisionFinished():
            return "provision_complete", f"{address}: ({kind}) Provisioning complete", hook
        case ProvisionFailed():
            return "provision_errored", f"{address}: ({kind}) Provisioning errored", hook


def resource_form(address: InstanceAddress) -> dict[str, Any]:
    """An instance as the stream names it."""
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
