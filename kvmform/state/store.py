"""The state while a command works with it: read once, changed step by step, written once.

A command that only reads opens the store and looks at :attr:`StateStore.state`. One that
changes things calls :meth:`StateStore.begin`, tells the store of each thing before and after
it does it, and calls :meth:`StateStore.finish`. Between the two everything is in the journal,
so that killing the command at any instant loses nothing: the next run opens the store, finds
the journal, and has the state that it leads to.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

from kvmform.address import InstanceAddress
from kvmform.diagnostics import DiagnosticError
from kvmform.log import LOG
from kvmform.state.backends import Backend
from kvmform.state.file import same_content
from kvmform.state.journal import Journal, JournalContent, read_journal
from kvmform.state.model import InstanceState, OutputValue, State
from kvmform.state.records import (
    Checked,
    Creating,
    Deleting,
    Deposed,
    Done,
    Folding,
    Intent,
    Moved,
    OutputsSet,
    Record,
    Recorded,
    Removed,
    Restored,
    Updating,
    apply_record,
    fold,
    known,
    restore_unreplaced,
)
from kvmform.struct import replace
from kvmform.values.plain import Plain

__all__ = ["StateStore"]


class StateStore:
    """One state, in memory and on its way to where it is kept. Any thread may call it."""

    def __init__(self, backend: Backend, kept: State, leftover: JournalContent | None) -> None:
        self._backend = backend
        self._kept = kept
        self._leftover = leftover
        self._journal: Journal | None = None
        self._writable = False
        self._lock = threading.Lock()
        self._serial = kept.serial
        """The highest one that the state was, or was to be, written under."""
        self.state = kept.copy()
        """What is recorded now. Changed only by the methods here; see :meth:`snapshot`."""
        self.interrupted: tuple[Intent, ...] = fold(self.state, leftover.ahead) if leftover else ()
        """What an earlier run had begun when it was killed."""
        self.turn = 1 + max((max(each.made, each.settled) for each in self.state.instances.values()), default=0)
        """The number of this run among those that changed something: higher than any that is recorded."""
        if leftover:
            restore_unreplaced(self.state, leftover.records)
        if leftover and not same_content(kept, self.state):
            # The serial it will be written under: a plan from before the killed run is stale.
            self.state.serial += 1

    @classmethod
    def open(cls, backend: Backend, *, lineage: Callable[[], str] = lambda: str(uuid.uuid4())) -> StateStore:
        """Read the state, and fold in memory what an interrupted run left. Writes nothing.

        Where there is no state yet it gets this lineage, by default a new one, which stays the
        same as long as the store is used.

        Raises:
            DiagnosticError: state or journal cannot be read, or they don't belong together.
        """
        kept, leftover = _read(backend)
        serial, journal = kept.serial if kept else "none", "a" if leftover else "no"
        LOG.tell("DEBUG", "state", "read %s: serial %s, %s journal of a killed run", backend.name, serial, journal)
        kept = kept or State("")
        if not kept.lineage:
            kept.lineage = leftover.lineage if leftover else lineage()
        return cls(backend, kept, leftover)

    def snapshot(self) -> State:
        """What is recorded now, as a copy that stays as it is."""
        with self._lock:
            return self.state.copy()

    def begin(self) -> None:
        """Allow changes. The state must be locked by now. Nothing is written before the first change."""
        self._writable = True
        if self._leftover is None:
            # What may be there all the same is in the state already, or has not one whole line.
            with suppress(OSError):
                self._backend.journal_path.unlink()

    def back_up(self, stamp: int) -> None:
        """Keep what is written now, whatever comes; `stamp` tells such copies apart."""
        self._backend.back_up(stamp)

    def push(self, fresh: State, *, force: bool) -> None:
        """Replace all that is recorded by another state. What an interrupted run left is written first.

        Raises:
            DiagnosticError: the present one is of another lineage, or has a higher serial (unless `force`).
        """
        kept = self.state
        if not force and kept.instances and fresh.lineage != kept.lineage:
            detail = (
                f'cannot import state with lineage "{fresh.lineage}" over unrelated state with lineage "{kept.lineage}"'
            )
            raise DiagnosticError.of("Failed to write state", f"{detail}. -force does it all the same.")
        if not force and fresh.lineage == kept.lineage and fresh.serial < kept.serial:
            detail = f"cannot import state with serial {fresh.serial} over newer state with serial {kept.serial}"
            raise DiagnosticError.of("Failed to write state", f"{detail}. -force does it all the same.")
        self.finish()
        self._backend.write(fresh)
        self._kept, self.state = fresh, fresh.copy()

    def creating(self, instance: InstanceState) -> None:
        """An object is about to be made, as `instance` plans it; unknown attributes may be in it.

        Once this returns a crash cannot make kvmform forget that the object may exist.
        """
        self._tell(Creating(replace(instance, attributes=known(instance.attributes))))

    def updating(self, address: InstanceAddress) -> None:
        """An object is about to be changed."""
        self._tell(Updating(address), wait=False)

    def deleting(self, address: InstanceAddress, deposed: str = "") -> None:
        """An object is about to be deleted."""
        self._tell(Deleting(address, deposed), wait=False)

    def recorded(self, address: InstanceAddress, attributes: Mapping[str, Plain]) -> None:
        """This much of an object exists by now, while it is being made or changed."""
        self._tell(Recorded(address, known(dict(attributes))))

    def done(self, *instances: InstanceState) -> None:
        """Objects are as told: they were made, changed, imported or read again."""
        if instances:
            self._tell(Done(instances))

    def removed(self, address: InstanceAddress, deposed: str = "") -> None:
        """An object is gone, or is no longer to be looked after."""
        self._tell(Removed(address, deposed))

    def seen(self, *read: InstanceState) -> None:
        """Data sources are as told. A crash may forget that: they are read again."""
        if read:
            self._tell(Done(read), wait=False)

    def drop(self, addresses: Iterable[InstanceAddress]) -> None:
        """Forget data sources, which are nothing that could be lost."""
        for address in addresses:
            self._tell(Removed(address), wait=False)

    def depose(self, address: InstanceAddress) -> str:
        """Make room for another object at an address; what is returned is the key of the one there now.

        With create_before_destroy this comes before :meth:`creating`, and :meth:`deleting`
        and :meth:`removed` with the key come after :meth:`done`.
        """
        number = self.state.instances[address].generation
        while (address, key := f"{number:08x}") in self.state.deposed:
            number += 1
        self._tell(Deposed(address, key), wait=False)
        return key

    def restore(self, address: InstanceAddress, deposed: str) -> None:
        """Make a deposed object the current one again, since nothing came in its place."""
        self._tell(Restored(address, deposed))

    def move(self, targets: Mapping[InstanceAddress, InstanceAddress]) -> None:
        """Give instances other addresses, all at once."""
        if targets:
            self._tell(Moved(tuple(targets.items())))

    def set_outputs(self, outputs: Mapping[str, OutputValue]) -> None:
        """Record the output values; there are no others."""
        self._tell(OutputsSet(dict(outputs)), wait=False)

    def set_check_results(self, results: Plain) -> None:
        """Record the outcome of conditions, in the form of Terraform's state file."""
        self._tell(Checked(results), wait=False)

    def checkpoint(self) -> None:
        """Keep what is recorded by now, in the midst of a run, so that a machine that is lost takes little with it.

        Raises:
            DiagnosticError: it cannot be written; the journal has it, and the next attempt may do better.
        """
        with self._lock:
            journal = self._journal
            if journal is None or same_content(self._kept, self.state):
                return
            length = journal.append(Folding(self._next_serial()))
            snapshot = self.state.copy()
            snapshot.serial = self._serial
        journal.sync(length)
        self._backend.checkpoint(snapshot)
        with self._lock:
            self._kept = snapshot

    @property
    def checkpoint_seconds(self) -> float | None:
        """How often that is needed; None: never."""
        return self._backend.checkpoint_seconds

    def finish(self) -> None:
        """Write the state if anything differs from what is kept, and end the journal.

        What was begun and not done stays as the journal tells it: an object that was being
        made is recorded as such.

        Raises:
            DiagnosticError: it cannot be written; the journal stays, and the next run writes it.
        """
        with self._lock:
            if self._leftover is not None or self._journal is not None:
                self._commit(self._open_journal())
            self._leftover = self._journal = None
            self._writable = False

    def _commit(self, journal: Journal) -> None:
        if not same_content(self._kept, self.state):
            serial = self._next_serial()
            # From here on a higher serial of the state means that the journal is in it.
            journal.sync(journal.append(Folding(serial)))
            self.state.serial = serial
            self._backend.write(self.state)
            LOG.tell("INFO", "state", "wrote %s with serial %s", self._backend.name, serial)
            self._kept = self.state.copy()
        journal.remove()

    def _next_serial(self) -> int:
        """One that no attempt to write had, since one that failed may have been carried out."""
        self._serial = max(self._serial, self._kept.serial) + 1
        return self._serial

    def _tell(self, record: Record, *, wait: bool = True) -> None:
        """Write a record and apply it; `wait` until it is on disk.

        What a crash cannot make wrong need not be waited for: the next record that is takes it along.
        """
        with self._lock:
            assert self._writable, "the store was not told to begin"
            journal = self._open_journal()
            length = journal.append(record)
            apply_record(self.state, record)
        if wait:
            journal.sync(length)

    def _open_journal(self) -> Journal:
        if self._journal is None:
            if self._leftover is not None:
                self._journal = Journal.resume(self._leftover)
            else:
                self._journal = Journal.create(self._backend.journal_path, self._kept.lineage, self._kept.serial)
        return self._journal


