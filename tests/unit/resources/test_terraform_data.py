"""`terraform_data`: values of any type, recorded with it. The states were written by Terraform 1.11."""

import json
from typing import Any

import pytest
from command_line import CommandLine

RESOURCE = 'resource "terraform_data" "d" {\n  %s\n}\n'

TRIGGERS = 'triggers_replace = { a = "1", b = "2" }'

TYPED = {
    '"x"': {"value": "x", "type": "string"},
    "1.5": {"value": 1.5, "type": "number"},
    "null": None,
    'tomap({ value = "1", type = "2" })': {"value": {"type": "2", "value": "1"}, "type": ["map", "string"]},
    'toset(["b", "a"])': {"value": ["a", "b"], "type": ["set", "string"]},
    '[1, true, null, "s"]': {
        "value": [1, True, None, "s"],
        "type": ["tuple", ["number", "bool", "dynamic", "string"]],
    },
    '{ type = "string", value = tolist([1, 2]) }': {
        "value": {"type": "string", "value": [1, 2]},
        "type": ["object", {"type": "string", "value": ["list", "number"]}],
    },
}


@pytest.mark.parametrize(("written", "recorded"), TYPED.items(), ids=TYPED)
def test_values_are_recorded_with_their_types(here: CommandLine, written: str, recorded: Any) -> None:
    here.applied(RESOURCE % f"input = {written}\ntriggers_replace = {written}")
    found = here.state()["terraform_data.d"]
    assert found["provider"] == 'provider["terraform.io/builtin/terraform"]'
    attributes = found["attributes"]
    assert attributes.pop("id").count("-") == 4
    assert attributes == {"input": recorded, "output": recorded, "triggers_replace": recorded}


def test_a_null_of_a_type_keeps_that(here: CommandLine) -> None:
    here.applied(f'variable "v" {{\n  type    = number\n  default = null\n}}\n{RESOURCE % "input = var.v"}')
    assert here.attributes("terraform_data.d")["output"] == {"value": None, "type": "number"}


def test_expressions_get_values_of_the_very_type(here: CommandLine) -> None:
    here.applied(
        """
        resource "terraform_data" "names" {
          input = toset(["b", "a"])
        }
        resource "terraform_data" "each" {
          for_each = terraform_data.names.input
          input    = each.key
        }
        output "more" { value = setunion(terraform_data.names.output, ["c", "a"]) }
        output "each" { value = [for each in terraform_data.each : each.output] }
        """
    )
    assert here.outputs() == {"more": ["a", "b", "c"], "each": ["a", "b"]}


def test_people_and_programs_are_shown_the_value_alone(here: CommandLine) -> None:
    here.write(RESOURCE % "input = [1]")
    change = here.plan()["terraform_data.d"]["change"]
    assert change["after"] == {"input": [1], "triggers_replace": None}
    assert change["after_unknown"] == {"id": True, "input": [False], "output": True}
    here.run("apply", "-auto-approve")
    (shown,) = json.loads(here.run("show", "-json"))["values"]["root_module"]["resources"]
    assert (shown["values"]["input"], shown["values"]["output"]) == ([1], [1])
    assert shown["provider_name"] == "terraform.io/builtin/terraform"
    assert "type" not in here.run("state", "show", "terraform_data.d")
    here.write(RESOURCE % 'input = "y"')
    (edit,) = [e for e in here.plan()["terraform_data.d"]["change"]["edits"] if e["path"] == ["input"]]
    assert (edit["before"], edit["after"]) == ([1], "y")


def test_another_input_is_an_update_whose_output_is_known_after_apply(here: CommandLine) -> None:
    here.applied(RESOURCE % 'input = "x"')
    before = here.attributes("terraform_data.d")["id"]
    change = here.write(RESOURCE % 'input = "y"').plan()["terraform_data.d"]["change"]
    assert change["actions"] == ["update"]
    assert change["after_unknown"] == {"output": True}
    assert change["disruption"] == "none"
    here.applied(RESOURCE % 'input = "y"')
    found = here.attributes("terraform_data.d")
    assert (found["id"], found["output"]["value"]) == (before, "y")
    here.write(RESOURCE % "")
    assert here.plan()["terraform_data.d"]["change"]["after"]["output"] is None


def test_an_input_of_another_type_is_a_change(here: CommandLine) -> None:
    here.applied(RESOURCE % 'input = ["a"]')
    assert here.write(RESOURCE % 'input = tolist(["a"])').actions() == {"terraform_data.d": ["update"]}


def test_another_trigger_replaces_it(here: CommandLine) -> None:
    here.applied(RESOURCE % 'input = "x"\ntriggers_replace = 1')
    before = here.attributes("terraform_data.d")["id"]
    change = here.write(RESOURCE % 'input = "x"\ntriggers_replace = "1"').plan()["terraform_data.d"]["change"]
    assert change["actions"] == ["delete", "create"]
    assert change["replace_paths"] == [["triggers_replace"]]
    assert change["after_unknown"] == {"id": True, "output": True}
    here.run("apply", "-auto-approve")
    assert here.attributes("terraform_data.d")["id"] != before


