"""Provisioners as a part of making and deleting things on a host in memory."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest
from configurations import problems_of
from fake_host import THING, fake_catalogue
from labs import Lab, actions, changes
from waiting import wait_until

from kvmform.address import parse_instance
from kvmform.apply.events import (
    Failed,
    Finished,
    ProvisionFailed,
    ProvisionFinished,
    ProvisionProgressed,
    ProvisionStarted,
    Started,
)
from kvmform.plan.change import Verb
from kvmform.provision.run import Call, run
from kvmform.schema import Object
from kvmform.state.model import Status
from kvmform.struct import replace


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path / "lab")


def output(lab: Lab) -> list[str]:
    """What provisioners printed."""
    return [event.output for event in lab.events if isinstance(event, ProvisionProgressed)]


def written(lab: Lab, name: str = "log") -> list[str]:
    """The lines of a file in the lab."""
    path = lab.directory / name
    return path.read_text().splitlines() if path.exists() else []


def status(lab: Lab, address: str = "libvirt_thing.a") -> Status:
    return lab.state.instances[parse_instance(address)].status


def thing(*provisioners: str, name: str = "a", more: str = "") -> str:
    blocks = "\n".join(provisioners)
    return f'resource "libvirt_thing" "{name}" {{\n  name = "{name}"\n{more}\n{blocks}\n}}\n'


def local(command: str, more: str = "") -> str:
    return f'provisioner "local-exec" {{\n  command = "{command}"\n{more}\n}}'


# Creation.


def test_they_run_in_order_once_the_object_is_there_and_before_it_counts_as_done(lab: Lab) -> None:
    lab.applied(thing(local("echo 1 ${self.serial} >> log"), local("echo 2 >> log; echo out; echo err >&2")))
    assert written(lab) == [f"1 {lab.host.named('a')['serial']}", "2"]
    told = [e for e in lab.events if not isinstance(e, ProvisionProgressed)]
    kinds = [Started, ProvisionStarted, ProvisionFinished, ProvisionStarted, ProvisionFinished, Finished]
    assert [type(event) for event in told if type(event) in kinds] == kinds
    assert output(lab)[-2:] == ["out", "err"]
    assert output(lab)[0].startswith('Executing: ["/bin/sh" "-c" "echo 1 ')
    assert status(lab) is Status.OK
    assert not actions(lab.plan())


def test_an_update_runs_none(lab: Lab) -> None:
    lab.applied(thing(local("echo made >> log")))
    lab.applied(thing(local("echo made >> log"), more="size = 2"))
    assert written(lab) == ["made"]


def test_what_depends_on_a_thing_waits_for_its_provisioners(lab: Lab) -> None:
    user = thing(local("echo b >> log"), name="b", more="uses = [libvirt_thing.a.serial]")
    lab.applied(thing(local("sleep 0.3; echo a >> log")) + user)
    assert written(lab) == ["a", "b"]


def test_what_a_provisioner_refers_to_comes_first_and_outlives_the_thing(lab: Lab) -> None:
    lab.applied(thing(local("echo ${libvirt_thing.z.serial} >> log")) + thing(name="z"))
    assert written(lab) == [lab.host.named("z")["serial"]]
    assert lab.state.instances[parse_instance("libvirt_thing.a")].dependencies == ("libvirt_thing.z",)
    lab.host.calls.clear()
    lab.destroy()
    assert lab.host.calls == ["delete a", "delete z"]


def test_each_instance_has_its_own(lab: Lab) -> None:
    lab.applied(
        'resource "libvirt_thing" "a" {\n  for_each = { x = 1, y = 2 }\n  name = each.key\n'
        + local("echo ${each.key} ${each.value} ${self.name} >> log")
        + "\n}"
    )
    assert sorted(written(lab)) == ["x 1 x", "y 2 y"]


def test_those_that_are_provisioned_keep_nobody_from_booting(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a few guests boot at once; but these wait for each other, and more than that can."""
    booting = replace(THING, work="boot")
    monkeypatch.setattr(
        "labs.fake_catalogue", lambda hosts: replace(fake_catalogue(hosts), types={THING.name: booting})
    )
    meet = "touch in$N; for i in $(seq 400); do [ $(ls in* | wc -l) = 6 ] && exit; sleep 0.05; done; exit 1"
    environment = "environment = {\n N = count.index\n}"
    lab.write(f'resource "libvirt_thing" "a" {{\n  count = 6\n  name = count.index\n{local(meet, environment)}\n}}')
    assert not lab.apply(parallelism=6).diagnostics


