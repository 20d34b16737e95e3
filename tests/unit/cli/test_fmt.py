"""`kvmform fmt` as a user types it: what is listed, written and shown, and the exit codes; as Terraform's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

UGLY, PRETTY = "a=1\n", "a = 1\n"
FILES = ["main.tf", "lab.tfvars", "own.kvm.hcl", "sub/x.tf", "sub/deep/y.tftest.hcl", "sub/deep/z.tfmock.hcl"]
LEFT_ALONE = ["notes.txt", ".hidden.tf", "main.tf~", "#main.tf#", "sub/.terraform/m.tf", "x.tf.json"]


@pytest.fixture
def lab(tmp_path):
    for name in FILES + LEFT_ALONE:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(UGLY)
    return tmp_path


def run(directory, *words, given="", program=(sys.executable, "-m", "kvmform")):
    """Exit code, output and errors of a `fmt`."""
    environment = {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
    result = subprocess.run(
        [*program, "fmt", *words],
        cwd=directory,
        env=environment,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in result.stderr
    return result.returncode, result.stdout, result.stderr


def texts(lab, names):
    return {(lab / name).read_text() for name in names}


def test_files_of_the_directory_are_written_and_listed(lab):
    assert run(lab) == (0, "lab.tfvars\nmain.tf\nown.kvm.hcl\n", "")
    assert texts(lab, FILES[:3]) == {PRETTY}
    assert texts(lab, FILES[3:] + LEFT_ALONE) == {UGLY}
    assert run(lab) == (0, "", "")


def test_recursive_goes_into_subdirectories_but_not_hidden_ones(lab):
    code, listed, _ = run(lab, "-recursive")
    assert code == 0
    assert sorted(listed.split()) == sorted(FILES)
    assert texts(lab, FILES) == {PRETTY}
    assert texts(lab, LEFT_ALONE) == {UGLY}


def test_check_tells_by_its_exit_code_and_writes_nothing(lab):
    assert run(lab, "-check", "main.tf") == (3, "main.tf\n", "")
    assert run(lab, "-check", "-list=false", "main.tf") == (3, "", "")
    assert texts(lab, ["main.tf"]) == {UGLY}
    run(lab, "main.tf")
    assert run(lab, "-check", "main.tf") == (0, "", "")


def test_diff_shows_what_changes(lab):
    diff = "--- old/main.tf\n+++ new/main.tf\n@@ -1 +1 @@\n-a=1\n+a = 1\n"
    assert run(lab, "--diff", "--write=false", "main.tf") == (0, "main.tf\n" + diff, "")
    assert run(lab, "-diff=true", "-list=false", "main.tf") == (0, diff, "")
    assert texts(lab, ["main.tf"]) == {PRETTY}


def test_standard_input_is_formatted_to_standard_output(lab):
    assert run(lab, "-", given="b=[\n1]\n") == (0, "b = [\n1]\n", "")
    assert run(lab, "-check", "-", given=UGLY) == (3, "", "")
    assert run(lab, "-check", "-", given=PRETTY) == (0, "", "")


def test_without_listing_and_writing_the_text_is_shown(lab):
    assert run(lab, "-list=false", "-write=false", "main.tf") == (0, PRETTY, "")


def test_a_syntax_error_is_told_and_the_file_left_alone_but_others_are_formatted(lab):
    (lab / "bad.tf").write_text("b=1\na = \nc = )\n")
    code, listed, told = run(lab)
    assert code == 2
    assert listed == "lab.tfvars\nmain.tf\nown.kvm.hcl\n"
    assert "on bad.tf line 2" in told
    assert "on bad.tf line 3" in told
    assert (lab / "bad.tf").read_text() == "b=1\na = \nc = )\n"


@pytest.mark.parametrize("target", ["nothing.tf", "x.tf.json", "notes.txt"])
def test_what_is_no_configuration_file_is_an_error(lab, target):
    code, listed, told = run(lab, target)
    assert (code, listed) == (2, "")
    assert target in told


def test_text_that_is_not_utf_8_is_an_error(lab):
    (lab / "main.tf").write_bytes(b'a = "\xff"\n')
    code, _, told = run(lab, "main.tf")
    assert code == 2
    assert "not UTF-8" in told


def test_the_mode_of_a_file_stays_and_nothing_is_left_beside_it(lab):
    (lab / "main.tf").chmod(0o640)
    before = sorted(lab.iterdir())
    run(lab, "main.tf")
    assert (lab / "main.tf").stat().st_mode & 0o7777 == 0o640
    assert sorted(lab.iterdir()) == before


@pytest.mark.skipif(shutil.which("terraform") is None, reason="there is no Terraform to compare with")
@pytest.mark.parametrize(
    "words",
    [
        ["-check"],
        ["-check", "-recursive"],
        ["-check", "-diff", "-recursive"],
        ["-check", "-diff", "-list=false"],
        ["-write=false", "sub", "main.tf"],
        ["-write=false", "-diff", "./sub/../main.tf"],
        ["-list=false", "-write=false", "sub"],
        ["-diff", "-"],
        ["-check", "-diff", "-"],
        ["-recursive", "-", "main.tf"],
    ],
    ids=" ".join,
)
def test_output_and_exit_code_are_terraforms(lab, words):
    (lab / "own.kvm.hcl").unlink()
    ours = run(lab, *words, given=UGLY)
    assert ours == run(lab, *words, given=UGLY, program=["terraform"])
