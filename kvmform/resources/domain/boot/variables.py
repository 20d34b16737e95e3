"""The variables of UEFI firmware: whose file they are in, and that a guest keeps them."""

from __future__ import annotations

from kvmform.host.domains import define_domain, read_definition, undefine_domain
from kvmform.host.host import Host
from kvmform.host.records import DomainRecord
from kvmform.xml.document import Document, element_text

__all__ = ["forget_stand_in", "has_foreign_variables", "keep_variables", "note_variables", "remove_variables"]

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
    if not path or document.get("os/@firmware") != "efi" or document.find("os/nvram") is not None:
        return False
    document.add("os", "<nvram/>").text = path
    return True


def note_variables(host: Host, uuid: str) -> None:
    """The same for a domain that was started just now.

    Raises:
        HostError: it can't be defined anew.
    """
    record = host.inventory.domains.get(uuid)
    if record is None or record.live_xml is None or Document.parse(record.xml).get("os/@firmware") != "efi":
        return
    document = Document.parse(read_definition(host, uuid))
    if keep_variables(document, Document.parse(record.live_xml)):
        define_domain(host, document.text)


def remove_variables(host: Host, former: DomainRecord | None) -> None:
    """Remove the variables of a domain that is off, where it had UEFI before and has none now.

    libvirt removes such a file only together with its domain. So there is another one for an instant, which is
    defined with the file and never started. Variables that a snapshot goes back to stay.

    Raises:
        HostError: libvirt refuses.
    """
    if former is None or any(host.inventory.snapshots.of(former.uuid)):
        return
    before, now = Document.parse(former.live_xml or former.xml), host.inventory.domains.get(former.uuid)
    path = before.get("os/nvram")
    if not path or now is None or has_foreign_variables(host, before) or _has_variables(Document.parse(now.xml)):
        return
    kind = before.find("os/type")
    assert kind is not None
    document = Document.parse(_STAND_IN)
    document.root.set("type", before.get("@type") or "qemu")
    for place, text in (("name", f"{former.name}.variables"), ("uuid", _stand_in(former.uuid))):
        document.add("", f"<{place}/>").text = text
    document.add("os", element_text(kind))
    document.add("os", '<loader readonly="yes" type="pflash"/>').text = before.get("os/loader") or path
    document.add("os", "<nvram/>").text = path
    undefine_domain(host, define_domain(host, document.text))


def forget_stand_in(host: Host, uuid: str) -> None:
    """What a run left that was killed while it removed the variables of the domain with this UUID.

    Raises:
        HostError: libvirt refuses.
    """
    if host.inventory.domains.get(_stand_in(uuid)) is not None:
        undefine_domain(host, _stand_in(uuid))


_STAND_IN = "<domain><memory>65536</memory><os/><features><acpi/></features></domain>"


def _has_variables(document: Document) -> bool:
    return document.find("os/nvram") is not None or document.get("os/@firmware") == "efi"


def _stand_in(uuid: str) -> str:
    """UUID of the domain that is there for the variables' sake."""
    from uuid import UUID, uuid5

    return str(uuid5(UUID(uuid), "variables"))
