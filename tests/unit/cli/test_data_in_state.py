"""Data sources in state, as Terraform 1.11 has them there: what was read, beside what was made."""

import json
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine

LAB = """
resource "terraform_data" "a" { input = "late.txt" }
data "local_file" "now" { filename = "now.txt" }
data "local_file" "late" { filename = terraform_data.a.output }
output "late" { value = data.local_file.late.content }
"""
NOW, LATE = "data.local_file.now", "data.local_file.late"


@pytest.fixture
def lab(tmp_path: Path) -> CommandLine:
    (tmp_path / "now.txt").write_text("now")
    (tmp_path / "late.txt").write_text("late")
    return CommandLine(tmp_path).write(LAB)


def resources(lab: CommandLine) -> dict[str, Any]:
    values = json.loads(lab.run("show", "-json")).get("values", {})
    return {each["address"]: each for each in values.get("root_module", {}).get("resources", ())}


def recorded(lab: CommandLine) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((lab.directory / "terraform.tfstate").read_text())
    return found


def test_state_has_what_was_read_before_apply_and_during_it(lab: CommandLine) -> None:
    lab.applied(LAB)
    found = resources(lab)
    assert (found[NOW]["mode"], found[NOW]["values"]["content"]) == ("data", "now")
    assert found[LATE]["values"]["content"] == "late"
    assert "private" not in recorded(lab)["resources"][0]["instances"][0]


def test_state_list_and_state_show_have_them(lab: CommandLine) -> None:
    lab.applied(LAB)
    assert lab.run("state", "list").split() == [LATE, NOW, "terraform_data.a"]
    shown = lab.run("state", "show", NOW)
    assert 'data "local_file" "now" {' in shown
    assert '"now"' in shown


def test_one_that_reads_the_same_again_is_not_written_again(lab: CommandLine) -> None:
    lab.applied(LAB)
    before = recorded(lab)
    lab.run("apply", "-auto-approve")
    assert recorded(lab) == before


def test_one_that_reads_otherwise_is_recorded_though_nothing_else_changes(lab: CommandLine) -> None:
    lab.applied(LAB)
    serial = recorded(lab)["serial"]
    (lab.directory / "now.txt").write_text("then")
    lab.run("plan", "-detailed-exitcode")
    lab.run("apply", "-auto-approve")
    assert resources(lab)[NOW]["values"]["content"] == "then"
    assert recorded(lab)["serial"] == serial + 1


def test_a_refresh_records_what_it_reads(lab: CommandLine) -> None:
    lab.applied(LAB)
    (lab.directory / "now.txt").write_text("then")
    (lab.directory / "late.txt").write_text("later")
    lab.run("apply", "-refresh-only", "-auto-approve")
    assert {a: resources(lab)[a]["values"]["content"] for a in (NOW, LATE)} == {NOW: "then", LATE: "later"}
    assert lab.outputs() == {"late": "later"}


def test_one_that_is_declared_no_more_is_gone_from_state(lab: CommandLine) -> None:
    lab.applied(LAB).applied('data "local_file" "now" { filename = "now.txt" }')
    assert resources(lab).keys() == {NOW}


def test_a_targeted_apply_leaves_the_others_as_they_were_read(lab: CommandLine) -> None:
    lab.applied(LAB)
    (lab.directory / "now.txt").write_text("then")
    lab.run("apply", "-auto-approve", "-target=terraform_data.a")
    assert resources(lab)[NOW]["values"]["content"] == "now"


def test_nothing_of_them_is_left_when_all_is_destroyed(lab: CommandLine) -> None:
    lab.applied(LAB).run("destroy", "-auto-approve")
    assert recorded(lab)["resources"] == []


def test_what_could_not_be_read_stays_as_it_was_read(lab: CommandLine) -> None:
    lab.applied(LAB)
    lab.write(LAB.replace("late.txt", "missing.txt"))
    lab.run("apply", "-auto-approve", code=1)
    assert resources(lab)[LATE]["values"]["content"] == "late"


def test_a_plan_tells_what_it_read_and_what_apply_will_read(lab: CommandLine) -> None:
    lab.run("plan", "-out=p")
    document = json.loads(lab.run("show", "-json", "p"))
    prior = document["prior_state"]["values"]["root_module"]["resources"]
    assert [each["address"] for each in prior] == [NOW]
    assert prior[0]["values"]["content"] == "now"
    planned = document["planned_values"]["root_module"]["resources"]
    assert [each["address"] for each in planned] == [LATE, "terraform_data.a"]
    (read,) = (c for c in document["resource_changes"] if c["mode"] == "data")
    assert (read["address"], read["action_reason"]) == (LATE, "read_because_config_unknown")
    assert (read["change"]["actions"], read["change"]["before"]) == (["read"], None)


def test_what_a_check_reads_is_planned_and_recorded_and_is_no_change(lab: CommandLine) -> None:
    lab.applied(
        """
        check "c" {
          data "local_file" "now" { filename = "now.txt" }
          assert {
            condition     = data.local_file.now.content == "now"
            error_message = "Not now."
          }
        }
        """
    )
    assert resources(lab)[NOW]["values"]["content"] == "now"
    change = lab.plan()[NOW]
    assert (change["change"]["actions"], change["action_reason"]) == (["read"], "read_because_check_nested")
    assert "No changes." in lab.run("plan")


def test_a_workspace_with_nothing_but_what_was_read_is_empty(lab: CommandLine) -> None:
    lab.run("workspace", "new", "other")
    lab.write('data "local_file" "now" { filename = "now.txt" }').run("apply", "-auto-approve")
    lab.run("workspace", "select", "default")
    lab.run("workspace", "delete", "other")
