"""The lock on a local state."""

import fcntl
import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from kvmform.diagnostics import DiagnosticError
from kvmform.state.lock import LockInfo, hold_lock, info_path


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "terraform.tfstate"


def refusal(state: Path, timeout: float = 0.0) -> str:
    with pytest.raises(DiagnosticError) as caught, hold_lock(state, "OperationTypePlan", timeout):
        pass
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.summary == "Error acquiring the state lock"
    return diagnostic.detail


def test_the_holder_stands_in_terraforms_file_while_the_lock_is_held(state: Path) -> None:
    with hold_lock(state, "OperationTypeApply", 0) as info:
        path = state.parent / ".terraform.tfstate.lock.info"
        form = json.loads(path.read_bytes())
        assert list(form) == ["ID", "Operation", "Info", "Who", "Version", "Created", "Path"]
        assert form["ID"] == info.id
        assert form["Operation"] == "OperationTypeApply"
        assert "@" in form["Who"]
        assert form["Path"] == str(state)
        assert path.stat().st_mode & 0o777 == 0o600
    assert list(state.parent.iterdir()) == []


def test_a_second_one_is_refused_and_told_who_holds_it(state: Path) -> None:
    with hold_lock(state, "OperationTypeApply", 0) as info:
        detail = refusal(state)
    assert f"\nLock Info:\n  ID:        {info.id}\n  Path:      {state}\n  Operation: OperationTypeApply\n" in detail
    assert "-lock-timeout" in detail
    with hold_lock(state, "OperationTypePlan", 0):
        pass


def test_the_time_of_locking_is_told_as_terraform_tells_it() -> None:
    info = LockInfo("1", "op", "", "me@here", "1", "2025-01-01T10:00:00.5Z", "p")
    assert "\n  Created:   2025-01-01 10:00:00.5 +0000 UTC\n" in str(info)


def test_a_timeout_waits_for_the_other_one(state: Path) -> None:
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with hold_lock(state, "OperationTypeApply", 0):
            held.set()
            release.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)
    start = time.monotonic()
    refusal(state, timeout=0.1)
    assert time.monotonic() - start >= 0.1
    threading.Timer(0.05, release.set).start()
    with hold_lock(state, "OperationTypePlan", 10) as info:
        assert json.loads(info_path(state).read_bytes())["ID"] == info.id
    thread.join()


def test_a_lock_whose_holder_was_killed_is_void_at_once(state: Path) -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        with hold_lock(state, "OperationTypeApply", 0):
            os.write(writing, b"x")
            time.sleep(60)
        os._exit(1)
    os.read(reading, 1)
    assert "Lock Info" in refusal(state)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert info_path(state).exists()
    with hold_lock(state, "OperationTypePlan", 0):
        pass
    assert not info_path(state).exists()
    os.close(reading)
    os.close(writing)


@pytest.mark.parametrize("leftover", [b"", b"{", b"[]", b'{"ID":"1"}'])
def test_a_file_that_is_left_over_means_nothing(state: Path, leftover: bytes) -> None:
    info_path(state).write_bytes(leftover)
    with hold_lock(state, "OperationTypePlan", 0) as info:
        assert json.loads(info_path(state).read_bytes())["ID"] == info.id


def test_terraform_and_kvmform_keep_each_other_out(state: Path) -> None:
    """Terraform locks the state file itself, with a POSIX lock."""
    state.write_text("{}")
    with state.open("r+b") as terraform:
        with hold_lock(state, "OperationTypeApply", 0), pytest.raises(BlockingIOError):
            fcntl.lockf(terraform, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.lockf(terraform, fcntl.LOCK_EX | fcntl.LOCK_NB)
        info_path(state).write_text('{"ID":"abc","Who":"u@h"}')
        assert "ID:        abc" in refusal(state)
        assert info_path(state).exists()
    with hold_lock(state, "OperationTypeApply", 0):
        pass


def test_a_lock_on_a_file_that_its_last_holder_has_just_removed_counts_for_nothing(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = fcntl.fcntl
    seen: list[int] = []

    def late(descriptor: int, *arguments: object) -> object:
        if not seen:
            info_path(state).unlink()
        seen.append(descriptor)
        return lock(descriptor, *arguments)

    monkeypatch.setattr(fcntl, "fcntl", late)
    with hold_lock(state, "OperationTypeApply", 0) as info:
        assert f"ID:        {info.id}" in refusal(state)


def test_many_who_wait_get_it_one_after_the_other(state: Path) -> None:
    inside: list[int] = []
    most: list[int] = []

    def work(number: int) -> None:
        with hold_lock(state, "OperationTypeApply", 20):
            inside.append(number)
            most.append(len(inside))
            time.sleep(0.002)
            inside.remove(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 8


def test_a_directory_that_is_missing_is_made(state: Path) -> None:
    nested = state.parent / "terraform.tfstate.d" / "blue" / "terraform.tfstate"
    with hold_lock(nested, "OperationTypeApply", 0):
        assert info_path(nested).exists()


def test_a_place_that_cannot_be_locked_is_a_diagnostic(state: Path) -> None:
    state.write_text("")
    detail = refusal(state / "below")
    assert "Error message: Not a directory" in detail or "Error message: File exists" in detail
    assert "-lock=false" in detail
