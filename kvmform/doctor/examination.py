"""Look at one host: the machine as far as it is this one, then what libvirt says of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from kvmform.diagnostics import DiagnosticError
from kvmform.doctor import accelerator, connection, emulator, machine, network, storage
from kvmform.doctor.finding import Finding, Verdict
from kvmform.host.errors import HostError
from kvmform.host.host import Host, open_host
from kvmform.host.opening import is_local
from kvmform.struct import Struct

__all__ = ["Examination", "examine"]

_ON_HOST: tuple[Callable[[Host], Iterator[Finding]], ...] = (
    emulator.examine,
    storage.examine,
    network.examine,
)


class Examination(Struct):
    """All findings about one host."""

    uri: str
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst of all."""
        found = {finding.verdict for finding in self.findings}
        return next((each for each in (Verdict.ERROR, Verdict.WARNING) if each in found), Verdict.GOOD)


def examine(uri: str, base_directory: Path) -> Examination:
    """Examine the host behind a URI. Nothing on it is changed; what can't be looked at is a finding too."""
    return Examination(uri, tuple(_findings(uri, base_directory)))


def _findings(uri: str, base_directory: Path) -> Iterator[Finding]:
    if is_local(uri):
        yield from accelerator.examine()
        yield from machine.examine()
    try:
        host = open_host(uri, base_directory)
    except DiagnosticError as problem:
        yield connection.refused(uri, problem.diagnostics[0])
        return
    try:
        yield from connection.examine(host)
        for part in _ON_HOST if not host.is_simulated else ():
            yield from part(host)
    except HostError as problem:
        yield connection.broken(problem.diagnostics[0])
    finally:
        host.close()
