"""Carrying out plans on a host in memory."""

from __future__ import annotations

import threading
from pathlib import Path

import fake_host
import pytest
from configurations import told
from fake_host import THING, FakeHost, fake_catalogue
from labs import Lab, actions

from kvmform.address import parse_instance
from kvmform.apply.events import Event, Failed, Finished, Progressed, Skipped, Started
from kvmform.apply.report import Report
from kvmform.diagnostics import DiagnosticError
from kvmform.plan.change import Mode, Verb
from kvmform.schema import Edit, Object, Operation
from kvmform.state.model import Status
from kvmform.struct import replace
from kvmform.workspace.catalogue import Catalogue


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path / "lab")


CHAIN = """
resource "libvirt_thing" "a" { name = "a" }
resource "libvirt_thing" "b" {
  name = "b"
  uses = [libvirt_thing.a.serial]
}
resource "libvirt_thing" "c" {
  name = "c"
  uses = [libvirt_thing.b.serial]
}
resource "libvirt_thing" "alone" { name = "alone" }
output "a" { value = libvirt_thing.a.serial }
output "c" { value = libvirt_thing.c.serial }
output "names" { value = "${libvirt_thing.a.name} ${libvirt_thing.c.name}" }
"""


def counts(report: Report) -> tuple[int, int, int]:
    return (report.added, report.changed, report.destroyed)


@pytest.mark.parametrize("parallelism", [1, 4])
def test_objects_are_made_in_order_with_what_is_known_only_now(lab: Lab, parallelism: int) -> None:
    report = lab.write(CHAIN).apply(parallelism=parallelism)
    assert counts(report) == (4, 0, 0)
    assert not report.diagnostics
    assert lab.host.named("c")["uses"] == [lab.host.named("b")["serial"]]
    assert lab.outputs() == {
        "a": lab.host.named("a")["serial"],
        "c": lab.host.named("c")["serial"],
        "names": "a c",
    }
    assert lab.recorded()["libvirt_thing.b"]["serial"] == lab.host.named("b")["serial"]
    assert lab.state.instances[parse_instance("libvirt_thing.c")].dependencies == ("libvirt_thing.b",)
    assert not actions(lab.plan())


def test_changing_replacing_and_deleting_at_once(lab: Lab) -> None:
    lab.applied(CHAIN)
    text = CHAIN.replace('name = "b"', 'name = "b2"').replace('resource "libvirt_thing" "alone" { name = "alone" }', "")
    report = lab.write(text).apply()
    assert counts(report) == (1, 1, 2)
    assert lab.host.names() == {"a", "b2", "c"}
    assert lab.host.named("c")["uses"] == [lab.host.named("b2")["serial"]]
    assert lab.state.instances[parse_instance("libvirt_thing.b")].generation == 1
    assert not actions(lab.plan())


def test_destroying_goes_from_the_users_to_the_used(lab: Lab) -> None:
    lab.applied(CHAIN)
    lab.host.calls.clear()
    report = lab.destroy()
    assert counts(report) == (0, 0, 4)
    assert [call for call in lab.host.calls if "alone" not in call] == ["delete c", "delete b", "delete a"]
    assert not lab.host.torn
    assert not lab.state.instances
    assert not lab.outputs()


def test_a_deletion_waits_until_what_used_it_does_not_any_more(lab: Lab) -> None:
    lab.applied(CHAIN)
    text = 'resource "libvirt_thing" "b" {\n  name = "b"\n  uses = []\n}'
    assert counts(lab.write(text).apply()) == (0, 1, 3)
    assert not lab.host.torn


def test_names_can_be_swapped(lab: Lab) -> None:
    text = 'resource "libvirt_thing" "{}" {{ name = "{}" }}\n'
    lab.applied(text.format("a", "one") + text.format("b", "two"))
    assert counts(lab.write(text.format("a", "two") + text.format("b", "one")).apply()) == (2, 0, 2)
    assert lab.host.names() == {"one", "two"}


