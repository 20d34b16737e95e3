"""Colour is for terminals, and not where it is refused; in a pipe there is none."""

import os
import pty
import subprocess

import pytest
from lab import KVMFORM, environment_for

LAB = 'resource "terraform_data" "a" {\n  input = "x"\n}\n'


def on_terminal(directory, *words, **variables):
    """What a command writes to a terminal that is both of its outputs."""
    ours, theirs = pty.openpty()
    try:
        process = subprocess.Popen(
            [KVMFORM, *words],
            cwd=directory,
            env=environment_for("test:///default") | {"TERM": "xterm"} | variables,
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        return read_to_end(ours).decode(), process.wait()
    finally:
        os.close(ours)


def read_to_end(descriptor):
    said = b""
    while True:
        try:
            more = os.read(descriptor, 65536)
        except OSError:  # nobody writes any more
            return said
        if not more:
            return said
        said += more


@pytest.mark.parametrize(
    ("words", "variables", "is_colored"),
    [
        (["plan"], {}, True),
        (["plan", "-no-color"], {}, False),
        (["plan"], {"NO_COLOR": "1"}, False),
        (["plan"], {"TF_CLI_ARGS": "-no-color"}, False),
        (["plan", "-nonsense"], {}, True),
        (["plan", "-nonsense", "-no-color"], {}, False),
        (["output", "-json"], {}, False),
        (["version"], {}, False),
    ],
)
def test_colour_is_for_terminals_where_nobody_refuses_it(tmp_path, words, variables, is_colored):
    (tmp_path / "main.tf").write_text(LAB)
    said, code = on_terminal(tmp_path, *words, **variables)
    assert code == ("-nonsense" in words)
    assert ("\x1b[" in said) is is_colored, said
