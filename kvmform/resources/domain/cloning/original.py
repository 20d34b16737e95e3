"""A domain that kvmform does not look after, as the original of others: all that can be said of it.

Told is what somebody would have written. What libvirt adds to every machine of a kind (the slots
of its mainboard, its keyboard, the console at its first serial port) it adds to a clone as well.
"""

from __future__ import annotations

from kvmform.host.agent import AGENT_CHANNEL
from kvmform.host.host import Host
from kvmform.resources.domain.disk.reading import told_disks
from kvmform.resources.domain.reading import find, read
from kvmform.schema import Object
from kvmform.xml.document import Document

__all__ = ["original"]


def original(host: Host, meant: str) -> Object | None:
    """The domain with this name, or this UUID; None if there is none.

    Raises:
        HostError: the host can't be read.
    """
    identity = find(host, meant)
    observed = read(host, identity) if identity is not None else None
    record = host.inventory.domains.get(identity["id"]) if identity is not None else None
    if observed is None or record is None:
        return None
    domain = observed.object
    agents = [each for each in domain["channel"] if each["target_name"] == AGENT_CHANNEL]
    return domain | {
        "disk": told_disks(host, Document.parse(record.xml)),
        "controller": [each for each in domain["controller"] if each["type"] == "scsi"],
        "console": [each for each in domain["console"] if not (each["target_type"] == "serial" and domain["serial"])],
        "channel": [each for each in domain["channel"] if each not in agents],
        "guest_agent_channel": bool(agents),
        "input": [each for each in domain["input"] if each["bus"] != "ps2"],
        "audio": [each for each in domain["audio"] if each["type"] != "none"],
    }
