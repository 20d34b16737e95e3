r"""The journal: what happened since the state was last written, one JSON line per record.

The first line says which version of which state the journal continues; the others are
records, each appended in one write:

    {"crc":"0c8b4b3f","record":{"kind":"header","format":1,"lineage":"6795a787-…","serial":7}}
    {"crc":"5a7e0d11","record":{"kind":"updating","address":"libvirt_domain.web"}}

`crc` is the CRC-32 of the record's text. A line that is not whole, as a crash leaves it, ends
the journal: it and what is behind it never counted as written. Appending costs the same
however large the state is.
"""

from __future__ import annotations

import os
import threading
import zlib
from pathlib import Path
from typing import Any

from kvmform.diagnostics import DiagnosticError
from kvmform.state.durable import keep_directory, write_all
from kvmform.state.form import MalformedError, member
from kvmform.state.json_text import json_text, parse_json
from kvmform.state.record_form import record_from_form, record_to_form
from kvmform.state.records import Record
from kvmform.struct import Struct

__all__ = ["Journal", "JournalContent", "read_journal"]

_FORMAT = 1
_START = b'{"crc":"'
_MIDDLE = b'","record":'


class JournalContent(Struct):
    """What was read of a journal.

    `length` is the number of its bytes that are whole lines, `kept` the number of its first records that are in the
    state already: a run may keep the state where it is in its midst.
    """

    path: Path
    lineage: str
    serial: int
    records: tuple[Record, ...]
    length: int
    kept: int = 0

    @property
    def ahead(self) -> tuple[Record, ...]:
        """The records that the state has not got."""
        return self.records[self.kept :]


def read_journal(path: Path) -> JournalContent | None:
    """The journal at a place; None if there is none, or if its first line never got whole.

    Raises:
        DiagnosticError: it cannot be read, or another version of kvmform wrote it.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise _failed("read", path, problem) from problem
    forms, length = _whole_lines(data)
    if not forms:
        return None
    try:
        return _content(path, forms, length)
    except ValueError as problem:
        raise DiagnosticError.of(
            "Unknown journal format",
            f"The journal {path}, which an interrupted run left, cannot be understood: {problem}. Another version of "
            "kvmform has written it; finish with that version what it began. Only to give up what the journal "
            "records, and with it perhaps objects that were made, remove it.",
        ) from problem


class Journal:
    """An open journal, to which any thread may append."""

    def __init__(self, path: Path, descriptor: int, length: int) -> None:
        self._path = path
        self._descriptor = descriptor
        self._length = length
        """Bytes of whole lines: what was written, or was there before."""
        self._synced = length
        self._writing = threading.Lock()
        self._syncing = threading.Lock()

    @classmethod
    def create(cls, path: Path, lineage: str, serial: int) -> Journal:
        """Begin a journal that continues this version of the state.

        Raises:
            DiagnosticError: it cannot be written.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC
            journal = cls(path, os.open(path, flags, 0o600), 0)
            journal._write({"kind": "header", "format": _FORMAT, "lineage": lineage, "serial": serial})
            journal.sync(1)
            keep_directory(path.parent)
        except OSError as problem:
            raise _failed("written", path, problem) from problem
        return journal

    @classmethod
    def resume(cls, content: JournalContent) -> Journal:
        """Go on with a journal that was left, behind its last whole line.

        Raises:
            DiagnosticError: it cannot be written.
        """
        try:
            descriptor = os.open(content.path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
            os.ftruncate(descriptor, content.length)
        except OSError as problem:
            raise _failed("written", content.path, problem) from problem
        return cls(content.path, descriptor, content.length)

    def append(self, record: Record) -> int:
        """Write a record behind the others; what is returned is what :meth:`sync` takes.

        Raises:
            DiagnosticError: it cannot be written; the journal is as it was before.
        """
        return self._write(record_to_form(record))

    def sync(self, length: int) -> None:
        """Wait until all records up to a length are on disk.

        Threads that wait at the same time share one fsync.

        Raises:
            DiagnosticError: the disk refuses.
        """
        with self._syncing:
            if self._synced >= length:
                return
            written = self._length
            try:
                os.fsync(self._descriptor)
            except OSError as problem:
                raise _failed("written", self._path, problem) from problem
            self._synced = written

    def remove(self) -> None:
        """End the journal; what it told is in the state now.

        Raises:
            DiagnosticError: it cannot be removed.
        """
        os.close(self._descriptor)
        try:
            self._path.unlink(missing_ok=True)
        except OSError as problem:
            raise _failed("removed", self._path, problem) from problem

    def _write(self, form: dict[str, Any]) -> int:
        line = _line(json_text(form).encode(errors="replace"))
        with self._writing:
            try:
                write_all(self._descriptor, line)
            except OSError as problem:
                # Half a line would hide all that is appended behind it.
                os.ftruncate(self._descriptor, self._length)
                raise _failed("written", self._path, problem) from problem
            self._length += len(line)
            return self._length


def _line(record: bytes) -> bytes:
    return b"%b%08x%b%b}\n" % (_START, zlib.crc32(record), _MIDDLE, record)


def _whole_lines(data: bytes) -> tuple[list[dict[str, Any]], int]:
    """The records of all lines up to the first that is damaged, and how many bytes these lines have."""
    forms: list[dict[str, Any]] = []
    length = 0
    for line in data.splitlines(keepends=True):
        record = line[len(_START) + 8 + len(_MIDDLE) : -2]
        if line != _line(record):
            break
        try:
            form = parse_json(record)
        except ValueError:
            break
        if not isinstance(form, dict):
            break
        forms.append(form)
        length += len(line)
    return forms, length


def _content(path: Path, forms: list[dict[str, Any]], length: int) -> JournalContent:
    header, *others = forms
    if header.get("kind") != "header" or header.get("format") != _FORMAT:
        raise MalformedError(f"it does not begin with a header of format {_FORMAT}")
    return JournalContent(
        path=path,
        lineage=member(header, "lineage", ""),
        serial=member(header, "serial", 0),
        records=tuple(record_from_form(form) for form in others),
        length=length,
    )


def _failed(verb: str, path: Path, problem: OSError) -> DiagnosticError:
    return DiagnosticError.of(
        "Journal not accessible",
        f"The journal {path} cannot be {verb}: {problem.strerror}. Without it nothing may be made or deleted, since a "
        "crash would then leave objects that no state knows. Make room or give access, and run the command again: it "
        "goes on where it stopped.",
    )
