"""Ask libvirt whether it would take a domain's XML, before anything is defined."""

from __future__ import annotations

from kvmform.host.binding import libvirt
from kvmform.host.errors import ConnectionLostError, HostError
from kvmform.host.host import Host
from kvmform.host.operation import Kind, Operation

__all__ = ["refusal_of"]

_QEMU = "qemu-argv"
"""virDomainXMLToNative's name for QEMU's command line."""
_REFUSALS = frozenset({libvirt.VIR_ERR_XML_ERROR, libvirt.VIR_ERR_XML_DETAIL, libvirt.VIR_ERR_CONFIG_UNSUPPORTED})


def refusal_of(host: Host, xml: str) -> str | None:
    """What libvirt says why it does not take a domain's XML, as a sentence; None where it does, or can't be asked.

    It is asked for QEMU's command line of the domain, for which it goes through the XML as it does
    to define it. Networks, storage pools and files need not be there; what it says of those is no refusal.

    Raises:
        HostError: the host can't be reached any more.
    """
    if host.is_simulated:
        return None
    try:
        host.read(Operation("check the XML of", Kind.DOMAIN), lambda c: c.raw.domainXMLToNative(_QEMU, xml, 0))
    except ConnectionLostError:
        raise
    except HostError as problem:
        return problem.diagnostics[0].detail if problem.code in _REFUSALS else None
    return None
