"""The variables of UEFI firmware: whose file they are in, and that a guest keeps them."""

from __future__ import annotations

from kvmform.host.domains import define_domain, read_definition
from kvmform.host.host import Host
from kvmform.xml.document import Document

__all__ = ["has_foreign_variables", "keep_variables", "note_variables"]

_OF_THE_SYSTEM = ("/usr/", "/etc/")


def has_foreign_variables(host: Host, document: Document) -> bool:
    """Whether the UEFI variables are in a file that must not go with the domain.

    One of the system's may be the template of every guest's, and a volume is its pool's.
    """
    path = document.get("os/nvram") or ""
    template = document.get("os/nvram/@template")
    if not path:
        return False
    return path.startswith(_OF_THE_SYSTEM) or path == template or host.inventory.volumes.get(path) is not None


def keep_variables(document: Document, live: Document | None) -> bool:
    """Write down where libvirt keeps the variables of firmware that it chose; returns whether that was missing.

    Otherwise it looks for them by the domain's name, and a domain with another name has lost them.
    """
    path = live.get("os/nvram") if live is not None else None
    if not path or document.get("os/@firmware") is None or document.find("os/nvram") is not None:
        return False
    document.add("os", "<nvram/>").text = path
    return True


def note_variables(host: Host, uuid: str) -> None:
    """The same for a domain that was started just now.

    Raises:
        HostError: it can't be defined anew.
    """
    record = host.inventory.domains.get(uuid)
    if record is None or record.live_xml is None or Document.parse(record.xml).get("os/@firmware") is None:
        return
    document = Document.parse(read_definition(host, uuid))
    if keep_variables(document, Document.parse(record.live_xml)):
        define_domain(host, document.text)
