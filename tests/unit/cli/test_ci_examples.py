"""The pipelines of examples/ci, line by line: what they let into a lab, what they keep out, and what they tell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs
from xml.etree import ElementTree as ET

import pytest
from inventory import simulated_inventory
from pipelines import Runner, comments_server

GUESTS = "guests = {{\n  web = {{ memory = {web}, disk = 10 }}\n  db  = {{ memory = 1024, disk = {disk} }}\n}}\n"
Comments = list[tuple[str, str]]


@pytest.fixture
def comments() -> Iterator[tuple[str, Comments]]:
    with comments_server() as server:
        yield server


@pytest.fixture
def runner(tmp_path: Path, comments: tuple[str, Comments]) -> Runner:
    return Runner(tmp_path, comments[0])


def edit(runner: Runner, *, web: int = 512, disk: int = 20) -> None:
    """What a merge request changes."""
    (runner.repository / "lab" / "terraform.tfvars").write_text(GUESTS.format(web=web, disk=disk))


def failures(document: str) -> set[str]:
    """The test cases that fail."""
    return {
        case.attrib["name"] for case in ET.fromstring(document).iter("testcase") if case.find("failure") is not None
    }


def test_github_lets_in_what_passes_and_tells_what_it_keeps_out(
    runner: Runner, comments: tuple[str, Comments], tmp_path: Path
) -> None:
    pushed = runner.github("push")
    assert not pushed.failed, pushed.said
    assert pushed.done == ["Check", "Plan", "Policy", "Reports", "Apply"]
    assert "Verified: everything is as planned." in pushed.said
    there = simulated_inventory(tmp_path / "host.xml")

    edit(runner, disk=10)
    asked = runner.github("pull_request")
    assert asked.failed == ["Plan"], asked.said
    assert asked.done == ["Check", "Plan", "Reports", "Comment"]
    ((path, body),) = comments[1]
    assert path == "/comments"
    comment = json.loads(body)["body"]
    assert comment.startswith("### Plan: 1 to add, 1 to change, 1 to destroy.")
    assert "**Refused.**" in comment
    assert "KVMFORM_DENY=data-loss" in comment
    assert runner.summary == comment
    report = (tmp_path / "builds" / "github" / "lab" / "plan.xml").read_text()
    assert failures(report) == {
        "KVMFORM_DENY=data-loss",
        "-deny=replace",
        "-max-disruption=reboot",
        'libvirt_volume.disk["db"] (replace, data-loss)',
    }
    assert simulated_inventory(tmp_path / "host.xml") == there


def test_gitlab_applies_the_plan_that_was_shown_and_nothing_that_was_refused(
    runner: Runner, comments: tuple[str, Comments], tmp_path: Path
) -> None:
    pushed = runner.gitlab("push")
    assert not pushed.failed, pushed.said
    assert pushed.done == ["check", "plan", "apply"]
    assert "Verified: everything is as planned." in pushed.said
    assert not comments[1]
    there = simulated_inventory(tmp_path / "host.xml")

    edit(runner, web=3600)
    asked = runner.gitlab("merge_request_event")
    assert asked.failed == ["plan"], asked.said
    assert "FAIL - - main - the guests want 4624 MiB of memory, and there are 4096 for them" in asked.said
    ((path, body),) = comments[1]
    assert path == "/comments/projects/42/merge_requests/7/notes"
    assert parse_qs(body)["body"][0].startswith("### Plan: 0 to add, 1 to change, 0 to destroy.")
    assert json.loads((runner.artifacts / "lab" / "plan.json").read_text()) == {"create": 0, "update": 1, "delete": 0}
    assert failures((runner.artifacts / "lab" / "plan.xml").read_text()) == set()
    assert simulated_inventory(tmp_path / "host.xml") == there

    edit(runner, web=600)
    merged = runner.gitlab("push")
    assert not merged.failed, merged.said
    assert 'WARN - - main - libvirt_domain.guest["web"]: reboot (memory)' in merged.said
    assert ">614400</memory>" in (tmp_path / "host.xml").read_text()


def test_what_is_no_configuration_gets_no_further_than_the_check(
    runner: Runner, comments: tuple[str, Comments]
) -> None:
    (runner.repository / "lab" / "more.tf").write_text('resource "libvirt_pool" "x" {\nname="x"\n}\n')
    assert runner.github("pull_request").done == ["Check"]
    asked = runner.gitlab("merge_request_event")
    assert (asked.done, asked.failed) == (["check"], ["check"])
    assert not comments[1]
