"""What can be told only of all guests of a host together: whether it is large enough, and who gets which address."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.diagnostics import Diagnostic, warning
from kvmform.host.host import Host
from kvmform.host.memory import host_memory
from kvmform.resources.domain.cloning.check import check_linked_originals
from kvmform.resources.domain.interface.check_reservations import reserved_twice
from kvmform.schema import CheckAll, Object, Plain
from kvmform.xml.codecs import MIB
from kvmform.xml.document import Document

__all__ = ["check_all"]


def check_all(check: CheckAll[Host]) -> Iterator[Diagnostic]:
    """Refuse what two guests can't both have, or would ruin for each other; warn of more than the host has."""
    yield from reserved_twice(check)
    yield from check_linked_originals(check)
    if check.host.is_simulated:
        return
    running = [domain for domain in check.planned if domain["running"] is not False]
    yield from _check_memory(check, running)
    cpus = check.host.capabilities.cpus
    for domain in running:
        if isinstance(domain["vcpu"], int) and domain["vcpu"] > cpus:
            yield warning(
                "More processors than the host has",
                f'The guest "{domain["name"]}" has {domain["vcpu"]} processors, and the host {cpus}. It will run, and '
                "be slower than with fewer.",
            )


def _check_memory(check: CheckAll[Host], running: list[Object]) -> Iterator[Diagnostic]:
    available = host_memory(check.host)
    wanted, others = sum(_known(domain["memory"]) for domain in running), _memory_of_others(check)
    if running and available is not None and wanted + others > available:
        beside = f", beside {others} MiB of guests that run already" if others else ""
        yield warning(
            "More memory than the host has",
            f"The guests of this configuration have {wanted} MiB of memory together{beside}, and the host "
            f"{check.host.uri} has {available} MiB. When they use what they have, the host runs out of memory, and its "
            "kernel ends one of them. Give them less, or let fewer run.",
        )


def _known(value: Plain) -> int:
    return value if isinstance(value, int) else 0


def _memory_of_others(check: CheckAll[Host]) -> int:
    """MiB of the guests that run and are not planned here."""
    planned = {domain["id"] for domain in check.planned}
    return sum(
        int(MIB.decode(f"{Document.parse(record.live_xml).get('currentMemory')} KiB"))
        for record in check.host.inventory.domains.all()
        if record.live_xml is not None and record.uuid not in planned
    )
