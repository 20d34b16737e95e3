"""`kvmform snapshot`: taken past the configuration, and in nobody's way."""

import json
from pathlib import Path

import pytest
from lab import environment_for, flat, unboxed
from quick_lab import QuickLab

from kvmform.diagnostics import DiagnosticError
from kvmform.host.host import open_host
from kvmform.host.records import PowerState
from kvmform.struct import replace
from kvmform.workspace import Surroundings, Workspace
from kvmform.workspace.catalogue import installed
from kvmform.workspace.snapshots import LabSnapshots

LAB = """
resource "libvirt_domain" "web" {
  count  = 2
  name   = "web${count.index}"
  memory = 64
}
resource "libvirt_domain" "off" {
  name    = "off"
  running = false
}
resource "libvirt_snapshot" "declared" {
  name      = "declared"
  domain_id = libvirt_domain.off.id
}
"""


@pytest.fixture
def lab(tmp_path: Path) -> QuickLab:
    lab = QuickLab.of_text(LAB, tmp_path / "lab", environment_for(f"test+file:{tmp_path}/host.xml"))
    lab.apply()
    return lab


def listed(lab: QuickLab, *words: str) -> dict[str, dict[str, dict]]:
    """Snapshots by name, by the address of their domain."""
    document = json.loads(lab.kvmform("snapshot", "list", "-json", *words).stdout)
    assert document["format_version"] == "1.0"
    return {each["address"]: {one["name"]: one for one in each["snapshots"]} for each in document["domains"]}


def test_a_lab_is_taken_at_one_point_and_goes_on(lab: QuickLab) -> None:
    """Guests that run stand still: they are paused in the snapshot, and run again."""
    said = lab.kvmform("snapshot", "create", "-all", "clean", "-description=As it was.").stdout
    assert "libvirt_domain.web[1]: snapshot clean taken" in said.splitlines()
    found = listed(lab)
    assert {address: each["clean"]["state"] for address, each in found.items()} == {
        "libvirt_domain.web[0]": "paused",
        "libvirt_domain.web[1]": "paused",
        "libvirt_domain.off": "shutoff",
    }
    serial = lab.state()["serial"]
    assert found["libvirt_domain.off"]["clean"]["description"] == f"As it was. (state serial {serial})"
    assert lab.plan_is_empty()
    assert lab.state()["serial"] == serial


def test_one_domain_is_named_by_address_or_name_and_does_not_stand_still(lab: QuickLab) -> None:
    lab.kvmform("snapshot", "create", "first", "web1")
    lab.kvmform("snapshot", "create", "second", "libvirt_domain.web[1]")
    (found,) = listed(lab, "web1").values()
    assert {name: (each["state"], each["parent"], each["current"]) for name, each in found.items()} == {
        "first": ("running", None, False),
        "second": ("running", "first", True),
    }
    assert [len(each) for each in listed(lab).values()] == [1, 0, 2]


def test_the_list_is_a_tree_with_what_is_declared(lab: QuickLab) -> None:
    lab.kvmform("snapshot", "create", "later", "off")
    lines = lab.kvmform("snapshot", "list", "off", "libvirt_domain.web[0]").stdout.splitlines()
    assert lines[0] == "libvirt_domain.off (off)"
    assert lines[1].startswith("  declared  ")
    assert lines[1].endswith("Z  shutoff  internal  libvirt_snapshot.declared")
    assert lines[2].startswith("    later   ")
    assert "  current  (state serial " in lines[2]
    assert lines[3] == "libvirt_domain.web[0] (web0): no snapshots"


def test_going_back_is_asked_for_and_leaves_guests_as_they_were(lab: QuickLab) -> None:
    lab.kvmform("snapshot", "create", "-all", "clean")
    assert "Approval needed" in lab.fails("snapshot", "revert", "-all", "clean")
    lab.edit("memory = 64", "memory = 32")
    lab.apply()
    said = lab.kvmform("snapshot", "revert", "-all", "-auto-approve", "clean")
    assert "Lab was changed since" in said.stdout + said.stderr
    assert "Reverting takes the definition back too" in said.stdout + said.stderr
    text = lab.plan()
    assert "~ memory = 64 -> 32" in flat(text)
    assert "running" not in text
    lab.apply()
    assert lab.plan_is_empty()


