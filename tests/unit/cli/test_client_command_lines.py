"""Each command line that programs around Terraform type is taken, ends as they expect, and is read as they read it."""

import shutil

import pytest
from client_cases import LAB, client_cases
from lab import environment_for
from quick_lab import QuickLab

CASES = client_cases()


@pytest.mark.parametrize("name", CASES)
def test_a_client_finds_what_it_reads(name, tmp_path):
    case = CASES[name]
    shutil.copytree(LAB, tmp_path, dirs_exist_ok=True)
    lab = QuickLab(tmp_path, environment_for("test:///default") | case.environment)
    for command in case.commands:
        for file, text in command.write.items():
            lab.add(text, file)
        said = lab.kvmform(*command.words, code=None)
        told = f"{command.line}\n{said.stdout}{said.stderr}"
        assert said.returncode == command.code, told
        try:
            command.check(said.stdout, said.stderr)
        except AssertionError as problem:
            problem.add_note(told)
            raise
        assert all((tmp_path / file).exists() for file in command.files), told
