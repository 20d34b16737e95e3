"""What a command does grows with the size of a lab, and no faster: counted in calls of functions, not in seconds."""

import cProfile
import pstats

import pytest
from lab import environment_for
from quick_lab import QuickLab
from samples import SAMPLES

SIZE = 300


def calls_of(command, name, size, directory):
    """How many functions a command calls on a sample of that size."""
    for path, text in SAMPLES[name](size).items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_text(text)
    lab = QuickLab(directory, environment_for("test:///default"))
    lab.kvmform("init")
    profile = cProfile.Profile()
    profile.runcall(lab.kvmform, command)
    return pstats.Stats(profile).total_calls


@pytest.mark.parametrize("command", ["validate", "plan"])
@pytest.mark.parametrize("name", SAMPLES)
def test_twice_the_lab_is_at_most_twice_the_work(command, name, tmp_path):
    calls_of(command, name, 100, tmp_path / "first")  # what is imported and made once is no growth
    small, large = (calls_of(command, name, size, tmp_path / str(size)) for size in (SIZE, 2 * SIZE))
    assert large < 2.1 * small