def test_a_name_can_go_to_another_resource(lab: Lab) -> None:
    lab.applied('resource "libvirt_thing" "a" { name = "n" }')
    assert counts(lab.write('resource "libvirt_thing" "b" { name = "n" }').apply()) == (1, 0, 1)
    assert lab.host.names() == {"n"}


def test_steps_that_need_nothing_of_each_other_go_at_once(lab: Lab) -> None:
    together = threading.Barrier(4, timeout=20)

    def meet(call: str) -> bool:
        if call.startswith("make"):
            lab.host._lock.release()
            together.wait()
            lab.host._lock.acquire()
        return False

    lab.host.failing = meet
    assert not lab.write('resource "libvirt_thing" "a" {\n  count = 4\n  name = count.index\n}').apply().diagnostics


# Events.


def said(lab: Lab, kind: type[Event]) -> list[tuple[str, Verb]]:
    return [(str(event.address), event.verb) for event in lab.events if isinstance(event, kind)]


def test_what_is_told_while_it_works(lab: Lab) -> None:
    lab.write('resource "libvirt_thing" "a" { name = "a" }').apply()
    identity = lab.recorded()["libvirt_thing.a"]["id"]
    kinds = [type(event) for event in lab.events]
    assert kinds == [Started, Progressed, Finished]
    started, progressed, finished = lab.events
    assert isinstance(started, Started)
    assert started.id is None
    assert isinstance(progressed, Progressed)
    assert (progressed.words, progressed.done) == ("changing", None)
    assert isinstance(finished, Finished)
    assert finished.id == identity
    lab.events.clear()
    lab.destroy()
    (started, finished) = lab.events
    assert isinstance(started, Started)
    assert isinstance(finished, Finished)
    assert (started.id, finished.id) == (identity, None)


# Failure.


def test_what_depends_on_a_failure_is_skipped_and_the_rest_goes_on(lab: Lab) -> None:
    lab.host.failing = lambda call: call == "change b"
    report = lab.write(CHAIN).apply()
    assert counts(report) == (2, 0, 0)
    assert [(d.summary, d.address) for d in report.diagnostics] == [("Call failed", "libvirt_thing.b")]
    assert not report.interrupted
    assert said(lab, Failed) == [("libvirt_thing.b", Verb.CREATE)]
    left_out = Skipped(parse_instance("libvirt_thing.c"), Verb.CREATE, because=parse_instance("libvirt_thing.b"))
    assert [event for event in lab.events if isinstance(event, Skipped)] == [left_out] == list(report.skipped)
    assert report.failed == ((parse_instance("libvirt_thing.b"), Verb.CREATE),)
    state = lab.state
    statuses = {str(address): instance.status for address, instance in state.instances.items()}
    assert statuses == {
        "libvirt_thing.a": Status.OK,
        "libvirt_thing.alone": Status.OK,
        "libvirt_thing.b": Status.CREATING,
    }
    assert state.instances[parse_instance("libvirt_thing.b")].attributes["id"] in lab.host.objects


def test_the_next_apply_goes_on_where_a_failed_one_stopped(lab: Lab) -> None:
    lab.host.failing = lambda call: call == "change b"
    lab.write(CHAIN).apply()
    lab.host.failing = lambda _call: False
    left = lab.host.named("b")["serial"]
    report = lab.apply()
    assert counts(report) == (2, 0, 0)
    assert lab.host.named("b")["serial"] == left
    assert not actions(lab.plan())


def test_outputs_after_a_failure_tell_nothing_that_is_not_so(lab: Lab) -> None:
    lab.host.failing = lambda call: call == "make c"
    lab.write(CHAIN).apply()
    assert lab.outputs() == {"a": lab.host.named("a")["serial"]}
    lab.host.failing = lambda _call: False
    lab.apply()
    before = dict(lab.outputs())
    lab.host.failing = lambda call: call == "make c2"
    lab.write(CHAIN.replace('name = "c"', 'name = "c2"').replace('name = "a"', 'name = "a2"')).apply()
    assert lab.outputs() == {**before, "a": lab.host.named("a2")["serial"]}


