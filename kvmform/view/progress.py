"""Live lines on a terminal: what is running, for how long, how far; everything else scrolls above."""

from __future__ import annotations

import time

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from kvmform.apply.events import (
    Event,
    Failed,
    Finished,
    Progressed,
    ProvisionStarted,
    Skipped,
    Started,
    StillRunning,
)
from kvmform.struct import Struct
from kvmform.view.event_words import DOING, amount_text, duration_text, waiting_text

__all__ = ["Progress"]

_SHOWN_AT_ONCE = 8


class _Running(Struct, frozen=False):
    words: str
    begun: float
    amount: str = ""
    waiting: str = ""


class Progress:
    """The lines at the bottom; calls come from one thread at a time."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._ended = 0
        self._running: dict[str, _Running] = {}
        self._console = Console(highlight=False, soft_wrap=True)
        self._live = Live(get_renderable=self._render, console=self._console, refresh_per_second=8, transient=True)
        self._live.start()

    def event(self, event: Event) -> None:
        """Note what happened."""
        name = f"{event.address} {event.verb}"
        match event:
            case Started():
                self._running[name] = _Running(DOING[event.verb].lower(), time.monotonic())
            case Progressed() if name in self._running:
                line = self._running[name]
                line.words, line.amount = event.words, amount_text(event.done, event.total, event.rate)
            case StillRunning() if name in self._running:
                line = self._running[name]
                line.amount = amount_text(event.done, event.total, event.rate)
                line.waiting = waiting_text(event.waiting)
            case ProvisionStarted() if name in self._running:
                line = self._running[name]
                line.words, line.amount = f"provisioning with {event.provisioner}", ""
            case Finished() | Failed() | Skipped():
                self._running.pop(name, None)
                self._ended += 1

    def print(self, text: str) -> None:
        """A line above the live ones."""
        self._console.print(Text.from_ansi(text))

    def close(self) -> None:
        """Take the live lines away."""
        self._live.stop()

    def _render(self) -> Group:
        now = time.monotonic()
        lines = [Text(f"── {self._ended} of {self._steps} done, {len(self._running)} running", style="dim")]
        oldest = sorted(self._running.items(), key=lambda item: item[1].begun)
        for name, line in oldest[:_SHOWN_AT_ONCE]:
            address = name.rsplit(" ", 1)[0]
            parts = (address, line.words, line.amount, duration_text(now - line.begun), line.waiting)
            lines.append(Text(f"   {'  '.join(part for part in parts if part)}", no_wrap=True, overflow="ellipsis"))
        if len(oldest) > _SHOWN_AT_ONCE:
            lines.append(Text(f"   … and {len(oldest) - _SHOWN_AT_ONCE} more", style="dim"))
        return Group(*lines)
