"""-target: only some instances, and what they need."""

from __future__ import annotations

from pathlib import Path

import pytest
from configurations import problems_of
from labs import Lab, actions

from kvmform.address import parse_instance, parse_target
from kvmform.plan.change import Mode
from kvmform.plan.target import covers, is_target, users_of


@pytest.mark.parametrize(
    ("target", "address", "is_in"),
    [
        ("libvirt_thing.a", "libvirt_thing.a", True),
        ("libvirt_thing.a", "libvirt_thing.a[3]", True),
        ("libvirt_thing.a", "libvirt_thing.b", False),
        ("libvirt_thing.a", "data.libvirt_thing.a", False),
        ("libvirt_thing.a", "module.m.libvirt_thing.a", False),
        ("libvirt_thing.a[1]", "libvirt_thing.a[1]", True),
        ("libvirt_thing.a[1]", "libvirt_thing.a[2]", False),
        ("module.m", "module.m.libvirt_thing.a[2]", True),
        ("module.m", "module.m.module.n.libvirt_thing.a", True),
        ("module.m", 'module.m["x"].libvirt_thing.a', True),
        ('module.m["x"]', 'module.m["x"].module.n.libvirt_thing.a', True),
        ('module.m["x"]', 'module.m["y"].libvirt_thing.a', False),
        ("module.m.libvirt_thing.a", 'module.m["y"].libvirt_thing.a[0]', True),
        ("module.m.libvirt_thing.a", "module.m.module.n.libvirt_thing.a", False),
        ("module.m[0].libvirt_thing.a", "module.m[1].libvirt_thing.a", False),
        ("module.m", "module.mm.libvirt_thing.a", False),
    ],
)
def test_what_is_in_a_target(target: str, address: str, is_in: bool) -> None:
    assert is_target([parse_target(target)], parse_instance(address)) is is_in


def test_without_targets_everything_is_one() -> None:
    assert is_target([], parse_instance("libvirt_thing.a"))
    assert covers([], parse_instance("libvirt_thing.a"))


@pytest.mark.parametrize(
    ("targets", "address", "covered"),
    [
        (["libvirt_thing.a[0]"], "libvirt_thing.a[1]", False),
        (["libvirt_thing.a[0]", "libvirt_thing.a[1]"], "libvirt_thing.a[1]", True),
        (["libvirt_thing.a[0]"], "libvirt_thing.b[1]", True),
        (['module.m["x"]'], 'module.m["y"].libvirt_thing.a', False),
        (['module.m["x"]'], "libvirt_thing.a", True),
    ],
)
def test_what_only_the_targets_need_is_covered_whole(targets: list[str], address: str, covered: bool) -> None:
    assert covers([parse_target(t) for t in targets], parse_instance(address)) is covered


