"""A state in a local file, and how it is written."""

import os
from pathlib import Path

import pytest
from state_samples import sample

from kvmform.diagnostics import DiagnosticError
from kvmform.state.backends import Backend
from kvmform.state.backends.local import NO_BACKUP, LocalBackend
from kvmform.state.durable import replace_file
from kvmform.state.model import State


def state(serial: int) -> State:
    return State("L", serial)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "terraform.tfstate"


def test_the_default_names_are_terraforms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    backend: Backend = LocalBackend()
    backend.write(state(1))
    LocalBackend().write(state(2))
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["terraform.tfstate", "terraform.tfstate.backup"]
    assert backend.journal_path == Path("terraform.tfstate.journal")
    assert backend.name == "terraform.tfstate"


@pytest.mark.parametrize("content", [None, b"", b" \n"])
def test_no_file_and_an_empty_one_are_no_state(path: Path, content: bytes | None) -> None:
    if content is not None:
        path.write_bytes(content)
    assert LocalBackend(path).read() is None


def test_what_was_written_is_read(path: Path) -> None:
    full = state(3)
    full.put(sample("libvirt_pool.a", x=1))
    LocalBackend(path).write(full)
    assert LocalBackend(path).read() == full


def test_only_the_user_may_read_it_even_if_others_could_before(path: Path) -> None:
    path.write_bytes(b"{}")
    path.chmod(0o644)
    LocalBackend(path).write(state(1))
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.with_name("terraform.tfstate.backup").stat().st_mode & 0o777 == 0o600


def test_the_backup_is_what_was_there_before_the_run(path: Path) -> None:
    LocalBackend(path).write(state(1))
    backend = LocalBackend(path)
    backend.write(state(2))
    backend.write(state(3))
    backup = LocalBackend(path.with_name("terraform.tfstate.backup")).read()
    assert backup is not None
    assert backup.serial == 1


def test_the_first_state_has_no_backup(path: Path) -> None:
    LocalBackend(path).write(state(1))
    assert [entry.name for entry in path.parent.iterdir()] == ["terraform.tfstate"]


def test_the_backup_can_go_elsewhere_or_nowhere(path: Path) -> None:
    LocalBackend(path).write(state(1))
    LocalBackend(path, backup=NO_BACKUP).write(state(2))
    LocalBackend(path, backup=path.with_name("elsewhere")).write(state(3))
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["elsewhere", "terraform.tfstate"]


def test_state_out_reads_one_file_and_writes_another(path: Path) -> None:
    LocalBackend(path).write(state(1))
    output = path.with_name("out.tfstate")
    backend = LocalBackend(path, output=output)
    assert backend.read() == state(1)
    backend.write(state(2))
    assert LocalBackend(path).read() == state(1)
    assert LocalBackend(output).read() == state(2)
    assert backend.journal_path == path.with_name("out.tfstate.journal")


def test_a_symbolic_link_stays_one(path: Path) -> None:
    target = path.parent / "elsewhere" / "real"
    target.parent.mkdir()
    path.symlink_to(target)
    LocalBackend(path).write(state(1))
    assert path.is_symlink()
    assert target.exists()


def test_a_directory_that_is_missing_is_made(path: Path) -> None:
    LocalBackend(path.parent / "a" / "b").write(state(1))
    assert LocalBackend(path.parent / "a" / "b").read() == state(1)


@pytest.mark.parametrize("failing", ["write", "fsync", "replace"])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    backend = LocalBackend(path, backup=NO_BACKUP)
    backend.write(state(1))

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, failing, refuse)
    with pytest.raises(DiagnosticError) as caught:
        backend.write(state(2))
    monkeypatch.undo()
    detail = caught.value.diagnostics[0].detail
    assert "No space left on device" in detail
    assert str(backend.journal_path) in detail
    assert backend.read() == state(1)
    assert [entry.name for entry in path.parent.iterdir()] == ["terraform.tfstate"]


def test_what_a_killed_write_left_is_written_over(path: Path) -> None:
    leftover = path.with_name(".terraform.tfstate.new")
    leftover.write_bytes(b"x" * 10_000)
    leftover.chmod(0o644)
    replace_file(path, b"short")
    assert path.read_bytes() == b"short"
    assert path.stat().st_mode & 0o777 == 0o600
    assert not leftover.exists()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
def test_the_owner_stays(path: Path) -> None:
    path.write_bytes(b"")
    os.chown(path, 1234, 1234)
    replace_file(path, b"x")
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 1234)


def test_a_file_that_cannot_be_read_is_a_diagnostic(tmp_path: Path) -> None:
    with pytest.raises(DiagnosticError, match="Failed to read state"):
        LocalBackend(tmp_path).read()


def test_forcing_a_local_lock_open_is_refused_with_who_holds_it(path: Path) -> None:
    backend = LocalBackend(path)
    with pytest.raises(DiagnosticError) as caught:
        backend.force_unlock("abc")
    assert "LocalState not locked" in caught.value.diagnostics[0].detail
    with backend.lock("OperationTypeApply") as info, pytest.raises(DiagnosticError) as caught:
        backend.force_unlock(info.id)
    assert caught.value.diagnostics[0].summary == "Failed to unlock state"
    assert "Local state cannot be unlocked by another process" in caught.value.diagnostics[0].detail
    assert f"ID:        {info.id}" in caught.value.diagnostics[0].detail