def test_arguments_of_local_exec(lab: Lab) -> None:
    (lab.directory / "below").mkdir()
    lab.applied(
        thing(
            """
            provisioner "local-exec" {
              command     = "import os, sys; print(os.getcwd(), os.environ['WHO'], sys.argv[0])"
              interpreter = ["python3", "-c"]
              working_dir = "below"
              environment = { WHO = "me", NOT = null }
              quiet       = true
            }
            """
        )
    )
    assert output(lab) == ["local-exec: Executing: Suppressed by quiet=true", f"{lab.directory}/below me -c"]


def test_what_a_command_leaves_running_is_not_waited_for(lab: Lab) -> None:
    begun = time.monotonic()
    lab.applied(thing(local("sleep 30 & echo $! > log; echo begun")))
    assert time.monotonic() - begun < 20
    assert output(lab)[-1] == "begun"
    os.kill(int(written(lab)[0]), signal.SIGKILL)


# Failure.


def test_a_failed_provisioner_taints_and_the_next_apply_replaces(lab: Lab) -> None:
    user = thing(name="b", more="uses = [libvirt_thing.a.serial]")
    text = thing(local("echo first >> log"), local("echo why; exit 3"), local("echo never >> log")) + user
    report = lab.write(text).apply()
    (problem,) = report.diagnostics
    assert problem.summary == "local-exec provisioner error"
    assert "The command ended with exit status 3." in problem.detail
    assert problem.detail.endswith("Output: why")
    assert problem.subject is not None
    assert problem.subject.text == 'provisioner "local-exec"'
    assert str(problem.subject).startswith("main.tf:")
    assert problem.address == "libvirt_thing.a"
    assert status(lab) is Status.TAINTED
    assert lab.host.names() == {"a"}
    assert [type(e) for e in lab.events if isinstance(e, ProvisionFailed | Failed)] == [ProvisionFailed, Failed]
    assert written(lab) == ["first"]

    found = changes(lab.plan())
    assert found["libvirt_thing.a"].reason == "replace_because_tainted"
    assert found["libvirt_thing.b"].action.value == "create"
    lab.applied(thing(local("echo second >> log")) + user)
    assert written(lab) == ["first", "second"]
    assert status(lab) is Status.OK
    assert lab.host.names() == {"a", "b"}
    assert not actions(lab.plan())


def test_on_failure_continue_goes_on_and_says_so(lab: Lab) -> None:
    lab.applied(thing(local("exit 3", "on_failure = continue"), local("echo after >> log")))
    (failed,) = [event for event in lab.events if isinstance(event, ProvisionFailed)]
    assert failed.goes_on
    assert written(lab) == ["after"]
    assert status(lab) is Status.OK


def test_on_failure_continue_is_meant_for_what_cannot_be_evaluated_as_well(lab: Lab) -> None:
    """The guest is off, and has no address to say goodbye at; that shall not keep the lab from going."""
    last = local("echo ${[self.size][self.size]}", "when = destroy\n  on_failure = continue")
    lab.applied(thing(last))
    assert not lab.destroy().diagnostics
    assert not lab.host.objects


def test_a_command_that_cannot_be_started_is_told(lab: Lab) -> None:
    report = lab.write(thing(local("x", 'interpreter = ["/no/such/shell"]'))).apply()
    assert "/no/such/shell" in report.diagnostics[0].detail
    assert status(lab) is Status.TAINTED


