"""What an apply shows while it works and at its end, to people and to programs."""

from __future__ import annotations

import json

import pytest

from kvmform.address import parse_instance
from kvmform.apply.events import Event, Progressed, Skipped, Started, StillRunning
from kvmform.apply.report import Report
from kvmform.diagnostics import error
from kvmform.plan.change import Verb
from kvmform.view.event_lines import event_line
from kvmform.view.machine import MachineView
from kvmform.view.report_text import report_text
from kvmform.view.style import Style

BASE, WEB, DB = (parse_instance(f"libvirt_{name}") for name in ("volume.base", "domain.web[0]", "domain.db"))
PLAIN = Style(False)
GIB = 1 << 30


def still(**changed: object) -> StillRunning:
    known: dict[str, object] = {"id": None, "words": "", "done": None, "total": None, "rate": None, "waiting": ()}
    return StillRunning(address=BASE, verb=Verb.CREATE, seconds=70.4, **(known | changed))  # type: ignore[arg-type] - all are there


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (still(), "1m10s elapsed"),
        (still(words="waiting for addresses"), "1m10s elapsed, waiting for addresses"),
        (still(id="/images/base"), "id=/images/base, 1m10s elapsed"),
        (still(words="uploading", done=GIB), "1m10s elapsed, uploading, 1.0 GiB"),
        (
            still(words="uploading", done=GIB, total=4 * GIB, rate=12.5 * 1024**2, waiting=(WEB,)),
            "1m10s elapsed, uploading, 1.0 GiB of 4.0 GiB, 25 %, 12.5 MiB/s, libvirt_domain.web[0] waits for it",
        ),
        (still(waiting=(WEB, DB, WEB)), "1m10s elapsed, libvirt_domain.web[0] and 2 more wait for it"),
    ],
)
def test_what_takes_long_says_what_it_does_how_far_it_is_and_who_waits(event: Event, line: str) -> None:
    assert event_line(event, PLAIN, live=False) == f"libvirt_volume.base: Still creating... [{line}]"
    assert event_line(event, PLAIN, live=True) is None


def report(**changed: object) -> Report:
    known: dict[str, object] = {"added": 2, "changed": 0, "destroyed": 1, "imported": 0, "interrupted": False}
    return Report(**(known | {"diagnostics": (), "failed": (), "skipped": ()} | changed))  # type: ignore[arg-type] - as above


def test_the_end_of_an_apply_that_failed_says_what_failed_and_what_was_left_out_because_of_it() -> None:
    came = report(
        diagnostics=(error("Call failed", "Why."),),
        failed=((BASE, Verb.CREATE),),
        skipped=(Skipped(WEB, Verb.CREATE, BASE), Skipped(DB, Verb.UPDATE, None)),
    )
    assert report_text(came, PLAIN, destroy=False) == (
        "\nApply incomplete. Resources: 2 added, 0 changed, 1 destroyed.\n"
        "\nFailed:\n  libvirt_volume.base  creating\n"
        "\nLeft out, since what they need failed:\n  libvirt_domain.web[0]  needs libvirt_volume.base\n"
        "\nNot begun:\n  libvirt_domain.db\n"
        "\nWhat was done is in state; run the same command again to go on from here.\n"
        "A saved plan is stale now: make a new one.\n"
    )


def test_long_lists_end_with_how_many_more_there_are() -> None:
    guests = tuple(Skipped(parse_instance(f"libvirt_domain.web[{n}]"), Verb.CREATE, BASE) for n in range(1000))
    text = report_text(report(diagnostics=(error("Call failed", "Why."),), skipped=guests), PLAIN, destroy=False)
    assert text.count("needs libvirt_volume.base") == 20
    assert "  … and 980 more\n" in text


@pytest.mark.parametrize(
    ("came", "destroy", "line"),
    [
        (report(), False, "Apply complete! Resources: 2 added, 0 changed, 1 destroyed."),
        (report(imported=3), False, "Apply complete! Resources: 3 imported, 2 added, 0 changed, 1 destroyed."),
        (report(), True, "Destroy complete! Resources: 1 destroyed."),
    ],
)
def test_the_end_of_an_apply_that_went_well_is_one_line(came: Report, destroy: bool, line: str) -> None:
    assert report_text(came, PLAIN, destroy=destroy) == f"\n{line}\n"


def test_programs_are_told_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    view = MachineView()
    for event in (
        Started(BASE, Verb.CREATE, None),
        Progressed(BASE, Verb.CREATE, "uploading", 1, 4 * GIB),
        Progressed(BASE, Verb.CREATE, "uploading", GIB, 4 * GIB),
        still(words="uploading", done=2 * GIB, total=4 * GIB, rate=1e6, waiting=(WEB,)),
        Skipped(WEB, Verb.CREATE, BASE),
        Skipped(DB, Verb.CREATE, None),
    ):
        view.event(event)
    _, *messages = map(json.loads, capsys.readouterr().out.splitlines())
    assert [message["type"] for message in messages] == [
        "apply_start",
        "apply_progress",
        "apply_progress",
        "apply_skipped",
        "apply_skipped",
    ]
    hook = messages[2]["hook"]
    del hook["resource"]
    assert hook == {
        "action": "create",
        "elapsed_seconds": 70,
        "words": "uploading",
        "bytes_done": 2 * GIB,
        "bytes_total": 4 * GIB,
        "bytes_per_second": 1_000_000,
        "waiting": ["libvirt_domain.web[0]"],
    }
    assert messages[2]["@message"] == "libvirt_volume.base: Still creating... [1m10s elapsed]"
    assert messages[3]["hook"]["because"]["addr"] == "libvirt_volume.base"
    assert messages[4]["hook"]["because"] is None