def test_users_go_with_what_they_use() -> None:
    recorded = {
        parse_instance(address): used
        for address, used in {
            "libvirt_thing.a": [],
            "libvirt_thing.b[0]": ["libvirt_thing.a"],
            "libvirt_thing.b[1]": ["libvirt_thing.a"],
            "libvirt_thing.c": ["libvirt_thing.b"],
            "libvirt_thing.d": [],
        }.items()
    }
    found = users_of([parse_instance("libvirt_thing.a")], recorded)
    assert sorted(map(str, found)) == ["libvirt_thing.b[0]", "libvirt_thing.b[1]", "libvirt_thing.c"]


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
"""
MODULE = """
variable "name" {}
variable "used" {}
resource "libvirt_thing" "t" {
  name = var.name
  uses = [var.used]
}
"""


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path / "lab").write(FILES).write(MODULE, "m/main.tf")


@pytest.mark.parametrize(
    ("targets", "created"),
    [
        (("libvirt_thing.a",), ["libvirt_thing.a"]),
        (("libvirt_thing.b",), ["libvirt_thing.a", "libvirt_thing.b[0]", "libvirt_thing.b[1]"]),
        (("libvirt_thing.b[1]",), ["libvirt_thing.a", "libvirt_thing.b[1]"]),
        (("libvirt_thing.c", "libvirt_thing.a"), ["libvirt_thing.a", "libvirt_thing.c"]),
        (
            ('module.m["x"]',),
            ["libvirt_thing.a", "libvirt_thing.b[0]", "libvirt_thing.b[1]", 'module.m["x"].libvirt_thing.t'],
        ),
        (
            ("module.m",),
            [
                "libvirt_thing.a",
                "libvirt_thing.b[0]",
                "libvirt_thing.b[1]",
                'module.m["x"].libvirt_thing.t',
                'module.m["y"].libvirt_thing.t',
            ],
        ),
    ],
)
def test_targets_are_planned_with_what_they_need(lab: Lab, targets: tuple[str, ...], created: list[str]) -> None:
    plan = lab.plan(targets=targets)
    assert sorted(actions(plan)) == sorted(created)
    assert plan.targets == targets
    assert [output.name for output in plan.outputs] == (["names"] if "libvirt_thing.c" in created else [])


def test_outputs_of_targets_are_recorded_and_others_stay(lab: Lab) -> None:
    more = 'output "used" { value = values(module.m)[*].used }\noutput "none" { value = 1 }\n'
    lab.write(FILES + more).write(MODULE + 'output "used" { value = libvirt_thing.t.uses }\n', "m/main.tf")
    lab.apply(targets=("libvirt_thing.c",))
    assert lab.outputs() == {"names": "c"}
    lab.apply(targets=('module.m["x"]',))
    assert set(lab.outputs()) == {"names"}, "what of used comes from the other instance is not known"
    assert not lab.plan(targets=('module.m["x"]',)).outputs, "and this plan would not change that"
    lab.apply(targets=("module.m",))
    assert set(lab.outputs()) == {"names", "used"}


def test_targeted_plans_can_be_applied_one_after_the_other(lab: Lab) -> None:
    for target in ("libvirt_thing.b[1]", 'module.m["y"]', "module.m"):
        assert not lab.apply(targets=(target,)).diagnostics
        assert not actions(lab.plan(targets=(target,)))
    assert list(actions(lab.plan())) == ["libvirt_thing.c"]
    assert not lab.apply().diagnostics
    assert not lab.plan().is_applyable


def test_what_is_beside_the_target_keeps_its_values(lab: Lab) -> None:
    lab.apply()
    text = FILES + 'resource "libvirt_thing" "d" {\n  name = "d"\n  uses = [libvirt_thing.b[0].serial]\n}'
    lab.write(text.replace('name  = "b${count.index}"', 'name  = "B${count.index}"'))
    plan = lab.plan(targets=("libvirt_thing.d", "libvirt_thing.b[1]"))
    assert actions(plan) == {"libvirt_thing.d": "create", "libvirt_thing.b[1]": "replace"}
    assert not lab.apply(targets=("libvirt_thing.d", "libvirt_thing.b[1]")).diagnostics
    assert lab.host.named("d")["uses"] == [lab.host.named("b0")["serial"]]


def test_orphans_beside_the_target_stay(lab: Lab) -> None:
    lab.apply()
    lab.write('resource "libvirt_thing" "a" { name = "a2" }')
    assert actions(lab.plan(targets=("libvirt_thing.a",))) == {"libvirt_thing.a": "replace"}
    assert actions(lab.plan(targets=("libvirt_thing.c",))) == {"libvirt_thing.c": "delete"}


def test_destroying_a_target_takes_what_uses_it(lab: Lab) -> None:
    lab.apply()
    plan = lab.plan(mode=Mode.DESTROY, targets=("libvirt_thing.b[0]",))
    assert sorted(actions(plan)) == [
        "libvirt_thing.b[0]",
        'module.m["x"].libvirt_thing.t',
        'module.m["y"].libvirt_thing.t',
    ]
    assert not plan.outputs
    assert not lab.apply(mode=Mode.DESTROY, targets=("libvirt_thing.b[0]",)).diagnostics
    assert lab.host.names() == {"a", "b1", "c"}


@pytest.mark.parametrize("mode", list(Mode))
def test_a_target_that_is_nowhere(lab: Lab, mode: Mode) -> None:
    (diagnostic,) = problems_of(lambda: lab.plan(mode=mode, targets=("libvirt_thing.nope",)))
    assert diagnostic.summary == "Target not found"
