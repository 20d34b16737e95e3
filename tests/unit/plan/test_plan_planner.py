"""Plans of whole configurations."""

from __future__ import annotations

from pathlib import Path

import pytest
from configurations import problems_of, told
from fake_host import THING, FakeHost, fake_catalogue
from labs import HOME, Lab, actions, changes

from kvmform.address import parse_instance, parse_target
from kvmform.diagnostics import DiagnosticError
from kvmform.plan.change import Action, Mode, Verb
from kvmform.schema import Disruption, Observed
from kvmform.state.model import Status
from kvmform.struct import replace
from kvmform.values.model import Unknown
from kvmform.values.types import STRING


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path / "lab")


TWO = """
resource "libvirt_thing" "base" { name = "base" }
resource "libvirt_thing" "user" {
  count = 2
  name  = "user${count.index}"
  uses  = [libvirt_thing.base.serial]
}
output "serials" { value = libvirt_thing.user[*].serial }
output "name" { value = libvirt_thing.base.name }
"""


def test_a_first_plan_creates_everything_and_shows_what_is_known_only_after_apply(lab: Lab) -> None:
    plan = lab.write(TWO).plan()
    assert actions(plan) == dict.fromkeys(
        ["libvirt_thing.base", "libvirt_thing.user[0]", "libvirt_thing.user[1]"], "create"
    )
    user = changes(plan)["libvirt_thing.user[1]"]
    assert user.after is not None
    assert user.after["uses"] == [Unknown(STRING)]
    assert user.dependencies == ("libvirt_thing.base",)
    assert plan.disruption is Disruption.NONE
    assert plan.counts() == (3, 0, 0)
    outputs = {output.name: output for output in plan.outputs}
    assert outputs["serials"].action is Action.CREATE
    assert outputs["serials"].after == [Unknown(STRING), Unknown(STRING)]
    assert outputs["name"].after == "base"
    assert not lab.host.calls


def test_a_second_plan_is_empty(lab: Lab) -> None:
    plan = lab.applied(TWO).plan()
    assert not plan.is_applyable
    assert not plan.steps
    assert {c.action for c in plan.changes} == {Action.NO_OP}
    assert [output.action for output in plan.outputs] == [Action.NO_OP, Action.NO_OP]


def test_what_is_left_of_an_object_that_is_gone_is_taken_up_or_deleted(tmp_path: Path) -> None:
    lab = Lab(tmp_path / "lab")
    kind = replace(THING, read=lambda _host, prior: Observed(prior, remains=True))
    lab.applied('resource "libvirt_thing" "a" { name = "a" }')
    lab.catalogue = replace(fake_catalogue(lab.hosts), types={THING.name: kind})
    plan = lab.plan()
    assert actions(plan) == {"libvirt_thing.a": "create"}
    assert changes(plan)["libvirt_thing.a"].resumes
    assert not plan.drift
    assert actions(lab.write("").plan()) == {"libvirt_thing.a": "delete"}


def test_what_changes_and_what_depends_on_it(lab: Lab) -> None:
    plan = lab.applied(TWO).write(TWO.replace('name = "base"', 'name = "base2"')).plan()
    assert actions(plan) == {
        "libvirt_thing.base": "replace",
        "libvirt_thing.user[0]": "update",
        "libvirt_thing.user[1]": "update",
    }
    base = changes(plan)["libvirt_thing.base"]
    assert base.replace_paths == (("name",),)
    assert base.generation == 1
    assert plan.counts() == (1, 2, 1)
    assert plan.disruption is Disruption.REPLACE
    assert {o.name: o.action.value for o in plan.outputs} == {"name": "update", "serials": "no-op"}


