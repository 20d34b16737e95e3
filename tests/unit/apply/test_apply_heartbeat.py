"""What takes long says again and again that it is still at work, with its rate and who waits for it."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from labs import Lab

from kvmform.address import InstanceAddress, parse_instance
from kvmform.apply import executor
from kvmform.apply.events import Event, Failed, Finished, Progressed, Started, StillRunning
from kvmform.apply.heartbeat import Heartbeat
from kvmform.plan.change import Verb

BASE, WEB = parse_instance("libvirt_volume.base"), parse_instance("libvirt_domain.web")
BEAT = 0.02


class Told:
    """Events as they come, and a way to wait for one."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._came = threading.Condition()

    def __call__(self, event: Event) -> None:
        with self._came:
            self.events.append(event)
            self._came.notify_all()

    @property
    def beats(self) -> list[StillRunning]:
        return [event for event in self.events if isinstance(event, StillRunning)]

    def wait_for_beats(self, number: int) -> None:
        with self._came:
            assert self._came.wait_for(lambda: len(self.beats) >= number, timeout=20)


def heartbeat(told: Told, *waiting: InstanceAddress) -> Heartbeat:
    return Heartbeat(told, lambda _address, _verb: waiting, BEAT)


def test_a_step_that_says_nothing_is_told_of_for_as_long_as_it_takes() -> None:
    told = Told()
    with heartbeat(told) as beating:
        beating.event(Started(BASE, Verb.CREATE, None))
        told.wait_for_beats(3)
    first, second, third = told.beats[:3]
    assert BEAT <= first.seconds < second.seconds < third.seconds
    assert (first.address, first.verb, first.words, first.done) == (BASE, Verb.CREATE, "", None)


def test_it_tells_what_the_step_said_last_and_who_waits_for_it() -> None:
    told = Told()
    with heartbeat(told, WEB) as beating:
        beating.event(Started(BASE, Verb.CREATE, None))
        beating.event(Progressed(BASE, Verb.CREATE, "downloading", 512, 2048))
        told.wait_for_beats(1)
    beat = told.beats[0]
    assert (beat.words, beat.done, beat.total, beat.waiting) == ("downloading", 512, 2048, (WEB,))


@pytest.mark.parametrize("end", [Finished(BASE, Verb.CREATE, None, 1.0), Failed(BASE, Verb.CREATE, 1.0, ())])
def test_what_has_ended_is_not_told_of_any_more(end: Event) -> None:
    told = Told()
    with heartbeat(told) as beating:
        beating.event(Started(BASE, Verb.CREATE, None))
        beating.event(Started(WEB, Verb.UPDATE, "id"))
        told.wait_for_beats(2)
        beating.event(end)
        before = len(told.events)
        told.wait_for_beats(len(told.beats) + 4)
    assert {event.address for event in told.events[before:]} == {WEB}


def test_rates_are_those_of_the_last_seconds_of_one_kind_of_work() -> None:
    told = Told()
    with heartbeat(told) as beating:
        beating.event(Started(BASE, Verb.CREATE, None))
        for words, done in (("downloading", 0), ("downloading", 1000), ("uploading", 0), ("uploading", 3000)):
            time.sleep(0.005)
            beating.event(Progressed(BASE, Verb.CREATE, words, done, 5000))
    rates = [event.rate for event in told.events if isinstance(event, Progressed)]
    assert rates[0] is None
    assert rates[2] is None
    assert rates[1] is not None
    assert 0 < rates[1] <= 1000 / 0.005
    assert rates[3] is not None
    assert 0 < rates[3] <= 3000 / 0.005


TWO_BEHIND_ONE = """
resource "libvirt_thing" "base" { name = "base" }
resource "libvirt_thing" "web" {
  count = 3
  name  = "web${count.index}"
  uses  = [libvirt_thing.base.serial]
}
resource "libvirt_thing" "last" {
  name = "last"
  uses = libvirt_thing.web[*].serial
}
"""


def test_an_apply_tells_who_waits_for_what_takes_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab = Lab(tmp_path / "lab").write(TWO_BEHIND_ONE)
    told = Told()
    monkeypatch.setattr(executor, "Heartbeat", lambda _emit, waiting_for: Heartbeat(told, waiting_for, BEAT))

    def slow(call: str) -> bool:
        if call in {"make base", "make web1"}:
            told.wait_for_beats(len(told.beats) + 1)
        return False

    lab.host.failing = slow
    assert not lab.apply(parallelism=1).diagnostics
    waiting = {str(beat.address): [str(each) for each in beat.waiting] for beat in told.beats}
    assert waiting["libvirt_thing.base"] == [f"libvirt_thing.web[{n}]" for n in range(3)]
    assert waiting["libvirt_thing.web[1]"] == ["libvirt_thing.last"]
