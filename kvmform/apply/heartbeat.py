"""The heartbeat of apply: what takes long says again and again that it is still at work, and who waits for it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Self

from kvmform.address import InstanceAddress
from kvmform.apply.events import (
    Emit,
    Event,
    Failed,
    Finished,
    Progressed,
    ProvisionStarted,
    Started,
    StillRunning,
)
from kvmform.plan.change import Verb
from kvmform.struct import Struct, field, replace

__all__ = ["BEAT_SECONDS", "Heartbeat"]

BEAT_SECONDS = 10.0
"""How often a step says so; the same in Terraform."""

_RATE_SECONDS = 5.0
"""What "lately" means for the rate of a copy."""

Key = tuple[InstanceAddress, Verb]
WaitingFor = Callable[[InstanceAddress, Verb], tuple[InstanceAddress, ...]]
"""Whose steps wait for a step."""


class _Running(Struct, frozen=False):
    """A step at work: since when, when it says so next, and what it said last."""

    id: str | None
    begun: float
    due: float
    words: str = ""
    done: int | None = None
    total: int | None = None
    samples: deque[tuple[float, int]] = field(default_factory=deque)
    """When how many bytes were done, lately."""

    def progressed(self, event: Progressed, now: float) -> None:
        """Note what it says."""
        if event.done is None or event.words != self.words or event.done < (self.done or 0):
            self.samples.clear()
        self.words, self.done, self.total = event.words, event.done, event.total
        if event.done is not None:
            self.samples.append((now, event.done))
            while len(self.samples) > 2 and now - self.samples[0][0] > _RATE_SECONDS:
                self.samples.popleft()

    def rate(self, now: float) -> float | None:
        """Bytes a second lately; None where that can't be told."""
        if len(self.samples) < 2 or now <= self.samples[0][0]:
            return None
        since, done = self.samples[0]
        return (self.samples[-1][1] - done) / (now - since)


class Heartbeat:
    """Passes events on, and adds to them: rates to what progresses, and `StillRunning` for what takes long.

    Use it in a `with` block; calls come from several threads.
    """

    def __init__(self, emit: Emit, waiting_for: WaitingFor, seconds: float = BEAT_SECONDS) -> None:
        self._emit = emit
        self._waiting_for = waiting_for
        self._seconds = seconds
        self._running: dict[Key, _Running] = {}
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._over.set()
        self._thread.join()

    def event(self, event: Event) -> None:
        """Something happened."""
        key, now = (event.address, event.verb), time.monotonic()
        with self._lock:
            match event:
                case Started():
                    self._running[key] = _Running(event.id, now, now + self._seconds)
                case Progressed() if key in self._running:
                    running = self._running[key]
                    running.progressed(event, now)
                    event = replace(event, rate=running.rate(now), seconds=now - running.begun)
                case ProvisionStarted() if key in self._running:
                    provisioning = Progressed(*key, f"provisioning with {event.provisioner}")
                    self._running[key].progressed(provisioning, now)
                case Finished() | Failed():
                    self._running.pop(key, None)
        self._emit(event)

    def _beat(self) -> None:
        # No step is due sooner than a beat after it began, so none is missed by sleeping as long.
        while not self._over.wait(self._until_due()):
            for event in self._due():
                self._emit(event)

    def _until_due(self) -> float:
        with self._lock:
            soonest = min((running.due for running in self._running.values()), default=float("inf"))
        return min(max(soonest - time.monotonic(), 0.0), self._seconds)

    def _due(self) -> list[StillRunning]:
        now = time.monotonic()
        found = []
        with self._lock:
            for (address, verb), running in self._running.items():
                if running.due > now:
                    continue
                running.due += self._seconds
                waiting = self._waiting_for(address, verb)
                amount = (running.done, running.total, now - running.begun, running.rate(now))
                found.append(StillRunning(address, verb, running.id, running.words, *amount, waiting))
        return found