def test_a_failure_of_what_is_evaluated_last_is_told_before_anything_is_made(lab: Lab) -> None:
    """A reference that only fails with real values; the thing that it stands in is not made."""
    report = lab.write(thing(local("echo ${[1][length(libvirt_thing.z.serial)]}")) + thing(name="z")).apply()
    assert "Invalid index" in report.diagnostics[0].summary
    assert lab.host.names() == {"z"}


def test_what_is_wrong_with_provisioners_that_are_not_run_is_of_no_account(lab: Lab) -> None:
    """A guest that is off has no address; whatever was provisioned at it stays as it is."""
    text = thing(local("echo ${[1][libvirt_thing.z.size - 1]}")) + thing(name="z", more="size = 1")
    lab.applied(text)
    assert not lab.write(text.replace("size = 1", "size = 2")).apply().diagnostics
    assert not actions(lab.plan())
    problem = problems_of(lambda: lab.plan(replace=("libvirt_thing.a",)))[0]
    assert problem.summary == "Invalid index"


def test_postconditions_are_checked_behind_provisioners(lab: Lab) -> None:
    life = 'lifecycle {\n postcondition {\n condition = fileexists("${path.module}/log")\n error_message = "no" \n}\n}'
    lab.write(thing(local("echo x > log"), more=life))
    # While planning nothing is there yet: a condition that looks at self waits for it.
    text = life.replace("fileexists(", 'self.serial != "" && fileexists(')
    assert not lab.write(thing(local("echo x > log"), more=text)).apply().diagnostics


# Secrets.


def test_output_is_suppressed_where_the_configuration_is_sensitive(lab: Lab) -> None:
    variable = 'variable "s" {\n  default = "hidden"\n  sensitive = true\n}\n'
    report = lab.write(variable + thing(local("echo ${var.s}; exit 1"))).apply()
    assert output(lab) == ["(output suppressed due to sensitive value in config)"]
    assert "hidden" not in report.diagnostics[0].detail
    assert "sensitive" in report.diagnostics[0].detail


def test_a_sensitive_attribute_of_self_suppresses_too(lab: Lab) -> None:
    lab.applied(thing(local("echo ${self.secret}"), more='secret = "hidden"'))
    assert output(lab) == ["(output suppressed due to sensitive value in config)"]


# Destruction.


LAST = local("echo ${self.name} ${self.size} >> last", "when = destroy")


def test_destroy_time_provisioners_run_before_the_object_goes(lab: Lab) -> None:
    lab.applied(thing(LAST, more="size = 3"))
    assert written(lab, "last") == []
    lab.destroy()
    assert written(lab, "last") == ["a 3"]
    assert not lab.host.objects
    assert [e.verb for e in lab.events if isinstance(e, ProvisionStarted)] == [Verb.DELETE]


def test_a_replacement_runs_those_of_the_old_object_and_then_those_of_the_new(lab: Lab) -> None:
    text = thing(LAST, local("echo new ${self.name} >> last"))
    lab.applied(text)
    lab.applied(text.replace('name = "a"', 'name = "n"'))
    assert written(lab, "last") == ["new a", "a 1", "new n"]


def test_the_instances_that_count_has_no_more_run_theirs(lab: Lab) -> None:
    text = 'resource "libvirt_thing" "a" {{\n  count = {}\n  name = "n${{count.index}}"\n{}\n}}'
    last = local("echo ${count.index} ${self.name} >> last", "when = destroy")
    lab.applied(text.format(3, last))
    lab.applied(text.format(1, last))
    assert sorted(written(lab, "last")) == ["1 n1", "2 n2"]


def test_a_block_that_is_gone_runs_none(lab: Lab) -> None:
    lab.applied(thing(LAST))
    lab.applied("")
    assert written(lab, "last") == []
    assert not lab.host.objects


def test_a_destroy_time_provisioner_that_fails_keeps_the_object_and_is_run_again(lab: Lab) -> None:
    lab.applied(thing(local("echo try >> last; test -e allowed", "when = destroy")))
    report = lab.destroy()
    assert report.diagnostics[0].summary == "local-exec provisioner error"
    assert lab.host.names() == {"a"}
    assert status(lab) is Status.OK
    (lab.directory / "allowed").touch()
    assert not lab.destroy().diagnostics
    assert written(lab, "last") == ["try", "try"]
    assert not lab.host.objects