def test_a_value_that_is_known_in_part(here: CommandLine) -> None:
    text = """
        resource "terraform_data" "a" {}
        resource "terraform_data" "b" {
          input = { id = terraform_data.a.id, here = 1 }
        }
        """
    change = here.write(text).plan()["terraform_data.b"]["change"]
    assert change["after"]["input"] == {"here": 1}
    assert change["after_unknown"]["input"] == {"id": True}
    here.applied(text)
    assert here.attributes("terraform_data.b")["input"]["type"] == ["object", {"here": "number", "id": "string"}]


def test_parts_of_a_value_can_be_ignored(here: CommandLine) -> None:
    ignoring = "lifecycle {\n  ignore_changes = [input.a]\n}"
    here.applied(RESOURCE % f"input = {{ a = 1, b = 1 }}\n{ignoring}")
    assert here.write(RESOURCE % f"input = {{ a = 2, b = 1 }}\n{ignoring}").actions()["terraform_data.d"] == ["no-op"]
    here.applied(RESOURCE % f"input = {{ a = 2, b = 2 }}\n{ignoring}")
    assert here.attributes("terraform_data.d")["output"]["value"] == {"a": 1, "b": 2}


@pytest.mark.parametrize(("part", "actions"), [("a", ["delete", "create"]), ("b", ["no-op"])])
def test_parts_of_a_value_can_trigger_replacement(here: CommandLine, part: str, actions: list[str]) -> None:
    text = """
        resource "terraform_data" "a" {
          input = { a = %d, b = 1 }
        }
        resource "null_resource" "n" {
          lifecycle {
            replace_triggered_by = [terraform_data.a.input.%s]
          }
        }
        """
    here.applied(text % (1, part))
    assert here.write(text % (2, part)).actions()["null_resource.n"] == actions


def test_sensitive_parts_are_recorded_and_hidden(here: CommandLine) -> None:
    here.applied(RESOURCE % 'input = { p = sensitive("hush"), q = 1 }')
    path = [{"type": "get_attr", "value": "input"}, {"type": "get_attr", "value": "p"}]
    assert here.state()["terraform_data.d"]["sensitive_attributes"] == [path]
    here.write(RESOURCE % 'input = { p = sensitive("hush"), q = 2 }')
    assert "hush" not in here.run("plan").split("output")[0]


ADOPTED = {
    "version": 4,
    "terraform_version": "1.11.4",
    "serial": 3,
    "lineage": "3e1aa78f-52d8-d315-ef7b-dad262024335",
    "outputs": {},
    "resources": [
        {
            "mode": "managed",
            "type": "terraform_data",
            "name": "d",
            "provider": 'provider["terraform.io/builtin/terraform"]',
            "instances": [
                {
                    "schema_version": 0,
                    "attributes": {
                        "id": "3e8dafc6-f80c-abf5-5232-55a5e3287c8f",
                        "input": {"value": ["a", "b"], "type": ["set", "string"]},
                        "output": {"value": ["a", "b"], "type": ["set", "string"]},
                        "triggers_replace": {"value": 1.5, "type": "number"},
                    },
                    "sensitive_attributes": [],
                }
            ],
        }
    ],
    "check_results": None,
}


def test_a_state_of_terraform_is_adopted_as_it_is(here: CommandLine) -> None:
    (here.directory / "terraform.tfstate").write_text(json.dumps(ADOPTED))
    here.applied(RESOURCE % 'input = toset(["b", "a"])\ntriggers_replace = 1.5')
    assert here.attributes("terraform_data.d")["id"] == "3e8dafc6-f80c-abf5-5232-55a5e3287c8f"


MOVED = "moved {\n  from = null_resource.n\n  to   = terraform_data.d\n}\n"


def test_a_null_resource_becomes_one_as_terraform_has_it(here: CommandLine) -> None:
    here.applied('resource "null_resource" "n" {\n  triggers = { b = "2", a = "1" }\n}')
    before = here.attributes("null_resource.n")["id"]
    here.write(f"{MOVED}{RESOURCE % 'triggers_replace = { a = 1, b = 2 }'}")
    assert here.actions() == {"terraform_data.d": ["delete", "create"]}
    here.applied(f"{MOVED}{RESOURCE % TRIGGERS}")
    found = here.state()["terraform_data.d"]
    assert found["provider"] == 'provider["terraform.io/builtin/terraform"]'
    assert found["attributes"] == {
        "id": before,
        "input": None,
        "output": None,
        "triggers_replace": {"value": {"a": "1", "b": "2"}, "type": ["object", {"a": "string", "b": "string"}]},
    }
    here.applied(RESOURCE % TRIGGERS)
    assert here.attributes("terraform_data.d")["id"] == before


def test_one_without_triggers_too(here: CommandLine) -> None:
    here.applied('resource "null_resource" "n" {}')
    here.applied(f"{MOVED}{RESOURCE % ''}")
    assert here.attributes("terraform_data.d")["triggers_replace"] is None


def test_other_types_do_not_become_one(here: CommandLine) -> None:
    text = MOVED.replace("null_resource.n", "random_pet.n")
    assert "Unsupported `moved` across resource types" in here.write(f"{text}{RESOURCE % ''}").run("plan", code=1)
