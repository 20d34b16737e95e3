"""What can be told of `wait_for` before anything is done: waits that would never end."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.diagnostics import error
from kvmform.host.host import Host
from kvmform.resources.domain.interface.places import SOURCE_ROWS
from kvmform.resources.domain.readiness.rows import BY_NETWORK
from kvmform.resources.elements import elements
from kvmform.schema import Check, Problem
from kvmform.values.model import Unknown

__all__ = ["check_readiness"]


def check_readiness(check: Check[Host]) -> Iterator[Problem]:
    """Every wait that can't come true."""
    for index, wait in enumerate(elements(check.planned["wait_for"])):
        if wait["type"] == "console":
            yield from _check_console(check, index)
        elif wait["type"] == "agent" and check.planned["guest_agent_channel"] is False:
            detail = "The guest agent is reached by a channel, which guest_agent_channel = false takes from the domain."
            yield Problem(("wait_for", index, "type"), error("No channel to the guest agent", detail))
        elif wait["type"] in {"address", *BY_NETWORK} and not wait["address"]:
            yield from _check_address(check, index)


def _check_console(check: Check[Host], index: int) -> Iterator[Problem]:
    blocks = check.planned["serial"] or check.planned["console"]  # libvirt makes a console of the first serial port
    kind = blocks[0]["type"] if isinstance(blocks, list) and blocks else blocks
    if kind == "pty" or isinstance(kind, Unknown):
        return
    detail = (
        "The domain's first console is what is watched, and it has to be of the type pty. Add console { type = "
        '"pty", target_type = "serial", target_port = "0" }, and have the guest print there.'
    )
    yield Problem(("wait_for", index, "type"), error("No console to watch", detail))


def _check_address(check: Check[Host], index: int) -> Iterator[Problem]:
    interfaces = check.planned["network_interface"]
    if not isinstance(interfaces, list) or any(interface[name] for interface in interfaces for name in SOURCE_ROWS):
        return
    detail = (
        "The domain is on no network but QEMU's user-mode network, whose addresses nobody else sees. Give it a "
        "network, or write the address by which the guest is reached."
    )
    yield Problem(("wait_for", index, "type"), error("No address to wait for", detail))