def test_an_old_object_that_the_new_one_stands_beside_goes_without(lab: Lab) -> None:
    text = thing(LAST, more="size = 1\n lifecycle {\n create_before_destroy = true\n}")
    lab.applied(text)
    lab.applied(text.replace('name = "a"', 'name = "n"'))
    assert written(lab, "last") == []
    assert lab.host.names() == {"n"}


def test_a_tainted_object_goes_without(lab: Lab) -> None:
    lab.write(thing(local("exit 1"), LAST)).apply()
    assert status(lab) is Status.TAINTED
    assert not lab.destroy().diagnostics
    assert written(lab, "last") == []


# Being stopped, and being killed.


@pytest.mark.parametrize("command", ["echo up > up; sleep 60", "trap '' TERM; echo up > up; sleep 60 & wait; sleep 60"])
def test_ctrl_c_ends_a_command_with_all_that_it_started(
    lab: Lab, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kvmform.provision.local_exec._GRACE", 0.2)
    lab.write(thing(local(command), local("echo never >> log")))

    def interrupt() -> None:
        wait_until(lambda: written(lab, "up"), 20)
        lab.stop.set()

    other = threading.Thread(target=interrupt)
    other.start()
    begun = time.monotonic()
    report = lab.apply()
    other.join()
    assert time.monotonic() - begun < 30
    assert "you asked to stop" in report.diagnostics[0].detail
    assert status(lab) is Status.TAINTED
    assert written(lab) == []


def test_killed_at_any_instant_a_rerun_has_run_them_all(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """An object whose provisioners did not end is replaced; at the end each thing is there, provisioned, once."""
    instants = 0

    def mortal(kind: str, config: Object, connection: Object | None, call: Call) -> None:
        own.mortality.instant()
        run(kind, config, connection, call)
        own.mortality.instant()

    monkeypatch.setattr("kvmform.apply.provisioners.run", mortal)
    for instant in range(1, 100):
        own = Lab(lab.directory / str(instant))
        own.write(thing(local("echo ${self.serial} >> log")))
        if not own.killed_at(instant):
            break
        instants += 1
        assert not own.apply().diagnostics
        assert own.host.names() == {"a"}
        assert written(own)[-1] == own.host.named("a")["serial"]
        assert status(own) is Status.OK
        assert not actions(own.plan())
        assert not own.destroy().diagnostics
        assert not own.host.objects
    assert instants > 5


# Removed blocks.


def test_a_removed_block_runs_those_that_it_has(lab: Lab) -> None:
    lab.applied('resource "libvirt_thing" "a" {\n  count = 2\n  name = "n${count.index}"\n' + LAST + "\n}")
    removed = local("echo ${self.name} ${count.index} gone >> last", "when = destroy")
    lab.applied(f"removed {{\n  from = libvirt_thing.a\n{removed}\n}}")
    assert sorted(written(lab, "last")) == ["n0 0 gone", "n1 1 gone"]
    assert not lab.host.objects


def test_what_is_only_forgotten_runs_none(lab: Lab) -> None:
    lab.applied(thing(LAST))
    life = "lifecycle {\n  destroy = false\n}"
    lab.applied(f"removed {{\n  from = libvirt_thing.a\n{life}\n{LAST}\n}}")
    assert written(lab, "last") == []
    assert lab.host.names() == {"a"}


@pytest.mark.parametrize(
    ("source", "provisioner", "words"),
    [
        ("libvirt_thing.a", local("x"), "Only destroy-time provisioners"),
        ("module.m", LAST, "only when a removed block targets a managed resource"),
        ("libvirt_thing.a", local("${local.x}", "when = destroy"), "may only reference"),
    ],
)
def test_what_a_removed_block_may_not_have(lab: Lab, source: str, provisioner: str, words: str) -> None:
    (problem,) = problems_of(lab.write(f"removed {{\n  from = {source}\n{provisioner}\n}}").plan)
    assert words in problem.detail