@pytest.mark.parametrize("verb", ["change", "delete"])
def test_a_failed_change_or_deletion_leaves_the_record_as_it_was(lab: Lab, verb: str) -> None:
    lab.applied(CHAIN)
    before = lab.recorded()
    lab.host.failing = lambda call: call == f"{verb} alone"
    text = (
        ""
        if verb == "delete"
        else CHAIN.replace('name = "alone"', 'name = "alone"\n  size = 2\n')
        .replace('{ name = "alone"', '{\n  name = "alone"')
        .replace("size = 2\n }", "size = 2\n}")
    )
    report = lab.write(text).apply()
    assert len(report.diagnostics) == 1
    assert lab.recorded()["libvirt_thing.alone"] == before["libvirt_thing.alone"]


def test_a_replacement_that_fails_between_is_finished_by_the_next_run(lab: Lab) -> None:
    lab.applied('resource "libvirt_thing" "a" { name = "a" }')
    lab.host.failing = lambda call: call == "make b"
    lab.write('resource "libvirt_thing" "a" { name = "b" }').apply()
    assert not lab.host.objects
    lab.host.failing = lambda _call: False
    assert counts(lab.apply()) == (1, 0, 0)
    assert lab.host.names() == {"b"}


def test_an_error_that_nobody_expected_is_raised_with_everything_recorded(lab: Lab) -> None:
    def broken(call: str) -> bool:
        if call == "make c":
            raise ZeroDivisionError
        return False

    lab.host.failing = broken
    with pytest.raises(ZeroDivisionError):
        lab.write(CHAIN).apply(parallelism=1)
    assert lab.recorded().keys() >= {"libvirt_thing.a", "libvirt_thing.b", "libvirt_thing.c"}


def test_an_output_that_cannot_be_evaluated_in_the_end_is_told(lab: Lab) -> None:
    text = 'resource "libvirt_thing" "a" { name = "a" }\noutput "o" { value = [1][length(libvirt_thing.a.serial)] }'
    with pytest.raises(DiagnosticError) as caught:
        lab.write(text).apply()
    assert "Invalid index" in told(caught.value.diagnostics[0])
    assert "libvirt_thing.a" in lab.recorded()


# Conditions and promises.


def test_conditions_are_checked_again_with_what_is_real(lab: Lab) -> None:
    text = """
        resource "libvirt_thing" "a" {
          name = "a"
          lifecycle {
            postcondition {
              condition     = self.serial != "s1"
              error_message = "Serial ${self.serial} won't do."
            }
          }
        }
        resource "libvirt_thing" "b" {
          name = "b"
          uses = [libvirt_thing.a.serial]
        }
    """
    report = lab.write(text).apply()
    (diagnostic,) = report.diagnostics
    assert (diagnostic.summary, diagnostic.detail) == ("Resource postcondition failed", "Serial s1 won't do.")
    assert diagnostic.address == "libvirt_thing.a"
    assert lab.host.names() == {"a"}
    assert lab.state.instances[parse_instance("libvirt_thing.a")].status is Status.OK


def test_a_precondition_that_turns_out_false_stops_the_step(lab: Lab) -> None:
    text = """
        resource "libvirt_thing" "a" { name = "a" }
        resource "libvirt_thing" "b" {
          name = "b"
          lifecycle {
            precondition {
              condition     = libvirt_thing.a.serial != "s1"
              error_message = "No."
            }
          }
        }
    """
    report = lab.write(text).apply()
    assert [d.summary for d in report.diagnostics] == ["Resource precondition failed"]
    assert lab.host.names() == {"a"}
    assert "libvirt_thing.b" not in lab.recorded()


def with_type(monkeypatch: pytest.MonkeyPatch, **verbs: object) -> None:
    """Give things other verbs."""

    def catalogue(hosts: dict[str, FakeHost]) -> Catalogue:
        found = fake_catalogue(hosts)
        return replace(found, types={THING.name: replace(THING, **verbs)})  # type: ignore[arg-type]

    monkeypatch.setattr("labs.fake_catalogue", catalogue)