@pytest.mark.parametrize(
    ("before", "after", "reasons"),
    [
        (TWO, TWO.replace("count = 2", "count = 1"), {"libvirt_thing.user[1]": "delete_because_count_index"}),
        (
            TWO,
            'resource "libvirt_thing" "base" { name = "base" }',
            dict.fromkeys(["libvirt_thing.user[0]", "libvirt_thing.user[1]"], "delete_because_no_resource_config"),
        ),
        (
            'resource "libvirt_thing" "a" {\n  for_each = toset(["x", "y"])\n  name = each.key\n}',
            'resource "libvirt_thing" "a" {\n  for_each = toset(["x"])\n  name = each.key\n}',
            {'libvirt_thing.a["y"]': "delete_because_each_key"},
        ),
        (
            'resource "libvirt_thing" "a" {\n  count = 1\n  name = "a"\n}',
            'resource "libvirt_thing" "a" {\n  for_each = toset(["b"])\n  name = each.key\n}',
            {"libvirt_thing.a[0]": "delete_because_wrong_repetition"},
        ),
    ],
)
def test_what_is_not_declared_any_more_is_deleted_for_a_reason(
    lab: Lab, before: str, after: str, reasons: dict[str, str]
) -> None:
    plan = lab.applied(before).write(after).plan()
    assert {str(c.address): c.reason for c in plan.changes if c.action is Action.DELETE} == reasons


def test_the_end_of_a_module(lab: Lab) -> None:
    lab.write('variable "n" {}\nresource "libvirt_thing" "t" { name = var.n }', "m/main.tf")
    lab.applied('module "m" {\n  source = "./m"\n  for_each = toset(["x", "y"])\n  n = each.key\n}')
    plan = lab.write('module "m" {\n  source = "./m"\n  for_each = toset(["x"])\n  n = each.key\n}').plan()
    assert [(str(c.address), c.reason) for c in plan.changes if c.action is Action.DELETE] == [
        ('module.m["y"].libvirt_thing.t', "delete_because_no_module")
    ]
    plan = lab.write("").plan()
    assert {c.reason for c in plan.changes} == {"delete_because_no_resource_config"}


def test_all_problems_are_told_and_what_depends_on_them_is_left_out(lab: Lab) -> None:
    text = """
        resource "libvirt_thing" "a" { nam = "a" }
        resource "libvirt_thing" "b" { name = libvirt_thing.a.nope }
        resource "libvirt_thing" "c" {
          count = 2
          name  = ["c${count.index}"]
        }
        output "d" { value = libvirt_thing.a.name }
        output "e" { value = tonumber("e") }
    """
    found = problems_of(lab.write(text).plan)
    assert [(d.summary, d.address) for d in found] == [
        ("Unsupported argument", "libvirt_thing.a"),
        ("Missing required argument", "libvirt_thing.a"),
        ("Invalid function argument", None),
        ("Incorrect attribute value type", "libvirt_thing.c[0]"),
        ("Incorrect attribute value type", "libvirt_thing.c[1]"),
    ]


# -replace, taint, triggers.


def test_a_replacement_by_request(lab: Lab) -> None:
    plan = lab.applied(TWO).plan(replace=("libvirt_thing.user[1]",))
    assert actions(plan) == {"libvirt_thing.user[1]": "replace"}
    assert changes(plan)["libvirt_thing.user[1]"].reason == "replace_by_request"


def test_a_request_that_names_nothing_is_warned_of(lab: Lab) -> None:
    from kvmform.workspace import PlanOptions

    lab.applied(TWO)
    with lab.workspace() as workspace:
        workspace.plan(PlanOptions(replace=frozenset({parse_instance("libvirt_thing.user[7]")})))
        (told,) = workspace.warnings
        assert told.summary == "Nothing to replace"
        assert told.detail.endswith("There are libvirt_thing.user[0], libvirt_thing.user[1].")


def test_a_request_for_what_the_plan_leaves_out_is_told_so(lab: Lab) -> None:
    from kvmform.workspace import PlanOptions

    lab.applied(TWO)
    wanted = frozenset({parse_instance("libvirt_thing.user[1]")})
    with lab.workspace() as workspace:
        workspace.plan(PlanOptions(replace=wanted, excluded=(parse_target("libvirt_thing.base"),)))
        assert "or -target or -exclude leaves it out" in workspace.warnings[0].detail


