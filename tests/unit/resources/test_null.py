"""`null_resource` and `null_data_source`."""

import pytest
from command_line import CommandLine

RESOURCE = 'resource "null_resource" "n" {\n  %s\n}\n'


def test_a_null_resource_is_recorded_as_terraform_does(here: CommandLine) -> None:
    here.applied(RESOURCE % 'triggers = { a = 1, b = "x" }')
    found = here.state()["null_resource.n"]
    assert found["provider"] == 'provider["registry.terraform.io/hashicorp/null"]'
    assert found["schema_version"] == 0
    assert found["attributes"].keys() == {"id", "triggers"}
    assert found["attributes"]["id"].isdecimal()
    assert found["attributes"]["triggers"] == {"a": "1", "b": "x"}


@pytest.mark.parametrize("triggers", ['{ a = "2" }', '{ a = "1", b = "new" }', "null", "{}"])
def test_other_triggers_replace_it_and_cost_nothing(here: CommandLine, triggers: str) -> None:
    here.applied(RESOURCE % 'triggers = { a = "1" }')
    before = here.attributes("null_resource.n")["id"]
    change = here.write(RESOURCE % f"triggers = {triggers}").plan()["null_resource.n"]
    assert change["change"]["actions"] == ["delete", "create"]
    assert change["action_reason"] == "replace_because_cannot_update"
    assert change["change"]["replace_paths"] == [["triggers"]]
    assert change["change"]["disruption"] == "none"
    here.run("apply", "-auto-approve", "-max-disruption=none")
    assert here.attributes("null_resource.n")["id"] != before
    here.run("plan", "-detailed-exitcode")


def test_a_new_trigger_without_value_is_only_recorded(here: CommandLine) -> None:
    here.applied(RESOURCE % 'triggers = { a = "1" }')
    here.write(RESOURCE % 'triggers = { a = "1", b = null }')
    assert here.actions() == {"null_resource.n": ["update"]}
    here.applied(RESOURCE % 'triggers = { a = "1", b = null }')
    assert here.attributes("null_resource.n")["triggers"] == {"a": "1", "b": None}


def test_it_is_destroyed_without_a_host(here: CommandLine) -> None:
    here.applied(RESOURCE % "")
    assert "Disruption: none." in here.run("destroy", "-auto-approve")
    assert here.state() == {}


def test_a_replacement_that_is_asked_for(here: CommandLine) -> None:
    here.applied(RESOURCE % "")
    change = here.plan("-replace=null_resource.n")["null_resource.n"]
    assert (change["change"]["actions"], change["action_reason"]) == (["delete", "create"], "replace_by_request")
    assert change["change"]["disruption"] == "none"


def test_the_data_source_gives_back_what_it_is_given(here: CommandLine) -> None:
    here.applied(
        """
        data "null_data_source" "d" {
          inputs = { a = "x" }
        }
        data "null_data_source" "e" {
          has_computed_default = ""
        }
        output "all" { value = [data.null_data_source.d.outputs["a"], data.null_data_source.d.id] }
        output "defaults" {
          value = [data.null_data_source.d.has_computed_default, data.null_data_source.e.has_computed_default]
        }
        """
    )
    assert here.outputs() == {"all": ["x", "static"], "defaults": ["default", ""]}
