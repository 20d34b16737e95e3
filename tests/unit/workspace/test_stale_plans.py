"""A plan that was saved is carried out only where everything is still as it was when it was made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from configurations import problems_of
from fake_host import Killed, Mortality
from labs import Lab

from kvmform.diagnostics import Diagnostic
from kvmform.plan.change import Mode
from kvmform.plan.planfile import read_plan
from kvmform.workspace import ApplyOptions, PlanOptions

TWO = """
resource "libvirt_thing" "a" {
  name = "a"
}

resource "libvirt_thing" "b" {
  name = "b"
  uses = [libvirt_thing.a.id]
}

resource "libvirt_thing" "alone" {
  name = "alone"
}
"""


class SavedLab(Lab):
    """A lab whose plans are saved, and applied in another run."""

    def save(self, text: str, **options: Any) -> None:
        """Write a configuration, and save a plan of it."""
        self.write(text)
        with self.workspace() as workspace:
            workspace.save(workspace.plan(PlanOptions(**options)).plan, self.directory / "p")

    def refusal(self) -> str:
        """Why the saved plan is not applied; nothing is done by then."""
        calls, (first, *others) = list(self.host.calls), self.problems()
        assert self.host.calls == calls
        assert first.summary == "Saved plan is stale"
        return "\n".join([first.detail, *(f"{each.summary}: {each.detail}" for each in others)])

    def problems(self) -> tuple[Diagnostic, ...]:
        return tuple(problems_of(self.apply_saved))

    def apply_saved(self) -> Any:
        """Apply the plan; what came of it."""
        saved = read_plan(self.directory / "p")
        with self.workspace(saved) as workspace:
            return workspace.apply(saved.plan, self.events.append, ApplyOptions())

    def saved_is_killed_at(self, instant: int) -> bool:
        """Apply the plan, and be killed at an instant; whether it came to that."""
        self.mortality = self.host.mortality = Mortality(instant)
        try:
            self.apply_saved()
        except Killed:
            return True
        finally:
            self.mortality = self.host.mortality = Mortality()
        return False

    def set(self, name: str, **values: Any) -> None:
        """Change an object behind kvmform's back; None: take the attribute away."""
        self.host.named(name).update(values)

    def lose(self, name: str) -> None:
        """Delete an object behind kvmform's back."""
        self.host.objects = {key: found for key, found in self.host.objects.items() if found["name"] != name}


@pytest.fixture
def lab(tmp_path: Path) -> SavedLab:
    lab = SavedLab(tmp_path / "lab")
    lab.applied(TWO)
    return lab


def changed(name: str = "b", line: str = "size = 3") -> str:
    return TWO.replace(f'name = "{name}"', f'name = "{name}"\n  {line}')


def test_what_has_changed_is_told_attribute_by_attribute(lab: SavedLab) -> None:
    lab.save(changed())
    lab.set("b", size=7, tags={"x": "y"})
    told = lab.refusal()
    assert "  - libvirt_thing.b: size was 1 and is now 7\n" in told
    assert '  - libvirt_thing.b: tags was null and is now {"x": "y"}\n' in told
    assert "Make a new plan" in told


def test_the_same_change_that_was_planned_makes_it_stale_too(lab: SavedLab) -> None:
    lab.save(changed())
    lab.set("b", size=3)
    assert "libvirt_thing.b: size was 1 and is now 3" in lab.refusal()


def test_an_object_that_is_gone(lab: SavedLab) -> None:
    lab.save(changed())
    lab.lose("b")
    assert "libvirt_thing.b: was there and is gone" in lab.refusal()


def test_an_object_that_came_back(lab: SavedLab) -> None:
    gone = lab.host.named("b")
    identity = next(key for key, found in lab.host.objects.items() if found is gone)
    lab.lose("b")
    lab.save(TWO)
    lab.host.objects[identity] = gone
    assert "libvirt_thing.b: was gone and is there again" in lab.refusal()


def test_an_object_that_the_changed_one_uses_counts_and_another_does_not(lab: SavedLab) -> None:
    lab.save(changed())
    lab.set("alone", size=9)
    lab.set("a", size=5)
    told = lab.refusal()
    assert "libvirt_thing.a: size was 1 and is now 5" in told
    assert "alone" not in told


def test_what_the_plan_neither_touches_nor_uses_may_have_changed(lab: SavedLab) -> None:
    lab.save(changed())
    lab.set("alone", size=9)
    assert not lab.apply_saved().diagnostics
    assert lab.host.named("b")["size"] == 3


def test_what_moves_by_itself_may_have_moved(lab: SavedLab) -> None:
    lab.save(changed())
    lab.set("b", seen=100)
    assert not lab.apply_saved().diagnostics


def test_a_block_that_is_new(lab: SavedLab) -> None:
    lab.save(changed())
    lab.set("b", part=[{"name": "x", "weight": 1, "slot": "0", "hole": []}])
    assert "libvirt_thing.b: part[0] was not there and is now" in lab.refusal()


def test_a_change_that_would_cost_something_else_by_now(lab: SavedLab) -> None:
    """Nothing that is recorded differs; only the facts that the disruption rests on."""
    lab.save(changed())
    lab.set("b", started=False)
    assert "libvirt_thing.b: changing size was of the class live and would now be none" in lab.refusal()