def test_an_object_that_is_not_as_planned_is_recorded_and_told(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def create(operation: Operation[FakeHost], planned: Object) -> Object:
        return {**fake_host._create(operation, planned), "size": 99}

    with_type(monkeypatch, create=create)
    text = CHAIN.replace('resource "libvirt_thing" "alone" { name = "alone" }', "")
    report = lab.write(text).apply()
    (diagnostic,) = report.diagnostics
    assert diagnostic.summary == "Result differs from the plan"
    assert "not as the plan said: size." in diagnostic.detail
    assert lab.recorded()["libvirt_thing.a"]["size"] == 99
    assert lab.host.names() == {"a"}


def test_edits_reach_the_type_with_final_values(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Edit] = []

    def update(operation: Operation[FakeHost], prior: Object, planned: Object, edits: list[Edit]) -> Object:
        seen.extend(edits)
        return fake_host._update(operation, prior, planned, edits)

    with_type(monkeypatch, update=update)
    lab.applied(CHAIN)
    lab.write(CHAIN.replace('name = "a"', 'name = "a2"')).apply()
    serial = lab.host.named("a2")["serial"]
    assert [(edit.path, edit.after) for edit in seen] == [(("uses",), [serial])]


def test_operations_know_who_they_work_for(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, int]] = []

    def delete(operation: Operation[FakeHost], prior: Object) -> None:
        seen.append((operation.address, operation.identity.generation))
        fake_host._delete(operation, prior)

    def create(operation: Operation[FakeHost], planned: Object) -> Object:
        seen.append((operation.address, operation.identity.generation))
        assert operation.base_directory == lab.directory
        assert operation.settings == {"domain_type": "kvm", "base_directory": str(lab.directory)}
        return fake_host._create(operation, planned)

    with_type(monkeypatch, create=create, delete=delete)
    lab.applied('resource "libvirt_thing" "a" { name = "a" }')
    lab.write('resource "libvirt_thing" "a" { name = "b" }').apply()
    assert seen == [("libvirt_thing.a", 0), ("libvirt_thing.a", 0), ("libvirt_thing.a", 1)]


# Data sources, modules, repetition.


def test_a_data_source_that_had_to_wait_is_read_now(lab: Lab) -> None:
    text = """
        resource "libvirt_thing" "a" { name = "a" }
        data "libvirt_thing" "found" { name = libvirt_thing.a.name }
        resource "libvirt_thing" "b" {
          name = "b-${data.libvirt_thing.found.serial}"
          uses = [data.libvirt_thing.found.id]
        }
    """
    report = lab.write(text).apply()
    assert not report.diagnostics
    assert counts(report) == (2, 0, 0)
    assert lab.host.names() == {"a", f"b-{lab.host.named('a')['serial']}"}
    assert ("data.libvirt_thing.found", Verb.READ) in said(lab, Finished)
    assert not actions(lab.plan())


def test_a_data_source_that_fails_skips_what_needs_it(lab: Lab) -> None:
    text = """
        resource "libvirt_thing" "a" { name = "a" }
        data "libvirt_thing" "found" { name = "x${libvirt_thing.a.serial}" }
        resource "libvirt_thing" "b" { name = data.libvirt_thing.found.id }
    """
    report = lab.write(text).apply()
    assert [(d.summary, d.address) for d in report.diagnostics] == [("No such object", "data.libvirt_thing.found")]
    assert said(lab, Skipped) == [("libvirt_thing.b", Verb.CREATE)]


def test_modules_that_are_there_as_often_as_a_planned_object_says(lab: Lab) -> None:
    lab.write(
        'variable "n" {}\nresource "libvirt_thing" "t" { name = var.n }\noutput "s" { value = libvirt_thing.t.serial }',
        "m/main.tf",
    )
    text = """
        resource "libvirt_thing" "a" { name = "a" }
        module "m" {
          source   = "./m"
          for_each = { (libvirt_thing.a.label) = libvirt_thing.a.serial }
          n        = "${each.key}-${each.value}"
        }
        output "o" { value = [for m in module.m : m.s] }
    """
    assert not lab.write(text).apply().diagnostics
    name = f"a-{lab.host.named('a')['serial']}"
    assert lab.host.names() == {"a", name}
    assert lab.outputs()["o"] == [lab.host.named(name)["serial"]]
    assert not lab.plan().is_applyable
    assert not lab.destroy().diagnostics
    assert not lab.host.objects


