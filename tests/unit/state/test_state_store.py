"""The state while a command works with it."""

import os
import threading
import uuid
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from state_samples import few, instances_at, objects, output_values, sample

from kvmform.address import parse_instance
from kvmform.diagnostics import DiagnosticError
from kvmform.state.backends.local import LocalBackend
from kvmform.state.file import format_state, same_content
from kvmform.state.journal import read_journal
from kvmform.state.model import OutputValue, State, Status
from kvmform.state.records import Creating, Deleting, Updating
from kvmform.state.store import StateStore
from kvmform.values.model import UNKNOWN
from kvmform.values.types import STRING

WEB, POOL = parse_instance("libvirt_domain.web"), parse_instance("libvirt_pool.a")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "terraform.tfstate"


def begun(path: Path) -> StateStore:
    store = StateStore.open(LocalBackend(path))
    store.begin()
    return store


def kept(path: Path) -> State:
    state = LocalBackend(path).read()
    assert state is not None
    return state


def names(path: Path) -> list[str]:
    return sorted(entry.name for entry in path.parent.iterdir())


def test_an_apply_ends_with_one_version_more_and_no_journal(path: Path) -> None:
    for serial in (1, 2):
        store = begun(path)
        store.creating(sample("libvirt_pool.a", name="a", id=UNKNOWN))
        assert "terraform.tfstate.journal" in names(path)
        store.done(sample("libvirt_pool.a", name="a", id=serial))
        store.set_outputs({"o": OutputValue("x", STRING)})
        store.set_check_results([])
        store.finish()
        assert kept(path).serial == serial
        assert kept(path) == store.state
    assert names(path) == ["terraform.tfstate", "terraform.tfstate.backup"]


def test_reading_writes_nothing(path: Path) -> None:
    assert StateStore.open(LocalBackend(path)).state.instances == {}
    assert names(path) == []
    store = begun(path)
    store.creating(sample("libvirt_pool.a"))
    before = {entry: (entry.read_bytes(), entry.stat().st_mtime_ns) for entry in path.parent.iterdir()}
    assert StateStore.open(LocalBackend(path)).state.instances[POOL].status is Status.CREATING
    assert {entry: (entry.read_bytes(), entry.stat().st_mtime_ns) for entry in path.parent.iterdir()} == before


def test_a_run_that_changes_nothing_writes_nothing(path: Path) -> None:
    store = begun(path)
    store.finish()
    assert names(path) == []
    store = begun(path)
    store.done(sample("libvirt_pool.a", x=1))
    store.finish()
    before = path.read_bytes()
    store = begun(path)
    store.done(sample("libvirt_pool.a", x=1))
    store.set_outputs({})
    store.finish()
    assert path.read_bytes() == before
    assert names(path) == ["terraform.tfstate"]


def test_the_serial_grows_where_true_takes_the_place_of_1(path: Path) -> None:
    for value in (1, True):
        store = begun(path)
        store.done(sample("libvirt_pool.a", x=value))
        store.finish()
    assert kept(path).serial == 2


def test_a_store_can_begin_again(path: Path) -> None:
    store = begun(path)
    store.done(sample("libvirt_pool.a"))
    store.finish()
    store.begin()
    store.removed(POOL)
    store.finish()
    assert kept(path).serial == 2
    assert kept(path).objects() == []


def test_a_change_before_begin_is_a_mistake_of_the_caller(path: Path) -> None:
    with pytest.raises(AssertionError):
        StateStore.open(LocalBackend(path)).removed(POOL)


def test_what_failed_to_be_created_stays_in_the_state_as_being_created(path: Path) -> None:
    store = begun(path)
    store.creating(sample("libvirt_domain.web", name="web", id=UNKNOWN, generation=2))
    store.recorded(WEB, {"id": "4711"})
    store.finish()
    web = kept(path).instances[WEB]
    assert (web.status, web.generation, web.attributes) == (Status.CREATING, 2, {"name": "web", "id": "4711"})


def test_a_replacement_that_creates_first(path: Path) -> None:
    store = begun(path)
    store.done(sample("libvirt_domain.web", id="old", generation=3), sample("libvirt_domain.web", deposed="00000003"))
    key = store.depose(WEB)
    assert key == "00000004"
    store.creating(sample("libvirt_domain.web", id=UNKNOWN, generation=4))
    store.done(sample("libvirt_domain.web", id="new", generation=4))
    store.deleting(WEB, key)
    store.removed(WEB, key)
    assert [instance.deposed for instance in store.state.objects()] == ["", "00000003"]


