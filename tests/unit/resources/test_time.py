"""`time_*`: what is recorded, what changes in place, what makes another value; on a clock that the tests set."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from command_line import CommandLine
from labs import Lab

from kvmform.plan.change import Mode
from kvmform.resources.time import clock
from kvmform.workspace.catalogue import installed

NOW = datetime(2026, 1, 31, 12, 30, 15, tzinfo=UTC)
PARTS = {"year", "month", "day", "hour", "minute", "second", "unix", "id", "rfc3339", "triggers"}


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The present moment, as its one element."""
    found = [NOW]
    monkeypatch.setattr(clock, "now", lambda: found[0])
    return found


def one(kind: str, written: str = "") -> str:
    return f'resource "{kind}" "x" {{\n{written}\n}}\n'


# time_static


def test_a_static_time_is_that_of_its_making(here: CommandLine, today: list[datetime]) -> None:
    assert here.write(one("time_static")).plan()["time_static.x"]["change"]["after_unknown"]["rfc3339"] is True
    here.applied(one("time_static"))
    found = here.state()["time_static.x"]
    assert found["provider"] == 'provider["registry.terraform.io/hashicorp/time"]'
    assert found["attributes"] == {
        "id": "2026-01-31T12:30:15Z",
        "rfc3339": "2026-01-31T12:30:15Z",
        "triggers": None,
        "year": 2026,
        "month": 1,
        "day": 31,
        "hour": 12,
        "minute": 30,
        "second": 15,
        "unix": 1769862615,
    }
    today[0] = NOW + timedelta(days=9)
    here.run("plan", "-detailed-exitcode")


def test_a_static_time_that_is_given_has_the_clock_of_its_zone(here: CommandLine) -> None:
    here.applied(one("time_static", 'rfc3339 = "2020-02-12T06:36:13+02:00"'))
    found = here.attributes("time_static.x")
    assert (found["rfc3339"], found["id"]) == ("2020-02-12T06:36:13+02:00", "2020-02-12T06:36:13+02:00")
    assert (found["hour"], found["unix"]) == (6, 1581482173)


def test_the_same_time_in_other_words_is_no_change(here: CommandLine) -> None:
    here.applied(one("time_static", 'rfc3339 = "2020-02-12T06:36:13Z"'))
    assert here.write(one("time_static", 'rfc3339 = "2020-02-12T06:36:13+00:00"')).actions()["time_static.x"] == [
        "no-op"
    ]


@pytest.mark.parametrize("written", ['rfc3339 = "2020-02-12T06:36:14Z"', 'triggers = { a = "b" }'])
def test_another_time_or_trigger_replaces_it(here: CommandLine, today: list[datetime], written: str) -> None:
    here.applied(one("time_static", 'rfc3339 = "2020-02-12T06:36:13Z"'))
    today[0] = NOW + timedelta(days=9)
    change = here.write(one("time_static", written)).plan()["time_static.x"]["change"]
    assert (change["actions"], change["disruption"]) == (["delete", "create"], "none")
    here.applied(one("time_static", written))
    assert here.attributes("time_static.x")["id"] != "2020-02-12T06:36:13Z"


# time_offset


@pytest.mark.parametrize(
    ("written", "result"),
    [
        ("offset_days = 7", "2026-02-07T12:30:15Z"),
        ("offset_hours = -13", "2026-01-30T23:30:15Z"),
        ("offset_minutes = 30\noffset_seconds = 45", "2026-01-31T13:01:00Z"),
        ("offset_months = 1", "2026-03-03T12:30:15Z"),
        ("offset_months = 13\noffset_days = 1", "2027-03-01T12:30:15Z"),
        ("offset_years = -1", "2025-01-31T12:30:15Z"),
        ('base_rfc3339 = "2024-02-29T00:00:00+05:30"\noffset_years = 1', "2025-03-01T00:00:00+05:30"),
    ],
)
def test_an_offset_is_counted_as_the_provider_does(here: CommandLine, written: str, result: str) -> None:
    here.applied(one("time_offset", written))
    found = here.attributes("time_offset.x")
    offsets = {f"offset_{span}" for span in ("days", "hours", "minutes", "months", "seconds", "years")}
    assert found.keys() == PARTS | offsets | {"base_rfc3339"}
    assert found["rfc3339"] == result
    assert found["id"] == found["base_rfc3339"]
    assert (found["month"], found["day"], found["hour"]) == tuple(
        int(result[a:b]) for a, b in ((5, 7), (8, 10), (11, 13))
    )


