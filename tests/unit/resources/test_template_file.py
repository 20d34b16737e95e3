"""`template_file` and `template_dir`: texts rendered from templates."""

import hashlib
import shutil

import pytest
from command_line import CommandLine

DATA = """
    data "template_file" "t" {
      template = file("${path.module}/t.tpl")
      vars     = { name = "web", count = 3, on = true, gone = null }
    }
    output "t" { value = data.template_file.t.rendered }
"""


@pytest.mark.parametrize(
    ("template", "rendered"),
    [
        ("host: ${name}\n", "host: web\n"),
        ("${count}-${on}", "3-true"),
        ("%{ for i in range(count) ~}\n${i},\n%{ endfor ~}\n", "0,\n1,\n2,\n"),
        ('%{ if on == "true" }yes%{ else }no%{ endif }', "yes"),
        ("$${name} %%{ if }", "${name} %{ if }"),
        ("${upper(name)} ${jsonencode({ n = count })}", 'WEB {"n":"3"}'),
        ('${file("other.txt")}', "from a file"),
        ("${count + 1}", "4"),
        ("é\r\n", "é\r\n"),
        ("", ""),
    ],
)
def test_the_text_is_read_while_planning(here: CommandLine, template: str, rendered: str) -> None:
    (here.directory / "t.tpl").write_bytes(template.encode())
    here.write("from a file", "other.txt")
    here.applied(DATA)
    assert here.outputs() == {"t": rendered}


def test_the_id_is_a_checksum_of_the_text(here: CommandLine) -> None:
    here.applied(
        """
        data "template_file" "t" { template = "x" }
        data "template_file" "empty" {}
        output "ids" { value = [data.template_file.t.id, data.template_file.empty.rendered] }
        """
    )
    assert here.outputs()["ids"] == [hashlib.sha256(b"x").hexdigest(), ""]


def test_a_value_that_is_known_after_apply_is_waited_for(here: CommandLine) -> None:
    here.write(
        """
        resource "terraform_data" "d" { input = "x" }
        data "template_file" "t" {
          template = "<$${v}>"
          vars     = { v = terraform_data.d.output }
        }
        output "t" { value = data.template_file.t.rendered }
        """
    )
    assert here.plan()["data.template_file.t"]["change"]["actions"] == ["read"]
    here.run("apply", "-auto-approve")
    assert here.outputs() == {"t": "<x>"}
    here.run("plan", "-detailed-exitcode")


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("${nmae}", ["Unknown variable", 'There is no variable named "nmae". Did you mean "name"?']),
        ("a\n${gone}", ["Unknown variable", 'There is no variable named "gone"', "<template_file> line 2"]),
        ("${name", ["<template_file> line 1"]),
        ("${[1]}", ["Invalid template result", "A template makes a text"]),
        ("${null}", ["Invalid template result", "this one makes null"]),
    ],
)
def test_a_mistake_is_shown_in_the_template(here: CommandLine, template: str, said: list[str]) -> None:
    here.write(template, "t.tpl").write(DATA)
    output = here.run("plan", code=1)
    assert "with data.template_file.t" in output
    for words in said:
        assert words in output


def test_a_variable_is_a_text(here: CommandLine) -> None:
    here.write('data "template_file" "t" {\n  vars = { l = ["x"] }\n}\n')
    assert 'Inappropriate value for attribute "vars": element "l": string required' in here.run("plan", code=1)


def test_the_resource_keeps_the_text_and_is_replaced_with_its_template(here: CommandLine) -> None:
    resource = 'resource "template_file" "t" {\n  template = "%s $${a}"\n  vars = { a = "b" }\n}\n'
    here.applied(resource % "one")
    assert here.attributes("template_file.t")["rendered"] == "one b"
    here.write(resource % "two")
    change = here.plan()["template_file.t"]["change"]
    assert (change["actions"], change["disruption"]) == (["delete", "create"], "none")
    here.applied(resource % "two")
    found = here.attributes("template_file.t")
    assert (found["rendered"], found["id"]) == ("two b", hashlib.sha256(b"two b").hexdigest())
    here.run("destroy", "-auto-approve")
    assert here.state() == {}


DIRECTORY = """
    resource "template_dir" "d" {
      source_dir      = "in"
      destination_dir = "made/out"
      vars            = { who = "%s" }
    }
"""


@pytest.fixture
def templates(here: CommandLine) -> CommandLine:
    (here.directory / "in" / "deep").mkdir(parents=True)
    here.write("hello ${who}", "in/a.txt").write("#!/bin/sh\necho ${who}", "in/deep/run")
    (here.directory / "in" / "deep" / "run").chmod(0o755)
    return here


def test_a_directory_is_rendered(templates: CommandLine) -> None:
    templates.applied(DIRECTORY % "you")
    out = templates.directory / "made" / "out"
    assert (out / "a.txt").read_text() == "hello you"
    assert (out / "deep" / "run").read_text() == "#!/bin/sh\necho you"
    assert (out / "deep" / "run").stat().st_mode & 0o777 == 0o755
    templates.run("destroy", "-auto-approve")
    assert not out.exists()
    assert (templates.directory / "in" / "a.txt").exists()


@pytest.mark.parametrize("file", ["in/a.txt", "made/out/a.txt"])
def test_a_directory_is_made_again_when_a_file_on_either_side_changes(templates: CommandLine, file: str) -> None:
    templates.applied(DIRECTORY % "you")
    templates.write("bye ${who}", file)
    assert templates.actions() == {"template_dir.d": ["create"]}
    templates.applied(DIRECTORY % "you")
    expected = "bye you" if file.startswith("in/") else "hello you"
    assert (templates.directory / "made" / "out" / "a.txt").read_text() == expected


def test_other_values_make_the_directory_again_and_say_that_all_in_it_is_deleted(templates: CommandLine) -> None:
    templates.applied(DIRECTORY % "you").write(DIRECTORY % "me")
    change = templates.plan()["template_dir.d"]["change"]
    assert (change["actions"], change["disruption"]) == (["delete", "create"], "data-loss")
    templates.run("apply", "-auto-approve", "-max-disruption=replace", code=1)
    templates.applied(DIRECTORY % "me")
    assert (templates.directory / "made" / "out" / "a.txt").read_text() == "hello me"


def test_a_directory_of_another_block_waits_until_the_old_one_is_deleted(templates: CommandLine) -> None:
    templates.applied(DIRECTORY % "you").applied((DIRECTORY % "me").replace('"d"', '"c"'))
    assert (templates.directory / "made" / "out" / "a.txt").read_text() == "hello me"


def test_a_directory_is_deleted_without_its_templates(templates: CommandLine) -> None:
    templates.applied(DIRECTORY % "you")
    shutil.rmtree(templates.directory / "in")
    templates.run("destroy", "-auto-approve")
    assert not (templates.directory / "made" / "out").exists()


def test_a_directory_of_templates_that_is_not_there_is_told(here: CommandLine) -> None:
    here.write(DIRECTORY % "you")
    said = here.run("apply", "-auto-approve", code=1).replace("│", " ")
    assert "can't be read: No such directory" in " ".join(said.split())