def test_a_replacement_whose_creation_came_to_nothing_can_be_taken_back(path: Path) -> None:
    store = begun(path)
    old = sample("libvirt_domain.web", id="old")
    store.done(old)
    key = store.depose(WEB)
    store.restore(WEB, key)
    assert store.state.objects() == [old]


def test_moves_are_recorded(path: Path) -> None:
    store = begun(path)
    store.done(sample("libvirt_domain.web", x=1))
    store.move({WEB: parse_instance("module.m.libvirt_domain.web[0]")})
    store.move({})
    store.finish()
    assert [str(address) for address in kept(path).instances] == ["module.m.libvirt_domain.web[0]"]


def test_a_snapshot_stays_as_it_is(path: Path) -> None:
    store = begun(path)
    before = store.snapshot()
    store.done(sample("libvirt_domain.web"))
    assert before.instances == {}


def test_a_lineage_is_decided_once_and_kept(path: Path) -> None:
    store = begun(path)
    uuid.UUID(store.state.lineage)
    store.done(sample("libvirt_pool.a"))
    store.finish()
    assert kept(path).lineage == store.state.lineage
    assert StateStore.open(LocalBackend(path), lineage=lambda: "of a plan").state.lineage == store.state.lineage


def test_a_saved_plan_brings_its_lineage_where_there_is_no_state(path: Path) -> None:
    assert StateStore.open(LocalBackend(path), lineage=lambda: "of a plan").state.lineage == "of a plan"


def test_a_state_without_lineage_gets_one(path: Path) -> None:
    path.write_text('{"version": 4, "serial": 1}')
    store = begun(path)
    assert store.state.lineage
    store.creating(sample("libvirt_pool.a"))
    assert StateStore.open(LocalBackend(path)).state.lineage == store.state.lineage


def test_what_a_killed_run_left_is_folded_and_told(path: Path) -> None:
    store = begun(path)
    store.done(sample("libvirt_pool.a"))
    store.finish()
    killed = begun(path)
    killed.updating(POOL)
    killed.creating(sample("libvirt_domain.web", id=UNKNOWN))
    found = StateStore.open(LocalBackend(path))
    assert same_content(found.state, killed.state)
    assert [type(intent) for intent in found.interrupted] == [Updating, Creating]
    found.begin()
    found.deleting(WEB)
    found.removed(WEB)
    killed_again = StateStore.open(LocalBackend(path))
    assert killed_again.state.instances.keys() == {POOL}
    killed_again.begin()
    killed_again.finish()
    assert killed_again.interrupted == (Updating(POOL),)
    assert names(path) == ["terraform.tfstate"]
    assert kept(path).serial == 1


def test_a_plan_from_before_a_killed_run_can_be_told_by_its_serial(path: Path) -> None:
    killed = begun(path)
    killed.creating(sample("libvirt_domain.web", id=UNKNOWN))
    found = StateStore.open(LocalBackend(path))
    assert (killed.state.serial, found.state.serial) == (0, 1)
    found.begin()
    found.finish()
    assert kept(path).serial == 1


def test_the_lineage_of_the_first_run_survives_its_being_killed(path: Path) -> None:
    killed = begun(path)
    killed.creating(sample("libvirt_domain.web", id=UNKNOWN))
    found = StateStore.open(LocalBackend(path), lineage=lambda: "another")
    assert found.state.lineage == killed.state.lineage


def test_a_journal_that_is_in_the_state_already_is_not_folded_again(path: Path) -> None:
    store = begun(path)
    store.done(sample("libvirt_pool.a", x=1))
    journal = path.with_name("terraform.tfstate.journal")
    store.finish()
    store = begun(path)
    store.removed(POOL)
    store._journal.remove = lambda: None  # type: ignore[method-assign]
    store.finish()
    assert journal.exists()
    again = StateStore.open(LocalBackend(path))
    assert again.interrupted == ()
    assert again.state == kept(path)
    again.begin()
    assert not journal.exists()


