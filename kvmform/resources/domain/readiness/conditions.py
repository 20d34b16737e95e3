"""What is waited for, one by one: each with a probe, a time limit, and the words by which it is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from kvmform.host.console import ConsoleWatch
from kvmform.host.host import Host
from kvmform.lang.functions.re2 import compile_pattern
from kvmform.resources.domain.life.power import parse_duration
from kvmform.resources.domain.readiness.probes import (
    CLOUD_INIT_DONE,
    at_any,
    probe_agent,
    probe_cloud_init,
    probe_http,
    probe_ssh,
    probe_tcp,
)
from kvmform.schema import Object
from kvmform.struct import Struct

__all__ = ["Condition", "Guest", "conditions_of", "watches_console"]

Probe = Callable[[], str]
"""Gives an empty text if it has come true, else the reason why not."""

_PORTS = {"ssh": 22, "http": 80}


class Guest(Struct):
    """A guest as the probes see it."""

    host: Host
    domain: str
    """UUID of its domain."""
    console: ConsoleWatch | None
    addresses: Callable[[], list[str]]
    """Those that are known by now."""


class Condition:
    """One thing that is waited for. `met` and `reason` are written by the thread that probes it."""

    def __init__(self, words: str, timeout: float, probe: Probe) -> None:
        """Args: words: what it is; timeout: in seconds."""
        self.words = words
        self.timeout = timeout
        self.probe = probe
        self.met = False
        self.reason = "not looked at yet"
        self.failure: Exception | None = None
        """Why it can't come true any more."""


def conditions_of(planned: Object, guest: Guest, default_timeout: float) -> list[Condition]:
    """What the domain's `wait_for` blocks ask for."""
    return [
        Condition(_words(wait), parse_duration(wait["timeout"]) if wait["timeout"] else default_timeout, probe)
        for wait in planned["wait_for"]
        for probe in (_PROBES[wait["type"]](guest, wait),)
    ]


def watches_console(planned: Object) -> bool:
    """Whether anything that is waited for may be told by the console."""
    has_console = bool(planned["console"] or planned["serial"])
    return has_console and any(wait["type"] in {"console", "cloud_init"} for wait in planned["wait_for"])


def _words(wait: Object) -> str:
    kind = wait["type"]
    details = {
        "ssh": f" on port {_port(wait)}",
        "tcp": f" port {_port(wait)}",
        "http": f" {wait['path'] or '/'} on port {_port(wait)}",
        "console": f" {wait['pattern']}",
    }
    return f"{kind.replace('_', '-')}{details.get(kind, '')}"


def _port(wait: Object) -> int:
    return int(wait["port"] or _PORTS.get(wait["type"], 0))


def _address(guest: Guest, _wait: Object) -> Probe:
    return lambda: "" if guest.addresses() else "no interface of the guest has an address that is known"


def _agent(guest: Guest, _wait: Object) -> Probe:
    return partial(probe_agent, guest.host, guest.domain)


def _console(guest: Guest, wait: Object) -> Probe:
    return lambda: "" if _printed(guest, wait["pattern"]) else _unprinted(guest)


def _printed(guest: Guest, pattern: str) -> bool:
    return guest.console is not None and compile_pattern(pattern).compiled.search(guest.console.text) is not None


def _unprinted(guest: Guest) -> str:
    return guest.console.reason if guest.console is not None and guest.console.reason else "it was not printed yet"


def _cloud_init(guest: Guest, _wait: Object) -> Probe:
    """By the agent, which tells more, or by what is printed at the end: not every agent may run programs."""
    return lambda: "" if _printed(guest, CLOUD_INIT_DONE) else probe_cloud_init(guest.host, guest.domain)


def _by_network(probe: Callable[[str, int, Object], str], guest: Guest, wait: Object) -> Probe:
    def look() -> str:
        addresses = [wait["address"]] if wait["address"] else guest.addresses()
        return at_any(addresses, lambda address: probe(address, _port(wait), wait))

    return look


_PROBES: Mapping[str, Callable[[Guest, Object], Probe]] = {
    "address": _address,
    "agent": _agent,
    "console": _console,
    "cloud_init": _cloud_init,
    "tcp": partial(_by_network, lambda address, port, _: probe_tcp(address, port)),
    "ssh": partial(_by_network, lambda address, port, _: probe_ssh(address, port)),
    "http": partial(_by_network, lambda address, port, wait: probe_http(address, port, wait["path"] or "/")),
}