def test_another_offset_is_an_update_from_the_same_base_and_known_at_once(
    here: CommandLine, today: list[datetime]
) -> None:
    here.applied(one("time_offset", "offset_days = 1"))
    today[0] = NOW + timedelta(days=100)
    change = here.write(one("time_offset", "offset_days = 2")).plan()["time_offset.x"]["change"]
    assert (change["actions"], change["disruption"], change["after_unknown"]) == (["update"], "none", {})
    assert change["after"]["rfc3339"] == "2026-02-02T12:30:15Z"
    here.applied(one("time_offset", "offset_days = 2"))
    assert here.attributes("time_offset.x")["base_rfc3339"] == "2026-01-31T12:30:15Z"


def test_an_offset_that_is_known_after_apply(here: CommandLine) -> None:
    text = """
        resource "random_integer" "days" {
          min = 3
          max = 3
          keepers = { a = "%s" }
        }
        resource "time_offset" "x" {
          offset_days = random_integer.days.result
        }
        """
    here.applied(text % "a")
    change = here.write(text % "b").plan()["time_offset.x"]["change"]
    assert change["actions"] == ["update"]
    assert change["after_unknown"].keys() >= {"offset_days", "rfc3339", "day"}
    here.applied(text % "b")
    assert here.attributes("time_offset.x")["rfc3339"] == "2026-02-03T12:30:15Z"


def test_another_trigger_takes_another_base(here: CommandLine, today: list[datetime]) -> None:
    here.applied(one("time_offset", 'offset_days = 1\ntriggers = { a = "a" }'))
    today[0] = NOW + timedelta(days=100)
    here.write(one("time_offset", 'offset_days = 1\ntriggers = { a = "b" }'))
    assert here.actions()["time_offset.x"] == ["delete", "create"]
    here.run("apply", "-auto-approve")
    assert here.attributes("time_offset.x")["base_rfc3339"] == "2026-05-11T12:30:15Z"


# time_rotating


@pytest.mark.parametrize(
    ("written", "due"),
    [
        ("rotation_days = 7", "2026-02-07T12:30:15Z"),
        ("rotation_hours = 1\nrotation_minutes = 5", "2026-01-31T12:35:15Z"),
        ("rotation_months = 1", "2026-03-03T12:30:15Z"),
        ("rotation_years = 2\nrotation_days = 1", "2028-01-31T12:30:15Z"),
        ('rotation_rfc3339 = "2026-03-01T00:00:00+01:00"', "2026-03-01T00:00:00+01:00"),
        ('rfc3339 = "2026-01-30T00:00:00Z"\nrotation_days = 3', "2026-02-02T00:00:00Z"),
    ],
)
def test_when_it_is_made_anew(here: CommandLine, written: str, due: str) -> None:
    here.applied(one("time_rotating", written))
    found = here.attributes("time_rotating.x")
    rotations = {f"rotation_{span}" for span in ("days", "hours", "minutes", "months", "rfc3339", "years")}
    assert found.keys() == PARTS | rotations
    assert found["rotation_rfc3339"] == due
    assert found["id"] == found["rfc3339"]
    assert (found["month"], found["day"]) == (int(due[5:7]), int(due[8:10]))


def test_it_is_made_anew_by_the_first_plan_after_its_time(here: CommandLine, today: list[datetime]) -> None:
    text = f"{one('time_rotating', 'rotation_days = 7')}{one('null_resource', 'triggers = { a = time_rotating.x.id }')}"
    here.applied(text)
    today[0] = NOW + timedelta(days=7)
    here.run("plan", "-detailed-exitcode")
    today[0] = NOW + timedelta(days=7, seconds=1)
    assert here.actions() == {"time_rotating.x": ["create"], "null_resource.x": ["delete", "create"]}
    assert "outside" not in here.run("plan")
    assert here.actions("-refresh=false") == {"time_rotating.x": ["no-op"], "null_resource.x": ["no-op"]}
    here.applied(text)
    found = here.attributes("time_rotating.x")
    assert (found["rfc3339"], found["rotation_rfc3339"]) == ("2026-02-07T12:30:16Z", "2026-02-14T12:30:16Z")
    today[0] = NOW + timedelta(days=70)
    here.run("destroy", "-auto-approve")
    assert here.state() == {}


