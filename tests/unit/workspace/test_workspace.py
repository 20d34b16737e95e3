"""Runs in one directory: state, lock, saved plans, hosts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from configurations import problems_of
from fake_host import fake_catalogue
from labs import HOME, Lab, actions, changes

from kvmform.plan.change import Mode
from kvmform.plan.planfile import read_plan
from kvmform.state.backends.local import LocalBackend
from kvmform.workspace import ApplyOptions, PlanOptions, Surroundings, Workspace
from kvmform.workspace.lineage import remembered_lineage

ONE = 'resource "libvirt_thing" "a" { name = "a" }\n'
EAST = "fake:///east"


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path / "lab")


def saved(lab: Lab, path: Path, options: PlanOptions | None = None) -> None:
    with lab.workspace() as workspace:
        workspace.save(workspace.plan(options or PlanOptions()).plan, path)


def apply_saved(lab: Lab, path: Path) -> Any:
    plan = read_plan(path)
    with lab.workspace(plan) as workspace:
        return workspace.apply(plan.plan, lab.events.append, ApplyOptions())


# Saved plans.


def test_a_saved_plan_is_applied_from_its_own_copy_of_the_configuration(lab: Lab, tmp_path: Path) -> None:
    lab.variables["size"] = "3"
    lab.write('variable "n" {}\nresource "libvirt_thing" "t" {\n  name = var.n\n}', "m/main.tf")
    text = """
        variable "size" { type = number }
        resource "libvirt_thing" "a" {
          name = "a"
          size = var.size
        }
        module "m" {
          source = "./m"
          n      = "m-${libvirt_thing.a.serial}"
        }
        output "o" { value = var.size }
    """
    saved(lab.write(text), tmp_path / "p")
    lab.write("this is no configuration").write("nor this", "m/main.tf").write("size = 9", "terraform.tfvars")
    lab.variables.clear()
    assert not apply_saved(lab, tmp_path / "p").diagnostics
    assert lab.host.names() == {"a", f"m-{lab.host.named('a')['serial']}"}
    assert lab.host.named("a")["size"] == 3
    assert lab.outputs() == {"o": 3}


def test_files_that_functions_read_are_as_the_plan_saw_them(lab: Lab, tmp_path: Path) -> None:
    lab.write("planned", "label.txt")
    text = 'resource "libvirt_thing" "a" {\n  name = "a"\n  label = file("label.txt")\n}'
    saved(lab.write(text), tmp_path / "p")
    lab.write("changed since", "label.txt")
    assert not apply_saved(lab, tmp_path / "p").diagnostics
    assert lab.host.named("a")["label"] == "planned"


def test_a_plan_of_a_state_that_has_changed_is_stale(lab: Lab, tmp_path: Path) -> None:
    lab.applied(ONE)
    lab.write(ONE + 'resource "libvirt_thing" "b" { name = "b" }')
    saved(lab, tmp_path / "p")
    lab.apply()
    (diagnostic,) = problems_of(lambda: apply_saved(lab, tmp_path / "p"))
    assert diagnostic.summary == "Saved plan is stale"


def test_a_plan_is_stale_after_a_run_that_was_killed(lab: Lab, tmp_path: Path) -> None:
    lab.applied(ONE)
    lab.write(ONE + 'resource "libvirt_thing" "b" { name = "b" }')
    saved(lab, tmp_path / "p")
    assert lab.killed_at(8)
    (diagnostic,) = problems_of(lambda: apply_saved(lab, tmp_path / "p"))
    assert diagnostic.summary == "Saved plan is stale"
    saved(lab, tmp_path / "p")
    assert not apply_saved(lab, tmp_path / "p").diagnostics


def test_a_plan_is_stale_where_another_state_is(lab: Lab, tmp_path: Path) -> None:
    saved(lab.write(ONE), tmp_path / "p")
    Lab(tmp_path / "other").applied(ONE.replace('"a" {', '"b" {'))
    shutil.copy(tmp_path / "other" / "terraform.tfstate", lab.directory)
    assert problems_of(lambda: apply_saved(lab, tmp_path / "p"))[0].summary == "Saved plan is stale"


def test_a_saved_plan_to_destroy(lab: Lab, tmp_path: Path) -> None:
    lab.applied(ONE)
    saved(lab, tmp_path / "p", PlanOptions(mode=Mode.DESTROY))
    lab.write("")
    assert apply_saved(lab, tmp_path / "p").destroyed == 1
    assert not lab.host.objects


# Lineage.


def test_plan_and_apply_in_a_fresh_directory_have_one_lineage(lab: Lab, tmp_path: Path) -> None:
    first = changes(lab.write(ONE).plan())["libvirt_thing.a"]
    second = changes(lab.plan())["libvirt_thing.a"]
    assert first.after is not None
    assert second.after == first.after
    saved(lab, tmp_path / "p")
    apply_saved(lab, tmp_path / "p")
    assert lab.recorded()["libvirt_thing.a"]["id"] == first.after["id"]
    assert lab.state.lineage == read_plan(tmp_path / "p").plan.lineage


def test_a_copy_of_a_lab_is_another_lab(lab: Lab, tmp_path: Path) -> None:
    here = lab.write(ONE).plan().lineage
    shutil.copytree(lab.directory, tmp_path / "copy")
    assert Lab(tmp_path / "copy").plan().lineage != here
    assert lab.plan().lineage == here


def test_each_state_file_has_a_lineage_of_its_own(tmp_path: Path) -> None:
    data = tmp_path / ".terraform"
    one = remembered_lineage(data, tmp_path, "one.tfstate")
    other = remembered_lineage(data, tmp_path, "other.tfstate")
    assert one != other
    assert remembered_lineage(data, tmp_path, "one.tfstate") == one


@pytest.mark.parametrize("content", ["{", "[]", '{"x": 1}'])
def test_a_damaged_record_of_lineages_is_made_again(tmp_path: Path, content: str) -> None:
    data = tmp_path / ".terraform"
    data.mkdir()
    (data / "lineage.json").write_text(content)
    assert remembered_lineage(data, tmp_path, "s") == remembered_lineage(data, tmp_path, "s")


def test_without_a_place_to_remember_it_the_lineage_is_new_each_time(tmp_path: Path) -> None:
    data = tmp_path / "file"
    data.write_text("")
    assert remembered_lineage(data, tmp_path, "s") != remembered_lineage(data, tmp_path, "s")


# Lock.


def test_a_lock_that_another_holds(lab: Lab) -> None:
    lab.write(ONE)
    with LocalBackend(lab.directory / "terraform.tfstate").lock("OperationTypeApply"):
        (diagnostic,) = problems_of(lab.plan)
        assert diagnostic.summary == "Error acquiring the state lock"
        assert "OperationTypeApply" in diagnostic.detail
        with lab.workspace(lock=False) as workspace:
            workspace.plan(PlanOptions())
    lab.plan()


def test_the_lock_is_held_from_the_plan_until_the_end_of_the_run(lab: Lab) -> None:
    lab.write(ONE)
    with lab.workspace() as workspace:
        plan = workspace.plan(PlanOptions()).plan
        assert problems_of(lab.plan)[0].summary == "Error acquiring the state lock"
        workspace.apply(plan, lab.events.append, ApplyOptions())
        assert problems_of(lab.plan)[0].summary == "Error acquiring the state lock"
    lab.plan()


# Where the state is.


def test_the_state_is_where_the_configuration_says(lab: Lab) -> None:
    text = f'terraform {{\n  backend "local" {{\n    path = "kept/lab.tfstate"\n  }}\n}}\n{ONE}'
    lab.applied(text)
    assert (lab.directory / "kept" / "lab.tfstate").exists()
    assert not (lab.directory / "terraform.tfstate").exists()
    assert list(lab.recorded()) == ["libvirt_thing.a"]


def test_a_state_that_is_named_on_the_command_line_comes_first(lab: Lab, tmp_path: Path) -> None:
    lab.write(f'terraform {{\n  backend "local" {{\n    path = "kept.tfstate"\n  }}\n}}\n{ONE}')
    around = Surroundings(
        directory=lab.directory,
        state_path=tmp_path / "named.tfstate",
        data_directory=Path("data"),
        environment={"LIBVIRT_DEFAULT_URI": HOME},
    )
    with Workspace(around, catalogue=fake_catalogue(lab.hosts)) as workspace:
        assert not workspace.has_state
        workspace.apply(workspace.plan(PlanOptions()).plan, lab.events.append, ApplyOptions())
        assert workspace.has_state
    assert (tmp_path / "named.tfstate").exists()
    assert (lab.directory / "data").is_dir()


def test_state_can_be_read_where_there_is_no_configuration_any_more(lab: Lab) -> None:
    lab.applied(ONE)
    (lab.directory / "main.tf").unlink()
    assert list(lab.recorded()) == ["libvirt_thing.a"]


def test_a_relative_directory_is_as_good_as_an_absolute_one(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    parent = lab.write(ONE).directory.parent
    monkeypatch.chdir(parent)
    lab.directory = Path("lab")
    saved(lab, Path("p"))
    monkeypatch.chdir("/")
    assert not apply_saved(lab, parent / "p").diagnostics
    assert (parent / "lab" / "terraform.tfstate").exists()


def test_a_state_of_terraform_is_adopted(lab: Lab) -> None:
    """A record without anything of kvmform's own leads to the objects that it has."""
    lab.host.make("their-id", "a")
    lab.host.change("their-id", {"name": "a", "size": 1, "label": "a"})
    lab.host.start("their-id")
    attributes = {"id": "their-id", "serial": "s1", "name": "a", "size": 1, "label": "a", "part": [], "frame": []}
    state = {
        "version": 4,
        "terraform_version": "1.5.0",
        "serial": 3,
        "lineage": "theirs",
        "outputs": {},
        "resources": [
            {
                "mode": "managed",
                "type": "libvirt_thing",
                "name": "a",
                "provider": 'provider["registry.opentofu.org/dmacvicar/libvirt"]',
                "instances": [{"schema_version": 0, "attributes": attributes}],
            }
        ],
    }
    (lab.directory / "terraform.tfstate").write_text(json.dumps(state))
    plan = lab.write(ONE).plan()
    assert not actions(plan)
    assert plan.lineage == "theirs"
    assert not lab.apply().diagnostics
    assert lab.host.objects.keys() == {"their-id"}