def _read(backend: Backend) -> tuple[State | None, JournalContent | None]:
    """The state, and the journal that continues it."""
    state, journal = backend.read(), read_journal(backend.journal_path)
    if journal is not None and _placed(state, journal) is None:
        # A run that has just ended may have written the state between the two readings.
        state, journal = backend.read(), read_journal(backend.journal_path)
    if journal is None:
        return state, None
    placed = _placed(state, journal)
    if placed is None:
        raise _misfit(backend, state, journal)
    return state, placed if placed.ahead or not placed.records else None


def _placed(state: State | None, journal: JournalContent) -> JournalContent | None:
    """The journal, told how many of its records the state has already; None if they don't belong together."""
    if state is None:
        return journal if journal.serial == 0 else None
    if state.lineage not in {"", journal.lineage}:
        return None
    if state.serial == journal.serial:
        return journal
    for place, record in reversed([*enumerate(journal.records, start=1)]):
        if isinstance(record, Folding):
            # Behind the last one there is nothing that a later version of the state could lack.
            is_it = record.serial <= state.serial if place == len(journal.records) else record.serial == state.serial
            if is_it:
                return replace(journal, kept=place)
    return None


def _misfit(backend: Backend, state: State | None, journal: JournalContent) -> DiagnosticError:
    found = f"has the lineage {state.lineage} and the serial {state.serial}" if state else "is missing"
    return DiagnosticError.of(
        "State does not fit its journal",
        f"An interrupted run left the journal {journal.path}, which continues the state with the lineage "
        f"{journal.lineage} and the serial {journal.serial}; but the state {backend.name} {found}. Put that version of "
        f"the state back (it may be in {backend.name}.backup), and the next run goes on from there. Only if you want "
        "to give up what the journal records, and with it perhaps objects that were made, remove the journal.",
    )