def test_a_state_that_was_not_written_is_written_by_the_next_run(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = begun(path)
    store.done(sample("libvirt_pool.a"))
    monkeypatch.setattr(LocalBackend, "write", lambda *_: (_ for _ in ()).throw(DiagnosticError.of("Failed")))
    with pytest.raises(DiagnosticError):
        store.finish()
    monkeypatch.undo()
    store = begun(path)
    assert store.state.instances.keys() == {POOL}
    store.finish()
    assert kept(path).serial == 1
    assert names(path) == ["terraform.tfstate"]


def leave_journal(path: Path, serial: int, lineage: str = "L") -> None:
    LocalBackend(path).write(State(lineage, serial))
    begun(path).creating(sample("libvirt_pool.a"))


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (State("other", 3), "has the lineage other"),
        (State("L", 4), "the serial 4"),
        (State("L", 2), "the serial 2"),
        (None, "is missing"),
    ],
)
def test_a_journal_that_does_not_continue_the_state_is_an_error_with_ways_out(
    path: Path, after: State | None, found: str
) -> None:
    leave_journal(path, 3)
    if after is None:
        path.unlink()
    else:
        LocalBackend(path).write(after)
    with pytest.raises(DiagnosticError) as caught:
        StateStore.open(LocalBackend(path))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.summary == "State does not fit its journal"
    assert found in diagnostic.detail
    assert f"{path}.backup" in diagnostic.detail
    assert f"{path}.journal" in diagnostic.detail


def test_a_run_that_ends_while_the_state_is_read_does_no_harm(path: Path) -> None:
    leave_journal(path, 3)

    class Busy(LocalBackend):
        def read(self) -> State | None:
            state = super().read()
            if path.with_name("terraform.tfstate.journal").exists() and not self._busy:
                self._busy = True
                other = begun(path)
                other.finish()
                begun(path).updating(POOL)
            return state

        _busy = False

    store = StateStore.open(Busy(path))
    assert store.state.serial == 4
    assert store.interrupted == (Updating(POOL),)


@st.composite
def calls(draw: st.DrawFn) -> list[tuple[str, tuple[object, ...]]]:
    call = st.one_of(
        st.tuples(st.just("creating"), st.tuples(instances_at(few))),
        st.tuples(st.just("updating"), st.tuples(few)),
        st.tuples(st.just("deleting"), st.tuples(few)),
        st.tuples(st.just("recorded"), st.tuples(few, objects)),
        st.tuples(st.just("done"), st.tuples(instances_at(few))),
        st.tuples(st.just("removed"), st.tuples(few)),
        st.tuples(st.just("set_outputs"), st.tuples(output_values)),
    )
    return draw(st.lists(call, max_size=8))


@given(calls(), calls())
@settings(max_examples=40, deadline=None)
def test_what_is_in_memory_is_what_a_later_run_finds(
    tmp_path_factory: pytest.TempPathFactory, first: list[tuple[str, tuple[object, ...]]], second: list[object]
) -> None:
    path = tmp_path_factory.mktemp("store") / "terraform.tfstate"
    for told in (first, second):
        store = begun(path)
        for name, arguments in told:
            getattr(store, name)(*arguments)
        found = StateStore.open(LocalBackend(path), lineage=partial(str, store.state.lineage))
        assert same_content(found.state, store.state)
    found.begin()
    found.finish()
    again = StateStore.open(LocalBackend(path), lineage=lambda: found.state.lineage)
    assert format_state(again.state) == format_state(found.state)
    assert again.interrupted == ()


def test_threads_may_tell_at_once(path: Path) -> None:
    store = begun(path)

    def make(number: int) -> None:
        instance = sample(f"libvirt_pool.p[{number}]", id=number)
        store.creating(instance)
        store.recorded(instance.address, {"id": number})
        store.done(instance)

    threads = [threading.Thread(target=make, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    content = read_journal(path.with_name("terraform.tfstate.journal"))
    assert content is not None
    assert len(content.records) == 48
    store.finish()
    assert len(kept(path).instances) == 16


def test_what_a_crash_could_make_wrong_is_on_disk_when_the_call_returns(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = [0]
    monkeypatch.setattr(os, "fsync", lambda descriptor: sizes.append(os.fstat(descriptor).st_size))
    store = begun(path)
    web = sample("libvirt_domain.web")
    store.updating(WEB)
    for tell in (
        lambda: store.creating(web),
        lambda: store.recorded(WEB, {"id": "1"}),
        lambda: store.done(web),
        lambda: store.removed(WEB),
    ):
        tell()
        assert sizes[-1] == path.with_name("terraform.tfstate.journal").stat().st_size


def test_deleting_names_the_deposed_object(path: Path) -> None:
    store = begun(path)
    store.done(sample("libvirt_domain.web", deposed="00000001"))
    store.deleting(WEB, "00000001")
    assert StateStore.open(LocalBackend(path)).interrupted == (Deleting(WEB, "00000001"),)
