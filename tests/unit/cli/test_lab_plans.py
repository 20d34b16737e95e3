"""Plans of labs as people read them, whole: on a simulated host.

`tests/cases/lab_plans` has a directory each: `before.tf` is applied, `outside.txt` is what somebody else changes on the
host (`old => new`), and the plan of `after.tf` is in `plan.txt`.
"""

from pathlib import Path

import pytest
from lab import environment_for
from labhost import REPOSITORY
from plan_reading import without_ids
from quick_lab import QuickLab

CASES = sorted((REPOSITORY / "tests/cases/lab_plans").iterdir())


def plan_of(case: Path, directory: Path) -> str:
    host = directory / "host.xml"
    environment = environment_for(f"test+file:{host}") | {"COLUMNS": ""}
    lab = QuickLab.of_text((case / "before.tf").read_text(), directory / "lab", environment)
    lab.apply()
    if (outside := case / "outside.txt").exists():
        for line in outside.read_text().splitlines():
            old, _, new = line.partition(" => ")
            assert old in host.read_text()
            host.write_text(host.read_text().replace(old, new))
    lab.add((case / "after.tf").read_text(), "main.tf")
    return without_ids(lab.plan())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_plan_of_a_lab_is_told_as_it_was(case, tmp_path):
    assert plan_of(case, tmp_path) == (case / "plan.txt").read_text()


def test_drift_of_what_a_change_depends_on_is_told(tmp_path):
    """The domain is in the network that somebody changed, and as the configuration wants it by now."""
    before = (CASES[0] / "before.tf").read_text()
    lab = QuickLab.of_text(before, tmp_path / "lab", environment_for(f"test+file:{tmp_path}/host.xml"))
    lab.apply()
    host = tmp_path / "host.xml"
    host.write_text(host.read_text().replace("<hostname>two</hostname>", "<hostname>zwei</hostname>"))
    lab.edit('hostname = "two"', 'hostname = "zwei"')
    assert "Objects have changed outside" not in lab.kvmform("plan", "-detailed-exitcode").stdout
    lab.edit("memory = 64", 'memory = 64\n  description = "x"')
    told = lab.plan()
    assert "# libvirt_network.net has changed" in told
    assert "Plan: 0 to add, 1 to change, 0 to destroy." in told
