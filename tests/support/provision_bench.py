"""Runs one provisioner with arguments as a user writes them, and keeps what it said."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

from sshd import Sshd

from kvmform.diagnostics import Diagnostic, DiagnosticError
from kvmform.provision.run import Call, run
from kvmform.provision.schemas import CONNECTION, PROVISIONERS
from kvmform.schema import Object, Plain, Row, Schema

__all__ = ["ProvisionBench", "connection_to"]


def connection_to(server: Sshd, **arguments: Plain) -> Object:
    """The arguments of a connection to a server, without an agent if nobody asks for one."""
    return {"host": "127.0.0.1", "port": server.port, "timeout": "10s", "agent": False, **arguments}


def _complete(schema: Schema, written: Object) -> Object:
    assert written.keys() <= schema.rows.keys()
    rows = {name: row for name, row in schema.rows.items() if isinstance(row, Row)}
    return {name: written.get(name, row.default) for name, row in rows.items()}


@dataclass
class ProvisionBench:
    """Where a test runs provisioners; `lines` is what they printed, `waits` what they waited for."""

    directory: Path
    stop: threading.Event = field(default_factory=threading.Event)
    lines: list[str] = field(default_factory=list)
    waits: list[str] = field(default_factory=list)
    is_secret: bool = False

    def run(self, kind: str, connection: Object | None = None, **arguments: Plain) -> None:
        """Run one to its end."""
        call = Call(
            base_directory=self.directory,
            line=self.lines.append,
            waiting=self.waits.append,
            stop=self.stop,
            is_secret=self.is_secret,
        )
        reached = None if connection is None else _complete(CONNECTION, connection)
        run(kind, _complete(PROVISIONERS[kind], arguments), reached, call)

    def fails(self, kind: str, connection: Object | None = None, **arguments: Plain) -> Diagnostic:
        """Run one that has to fail, and say how it does."""
        try:
            self.run(kind, connection, **arguments)
        except DiagnosticError as problem:
            return problem.diagnostics[0]
        raise AssertionError(f"it did not fail, and said {self.lines}")

    @property
    def printed(self) -> list[str]:
        """What the last one printed once it was connected."""
        return self.lines[len(self.lines) - self.lines[::-1].index("Connected!") :]