@pytest.mark.parametrize(
    ("trigger", "edit", "replaced"),
    [
        ("libvirt_thing.base", ("base", "base", 2), True),
        ("libvirt_thing.base.size", ("base", "base", 2), True),
        ("libvirt_thing.base.label", ("base", "base", 2), False),
        ("libvirt_thing.base.serial", ("base", "base", 2), False),
        ("libvirt_thing.base", ("base", "other", 1), True),
        ("libvirt_thing.base.serial", ("base", "other", 1), True),
        ("libvirt_thing.base", ("base", "base", 1), False),
        ("libvirt_thing.list[0]", ("base", "base", 2), False),
        ("libvirt_thing.list", ("base", "base", 2), True),
        ("libvirt_thing.list[count.index].size", ("base", "base", 2), True),
    ],
)
def test_replacement_by_triggers(lab: Lab, trigger: str, edit: tuple[str, str, int], replaced: bool) -> None:
    def text(name: str, size: int) -> str:
        return f"""
            resource "libvirt_thing" "base" {{
              name = "{name}"
              size = {size}
            }}
            resource "libvirt_thing" "list" {{
              count = 2
              name  = "list${{count.index}}"
              size  = {size} > 1 && count.index == 1 ? 5 : 1
            }}
            resource "libvirt_thing" "a" {{
              count = 2
              name = "a${{count.index}}"
              lifecycle {{
                replace_triggered_by = [{trigger}]
              }}
            }}
        """

    before, after, size = edit
    plan = lab.applied(text(before, 1)).write(text(after, size)).plan()
    change = changes(plan)["libvirt_thing.a[1]"]
    assert (change.action is Action.REPLACE) is replaced
    assert change.reason == ("replace_by_triggers" if replaced else "")


def test_a_trigger_that_is_no_resource(lab: Lab) -> None:
    text = 'locals {\n  x = 1\n}\nresource "libvirt_thing" "a" {\n  name = "a"\n  lifecycle {\n'
    (diagnostic,) = problems_of(lab.write(f"{text}    replace_triggered_by = [local.x]\n  }}\n}}").plan)
    assert diagnostic.summary == "Invalid replace_triggered_by expression"


# Drift.


def test_drift_is_shown_and_repaired(lab: Lab) -> None:
    lab.applied(TWO)
    lab.host.named("base")["label"] = "changed"
    lab.host.named("user1")["uses"] = []
    plan = lab.plan()
    assert [(str(d.address), [e.path for e in d.edits], d.is_shown) for d in plan.drift] == [
        ("libvirt_thing.base", [("label",)], True),
        ("libvirt_thing.user[1]", [("uses",)], True),
    ]
    assert actions(plan) == {"libvirt_thing.user[1]": "update"}


def test_what_vanished_is_made_again(lab: Lab) -> None:
    lab.applied(TWO)
    lab.host.objects.clear()
    plan = lab.plan()
    assert set(actions(plan).values()) == {"create"}
    assert all(d.after is None and d.is_shown for d in plan.drift)


def test_what_moves_by_itself_is_not_shown(lab: Lab) -> None:
    lab.applied(TWO)
    lab.host.named("base")["anything"] = "more"
    plan = lab.plan()
    assert [d.is_shown for d in plan.drift] == [False]
    assert not plan.is_applyable


# Data sources.

LOOKUP = """
resource "libvirt_thing" "a" {
  name = "a"
  size = 1
}
data "libvirt_thing" "found" {
  name = libvirt_thing.a.name
}
resource "libvirt_thing" "b" {
  name = "b"
  uses = [data.libvirt_thing.found.serial]
}
"""


def test_a_data_source_waits_for_what_it_looks_for(lab: Lab) -> None:
    plan = lab.write(LOOKUP).plan()
    assert actions(plan)["data.libvirt_thing.found"] == "read"
    assert changes(plan)["libvirt_thing.b"].dependencies == ("libvirt_thing.a",)


def test_it_is_read_when_the_plan_is_made_if_it_can_be(lab: Lab) -> None:
    plan = lab.applied(LOOKUP).plan()
    found = changes(plan)["data.libvirt_thing.found"]
    assert found.action is Action.NO_OP
    assert found.after is not None
    assert found.after["serial"] == "s1"
    assert not actions(plan)


def test_a_change_of_what_it_refers_to_does_not_keep_it_waiting(lab: Lab) -> None:
    plan = lab.applied(LOOKUP).write(LOOKUP.replace("size = 1", "size = 2")).plan()
    assert actions(plan) == {"libvirt_thing.a": "update"}


