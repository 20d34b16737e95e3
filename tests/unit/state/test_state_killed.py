"""An apply that is killed at any of its system calls, and run again.

The world is a directory with a file for each object. Each run looks at the state and at
nothing else to know what there is, as far as deleting goes; so an object that the state
does not know would stay for ever.
"""

import itertools
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from state_samples import sample

from kvmform.address import InstanceAddress, parse_instance
from kvmform.state.backends.local import LocalBackend
from kvmform.state.file import format_state, parse_state
from kvmform.state.model import State, Status
from kvmform.state.store import StateStore
from kvmform.values.model import UNKNOWN

OLD, CHANGED, NEW, REPLACED = (
    parse_instance(f"libvirt_volume.{name}") for name in ("old", "changed", "new", "replaced")
)


class World:
    """A state and the objects that it is about."""

    def __init__(self, directory: Path, *, checkpoints: bool = False) -> None:
        """`checkpoints`: the state is kept in the midst of a run, too, wherever that can be."""
        self._checkpoints = checkpoints
        self.objects = directory / "objects"
        self.backend = LocalBackend(directory / "terraform.tfstate")
        self.objects.mkdir(parents=True)

    def prepare(self) -> None:
        store = StateStore.open(self.backend, lineage=lambda: "L")
        store.begin()
        for address in (OLD, CHANGED, REPLACED):
            self._make(store, address, 0)
        store.finish()

    def apply(self) -> None:
        """Bring the world to what is wanted, from wherever it is: an idempotent run."""
        self.backend = LocalBackend(self.backend._path)
        with self.backend.lock("OperationTypeApply"):
            store = StateStore.open(self.backend)
            store.begin()
            state = store.snapshot()
            self._delete(store, OLD)
            if state.instances[CHANGED].attributes["size"] != 2:
                store.updating(CHANGED)
                self._file(CHANGED, 0).write_text("2")
                store.done(sample(str(CHANGED), id="0", size=2))
            if NEW not in state.instances or state.instances[NEW].status is Status.CREATING:
                self._make(store, NEW, 0)
            self._replace(store, state)
            store.finish()

    def known(self) -> set[str]:
        """The objects that the state knows, as the names of their files."""
        objects = StateStore.open(self.backend).state.objects()
        return {self._file(instance.address, instance.generation).name for instance in objects}

    def existing(self) -> set[str]:
        return {entry.name for entry in self.objects.iterdir()}

    def _replace(self, store: StateStore, state: State) -> None:
        current = state.instances.get(REPLACED)
        if current is None or current.generation == 0 or current.status is Status.CREATING:
            if current is not None and current.generation == 0:
                store.depose(REPLACED)
                self._keep(store)
            self._make(store, REPLACED, 1)
        for address, key in list(store.state.deposed):
            self._delete(store, address, key)

    def _make(self, store: StateStore, address: InstanceAddress, generation: int) -> None:
        store.creating(sample(str(address), id=UNKNOWN, size=1, generation=generation))
        self._keep(store)
        self._file(address, generation).write_text("1")
        store.recorded(address, {"id": str(generation)})
        self._keep(store)
        store.done(sample(str(address), id=str(generation), size=1, generation=generation))

    def _delete(self, store: StateStore, address: InstanceAddress, deposed: str = "") -> None:
        instance = store.state.get(address, deposed)
        if instance is not None:
            store.deleting(address, deposed)
            self._keep(store)
            self._file(address, instance.generation).unlink(missing_ok=True)
            store.removed(address, deposed)

    def _keep(self, store: StateStore) -> None:
        if self._checkpoints:
            store.checkpoint()

    def _file(self, address: InstanceAddress, generation: int) -> Path:
        return self.objects / f"{address.resource.name}-{generation}"


