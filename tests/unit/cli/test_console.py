"""`kvmform console`: typed in, piped in, and as JSON lines; values look as in Terraform."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

ORACLE = Path(__file__).parents[2] / "oracle"
LAB = """
variable "size" { default = 3 }
variable "token" {
  default   = "hunter2"
  sensitive = true
}
variable "unset" { type = list(string) }
locals {
  names = [for n in range(var.size) : "web-${n}"]
}
provider "libvirt" { uri = "test+file:host.xml" }
resource "libvirt_pool" "lab" {
  name = "lab"
  type = "dir"
  target { path = "/nonexistent/lab" }
}
"""
ENVIRONMENT = {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
KVMFORM = [sys.executable, "-m", "kvmform"]


@pytest.fixture
def lab(tmp_path):
    (tmp_path / "main.tf").write_text(LAB)
    return tmp_path


def console(directory, text, *words, code=0, program=KVMFORM):
    result = subprocess.run(
        [*program, "console", *words],
        cwd=directory,
        env=ENVIRONMENT,
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == code, result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    return result.stdout if code == 0 else result.stderr


def answers(directory, *expressions):
    lines = console(directory, "".join(f"{each}\n" for each in expressions), "-json").splitlines()
    return [json.loads(line, parse_float=Decimal) for line in lines]


def test_the_last_of_several_values_is_shown(lab):
    assert console(lab, "1\nlocal.names\n") == '[\n  "web-0",\n  "web-1",\n  "web-2",\n]\n'


def test_the_first_error_ends_it(lab):
    assert "Reference to undeclared local value" in console(lab, "local.nothing\n1\n", code=1)


def test_an_open_bracket_or_heredoc_goes_on_on_the_next_line(lab):
    assert console(lab, "[\n1,\n2][1]\n") == "2\n"
    assert console(lab, "upper(<<EOT\n}a)\nEOT\n)\n") == "<<EOT\n}A)\n\nEOT\n"
    assert "Unterminated tuple constructor expression" in console(lab, "[1,\n", code=1)


def test_exit_ends_without_a_word(lab):
    assert console(lab, "1\nexit\n2\n") == ""


def test_variables_are_given_as_to_plan_and_unknown_if_not_given(lab):
    (lab / "more.tfvars").write_text('unset = ["a"]\n')
    assert console(lab, "length(local.names)\n", "-var", "size=1") == "1\n"
    assert console(lab, "var.unset\n", "-var-file=more.tfvars") == 'tolist([\n  "a",\n])\n'
    assert console(lab, "[var.unset, var.token]\n") == "[\n  (known after apply),\n  (sensitive value),\n]\n"


def test_objects_are_as_state_has_them_or_as_a_plan_says(lab):
    variables = ("-var", "unset=[]")
    assert console(lab, "libvirt_pool.lab.name\n") == "(known after apply)\n"
    assert console(lab, "libvirt_pool.lab.name\n", "-plan", *variables) == '"lab"\n'
    subprocess.run([*KVMFORM, "apply", "-auto-approve", *variables], cwd=lab, check=True, capture_output=True)
    assert console(lab, "libvirt_pool.lab.name\n") == '"lab"\n'
    (lab / "terraform.tfstate").rename(lab / "elsewhere")
    assert console(lab, "libvirt_pool.lab.name\n", "-state=elsewhere") == '"lab"\n'


def test_no_configuration_is_needed_and_nothing_is_written(tmp_path):
    (tmp_path / "words.txt").write_text("hello")
    assert console(tmp_path, '"${file("words.txt")} ${terraform.workspace} ${path.module}"\n') == '"hello default ."\n'
    assert [path.name for path in tmp_path.iterdir()] == ["words.txt"]


def test_type_tells_types_and_is_no_value(tmp_path):
    assert console(tmp_path, "type({ a = [1], b = tomap({}) })\n") == (
        "object({\n    a: tuple([\n        number,\n    ]),\n    b: map(dynamic),\n})\n"
    )
    assert console(tmp_path, "type(tolist([{ a = true }]))\n") == "list(\n    object({\n        a: bool,\n    }),\n)\n"
    assert console(tmp_path, "type(type(1))\n") == "type\n"
    assert "Invalid use of type function" in console(tmp_path, "[type(1)]\n", code=1)


def test_json_answers_each_line_and_goes_on_after_an_error(lab):
    found = answers(
        lab, "1 / 3", '{ a = ["x"] }', "var.token", "var.unset", "nothing.here + 1", "[1,", "timestamp() != null"
    )
    assert found[0]["value"] == Decimal("0." + "3" * 154 + "5")
    assert found[1] == {"value": {"a": ["x"]}, "type": ["object", {"a": ["tuple", ["string"]]}], "sensitive": False}
    assert found[2] == {"value": "hunter2", "type": "string", "sensitive": True}
    assert found[3] == {"unknown": True, "type": ["list", "string"]}
    assert found[4]["error"]["summary"] == "Reference to undeclared resource"
    assert found[4]["error"]["range"] == {
        "filename": "<console-input>",
        "start": {"line": 1, "column": 1, "byte": 0},
        "end": {"line": 1, "column": 13, "byte": 12},
    }
    assert found[5]["error"]["summary"] == "Unterminated tuple constructor expression"
    assert found[6]["value"] is True
    assert len(found) == 7


def test_json_keeps_every_digit_and_tells_infinity(tmp_path):
    large, infinite = answers(tmp_path, "123456789012345678901234567890", "1 / 0")
    assert large["value"] == 123456789012345678901234567890
    assert infinite == {"infinity": True, "type": "number"}


def test_text_that_is_not_utf_8_is_an_error(tmp_path):
    given = b'"\xff"\n"\xc3\xa9"\n'
    answered = subprocess.run(
        [*KVMFORM, "console", "-json"], cwd=tmp_path, input=given, capture_output=True, check=True
    )
    wrong, right = answered.stdout.decode().splitlines()
    assert json.loads(wrong)["error"]["summary"] == "Invalid character encoding"
    assert json.loads(right)["value"] == "é"


def test_each_answer_comes_before_the_next_question(tmp_path):
    """A program may ask, read the answer, and ask again."""
    with subprocess.Popen(
        [*KVMFORM, "console", "-json"], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as asked:
        for number in range(3):
            asked.stdin.write(f"{number} + 1\n")
            asked.stdin.flush()
            assert json.loads(asked.stdout.readline())["value"] == number + 1
        asked.stdin.close()
        assert asked.wait(timeout=30) == 0


def answered(terminal, prompt):
    """What is written to a terminal up to the next prompt."""
    said = ""
    while not said.endswith(f"\n{prompt}") and said != prompt:
        said += os.read(terminal, 4096).decode()
    return said


def test_at_a_terminal_it_asks_and_remembers_what_was_typed(lab, tmp_path):
    """An error is told and the next question asked; Control-D ends it; the history is the user's alone."""
    ours, theirs = pty.openpty()
    environment = {**ENVIRONMENT, "XDG_STATE_HOME": str(tmp_path / "state"), "TERM": "dumb"}
    with subprocess.Popen(
        [*KVMFORM, "console"], cwd=lab, env=environment, stdin=theirs, stdout=theirs, stderr=theirs
    ) as asked:
        os.close(theirs)
        answered(ours, "> ")
        for line, prompt, answer in (
            ("local.names[0]", "> ", '"web-0"'),
            ("nope", "> ", "Invalid reference"),
            ("[", "  ", ""),
            ("41 + 1][0]", "> ", "42"),
        ):
            os.write(ours, f"{line}\n".encode())
            assert answer in answered(ours, prompt)
        os.write(ours, b"\x04")
        assert asked.wait(timeout=30) == 0
    os.close(ours)
    history = tmp_path / "state" / "kvmform" / "console-history"
    assert "local.names[0]" in history.read_text()
    assert history.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(shutil.which("terraform") is None, reason="there is no Terraform to compare with")
def test_values_are_shown_as_by_terraform(tmp_path):
    """One tuple of every known value of the oracle, which both show whole. Our numbers have no negative zero."""
    shutil.copytree(ORACLE / "files", tmp_path, dirs_exist_ok=True)
    cases = [json.loads(line) for line in (ORACLE / "expressions.jsonl").read_text().splitlines()]
    expressions = [
        case["expr"]
        for case in cases
        if not case.get("error") and not any(part in case["expr"] for part in ("\n", "#", "//", "c: -0"))
    ]
    assert len(expressions) > 600
    everything = f"[{', '.join(expressions)}]\n"
    theirs = console(tmp_path, everything, program=["terraform"])
    assert console(tmp_path, everything) == theirs
