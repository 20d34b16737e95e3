"""Waiting for all that a started guest has to be, at once; and the evidence where it does not come true."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from kvmform.diagnostics import DiagnosticError
from kvmform.host.address_waiting import asking_agent
from kvmform.host.addresses import AddressSearch, GuestAddress, Leases
from kvmform.host.console import ConsoleWatch, logged_tail
from kvmform.host.errors import InvalidStateError, TimedOutError
from kvmform.host.host import Host
from kvmform.host.operation import Kind
from kvmform.host.waiting import check_stop
from kvmform.resources.domain.interface.addresses import by_mac, sort_addresses
from kvmform.resources.domain.readiness.conditions import Condition, Guest, conditions_of, watches_console
from kvmform.schema import Object, Operation

__all__ = ["Waiting"]

_PROBE_PAUSE = 0.3
_LOOK_PAUSE = 0.3
_CHECK_PAUSE = 0.1
_STATE_SECONDS = 1.0
"""How often it is looked whether the domain still runs."""


class Waiting:
    """Conditions that are probed, each in a thread of its own, from the moment at which the guest was started."""

    def __init__(self, operation: Operation[Host], planned: Object, before: Leases, timeout: float) -> None:
        """Args: before: leases of a former life of the guest; timeout: of what has none of its own, in seconds."""
        self._operation = operation
        self._domain, self._name = planned["id"], planned["name"]
        host = operation.host
        record = host.inventory.domains.get(self._domain)
        self._xml = (record.live_xml or record.xml) if record is not None else "<domain/>"
        self._search = AddressSearch(host, self._domain, self._xml, before)
        self._found: dict[GuestAddress, None] = {}
        self._looked_at = float("-inf")
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._begun = time.monotonic()
        self._console = ConsoleWatch(host, self._domain) if watches_console(planned) else None
        guest = Guest(host, self._domain, self._console, self._addresses)
        self._conditions = conditions_of(planned, guest, timeout)

    @contextmanager
    def begun(self) -> Iterator[Waiting]:
        """Probe meanwhile. The threads are not waited for at the end: a last probe may take seconds."""
        for condition in self._conditions:
            threading.Thread(target=self._pursue, args=(condition,), name=condition.words, daemon=True).start()
        try:
            with asking_agent(self._search, self._found, self._xml):
                yield self
        finally:
            self._ended.set()
            if self._console is not None:
                self._console.close()

    def wait(self) -> None:
        """Wait until everything came true.

        Raises:
            HostError: TimedOutError with the evidence; InvalidStateError if the domain goes off; StoppedError.
            DiagnosticError: something can't come true any more.
        """
        told: list[str] = []
        looked_at = float("-inf")
        while unmet := [condition for condition in self._conditions if not condition.met]:
            check_stop(self._operation.stop)
            now = time.monotonic()
            failed = next((condition.failure for condition in unmet if condition.failure is not None), None)
            if failed is not None:
                raise failed
            if any(now - self._begun > condition.timeout for condition in unmet):
                raise self._timed_out(unmet)
            if now - looked_at > _STATE_SECONDS:
                self._check_running()
                looked_at = now
            words = [condition.words for condition in unmet]
            if words != told:
                self._operation.progress(f"waiting for {', '.join(words)}", None, None)
                told = words
            self._ended.wait(_CHECK_PAUSE)

    def found(self) -> dict[str, list[str]]:
        """The addresses that became known, by MAC address in lower case."""
        return by_mac(list(self._found))

    def _pursue(self, condition: Condition) -> None:
        while not self._ended.is_set():
            try:
                condition.reason = condition.probe()
            except DiagnosticError as problem:
                condition.failure = problem
                return
            if not condition.reason:
                condition.met = True
                return
            self._ended.wait(_PROBE_PAUSE)

    def _addresses(self) -> list[str]:
        with self._lock:
            if time.monotonic() - self._looked_at > _LOOK_PAUSE:
                self._found.update(dict.fromkeys(self._search.look()))
                self._looked_at = time.monotonic()
        return sort_addresses(found.address for found in list(self._found))

    def _check_running(self) -> None:
        host = self._operation.host
        host.inventory.forget(Kind.DOMAIN, self._domain)
        record = host.inventory.domains.get(self._domain)
        if record is None or not record.active:
            raise InvalidStateError.of(
                f'Domain "{self._name}" is not ready',
                "It is shut off. If it was started just now, the guest has powered itself off or crashed; its console "
                "and the hypervisor's log tell why.\n" + "\n".join(self._evidence([])),
            )

    def _timed_out(self, unmet: list[Condition]) -> DiagnosticError:
        return TimedOutError.of(
            f'Domain "{self._name}" is not ready',
            f"{', '.join(condition.words for condition in unmet)} did not come true within "
            f"{min(condition.timeout for condition in unmet):g} s.\n"
            + "\n".join(self._evidence(unmet))
            + "\nThe guest is left as it is; the next apply waits again.",
        )

    def _evidence(self, unmet: list[Condition]) -> Iterator[str]:
        """What is known instead, one statement a line."""
        host = self._operation.host
        for condition in unmet:
            yield f"- {condition.words}: {condition.reason.rstrip('.')}."
        met = [condition.words for condition in self._conditions if condition.met]
        if met:
            yield f"- What came true: {', '.join(met)}."
        record = host.inventory.domains.get(self._domain)
        yield f"- The domain is {record.state if record is not None else 'gone'}."
        known = {found.mac: f"{found.address} ({found.source})" for found in list(self._found)}
        yield from (f"- {mac} has the address {address}." for mac, address in sorted(known.items()))
        yield from self._search.evidence([nic.mac for nic in self._search.nics if nic.mac not in known])
        if not host.is_local:
            yield f"- The host {host.uri} is another machine: addresses on its NAT networks can't be reached from here."
        console = self._console.tail() if self._console is not None else []
        console = console or (logged_tail(self._xml) if host.is_local else [])
        if console:
            yield "- The last lines of its console:"
            yield from (f"    {line}" for line in console)
