"""The guest agent, which freezes the guest's file systems while its disks are captured."""

from __future__ import annotations

from kvmform.diagnostics import DiagnosticError
from kvmform.host.host import Host
from kvmform.host.operation import Kind
from kvmform.host.records import DomainRecord
from kvmform.host.waiting import poll
from kvmform.resources.snapshot.schema import MANDATORY, OPTIONAL
from kvmform.schema import Operation
from kvmform.xml.document import Document

__all__ = ["agent_answers", "has_agent_channel", "will_quiesce"]

_CHANNEL = "devices/channel/target[@name='org.qemu.guest_agent.0']"
_BOOT_SECONDS = 60.0
"""How long a guest that may still be booting has to start its agent."""


def has_agent_channel(record: DomainRecord) -> bool:
    """Whether the domain has the channel that the agent answers on."""
    return Document.parse(record.live_xml or record.xml).find(_CHANNEL) is not None


def agent_answers(record: DomainRecord) -> bool:
    """Whether the agent is there at this moment."""
    channel = Document.parse(record.live_xml or record.xml).find(_CHANNEL)
    return channel is not None and channel.get("state") == "connected"


def will_quiesce(operation: Operation[Host], record: DomainRecord, wanted: str | None) -> bool:
    """Whether to have the file systems frozen; an agent that must be there is waited for.

    Raises:
        DiagnosticError: it must be, and does not answer.
        HostError: StoppedError.
    """
    if wanted is None or agent_answers(record):
        return wanted is not None
    if wanted == OPTIONAL:
        operation.progress("the guest agent does not answer, so file systems are not frozen", None, None)
        return False
    operation.progress("waiting for the guest agent", None, None)
    host = operation.host

    def answers() -> bool:
        host.inventory.forget(Kind.DOMAIN, record.uuid)
        found = host.inventory.domains.get(record.uuid)
        return found is not None and agent_answers(found)

    if has_agent_channel(record) and poll(host, record.uuid, answers, _BOOT_SECONDS, operation.stop):
        return True
    detail = (
        f'The guest agent of "{record.name}" does not answer, so the file systems can\'t be frozen, and quiesce = '
        f'"{MANDATORY}" forbids to go on without. Install and start qemu-guest-agent in the guest; or write quiesce = '
        f'"{OPTIONAL}": then the disks are captured as they are, as after a power failure, where nobody answers.'
    )
    raise DiagnosticError.of("Guest agent does not answer", detail)