def test_a_change_of_what_it_depends_on_explicitly_does(lab: Lab) -> None:
    text = LOOKUP.replace("name = libvirt_thing.a.name", 'name = "a"\n  depends_on = [libvirt_thing.a]')
    plan = lab.applied(text).write(text.replace("size = 1", "size = 2")).plan()
    assert actions(plan) == {
        "libvirt_thing.a": "update",
        "data.libvirt_thing.found": "read",
        "libvirt_thing.b": "update",
    }


def test_a_data_source_behind_another_one_that_waits_waits_too(lab: Lab) -> None:
    text = LOOKUP + 'data "libvirt_thing" "again" { name = data.libvirt_thing.found.name }'
    assert actions(lab.write(text).plan())["data.libvirt_thing.again"] == "read"


def test_what_a_data_source_does_not_find(lab: Lab) -> None:
    (diagnostic,) = problems_of(lab.write('data "libvirt_thing" "x" { name = "x" }').plan)
    assert (diagnostic.summary, diagnostic.address) == ("No such object", "data.libvirt_thing.x")
    assert told(diagnostic) == 'main.tf:1,1 data "libvirt_thing" "x": No such object'


# prevent_destroy, and limits.

GUARDED = 'resource "libvirt_thing" "a" {{\n  name = "{}"\n  lifecycle {{\n    prevent_destroy = true\n  }}\n}}'


def test_what_must_not_be_destroyed_is_neither_deleted_nor_replaced(lab: Lab) -> None:
    lab.applied(GUARDED.format("a"))
    for plan in (lab.write(GUARDED.format("b")).plan, lambda: lab.plan(mode=Mode.DESTROY)):
        (diagnostic,) = problems_of(plan)
        assert diagnostic.summary == "Instance cannot be destroyed"
        assert diagnostic.address == "libvirt_thing.a"
        assert "leave this resource out of the plan with -exclude" in diagnostic.detail
    assert "a change of name" in problems_of(lab.write(GUARDED.format("b")).plan)[0].detail
    assert actions(lab.write("").plan()) == {"libvirt_thing.a": "delete"}


def test_an_instance_that_leaves_its_block_is_guarded_too(lab: Lab) -> None:
    lifecycle = "lifecycle {{\n    prevent_destroy = true\n  }}"
    text = 'resource "libvirt_thing" "a" {{\n  count = {}\n  name = count.index\n  ' + lifecycle + "\n}}"
    lab.applied(text.format(2))
    (diagnostic,) = problems_of(lab.write(text.format(1)).plan)
    assert diagnostic.address == "libvirt_thing.a[1]"


# Conditions.


def test_conditions_are_checked_when_the_plan_is_made(lab: Lab) -> None:
    text = """
        resource "libvirt_thing" "a" {
          name = "a"
          lifecycle {
            postcondition {
              condition     = self.size > 5
              error_message = "Size ${self.size} is too small."
            }
          }
        }
    """
    (diagnostic,) = problems_of(lab.write(text).plan)
    assert (diagnostic.summary, diagnostic.detail) == ("Resource postcondition failed", "Size 1 is too small.")
    assert diagnostic.address == "libvirt_thing.a"


# Modes.


def test_a_plan_to_destroy_needs_no_working_configuration(lab: Lab) -> None:
    lab.applied(TWO)
    plan = lab.write(TWO.replace('"user${count.index}"', "[][0]")).plan(mode=Mode.DESTROY)
    assert set(actions(plan).values()) == {"delete"}
    assert [str(o.action.value) for o in plan.outputs] == ["delete", "delete"]
    assert plan.counts() == (0, 0, 3)


def test_destroying_in_the_order_of_use_also_through_a_data_source(lab: Lab) -> None:
    plan = lab.applied(LOOKUP).plan(mode=Mode.DESTROY)
    places = {step.address: step.number for step in plan.steps if step.verb is Verb.DELETE}
    needs = {step.address: step.needs for step in plan.steps if step.verb is Verb.DELETE}
    assert needs["libvirt_thing.a"] == (places["libvirt_thing.b"],)


def test_what_is_gone_already_needs_no_deletion(lab: Lab) -> None:
    lab.applied(TWO)
    lab.host.objects.clear()
    plan = lab.plan(mode=Mode.DESTROY)
    assert not plan.changes
    assert len(plan.drift) == 3


