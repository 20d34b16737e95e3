"""`libvirt_domain_interface_addresses`: the addresses of a guest, as provider 0.9 has them."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import ip_address

from kvmform.diagnostics import DiagnosticError
from kvmform.host.addresses import InterfaceAddresses, Source, can_tell_addresses, read_interfaces
from kvmform.host.errors import HostError
from kvmform.host.host import Host
from kvmform.host.nics import read_nics
from kvmform.host.records import DomainRecord
from kvmform.resources.recorded import made
from kvmform.schema import Block, DataSource, Object, Reading, Row, Schema
from kvmform.schema.rules import one_of
from kvmform.values.types import NUMBER, STRING

__all__ = ["DATA_SOURCE"]

_ANY = "any"

_SCHEMA = Schema(
    doc="The addresses that the interfaces of a running guest have by now; none where the source doesn't tell.",
    rules=(one_of("source", (*Source, _ANY)),),
    rows={
        "id": made(STRING, "UUID of the domain."),
        "domain": Row(type=STRING, doc="UUID or name of the domain.", required=True),
        "source": Row(
            type=STRING,
            doc="Who is asked: the network's DHCP server (`lease`), the guest agent (`agent`), the host's table of "
            "neighbours (`arp`); or `any`: one after the other, until one tells of an interface.",
            default=_ANY,
        ),
        "interfaces": Block(
            doc="One interface.",
            read_only=True,
            rows={
                "name": made(STRING, "Its name: in the guest where the agent tells, else on the host."),
                "hwaddr": made(STRING, "Its MAC address."),
                "addrs": Block(
                    doc="One of its addresses.",
                    read_only=True,
                    rows={
                        "type": made(STRING, "`ipv4` or `ipv6`."),
                        "addr": made(STRING, "The address."),
                        "prefix": made(NUMBER, "Length of its network's part, in bits."),
                    },
                ),
            },
        ),
    },
)


def _read(reading: Reading[Host], config: Object) -> Object:
    host, meant, source = reading.host, config["domain"], config["source"]
    record = host.inventory.domains.get(meant) or host.inventory.domains.named(meant)
    if record is None:
        detail = f'The host {host.uri} has no domain "{meant}". Give the name or the UUID of one that it has.'
        raise DiagnosticError.of("No such domain", detail)
    sources = list(Source) if source == _ANY else [Source(source)]
    told = (_told_by(host, record, each) for each in sources)
    found = next((interfaces for interfaces in told if interfaces), ())
    return {**config, "id": record.uuid, "interfaces": [_interface(each) for each in found]}


def _told_by(host: Host, record: DomainRecord, source: Source) -> tuple[InterfaceAddresses, ...]:
    if record.live_xml is not None and can_tell_addresses(host, read_nics(record.live_xml)):
        with suppress(HostError):
            return read_interfaces(host, record.uuid, source)
    return ()


def _interface(told: InterfaceAddresses) -> Object:
    addresses = [
        {"type": f"ipv{ip_address(address).version}", "addr": address, "prefix": prefix}
        for address, prefix in told.addresses
    ]
    return {"name": told.name, "hwaddr": told.mac, "addrs": addresses}


DATA_SOURCE: DataSource[Host] = DataSource(name="libvirt_domain_interface_addresses", schema=_SCHEMA, read=_read)