def run_killed(work: Callable[[], None], at: int, torn: bool) -> bool:
    """Run in a process of its own that kills itself at its system call number `at`; whether it came that far.

    `torn`: if that call is a write, half of it is done before.
    """
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) in {0, -signal.SIGKILL}
        return os.WIFSIGNALED(status)
    calls = itertools.count()

    def deadly(name: str) -> Callable[..., object]:
        real = getattr(os, name)

        def call(*arguments: object, **options: object) -> object:
            if next(calls) == at:
                if torn and name == "write":
                    real(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **options)

        return call

    try:
        for name in ("write", "fsync", "replace", "unlink", "ftruncate"):
            setattr(os, name, deadly(name))
        work()
    except BaseException:  # noqa: BLE001 - the child must not go on as pytest
        os._exit(1)
    os._exit(0)


@pytest.fixture
def expected(tmp_path: Path) -> bytes:
    """The state after an apply that nothing disturbs."""
    world = World(tmp_path / "undisturbed")
    world.prepare()
    world.apply()
    assert world.existing() == {"changed-0", "new-0", "replaced-1"} == world.known()
    state = world.backend.read()
    assert state is not None
    return format_state(state)


@pytest.mark.parametrize("torn", [False, True])
def test_wherever_it_is_killed_no_object_is_unknown_and_the_next_run_completes(
    tmp_path: Path, expected: bytes, torn: bool
) -> None:
    at = 0
    while True:
        world = World(tmp_path / str(at))
        world.prepare()
        killed = run_killed(world.apply, at, torn)
        assert world.existing() <= world.known()
        world.apply()
        state = world.backend.read()
        assert state is not None
        assert format_state(state) == expected
        assert world.existing() == world.known()
        assert not world.backend.journal_path.exists()
        if not killed:
            break
        at += 1
    assert at > 20


def test_the_same_where_the_state_is_kept_in_the_midst_of_runs(tmp_path: Path, expected: bytes) -> None:
    at = 0
    while True:
        world = World(tmp_path / str(at), checkpoints=True)
        world.prepare()
        killed = run_killed(world.apply, at, torn=True)
        assert world.existing() <= world.known()
        world.apply()
        state = world.backend.read()
        assert state is not None
        state.serial = parse_state(expected, "expected").serial
        assert format_state(state) == expected
        assert world.existing() == world.known()
        if not killed:
            break
        at += 1
    assert at > 60


def test_what_was_kept_in_the_midst_of_a_run_is_all_that_a_lost_machine_leaves(tmp_path: Path) -> None:
    world = World(tmp_path / "world")
    store = StateStore.open(world.backend)
    store.begin()
    store.creating(sample(str(NEW), id=UNKNOWN, size=1))
    store.checkpoint()
    store.checkpoint()  # nothing has happened since
    store.creating(sample(str(OLD), id=UNKNOWN, size=1))
    assert StateStore.open(world.backend).state.instances.keys() == {NEW, OLD}
    world.backend.journal_path.unlink()
    found = StateStore.open(LocalBackend(world.backend._path)).state
    assert found.instances[NEW].status is Status.CREATING
    assert (found.instances.keys(), found.serial) == ({NEW}, 1)


def test_the_first_run_of_all_is_killed_and_its_objects_keep_their_lineage(tmp_path: Path) -> None:
    at = 0
    while True:
        world = World(tmp_path / str(at))
        killed = run_killed(world.prepare, at, torn=True)
        assert world.existing() <= world.known()
        lineage = StateStore.open(world.backend).state.lineage
        assert lineage == "L" or not world.existing()
        if not killed:
            break
        at += 1
    assert at > 10


def test_a_run_that_is_killed_again_and_again_completes_in_the_end(tmp_path: Path, expected: bytes) -> None:
    world = World(tmp_path / "world")
    world.prepare()
    at = 3
    while run_killed(world.apply, at, torn=True):
        assert world.existing() <= world.known()
        at += 1
    state = world.backend.read()
    assert state is not None
    assert format_state(state) == expected