def test_another_rotation_is_an_update(here: CommandLine) -> None:
    here.applied(one("time_rotating", "rotation_days = 7"))
    change = here.write(one("time_rotating", "rotation_days = 8")).plan()["time_rotating.x"]["change"]
    assert (change["actions"], change["after_unknown"]) == (["update"], {})
    assert change["after"]["rotation_rfc3339"] == "2026-02-08T12:30:15Z"
    here.applied(one("time_rotating", 'rotation_days = 8\nrotation_rfc3339 = "2026-02-09T00:00:00Z"'))
    assert here.attributes("time_rotating.x")["day"] == 9


# time_sleep


def test_a_pause_is_before_what_depends_on_it_and_after_that_is_deleted(here: CommandLine) -> None:
    here.write(
        """
        resource "time_sleep" "x" {
          create_duration  = "0.4s"
          destroy_duration = "400ms"
        }
        resource "null_resource" "n" {
          depends_on = [time_sleep.x]
        }
        """
    )
    begun = time.monotonic()
    here.run("apply", "-auto-approve")
    assert time.monotonic() - begun >= 0.4
    assert here.attributes("time_sleep.x") == {
        "id": "2026-01-31T12:30:15Z",
        "create_duration": "0.4s",
        "destroy_duration": "400ms",
        "triggers": None,
    }
    here.run("plan", "-detailed-exitcode")
    begun = time.monotonic()
    here.run("destroy", "-auto-approve")
    assert time.monotonic() - begun >= 0.4


def test_another_duration_is_only_recorded(here: CommandLine) -> None:
    here.applied(one("time_sleep", 'create_duration = "1ms"'))
    here.write(one("time_sleep", 'create_duration = "10h"\ndestroy_duration = "0s"'))
    assert here.actions()["time_sleep.x"] == ["update"]
    here.run("apply", "-auto-approve")
    assert here.attributes("time_sleep.x")["create_duration"] == "10h"


@pytest.fixture
def lab(request: pytest.FixtureRequest) -> Lab:
    return Lab(request.getfixturevalue("tmp_path") / "lab", catalogue=installed())


def stopped_soon(lab: Lab) -> None:
    threading.Timer(0.2, lab.stop.set).start()


def test_a_pause_ends_when_the_user_asks_to_stop_and_begins_anew_in_the_next_run(lab: Lab) -> None:
    stopped_soon(lab)
    report = lab.write(one("time_sleep", 'create_duration = "10h"')).apply()
    assert next(d.summary for d in report.diagnostics) == "Pause interrupted"
    lab.stop.clear()
    lab.applied(one("time_sleep", 'create_duration = "1ms"\ndestroy_duration = "10h"'))
    assert lab.recorded()["time_sleep.x"]["create_duration"] == "1ms"
    stopped_soon(lab)
    report = lab.apply(mode=Mode.DESTROY)
    assert next(d.summary for d in report.diagnostics) == "Pause interrupted"
    assert lab.recorded().keys() == {"time_sleep.x"}


# What is wrong.


@pytest.mark.parametrize(
    ("kind", "written", "line", "said"),
    [
        ("time_static", 'rfc3339 = "yesterday"', 2, "must be a time in RFC 3339"),
        ("time_static", 'rfc3339 = "2026-02-30T00:00:00Z"', 2, "must be a time in RFC 3339"),
        ("time_offset", "", 1, "At least one of these attributes must be configured: offset_days"),
        ("time_offset", "offset_days = 1.5", 2, "must be a whole number"),
        ("time_rotating", "rotation_days = 0", 2, "must be at least 1"),
        ("time_rotating", "", 1, "At least one of these attributes must be configured: rotation_days"),
        ("time_sleep", "", 1, "create_duration, destroy_duration"),
        ("time_sleep", 'create_duration = "30"', 2, "must be a number immediately followed by ms"),
        ("time_sleep", 'destroy_duration = "1d"', 2, "must be a number immediately followed by ms"),
    ],
)
def test_mistakes_are_told_with_their_place(here: CommandLine, kind: str, written: str, line: int, said: str) -> None:
    found = " ".join(here.write(one(kind, written)).run("validate", code=1).replace("│", "").split())
    assert said in found
    assert f"on main.tf line {line}" in found


def test_a_time_out_of_range(here: CommandLine) -> None:
    said = here.write(one("time_offset", "offset_years = 9000")).run("apply", "-auto-approve", code=1)
    assert "Time out of range" in said
    here.applied(one("time_offset", "offset_years = 90"))
