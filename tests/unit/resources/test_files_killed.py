"""A file on this machine, when kvmform is killed at each instant: the next run makes of it what was wanted."""

from pathlib import Path

import pytest
from labs import Lab, actions

from kvmform.plan.change import Mode
from kvmform.workspace.catalogue import installed

TEXT = """
resource "local_file" "f" {
  filename = "d/f.txt"
  content  = "%s"
}
"""
INSTANTS = 40
"""More than there are in one apply."""


@pytest.mark.parametrize("mode", [Mode.NORMAL, Mode.DESTROY])
@pytest.mark.parametrize("before", ["", "old"])
def test_it_is_written_in_the_end_or_gone(tmp_path: Path, before: str, mode: Mode) -> None:
    for instant in range(1, INSTANTS):
        lab = Lab(tmp_path / str(instant), catalogue=installed())
        if before:
            lab.applied(TEXT % before)
        was_killed = lab.write(TEXT % "new").killed_at(instant)
        assert not lab.apply(mode=mode).diagnostics
        file = lab.directory / "d" / "f.txt"
        if mode is Mode.DESTROY:
            assert not file.exists(), instant
            assert lab.recorded() == {}
        else:
            assert file.read_text() == "new"
            assert actions(lab.plan()) == {}
        if not was_killed:
            assert instant > 3
            return
    pytest.fail("there are more instants than that")


@pytest.mark.parametrize("begun", ["", "ne", "new"])
def test_what_was_written_so_far_is_deleted_too(tmp_path: Path, begun: str) -> None:
    for instant in range(1, INSTANTS):
        lab = Lab(tmp_path / str(instant), catalogue=installed()).write(TEXT % "new")
        file = lab.directory / "d" / "f.txt"
        assert lab.killed_at(instant)
        if file.exists():
            break
    assert lab.recorded()["local_file.f"]["id"] is None
    file.write_text(begun)
    lab.destroy()
    assert not file.exists()


def test_a_file_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    lab = Lab(tmp_path, catalogue=installed()).write(TEXT % "new")
    for instant in range(1, INSTANTS):
        assert lab.killed_at(instant)
        if "local_file.f" in lab.recorded():
            break
    file = lab.directory / "d" / "f.txt"
    file.parent.mkdir(exist_ok=True)
    file.write_text("by somebody else")
    lab.destroy()
    assert file.read_text() == "by somebody else"
