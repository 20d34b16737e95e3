"""Waiting for the addresses of a guest that was just started, and telling why there are none."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from kvmform.host.addresses import AddressSearch, GuestAddress, Leases, Source
from kvmform.host.agent import AGENT_CHANNEL
from kvmform.host.console import logged_tail
from kvmform.host.elements import name_in
from kvmform.host.errors import InvalidStateError, TimedOutError
from kvmform.host.host import Host
from kvmform.host.operation import Kind, Operation
from kvmform.host.waiting import poll

__all__ = ["asking_agent", "wait_for_addresses"]

_AGENT_PAUSE = 0.3

_ADVICE = (
    "Look at the guest's console (`virsh console`). Usual causes: the guest has not booted (no operating system on the "
    "disk, wrong firmware), its network is not set to DHCP, or the network serves no DHCP; then wait for the guest "
    "agent instead, or give the domain more time."
)


def wait_for_addresses(
    host: Host,
    domain: str,
    macs: Collection[str],
    *,
    timeout: float,
    before: Leases = frozenset(),
    former: Collection[str] = (),
    stop: threading.Event | None = None,
) -> dict[str, tuple[GuestAddress, ...]]:
    """Wait until each of these NICs has an address that others can reach it by.

    Args:
        host: where the domain is.
        domain: its UUID.
        macs: of the NICs to wait for.
        timeout: in seconds.
        before: what :func:`remember_leases` gave before the domain was started.
        former: addresses that the NICs had on another network.
        stop: set it to give up.

    Returns:
        The addresses found, by MAC address in lower case.

    Raises:
        HostError: TimedOutError with the evidence; InvalidStateError if the domain goes off; StoppedError.
    """
    name, xml = _read_running(host, domain)
    search = AddressSearch(host, domain, xml, before, former=former)
    wanted = {mac.lower() for mac in macs}
    found: dict[GuestAddress, None] = {}

    def is_done() -> bool:
        found.update(dict.fromkeys(search.look()))
        if wanted <= {address.mac for address in list(found)}:
            return True
        _check_running(host, domain, name)
        return False

    with asking_agent(search, found, xml):
        done = poll(host, domain, is_done, timeout, stop)
    if not done:
        missing = wanted - {address.mac for address in list(found)}
        is_local = not urlsplit(host.uri).netloc
        evidence = "\n".join((*search.evidence(sorted(missing)), *_console(xml, is_local=is_local)))
        raise TimedOutError.of(
            f'No address for domain "{name}"',
            f"Within {timeout:g} s no address became known for {', '.join(sorted(missing))}.\n{evidence}\n{_ADVICE}",
        )
    return {mac: tuple(address for address in list(found) if address.mac == mac) for mac in sorted(wanted)}


@contextmanager
def asking_agent(search: AddressSearch, found: dict[GuestAddress, None], xml: str) -> Iterator[None]:
    """Ask the guest agent for addresses in a thread meanwhile, if the domain (its XML) has a channel for it."""
    ended = threading.Event()

    def ask() -> None:
        while not ended.wait(_AGENT_PAUSE):
            found.update(dict.fromkeys(search.ask_agent()))

    if AGENT_CHANNEL in xml:
        threading.Thread(target=ask, name="guest agent", daemon=True).start()
    else:
        search.reasons[Source.AGENT] = f"The domain has no channel {AGENT_CHANNEL}."
    try:
        yield
    finally:
        ended.set()  # The thread is not waited for: its last question may take seconds.


def _read_running(host: Host, domain: str) -> tuple[str, str]:
    xml = host.read(
        Operation("read", Kind.DOMAIN, domain),
        lambda connection: str(connection.domain(domain).XMLDesc(0)),
    )
    name = name_in(xml)
    _check_running(host, domain, name)
    return name, xml


def _check_running(host: Host, domain: str, name: str) -> None:
    operation = Operation("read", Kind.DOMAIN, domain)
    if not host.read(operation, lambda connection: bool(connection.domain(domain).isActive())):
        host.inventory.forget(Kind.DOMAIN, domain)
        raise InvalidStateError.of(
            f'No address for domain "{name}"',
            "The domain is shut off, so its guest gets no address. If it was started just now, the guest has powered "
            "itself off or crashed; its console and the hypervisor's log tell why.",
        )


def _console(xml: str, *, is_local: bool) -> Iterator[str]:
    console = logged_tail(xml) if is_local else []
    if console:
        yield "- The last lines of its console:"
        yield from (f"    {line}" for line in console)
