"""The configurations of the benchmark: valid, and of the size that they are asked for."""

import pytest
from lab import environment_for
from quick_lab import QuickLab
from samples import SAMPLES


@pytest.mark.parametrize(
    ("name", "size", "planned"),
    [("lines", 100, 2), ("elements", 100, 100), ("calls", 9, 9), ("chain", 9, 9), ("star", 9, 9)],
)
def test_each_is_valid_and_can_be_planned(name, size, planned, tmp_path):
    for path, text in SAMPLES[name](size).items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    lab = QuickLab(tmp_path, environment_for("test:///default"))
    lab.kvmform("init")
    assert "The configuration is valid" in lab.kvmform("validate").stdout
    assert f"Plan: {planned} to add" in lab.kvmform("plan").stdout


@pytest.mark.parametrize("lines", [100, 1000, 1234])
def test_a_mixed_one_has_the_lines_that_it_should(lines):
    assert SAMPLES["lines"](lines)["main.tf"].count("\n") == lines
