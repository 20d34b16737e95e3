"""-exclude: all but some instances, and what depends on them."""

from __future__ import annotations

from pathlib import Path

import pytest
from configurations import problems_of
from labs import Lab, actions

from kvmform.address import parse_target
from kvmform.cli.planning import plan_options
from kvmform.plan.change import Mode
from kvmform.workspace import PlanOptions

FILES = """
resource "libvirt_thing" "a" { name = "a" }
resource "libvirt_thing" "b" {
  count = 2
  name  = "b${count.index}"
  uses  = [libvirt_thing.a.serial]
}
resource "libvirt_thing" "c" { name = "c" }
module "m" {
  source   = "./m"
  for_each = toset(["x", "y"])
  name     = each.key
  used     = libvirt_thing.b[0].serial
}
output "names" { value = libvirt_thing.c.name }
output "fixed" { value = 1 }
output "serial" { value = libvirt_thing.a.serial }
"""
MODULE = """
variable "name" {}
variable "used" {}
resource "libvirt_thing" "t" {
  name = var.name
  uses = [var.used]
}
"""
B, T = ["libvirt_thing.b[0]", "libvirt_thing.b[1]"], ['module.m["x"].libvirt_thing.t', 'module.m["y"].libvirt_thing.t']


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path / "lab").write(FILES).write(MODULE, "m/main.tf")


@pytest.mark.parametrize(
    ("excluded", "created", "outputs"),
    [
        (("libvirt_thing.a",), ["libvirt_thing.c"], {"names", "fixed"}),
        (("libvirt_thing.b",), ["libvirt_thing.a", "libvirt_thing.c"], {"names", "fixed", "serial"}),
        (("libvirt_thing.b[1]",), ["libvirt_thing.a", B[0], "libvirt_thing.c"], {"names", "fixed", "serial"}),
        (("libvirt_thing.c",), ["libvirt_thing.a", *B, *T], {"fixed", "serial"}),
        (('module.m["x"]',), ["libvirt_thing.a", *B, "libvirt_thing.c", T[1]], {"names", "fixed", "serial"}),
        (("module.m", "libvirt_thing.c"), ["libvirt_thing.a", *B], {"fixed", "serial"}),
    ],
)
def test_what_depends_on_an_exclusion_is_left_out_too(
    lab: Lab, excluded: tuple[str, ...], created: list[str], outputs: set[str]
) -> None:
    plan = lab.plan(excluded=excluded)
    assert sorted(actions(plan)) == sorted(created)
    assert {output.name for output in plan.outputs} == outputs
    assert plan.excluded == excluded
    assert plan.is_partial


def test_the_plan_tells_that_it_leaves_something_out(lab: Lab) -> None:
    with lab.workspace() as workspace:
        workspace.plan(PlanOptions(excluded=(parse_target("libvirt_thing.c"),)))
    assert [warning.summary for warning in workspace.warnings] == ["Resource exclusion is in effect"]


def test_what_is_left_out_stays_as_it_is_and_comes_with_the_next_plan(lab: Lab) -> None:
    lab.apply()
    lab.write(FILES.replace('name = "c"', 'name = "C"').replace('name  = "b', 'name  = "B').replace("= 1", "= 2"))
    assert not lab.apply(excluded=("libvirt_thing.b[1]",)).diagnostics
    assert lab.host.names() == {"a", "B0", "b1", "C", "x", "y"}
    assert lab.outputs()["fixed"] == 2
    assert actions(lab.plan()) == {"libvirt_thing.b[1]": "replace"} | dict.fromkeys(T, "update")


def test_nothing_is_deleted_that_something_left_out_needs(lab: Lab) -> None:
    lab.apply()
    lab.write('resource "libvirt_thing" "c" { name = "c2" }\n')
    plan = actions(lab.plan(excluded=('module.m["x"]',)))
    assert not {T[0], B[0], B[1], "libvirt_thing.a"} & plan.keys()
    assert plan == {"libvirt_thing.c": "replace", T[1]: "delete"}


def test_a_destruction_leaves_what_an_exclusion_needs(lab: Lab) -> None:
    lab.apply()
    assert not lab.apply(mode=Mode.DESTROY, excluded=(T[0],)).diagnostics
    assert lab.host.names() == {"a", "b0", "b1", "x"}
    assert not lab.apply(mode=Mode.DESTROY, excluded=("libvirt_thing.a",)).diagnostics
    assert lab.host.names() == {"a"}


def test_a_refresh_leaves_out_what_is_excluded(lab: Lab) -> None:
    lab.apply()
    plan = lab.plan(mode=Mode.REFRESH_ONLY, excluded=("libvirt_thing.b",))
    assert sorted(str(change.address) for change in plan.changes) == ["libvirt_thing.a", "libvirt_thing.c", *T]


def test_an_exclusion_that_is_nowhere_protects_nothing(lab: Lab) -> None:
    (problem,) = problems_of(lambda: lab.plan(mode=Mode.DESTROY, excluded=("libvirt_thing.nope",)))
    assert problem.summary == "Target not found"
    assert "nothing to leave out" in problem.detail


def test_targets_and_exclusions_are_not_given_together(lab: Lab) -> None:
    (problem,) = problems_of(lambda: lab.plan(targets=("libvirt_thing.a",), excluded=("libvirt_thing.b",)))
    assert problem.summary == "Invalid combination of arguments"


def test_what_has_moved_is_not_left_out(lab: Lab) -> None:
    lab.apply()
    moved = "moved {\n  from = libvirt_thing.c\n  to   = libvirt_thing.d\n}\n"
    lab.write(FILES.replace('"libvirt_thing" "c"', '"libvirt_thing" "d"').replace("thing.c.", "thing.d.") + moved)
    (problem,) = problems_of(lambda: lab.plan(excluded=("libvirt_thing.d",)))
    assert problem.summary == "Moved resource instances excluded by targeting"
    assert [str(change.previous) for change in lab.plan(excluded=("libvirt_thing.a",)).changes] == ["libvirt_thing.c"]


def test_addresses_are_read_from_files_too(tmp_path: Path) -> None:
    file = tmp_path / "left-out"
    file.write_text("# what others look after\nlibvirt_thing.b[1]\n\n  module.m\n")
    found = _options(excluded=(("-exclude-file", str(file)), ("-exclude", "libvirt_thing.c")))
    assert [str(each) for each in found.excluded] == ["libvirt_thing.b[1]", "module.m", "libvirt_thing.c"]
    found = _options(targets=(("-target-file", str(file)),))
    assert [str(each) for each in found.targets] == ["libvirt_thing.b[1]", "module.m"]
    (problem,) = problems_of(lambda: _options(targets=(("-target-file", str(tmp_path / "none")),)))
    assert "No such file" in problem.detail


def _options(targets: tuple[tuple[str, str], ...] = (), excluded: tuple[tuple[str, str], ...] = ()) -> PlanOptions:
    return plan_options(
        destroy=False,
        refresh_only=False,
        refresh=True,
        targets=targets,
        excluded=excluded,
        replace=(),
        gates=(),
    )
