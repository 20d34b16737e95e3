"""The journal beside the state."""

import os
import threading
import time
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from state_samples import records, sample, states

from kvmform.address import parse_instance
from kvmform.diagnostics import DiagnosticError
from kvmform.state.file import format_state, parse_state
from kvmform.state.journal import Journal, read_journal
from kvmform.state.model import State
from kvmform.state.records import Done, Record, Removed, Updating, fold

WEB = parse_instance("libvirt_domain.web")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "terraform.tfstate.journal"


def written(path: Path, told: list[Record], lineage: str = "L", serial: int = 7) -> bytes:
    journal = Journal.create(path, lineage, serial)
    for record in told:
        journal.append(record)
    return path.read_bytes()


@given(st.lists(records, max_size=6))
@settings(max_examples=50)
def test_what_was_appended_is_read_in_the_same_order(
    tmp_path_factory: pytest.TempPathFactory, told: list[Record]
) -> None:
    path = tmp_path_factory.mktemp("journal") / "j"
    written(path, told)
    content = read_journal(path)
    assert content is not None
    assert (content.lineage, content.serial, list(content.records)) == ("L", 7, told)
    assert content.length == path.stat().st_size


def test_the_lines_are_json_and_for_the_user_only(path: Path) -> None:
    written(path, [Updating(WEB)])
    assert path.read_text() == (
        '{"crc":"bf28d094","record":{"kind":"header","format":1,"lineage":"L","serial":7}}\n'
        '{"crc":"c473163b","record":{"kind":"updating","address":"libvirt_domain.web"}}\n'
    )
    assert path.stat().st_mode & 0o777 == 0o600


def test_no_journal_and_one_whose_first_line_is_torn_are_none(path: Path) -> None:
    assert read_journal(path) is None
    whole = written(path, [])
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert read_journal(path) is None


@given(states(), st.lists(records, max_size=5), st.data())
@settings(max_examples=50, deadline=None)
def test_any_prefix_of_the_bytes_leads_to_the_state_after_its_whole_lines(
    tmp_path_factory: pytest.TempPathFactory, state: State, told: list[Record], data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("journal") / "j"
    whole = written(path, told)
    cut = data.draw(st.integers(whole.index(b"\n") + 1, len(whole)))
    path.write_bytes(whole[:cut])
    content = read_journal(path)
    assert content is not None
    count = whole[:cut].count(b"\n") - 1
    assert list(content.records) == told[:count]
    fold(state, content.records)
    assert parse_state(format_state(state), "x") == state


@pytest.mark.parametrize("damage", [b"0", b"\n", b"}"])
def test_a_line_that_is_not_whole_hides_all_behind_it(path: Path, damage: bytes) -> None:
    data = written(path, [Removed(WEB), Updating(WEB), Removed(WEB)])
    lines = data.splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], lines[2][:40] + damage + lines[2][41:], *lines[3:]]))
    content = read_journal(path)
    assert content is not None
    assert content.records == (Removed(WEB),)


def test_a_journal_is_resumed_behind_its_last_whole_line(path: Path) -> None:
    path.write_bytes(written(path, [Removed(WEB)]) + b'{"crc":"00')
    content = read_journal(path)
    assert content is not None
    journal = Journal.resume(content)
    journal.sync(journal.append(Updating(WEB)))
    content = read_journal(path)
    assert content is not None
    assert content.records == (Removed(WEB), Updating(WEB))


def test_what_could_not_be_written_whole_leaves_no_trace(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal.create(path, "L", 1)
    write = os.write

    def full_disk(descriptor: int, data: bytes) -> int:
        write(descriptor, bytes(data)[:20])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full_disk)
    with pytest.raises(DiagnosticError) as caught:
        journal.append(Removed(WEB))
    assert "No space left on device" in caught.value.diagnostics[0].detail
    monkeypatch.undo()
    journal.append(Updating(WEB))
    content = read_journal(path)
    assert content is not None
    assert content.records == (Updating(WEB),)


def test_threads_that_wait_at_once_share_an_fsync(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal.create(path, "L", 1)
    synced: list[int] = []

    def slow(descriptor: int) -> None:
        size = os.fstat(descriptor).st_size
        time.sleep(0.01)
        synced.append(size)

    monkeypatch.setattr(os, "fsync", slow)
    late: list[int] = []

    def tell(number: int) -> None:
        length = journal.append(Done((sample(f"libvirt_pool.p[{number}]"),)))
        journal.sync(length)
        if max(synced, default=0) < length:
            late.append(number)

    threads = [threading.Thread(target=tell, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert late == []
    assert len(synced) < 10
    content = read_journal(path)
    assert content is not None
    assert len(content.records) == 20


def test_appending_costs_the_same_however_long_the_journal_is(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal.create(path, "L", 1)
    sizes: list[int] = []
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: sizes.append(len(data)) or write(descriptor, data))
    for number in range(100, 999):
        journal.append(Done((sample(f"libvirt_pool.p[{number}]"),)))
    assert len(set(sizes)) == 1


@pytest.mark.parametrize(
    "record", [b'{"kind":"header","format":2,"lineage":"L","serial":1}', b'{"kind":"updating","address":"a.b"}']
)
def test_a_journal_of_another_version_is_refused(path: Path, record: bytes) -> None:
    path.write_bytes(b'{"crc":"%08x","record":%b}\n' % (zlib.crc32(record), record))
    with pytest.raises(DiagnosticError, match="Unknown journal format"):
        read_journal(path)


@pytest.mark.parametrize(
    "form", [{"kind": "new"}, {"kind": "updating", "address": ".."}, {"kind": "moved", "pairs": [1]}]
)
def test_a_record_that_is_not_understood_is_not_passed_over(
    path: Path, monkeypatch: pytest.MonkeyPatch, form: dict[str, object]
) -> None:
    monkeypatch.setattr("kvmform.state.journal.record_to_form", lambda _: form)
    written(path, [Removed(WEB)])
    with pytest.raises(DiagnosticError) as caught:
        read_journal(path)
    assert str(path) in caught.value.diagnostics[0].detail


def test_a_journal_that_cannot_be_made_or_read_is_a_diagnostic(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DiagnosticError, match="Journal not accessible"):
        Journal.create(tmp_path / "file" / "j", "L", 1)
    with pytest.raises(DiagnosticError, match="Journal not accessible"):
        read_journal(tmp_path)


def test_a_journal_whose_work_is_done_goes_away(path: Path) -> None:
    Journal.create(path, "L", 1).remove()
    assert not path.exists()
