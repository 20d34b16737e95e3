"""What happens while a plan is applied, a line each."""

from __future__ import annotations

from kvmform.apply.events import (
    Event,
    Failed,
    Finished,
    Progressed,
    ProvisionFailed,
    ProvisionProgressed,
    ProvisionStarted,
    Started,
)
from kvmform.view.event_words import DOING, DONE, bytes_text, duration_text
from kvmform.view.style import Style

__all__ = ["EventLines"]

_REPEAT_SECONDS = 10
"""How often a step that takes long says that it is still at work, in a pipe."""


class EventLines:
    """Turns events into lines, and remembers which steps have said lately that they are still at work."""

    def __init__(self, style: Style) -> None:
        self._style = style
        self._said: dict[str, int] = {}

    def line(self, event: Event, *, live: bool) -> str | None:
        """What to say of an event, if anything; `live`: what is running is shown elsewhere."""
        match event:
            case Started():
                known = f" [id={event.id}]" if event.id else ""
                return f"{self._style('bold', f'{event.address}: {DOING[event.verb]}...')}{known}"
            case Finished():
                known = f" [id={event.id}]" if event.id else ""
                text = f"{event.address}: {DONE[event.verb]} after {duration_text(event.seconds)}"
                return f"{self._style('bold', text)}{known}"
            case Failed():
                return self._style("error", f"{event.address}: failed after {duration_text(event.seconds)}")
            case Progressed():
                return None if live else self._still(event)
            case ProvisionStarted():
                return self._style("bold", f"{event.address}: Provisioning with '{event.provisioner}'...")
            case ProvisionProgressed():
                return f"{self._style('bold', f'{event.address} ({event.provisioner}):')} {event.output}"
            case ProvisionFailed(goes_on=True):
                why = " ".join(event.diagnostics[0].detail.partition("\n\n")[0].split())
                return self._style("warning", f"{event.address} ({event.provisioner}): failed, going on: {why}")
        return None

    def _still(self, event: Progressed) -> str | None:
        """Every ten seconds, where nothing shows what is running."""
        round_ = int(event.seconds // _REPEAT_SECONDS)
        name = str(event.address)
        if round_ == 0 or self._said.get(name) == round_:
            return None
        self._said[name] = round_
        amount = ""
        if event.done is not None:
            amount = f", {bytes_text(event.done)}" + (f" of {bytes_text(event.total)}" if event.total else "")
        doing = DOING[event.verb].lower()
        return f"{name}: Still {doing}... [{duration_text(event.seconds)} elapsed, {event.words}{amount}]"
