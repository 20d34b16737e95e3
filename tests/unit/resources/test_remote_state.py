"""The data source `terraform_remote_state`: the output values of another lab. The expectations are Terraform 1.11's."""

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from command_line import CommandLine

OUTPUTS = {
    "x": {"value": [1, "b"], "type": ["tuple", ["number", "string"]]},
    "s": {"value": "hush", "type": "string", "sensitive": True},
}


def store(path: Path, outputs: object = OUTPUTS) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps({"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "x", "outputs": outputs})
    )


def reading(arguments: str, backend: str = "local") -> str:
    return (
        f'data "terraform_remote_state" "r" {{\n  backend = "{backend}"\n  {arguments}\n}}\n'
        'output "r" { value = data.terraform_remote_state.r }\n'
        'output "x" { value = data.terraform_remote_state.r.outputs.x }\n'
    )


def test_outputs_keep_their_types_and_defaults_fill_in(here: CommandLine) -> None:
    store(here.directory / "other.tfstate")
    here.applied(reading('config = { path = "other.tfstate" }\n  defaults = { x = "unused", z = 5 }'))
    assert here.outputs()["r"] == {
        "backend": "local",
        "config": {"path": "other.tfstate"},
        "defaults": {"x": "unused", "z": 5},
        "outputs": {"s": "hush", "x": [1, "b"], "z": 5},
        "workspace": None,
    }
    recorded = json.loads((here.directory / "terraform.tfstate").read_text())["outputs"]["x"]
    assert recorded["type"] == ["tuple", ["number", "string"]]


def test_a_lab_reads_what_another_one_has_put_out(here: CommandLine) -> None:
    (here.directory / "first").mkdir()
    first = CommandLine(here.directory / "first")
    first.applied('output "x" { value = { name = "net", size = 24 } }\n')
    here.applied(reading('config = { path = "${path.module}/first/terraform.tfstate" }'))
    assert here.outputs()["x"] == {"name": "net", "size": 24}


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ('config = { path = "a/b.tfstate" }', "a/b.tfstate"),
        ('workspace = "blue"', "terraform.tfstate.d/blue/terraform.tfstate"),
        ('workspace = "blue"\nconfig = { path = "unused", workspace_dir = "w" }', "w/blue/terraform.tfstate"),
        ('workspace = "default"\nconfig = { path = "c" }', "c"),
    ],
)
def test_the_file_is_where_terraform_looks_for_it(here: CommandLine, arguments: str, path: str) -> None:
    store(here.directory / path, {"x": {"value": "found", "type": "string"}})
    here.applied(reading(arguments))
    assert here.outputs()["x"] == "found"


def test_a_map_of_defaults_will_do(here: CommandLine) -> None:
    store(here.directory / "s", {})
    here.applied(reading('config = tomap({ path = "s" })\n  defaults = tomap({ x = "usual" })'))
    assert here.outputs()["x"] == "usual"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "No stored state was found for the given workspace in the given backend: s is not there"),
        ("", "s is not there, or empty"),
        ("{}", "s"),
        ('{"version": 3}', "s"),
    ],
)
def test_a_state_that_cannot_be_had_is_told(here: CommandLine, text: str | None, said: str) -> None:
    if text is not None:
        (here.directory / "s").write_text(text)
    output = " ".join(here.write(reading('config = { path = "s" }')).run("plan", code=1).replace("│", "").split())
    assert "with data.terraform_remote_state.r" in output
    assert said in output


@pytest.mark.parametrize(
    ("backend", "arguments", "said"),
    [
        (
            "s3",
            'config = { bucket = "b" }',
            'kvmform doesn\'t read states in a backend "s3", only in "local" and "http"',
        ),
        ("local", 'config = { pth = "x" }', 'not valid for backend "local": unexpected attribute "pth"'),
        ("http", 'config = { path = "x" }', 'not valid for backend "http": unexpected attribute "path"'),
    ],
)
def test_mistakes_are_told_by_validate(here: CommandLine, backend: str, arguments: str, said: str) -> None:
    output = here.write(reading(arguments, backend)).run("validate", "-no-color", code=1)
    assert said in " ".join(output.replace("│", "").split())


class _Handler(SimpleHTTPRequestHandler):
    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture
def url(here: CommandLine) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(here.directory))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_web_server_may_have_the_state(here: CommandLine, url: str) -> None:
    store(here.directory / "other")
    here.applied(reading(f'config = {{ address = "{url}/other" }}', "http"))
    assert here.outputs()["x"] == [1, "b"]


def test_a_web_server_without_the_state_is_told(here: CommandLine, url: str) -> None:
    here.write(reading(f'config = {{ address = "{url}/other" }}', "http"))
    assert "No stored state was found" in here.run("plan", code=1)
    here.write(reading("config = {}", "http"))
    assert "needs the address of the state" in here.run("plan", code=1)
    here.write(reading(f'workspace = "blue"\nconfig = {{ address = "{url}/other" }}', "http"))
    assert "has no workspaces" in here.run("plan", code=1)