def test_secrets_are_not_told(lab: SavedLab) -> None:
    lab.applied(changed(line='secret = "first"'))
    lab.save(changed(line='secret = "second"'))
    lab.set("b", secret="third")
    told = lab.refusal()
    assert "libvirt_thing.b: secret was (sensitive value) and is now another one" in told
    assert "first" not in told
    assert "third" not in told


def test_drift_that_the_plan_shows_must_still_be_so(lab: SavedLab) -> None:
    lab.set("alone", size=4)
    lab.save(TWO, mode=Mode.REFRESH_ONLY)
    lab.set("alone", size=5)
    assert "libvirt_thing.alone: size was 4 and is now 5" in lab.refusal()
    lab.set("alone", size=4)
    assert not lab.apply_saved().diagnostics
    assert lab.recorded()["libvirt_thing.alone"]["size"] == 4


def test_what_is_to_be_destroyed_has_changed(lab: SavedLab) -> None:
    lab.save(TWO, mode=Mode.DESTROY)
    lab.set("alone", label="precious")
    assert 'libvirt_thing.alone: label was "alone" and is now "precious"' in lab.refusal()
    assert lab.host.names() == {"a", "b", "alone"}


def test_a_plan_that_did_not_look_is_not_compared_with_what_it_did_not_see(lab: SavedLab) -> None:
    lab.set("b", label="drifted")
    lab.save(changed(), refresh=False)
    assert not lab.apply_saved().diagnostics
    assert lab.host.named("b")["size"] == 3


def test_a_state_that_has_changed_is_told_with_what_it_records(lab: SavedLab) -> None:
    lab.save(changed())
    lab.applied(TWO + 'resource "libvirt_thing" "c" {\n  name = "c"\n}')
    told = lab.refusal()
    assert "its serial was 1 and is now 2" in told
    assert "Recorded since then: libvirt_thing.c." in told


def test_a_plan_is_applied_once(lab: SavedLab) -> None:
    lab.save(changed())
    assert not lab.apply_saved().diagnostics
    assert "this plan was applied already, or something else was" in lab.refusal()


def test_a_plan_whose_run_was_killed_is_not_applied_again(lab: SavedLab) -> None:
    lab.save(changed() + 'resource "libvirt_thing" "c" {\n  name = "c"\n}')
    assert lab.saved_is_killed_at(6)
    assert "a run was interrupted or killed before its end" in lab.refusal()
    lab.save(lab.directory.joinpath("main.tf").read_text())
    assert not lab.apply_saved().diagnostics


def test_a_state_that_is_not_there_any_more(lab: SavedLab) -> None:
    lab.save(changed())
    (lab.directory / "terraform.tfstate").unlink()
    assert "there is no state here" in lab.refusal()


def test_what_a_first_plan_rests_on_is_nothing(tmp_path: Path) -> None:
    lab = SavedLab(tmp_path / "fresh")
    lab.save(TWO)
    assert not lab.apply_saved().diagnostics
    assert lab.host.names() == {"a", "b", "alone"}


LOOKUP = """
data "libvirt_thing" "given" {
  name = "given"
}

locals {
  given = [data.libvirt_thing.given.serial]
}
"""


def test_what_a_data_source_told_of_counts_where_it_is_used(lab: SavedLab) -> None:
    lab.host.make("g", "given")
    lab.host.start("g")
    lab.save(LOOKUP + changed(line="tags = { serial = local.given[0] }"))
    told = lab.host.named("given")["serial"]
    lab.set("given", serial="other")
    assert f'data.libvirt_thing.given: serial was "{told}" and is now "other"' in lab.refusal()
    lab.lose("given")
    assert "data.libvirt_thing.given: No such object." in lab.refusal()


def test_what_a_data_source_told_of_does_not_count_where_nothing_uses_it(lab: SavedLab) -> None:
    lab.host.make("g", "given")
    lab.save(LOOKUP + changed())
    lab.set("given", serial="other")
    assert not lab.apply_saved().diagnostics


# Where it is applied.


def test_a_lab_that_is_checked_out_elsewhere_takes_its_plan_along(lab: SavedLab, tmp_path: Path) -> None:
    lab.write('variable "n" {}\nresource "libvirt_thing" "t" {\n  name = var.n\n}', "m/main.tf")
    lab.save(changed() + 'module "m" {\n  source = "./m"\n  n      = "inner"\n}\n')
    lab.directory = lab.directory.rename(tmp_path / "elsewhere")
    assert not lab.apply_saved().diagnostics
    assert lab.host.named("b")["size"] == 3
    assert "inner" in lab.host.names()
    assert not (tmp_path / "lab").exists()


def test_a_lab_that_is_gone_and_not_here_is_told(lab: SavedLab, tmp_path: Path) -> None:
    lab.save(changed())
    lab.directory = lab.directory.rename(tmp_path / "elsewhere")
    lab.write("# another configuration")
    (problem,) = lab.problems()
    assert problem.summary == "Saved plan is for another directory"
    assert str(tmp_path / "lab") in problem.detail


def test_a_copy_with_a_state_of_its_own_is_not_touched(lab: SavedLab, tmp_path: Path) -> None:
    lab.save(changed())
    plan = (lab.directory / "p").read_bytes()
    copy = SavedLab(tmp_path / "copy")
    copy.applied(TWO)
    copy.write(changed())
    (copy.directory / "p").write_bytes(plan)
    assert "the state here is another one" in copy.refusal()
