"""What happens while a plan is applied, a line each."""

from __future__ import annotations

from kvmform.apply.events import (
    Event,
    Failed,
    Finished,
    ProvisionFailed,
    ProvisionProgressed,
    ProvisionStarted,
    Started,
    StillRunning,
)
from kvmform.view.event_words import DOING, DONE, amount_text, duration_text, waiting_text
from kvmform.view.style import Style

__all__ = ["event_line"]


def event_line(event: Event, style: Style, *, live: bool) -> str | None:
    """What to say of an event, if anything; `live`: what is running is shown elsewhere."""
    match event:
        case Started():
            known = f" [id={event.id}]" if event.id else ""
            return f"{style('bold', f'{event.address}: {DOING[event.verb]}...')}{known}"
        case Finished():
            known = f" [id={event.id}]" if event.id else ""
            text = f"{event.address}: {DONE[event.verb]} after {duration_text(event.seconds)}"
            return f"{style('bold', text)}{known}"
        case Failed():
            return style("error", f"{event.address}: failed after {duration_text(event.seconds)}")
        case StillRunning():
            return None if live else _still(event)
        case ProvisionStarted():
            return style("bold", f"{event.address}: Provisioning with '{event.provisioner}'...")
        case ProvisionProgressed():
            return f"{style('bold', f'{event.address} ({event.provisioner}):')} {event.output}"
        case ProvisionFailed(goes_on=True):
            why = " ".join(event.diagnostics[0].detail.partition("\n\n")[0].split())
            return style("warning", f"{event.address} ({event.provisioner}): failed, going on: {why}")
    return None


def _still(event: StillRunning) -> str:
    doing = f"{event.address}: Still {DOING[event.verb].lower()}..."
    said = (
        f"id={event.id}" if event.id else "",
        f"{duration_text(event.seconds)} elapsed",
        event.words,
        amount_text(event.done, event.total, event.rate),
        waiting_text(event.waiting),
    )
    return f"{doing} [{', '.join(text for text in said if text)}]"