def test_refresh_only_changes_no_object(lab: Lab) -> None:
    lab.applied(TWO)
    lab.host.named("base")["label"] = "changed"
    lab.host.named("user0")["serial"] = "s9"
    plan = lab.write(TWO.replace('name = "base"', 'name = "other"')).plan(mode=Mode.REFRESH_ONLY)
    assert not plan.changes_objects
    assert plan.is_applyable
    assert len(plan.drift) == 2
    assert {o.name: (o.action.value, o.after) for o in plan.outputs} == {
        "name": ("no-op", "base"),
        "serials": ("update", ["s9", "s3"]),
    }


def test_refresh_only_leaves_outputs_that_need_more_than_there_is(lab: Lab) -> None:
    lab.applied(TWO)
    more = TWO.replace("libvirt_thing.base.name", "libvirt_thing.new.name")
    plan = lab.write(more + 'resource "libvirt_thing" "new" { name = "new" }').plan(mode=Mode.REFRESH_ONLY)
    assert {o.name: o.action.value for o in plan.outputs} == {"name": "no-op", "serials": "no-op"}
    plan = lab.write(TWO.replace("libvirt_thing.base.name", "libvirt_thing.user[7].name")).plan(mode=Mode.REFRESH_ONLY)
    assert {o.name: o.action.value for o in plan.outputs} == {"name": "no-op", "serials": "no-op"}


def test_without_refresh_the_state_is_believed(lab: Lab) -> None:
    lab.applied(TWO)
    lab.host.objects.clear()
    lab.host.reads = 0
    plan = lab.plan(refresh=False)
    assert not actions(plan)
    assert not plan.drift
    assert lab.host.reads == 0


def test_an_interrupted_creation_is_resumed(lab: Lab) -> None:
    lab.write(TWO)
    lab.host.failing = lambda call: call == "start user1"
    assert lab.apply().diagnostics
    lab.host.failing = lambda _call: False
    assert lab.state.instances[parse_instance("libvirt_thing.user[1]")].status is Status.CREATING
    change = changes(lab.plan())["libvirt_thing.user[1]"]
    assert (change.action, change.resumes) == (Action.CREATE, True)
    assert actions(lab.write("").plan())["libvirt_thing.user[1]"] == "delete"


def test_a_resource_type_in_state_that_kvmform_does_not_have(lab: Lab) -> None:
    lab.applied(TWO)
    state = lab.directory / "terraform.tfstate"
    state.write_text(
        state.read_text().replace(
            '"type": "libvirt_thing",\n      "name": "base"', '"type": "null_resource",\n      "name": "base"'
        )
    )
    found = problems_of(lambda: lab.plan(mode=Mode.DESTROY))
    assert [d.summary for d in found] == ["Unknown resource type in state"]


def test_an_object_does_not_move_to_another_host(lab: Lab) -> None:
    lab.hosts["fake:///east"] = FakeHost("fake:///east")
    lab.applied('resource "libvirt_thing" "a" { name = "a" }')
    east = 'provider "libvirt" {\n  alias = "east"\n  uri = "fake:///east"\n}\n'
    lab.write(f'{east}resource "libvirt_thing" "a" {{\n  name = "a"\n  provider = libvirt.east\n}}')
    (diagnostic,) = problems_of(lab.plan)
    assert diagnostic.summary == "Object is on another host"
    same = east.replace("fake:///east", HOME)
    lab.write(f'{same}resource "libvirt_thing" "a" {{\n  name = "a"\n  provider = libvirt.east\n}}')
    assert not actions(lab.plan())


def test_how_often_a_module_is_there_is_told_where_it_is_wrong(lab: Lab) -> None:
    lab.write('resource "libvirt_thing" "t" { name = "t" }', "m/main.tf")
    lab.write(
        'resource "libvirt_thing" "a" { name = "a" }\n'
        'module "m" {\n  source = "./m"\n  count = length(libvirt_thing.a.serial)\n}'
    )
    with pytest.raises(DiagnosticError) as caught:
        lab.plan()
    assert [told(d) for d in caught.value.diagnostics] == [
        "main.tf:4,11 length(libvirt_thing.a.serial): Invalid count argument"
    ]
