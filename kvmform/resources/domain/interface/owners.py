"""Whose a MAC address is, or a reservation: looked up once for all checks of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from weakref import WeakKeyDictionary

from kvmform.host.host import Host
from kvmform.host.records import DomainRecord
from kvmform.resources.domain.interface.reservations import Reservation
from kvmform.xml.document import Document
from kvmform.xml.owner import Owner, read_owner

__all__ = ["macs_on", "owner_of"]

_macs: WeakKeyDictionary[Host, dict[str, DomainRecord]] = WeakKeyDictionary()


def macs_on(host: Host) -> Mapping[str, DomainRecord]:
    """Which domain of the host had which MAC address, in lower case, when this was first asked."""
    if host not in _macs:
        _macs[host] = {
            element.get("address", "").lower(): record
            for record in host.inventory.domains.all()
            for element in Document.parse(record.xml).find_all("devices/interface/mac")
        }
    return _macs[host]


def owner_of(host: Host, reservation: Reservation) -> Owner | None:
    """Who owns the domain that a reservation is for; None if nobody does, or it is for none of the host's."""
    domains = host.inventory.domains
    known = macs_on(host).get(reservation.mac) if reservation.mac else domains.named(reservation.name)
    return None if known is None else read_owner(Document.parse((domains.get(known.uuid) or known).xml))