@pytest.mark.parametrize(("flag", "expected"), [("-running", PowerState.RUNNING), ("-paused", PowerState.PAUSED)])
def test_a_guest_that_is_off_can_be_started_where_it_was(lab: QuickLab, flag: str, expected: PowerState) -> None:
    lab.kvmform("snapshot", "revert", "-auto-approve", flag, "declared", "off")
    host = open_host(lab.environment["LIBVIRT_DEFAULT_URI"], lab.directory)
    try:
        assert host.inventory.domains.named("off").state is expected
    finally:
        host.close()


def test_what_is_in_state_is_deleted_by_its_configuration_only(lab: QuickLab) -> None:
    said = lab.fails("snapshot", "delete", "-auto-approve", "declared", "off")
    assert "libvirt_snapshot.declared is in the configuration" in said


def test_a_tree_is_deleted_with_its_branches_and_others_stay(lab: QuickLab) -> None:
    for name in ("first", "second"):
        lab.kvmform("snapshot", "create", name, "web0", "web1")
    lab.kvmform("snapshot", "create", "third", "web1")
    lab.kvmform("snapshot", "delete", "-auto-approve", "-all", "-children", "second")
    assert [sorted(each) for each in listed(lab).values()] == [["declared"], ["first"], ["first"]]
    assert "No such snapshot" in lab.fails("snapshot", "delete", "-auto-approve", "-all", "second")
    lab.kvmform("snapshot", "delete", "-auto-approve", "first", "libvirt_domain.web")
    assert [sorted(each) for each in listed(lab).values()] == [["declared"], [], []]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("create", "name"), "Name domains, or say -all."),
        (("create", "-all", "name", "web0"), "Name domains, or say -all."),
        (("create", "name", "nowhere"), "There is no domain in state that nowhere means."),
        (("create", "name", "libvirt_domain.web[7]"), "There is no domain in state that libvirt_domain.web[7] means."),
        (("create", "-quiesce=perhaps", "name", "web0"), "-quiesce is mandatory or optional"),
        (("create", "-external", "-quiesce=optional", "name", "-all"), "External snapshot not supported"),
        (("create", "a/b", "web0"), "Invalid name"),
        (("create", "declared", "off"), "Snapshot already exists"),
        (("revert", "-running", "-paused", "declared", "off"), "-running and -paused exclude each other."),
        (("revert", "declared", "off", "web0"), "libvirt_domain.web[0] has no snapshot declared"),
    ],
)
def test_what_can_not_be_done_is_told_before_anything_is(lab: QuickLab, words: tuple[str, ...], expected: str) -> None:
    before = listed(lab)
    assert expected in lab.fails("snapshot", *words)
    assert listed(lab) == before


def test_that_they_go_with_their_domain_is_told_before_it_goes(lab: QuickLab) -> None:
    """Not of those in the configuration, whose end the plan shows."""
    lab.kvmform("snapshot", "create", "later", "off", "web0")
    for words in (("-destroy",), ("-replace=libvirt_domain.off", "-replace=libvirt_domain.web[0]")):
        said = unboxed(lab.kvmform("plan", *words).stdout)
        assert 'The domain "off" has snapshots that are not in the configuration, and they go with it: later.' in said
        assert 'The domain "web0" has snapshots that are not in the configuration' in said
    assert "go with it" not in lab.kvmform("plan").stdout
    lab.destroy()


def test_another_run_is_waited_for(lab: QuickLab) -> None:
    around = Surroundings(directory=lab.directory, environment=lab.environment)
    with Workspace(around) as workspace:
        workspace.lock("test")
        assert "Error acquiring the state lock" in lab.fails("snapshot", "create", "-all", "name")
        assert "off" in lab.kvmform("snapshot", "list").stdout


def test_if_one_can_not_be_taken_none_is_left_and_all_go_on(lab: QuickLab) -> None:
    """A failure in the middle, which no check foresees."""
    catalogue = installed()
    kind = catalogue.types["libvirt_snapshot"]

    def create(operation, planned):
        if operation.address == "libvirt_domain.web[1]":
            raise DiagnosticError.of("Cannot make the snapshot", "The disk is full.")
        return kind.create(operation, planned)

    types = {**catalogue.types, "libvirt_snapshot": replace(kind, create=create)}
    around = Surroundings(directory=lab.directory, environment=lab.environment)
    with (
        Workspace(around, catalogue=replace(catalogue, types=types)) as workspace,
        pytest.raises(DiagnosticError) as caught,
    ):
        LabSnapshots(workspace).create("clean", (), {})
    assert [(each.summary, each.address) for each in caught.value.diagnostics] == [
        ("Cannot make the snapshot", "libvirt_domain.web[1]")
    ]
    assert [sorted(each) for each in listed(lab).values()] == [["declared"], [], []]
    assert lab.plan_is_empty()
