"""The data source `external`: programs in the test's directory, and what they may answer."""

import json
import sys
from pathlib import Path

import pytest
from command_line import CommandLine

ECHO = f"""#!{sys.executable}
import json, os, sys
query = json.load(sys.stdin)
print(json.dumps(dict(query, arguments=" ".join(sys.argv[1:]), directory=os.path.basename(os.getcwd()))))
"""


def program(here: CommandLine, text: str, path: str = "answer") -> Path:
    file = here.directory / path
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    file.chmod(0o755)
    return file


def answering(here: CommandLine, arguments: str) -> CommandLine:
    return here.write(f'data "external" "x" {{\n{arguments}\n}}\noutput "x" {{ value = data.external.x }}\n')


def test_a_program_gets_the_query_and_answers(here: CommandLine) -> None:
    program(here, ECHO)
    answering(
        here,
        'program = ["${path.module}/answer", "-v", "", "a b"]\n'
        'query = { text = "<é & \\"x\\">", number = 1, truth = true, gone = null }',
    ).run("apply", "-auto-approve")
    found = here.outputs()["x"]
    assert found["id"] == "-"
    assert found["result"] == {
        "text": '<é & "x">',
        "number": "1",
        "truth": "true",
        "arguments": "-v a b",
        "directory": here.directory.name,
    }
    here.run("plan", "-detailed-exitcode")


def test_it_runs_where_it_is_told_to_and_is_found_from_the_root_module(here: CommandLine) -> None:
    program(here, ECHO, "scripts/answer")
    (here.directory / "below").mkdir()
    here = answering(here, 'program = ["./scripts/answer"]\nworking_dir = "below"')
    here.run("apply", "-auto-approve")
    assert here.outputs()["x"]["result"]["directory"] == "below"


def test_the_query_is_written_as_go_writes_it(here: CommandLine) -> None:
    program(here, "#!/bin/sh\ncat > query\necho {}\n")
    answering(here, 'program = ["./answer"]\nquery = { b = "é\\n", a = "<&>" }').run("plan")
    assert (here.directory / "query").read_text() == '{"a":"\\u003c\\u0026\\u003e","b":"é\\n"}'


def test_a_program_is_looked_for_on_the_path(here: CommandLine) -> None:
    answering(here, """program = ["sh", "-c", "echo '{\\"a\\":\\"b\\"}'"]""").run("apply", "-auto-approve")
    assert here.outputs()["x"]["result"] == {"a": "b"}


def test_a_null_is_an_empty_text(here: CommandLine) -> None:
    program(here, """#!/bin/sh\necho '{"a":null}'\n""")
    answering(here, 'program = ["./answer"]').run("apply", "-auto-approve")
    assert here.outputs()["x"]["result"] == {"a": ""}


def test_a_query_that_is_known_after_apply_is_waited_for(here: CommandLine) -> None:
    program(here, ECHO)
    here.write('resource "terraform_data" "d" { input = "late" }\n', "more.tf")
    answering(here, 'program = ["./answer"]\nquery = { q = terraform_data.d.output }')
    assert here.plan()["data.external.x"]["change"]["actions"] == ["read"]
    here.run("apply", "-auto-approve")
    assert here.outputs()["x"]["result"]["q"] == "late"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("echo oh no >&2; exit 3", ["External Program Execution Failed", "ended with exit code 3, and said:", "oh no"]),
        ("exit 1", ["ended with exit code 1, without saying why"]),
        ("kill -9 $$", ["ended with signal 9"]),
        ("echo hello", ["Unexpected External Program Results", "it is not JSON"]),
        ("true", ["it is not JSON"]),
        ("echo '[]'", ["it is no object"]),
        ("""echo '{"port": 8080}'""", ['the value of "port" is no string; write it as one']),
    ],
)
def test_what_goes_wrong_is_told(here: CommandLine, text: str, said: list[str]) -> None:
    program(here, f"#!/bin/sh\n{text}\n")
    output = " ".join(answering(here, 'program = ["./answer"]').run("plan", code=1).replace("│", "").split())
    assert "with data.external.x" in output
    for words in said:
        assert words in output


def test_a_program_that_is_not_there_is_told(here: CommandLine) -> None:
    program(here, "not executable").chmod(0o644)
    for name in ("./answer", "no-such-program"):
        output = answering(here, f"program = {json.dumps([name])}").run("plan", code=1)
        assert "External Program Lookup Failed" in output
        assert f'The program "{name}" was not found' in output


@pytest.mark.parametrize("words", ["[]", '["", null]'])
def test_there_must_be_a_program(here: CommandLine, words: str) -> None:
    assert "External Program Missing" in answering(here, f"program = {words}").run("plan", code=1)


def test_a_directory_that_is_not_there_is_told(here: CommandLine) -> None:
    output = answering(here, 'program = ["true"]\nworking_dir = "nowhere"').run("plan", code=1)
    assert "nowhere: No such file or directory" in " ".join(output.replace("│", "").split())
