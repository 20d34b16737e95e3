"""Domains as definitions: define, undefine, rename and the like. Domains are named by UUID."""

from __future__ import annotations

from contextlib import suppress

from kvmform.host.affect import Affect
from kvmform.host.binding import libvirt
from kvmform.host.connection import Connection
from kvmform.host.elements import name_in
from kvmform.host.errors import NotFoundError
from kvmform.host.host import Host
from kvmform.host.operation import Kind, Operation

__all__ = [
    "define_domain",
    "read_definition",
    "remove_managed_save",
    "rename_domain",
    "set_domain_autostart",
    "set_domain_event_action",
    "set_domain_metadata",
    "set_domain_text",
    "undefine_domain",
]


def define_domain(host: Host, xml: str) -> str:
    """Define a domain, or define it anew if the XML has the UUID of an existing one. Returns the UUID.

    A running domain stays as it is until it is shut off and started.

    Raises:
        HostError: NameTakenError if another domain has the name; UnsupportedError.
    """
    uuid = host.write(
        Operation("define", Kind.DOMAIN, name=name_in(xml)),
        lambda connection: str(connection.raw.defineXMLFlags(xml, 0).UUIDString()),
    )
    host.inventory.forget(Kind.DOMAIN, uuid)
    return uuid


def read_definition(host: Host, uuid: str) -> str:
    """The persistent definition with its passwords, to be changed and defined again. Never keep or show it.

    Raises:
        HostError: NotFoundError.
    """
    flags = libvirt.VIR_DOMAIN_XML_INACTIVE | libvirt.VIR_DOMAIN_XML_SECURE
    return host.read(_on("read", uuid), lambda connection: str(connection.domain(uuid).XMLDesc(flags)))


def undefine_domain(host: Host, uuid: str, *, keep_nvram: bool = False) -> None:
    """Forget a domain that is shut off, with its snapshots' metadata, checkpoints, saved memory and NVRAM file.

    Done if it is gone already. Disks stay. `keep_nvram` is for an NVRAM file that is not the domain's own.

    Raises:
        HostError: it can't be undefined.
    """
    nvram = libvirt.VIR_DOMAIN_UNDEFINE_KEEP_NVRAM if keep_nvram else libvirt.VIR_DOMAIN_UNDEFINE_NVRAM
    saved = libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA
    everything = nvram | saved | libvirt.VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA

    def undefine(connection: Connection) -> None:
        domain = connection.domain(uuid)
        for flags in (everything, nvram | saved, saved):
            try:
                domain.undefineFlags(flags)
            except libvirt.libvirtError as problem:
                if problem.get_error_code() != libvirt.VIR_ERR_INVALID_ARG:
                    raise
            else:
                return
        domain.undefine()

    with suppress(NotFoundError):
        host.write(_on("undefine", uuid), undefine)


def rename_domain(host: Host, uuid: str, name: str) -> None:
    """Give a domain that is shut off another name.

    Raises:
        HostError: InvalidStateError if it runs or has snapshots; NameTakenError.
    """
    host.write(_on("rename", uuid), lambda connection: connection.domain(uuid).rename(name, 0))


def set_domain_autostart(host: Host, uuid: str, autostart: bool) -> None:
    """Choose whether the domain is started together with the host.

    Raises:
        HostError: it can't be changed.
    """
    host.write(_on("set autostart of", uuid), lambda connection: connection.domain(uuid).setAutostart(int(autostart)))


def set_domain_metadata(host: Host, uuid: str, xml: str | None, prefix: str, namespace: str, affect: Affect) -> None:
    """Put an element of a namespace into the domain's `<metadata>`, in the place of the one there; None removes it.

    Raises:
        HostError: it can't be changed.
    """
    kind = libvirt.VIR_DOMAIN_METADATA_ELEMENT
    host.write(
        _on("set metadata of", uuid),
        lambda connection: connection.domain(uuid).setMetadata(kind, xml, prefix, namespace, int(affect)),
    )


def set_domain_text(host: Host, uuid: str, name: str, text: str | None, affect: Affect) -> None:
    """Change a domain's `title` or `description`; None removes it.

    Raises:
        HostError: it can't be changed.
    """
    kind = getattr(libvirt, f"VIR_DOMAIN_METADATA_{name.upper()}")
    host.write(
        _on(f"set the {name} of", uuid),
        lambda connection: connection.domain(uuid).setMetadata(kind, text, None, None, int(affect)),
    )


def set_domain_event_action(host: Host, uuid: str, event: str, action: str, affect: Affect) -> None:
    """Choose what libvirt does (`destroy`, `restart`, `preserve` …) at an event: `poweroff`, `reboot` or `crash`.

    Raises:
        HostError: UnsupportedError if the guest was started so that this can't be changed any more.
    """
    kind = getattr(libvirt, f"VIR_DOMAIN_LIFECYCLE_{event.upper()}")
    choice = getattr(libvirt, f"VIR_DOMAIN_LIFECYCLE_ACTION_{action.upper().replace('-', '_')}")
    host.write(
        _on(f"choose what happens at the {event} of", uuid),
        lambda connection: connection.domain(uuid).setLifecycleAction(kind, choice, int(affect)),
    )


def remove_managed_save(host: Host, uuid: str) -> None:
    """Throw away the saved memory, so that the domain boots when it next starts; done if there is none.

    Raises:
        HostError: it can't be removed.
    """

    def remove(connection: Connection) -> None:
        domain = connection.domain(uuid)
        if domain.hasManagedSaveImage(0):
            domain.managedSaveRemove(0)

    host.write(_on("discard the saved memory of", uuid), remove)


def _on(verb: str, uuid: str) -> Operation:
    return Operation(verb, Kind.DOMAIN, uuid)