def test_a_long_chain_of_locals_between_resources(lab: Lab) -> None:
    lines = "\n".join(f"  l{n} = local.l{n - 1}" for n in range(1, 600))
    text = f"""
resource "libvirt_thing" "a" {{ name = "a" }}
locals {{
  l0 = libvirt_thing.a.serial
{lines}
}}
resource "libvirt_thing" "b" {{ name = local.l599 }}
"""
    assert not lab.write(text).apply().diagnostics
    assert lab.host.names() == {"a", lab.host.named("a")["serial"]}


def test_dynamic_blocks_over_something_known_only_now(lab: Lab) -> None:
    text = """
        resource "libvirt_thing" "a" { name = "a" }
        resource "libvirt_thing" "b" {
          name = "b"
          dynamic "part" {
            for_each = toset([for n in [1, 2] : "${libvirt_thing.a.serial}-${n}"])
            content { name = part.value }
          }
        }
    """
    assert not lab.write(text).apply().diagnostics
    serial = lab.host.named("a")["serial"]
    assert [part["name"] for part in lab.host.named("b")["part"]] == [f"{serial}-1", f"{serial}-2"]
    assert not lab.plan().is_applyable


def test_drift_that_was_seen_is_recorded(lab: Lab) -> None:
    lab.applied(CHAIN)
    lab.host.named("alone")["label"] = "changed"
    lab.host.delete(lab.recorded()["libvirt_thing.c"]["id"])
    lab.apply(mode=Mode.REFRESH_ONLY)
    assert lab.recorded()["libvirt_thing.alone"]["label"] == "changed"
    assert "libvirt_thing.c" not in lab.recorded()
    assert not lab.apply(mode=Mode.REFRESH_ONLY).diagnostics


def test_refresh_only_brings_outputs_up_to_date(lab: Lab) -> None:
    lab.applied(CHAIN)
    lab.host.named("a")["serial"] = "moved"
    lab.apply(mode=Mode.REFRESH_ONLY)
    assert lab.outputs()["a"] == "moved"
    assert lab.outputs()["names"] == "a c"


# Stopping.


def test_the_first_interrupt_finishes_what_is_in_flight_and_begins_nothing_more(lab: Lab) -> None:
    def stop(call: str) -> bool:
        if call == "change b":
            lab.stop.set()
        return False

    lab.host.failing = stop
    report = lab.write(CHAIN).apply(parallelism=1)
    assert report.interrupted
    assert [d.summary for d in report.diagnostics] == ["execution halted"]
    assert "b" in lab.host.names()
    assert "c" not in lab.host.names()
    assert ("libvirt_thing.c", Verb.CREATE) in said(lab, Skipped)
    assert lab.state.instances[parse_instance("libvirt_thing.b")].status is Status.OK
    lab.stop.clear()
    assert not lab.apply().diagnostics
    assert not actions(lab.plan())


def test_an_interrupt_after_the_last_step_interrupts_nothing(lab: Lab) -> None:
    def stop(call: str) -> bool:
        if call == "start a":
            lab.stop.set()
        return False

    lab.host.failing = stop
    report = lab.write('resource "libvirt_thing" "a" { name = "a" }').apply()
    assert not report.interrupted
    assert not report.diagnostics


def test_the_second_interrupt_reaches_the_operations(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def create(operation: Operation[FakeHost], planned: Object) -> Object:
        lab.stop.set()
        lab.abort.set()
        assert operation.stop.wait(5)
        operation.host.make(operation.identity.uuid, planned["name"])
        raise DiagnosticError.of("Stopped", "It was stopped.")

    with_type(monkeypatch, create=create)
    report = lab.write(CHAIN).apply(parallelism=1)
    assert [d.summary for d in report.diagnostics] == ["Stopped", "execution halted"]
    assert report.interrupted
    statuses = {instance.status for instance in lab.state.instances.values()}
    assert statuses == {Status.CREATING}
