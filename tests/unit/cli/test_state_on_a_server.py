"""A state that a web server keeps: what GitLab's pipelines do with it, what goes wrong, and killed runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab import environment_for, unboxed
from quick_lab import QuickLab
from state_server import StateServer, state_server

from kvmform.state.lock import LockInfo

LAB = """
terraform {
  backend "http" {}
}

resource "terraform_data" "a" {
  input = "one"
}

output "a" {
  value = terraform_data.a.output
}
"""
SLOW = """
resource "time_sleep" "first" {
  create_duration = "0s"
}

resource "time_sleep" "slow" {
  create_duration = "60s"
  depends_on      = [time_sleep.first]
}
"""


@pytest.fixture
def server() -> Iterator[StateServer]:
    with state_server() as running:
        yield running


def lab_in(directory: Path, server: StateServer, text: str = LAB) -> QuickLab:
    environment = environment_for("test:///default") | server.environment
    return QuickLab.of_text(text, directory, environment)


@pytest.fixture
def lab(tmp_path: Path, server: StateServer) -> QuickLab:
    return lab_in(tmp_path / "lab", server)


def test_the_jobs_of_a_pipeline_share_a_state(lab: QuickLab, server: StateServer, tmp_path: Path) -> None:
    lab.kvmform("init", "-input=false")
    lab.kvmform("plan", "-out=p")
    assert "Verified: everything is as planned." in lab.kvmform("apply", "-verify", "p").stdout
    assert server.state()["serial"] == 1
    assert server.holder is None
    assert not list(lab.directory.glob("*.tfstate*"))
    other = lab_in(tmp_path / "other", server)
    assert other.plan_is_empty()
    assert other.output("a") == "one"
    assert json.loads(other.kvmform("state", "pull").stdout)["lineage"] == server.state()["lineage"]
    other.destroy()
    assert server.state()["resources"] == []


def test_the_lock_is_on_the_server(lab: QuickLab, server: StateServer) -> None:
    server.holder = {"ID": "1234", "Operation": "OperationTypeApply", "Who": "ci@runner", "Info": ""}
    refused = unboxed(lab.kvmform("apply", "-auto-approve", code=1).stderr)
    assert "Error acquiring the state lock" in refused
    assert "ID: 1234" in refused
    assert "Who: ci@runner" in refused
    assert "force-unlock 1234" in refused
    lab.kvmform("plan", "-lock=false")
    assert "Approval needed" in lab.kvmform("force-unlock", "1234", code=1).stderr
    assert "force-unlock cancelled." in lab.kvmform("force-unlock", "1234", code=1, answers="no\n").stdout
    assert "409: that is another lock" in unboxed(lab.kvmform("force-unlock", "-force", "5678", code=1).stderr)
    assert server.holder is not None
    said = lab.kvmform("force-unlock", "1234", answers="yes\n").stdout
    assert "Do you really want to force-unlock?" in said
    assert "kvmform state has been successfully unlocked!" in said
    lab.apply()


def test_a_lock_is_waited_for(lab: QuickLab, server: StateServer) -> None:
    server.refusing["POST"] = [423]
    assert "Acquiring state lock. This may take a few moments..." in lab.apply("-lock-timeout=20s")
    assert server.requests.count("POST /state/lab/lock") == 2


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"TF_HTTP_PASSWORD": "wrong"}, "it wants a username and password"),
        ({"TF_HTTP_ADDRESS": ""}, "needs the address of the state"),
        ({"TF_HTTP_ADDRESS": "ftp://there"}, '"address" must begin with http:// or https://'),
        ({"TF_HTTP_RETRY_MAX": "many"}, '"retry_max" must be a whole number; "many" is none'),
    ],
)
def test_what_is_wrong_with_the_place_is_told(lab: QuickLab, changed: dict[str, str], told: str) -> None:
    lab.environment |= changed
    assert told in " ".join(lab.fails("plan").split())


def test_troubles_that_pass_are_not_noticed(lab: QuickLab, server: StateServer) -> None:
    server.refusing |= {"GET": [503], "POST": [500], "DELETE": [502]}
    lab.apply()
    assert server.state()["serial"] == 1


def test_a_state_that_the_server_does_not_take_is_not_lost(lab: QuickLab, server: StateServer, tmp_path: Path) -> None:
    lab.environment["TF_HTTP_LOCK_ADDRESS"] = ""
    server.refusing["POST"] = [403]
    refused = unboxed(lab.kvmform("apply", "-auto-approve", code=1).stderr)
    assert "Failed to save state" in refused
    assert server.content == b""
    errored = json.loads((lab.directory / "errored.tfstate").read_text())
    assert [resource["type"] for resource in errored["resources"]] == ["terraform_data"]
    assert lab.plan_is_empty()  # the journal has it
    other = lab_in(tmp_path / "other", server)
    (lab.directory / "errored.tfstate").rename(other.directory / "errored.tfstate")
    other.kvmform("state", "push", "errored.tfstate")
    assert other.plan_is_empty()
    assert lab.plan_is_empty()
    lab.destroy()


def test_init_notes_what_it_is_given(tmp_path: Path, server: StateServer) -> None:
    lab = QuickLab.of_text(LAB, tmp_path, environment_for("test:///default"))
    assert "needs the address" in lab.fails("init")
    (tmp_path / "server.tfbackend").write_text('username = "ci"\nretry_max = 1\n')
    address = f"-backend-config=address={server.address}"
    lab.kvmform("init", address, "-backend-config=server.tfbackend", "-backend-config=password=hush")
    note = json.loads((tmp_path / ".terraform/terraform.tfstate").read_text())["backend"]
    assert note["type"] == "http"
    assert note["config"] == {"address": server.address, "username": "ci", "retry_max": "1", "password": "hush"}
    lab.kvmform("init")
    lab.apply()
    assert server.state()["serial"] == 1


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"address ="])
def test_arguments_that_cannot_be_read_are_told(lab: QuickLab, content: bytes | None) -> None:
    if content is not None:
        (lab.directory / "server.tfbackend").write_bytes(content)
    said = unboxed(lab.kvmform("init", "-backend-config=server.tfbackend", code=1).stderr)
    assert "server.tfbackend" in said
    assert "bug in kvmform" not in said


def test_a_local_state_is_brought_along(lab: QuickLab, server: StateServer) -> None:
    text = (lab.directory / "main.tf").read_text()
    (lab.directory / "main.tf").write_text(text.partition("}\n\n")[2])
    lab.apply()
    before = lab.state()
    (lab.directory / "main.tf").write_text(text)
    assert "Backend initialization required" in lab.fails("plan")
    assert "Approval needed" in lab.fails("init", "-input=false")
    asked = lab.kvmform("init", answers="yes\n").stdout
    assert "Do you want to copy existing state to the new backend?" in asked
    assert server.state()["resources"] == before["resources"]
    assert server.state()["lineage"] == before["lineage"]
    assert {path.name for path in lab.directory.glob("*.tfstate*")} == {"terraform.tfstate.backup"}
    assert lab.plan_is_empty()


def test_and_back(lab: QuickLab, server: StateServer) -> None:
    lab.kvmform("init")
    lab.apply()
    text = (lab.directory / "main.tf").read_text()
    (lab.directory / "main.tf").write_text(text.partition("}\n\n")[2])
    assert "Backend initialization required" in lab.fails("plan")
    lab.kvmform("init", "-force-copy")
    assert lab.state()["lineage"] == server.state()["lineage"]
    assert lab.plan_is_empty()


def test_a_new_place_with_another_lab_s_state_is_never_written_over(lab: QuickLab, server: StateServer) -> None:
    lab_in(lab.directory / "other", server).apply()
    kept = server.content
    text = (lab.directory / "main.tf").read_text()
    (lab.directory / "main.tf").write_text(text.partition("}\n\n")[2])
    lab.apply()
    (lab.directory / "main.tf").write_text(text)
    assert "Two states" in lab.fails("init", "-force-copy")
    assert server.content == kept
    lab.kvmform("init", "-reconfigure")
    assert lab.plan_is_empty()


def test_there_is_one_workspace(lab: QuickLab) -> None:
    assert lab.kvmform("workspace", "list").stdout.split() == ["*", "default"]
    assert "workspaces not supported" in lab.fails("workspace", "new", "w")
    lab.environment["TF_WORKSPACE"] = "w"
    assert "workspaces not supported" in lab.fails("plan")


def _killed_amid_apply(lab: QuickLab, server: StateServer) -> None:
    running = lab.begin("apply", "-auto-approve")
    try:
        with server.written:
            assert server.written.wait_for(lambda: b"time_sleep" in server.content, timeout=60)
    finally:
        running.send_signal(signal.SIGKILL)
        running.communicate()


@pytest.mark.slow
def test_a_machine_that_is_lost_takes_little_with_it(tmp_path: Path, server: StateServer) -> None:
    lab = lab_in(tmp_path / "lab", server, LAB + SLOW)
    _killed_amid_apply(lab, server)
    assert server.holder is not None
    elsewhere = lab_in(tmp_path / "elsewhere", server, LAB)
    elsewhere.kvmform("force-unlock", "-force", server.holder["ID"])
    said = elsewhere.apply()
    assert "time_sleep.first: Destruction complete" in said
    assert elsewhere.addresses() == ["terraform_data.a"]


@pytest.mark.slow
def test_a_killed_run_is_gone_on_from_on_its_own_machine(tmp_path: Path, server: StateServer) -> None:
    lab = lab_in(tmp_path / "lab", server, LAB + SLOW)
    _killed_amid_apply(lab, server)
    lab.edit('"60s"', '"0s"')
    lab.apply()  # the lock of a process that is over is nobody's
    assert server.holder is None
    assert lab.plan_is_empty()
    assert lab.addresses() == ["terraform_data.a", "time_sleep.first", "time_sleep.slow"]


def test_the_lock_of_a_process_that_runs_is_respected(lab: QuickLab, server: StateServer) -> None:
    with subprocess.Popen(["sleep", "60"]) as other:
        lab.kvmform("init")
        lab.apply()
        held = LockInfo.of_this_process("OperationTypeApply", Path("there"))
        form = json.loads(held.to_json())
        server.holder = form | {"Info": form["Info"].replace(str(os.getpid()), str(other.pid))}
        assert "Error acquiring the state lock" in lab.fails("plan")
        other.kill()
        other.wait()
    assert lab.plan_is_empty()
