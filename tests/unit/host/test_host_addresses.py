"""Addresses of guests: which answers count, and what is told when there are none."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kvmform.host import Feature, Host, addresses
from kvmform.host.address_waiting import wait_for_addresses
from kvmform.host.addresses import AddressSearch, GuestAddress, Source, read_addresses, remember_leases
from kvmform.host.domains import define_domain
from kvmform.host.errors import HostError, InvalidStateError, StoppedError, TimedOutError, UnsupportedError
from kvmform.host.features import lacking
from kvmform.host.nics import Nic, read_nics
from kvmform.host.operation import Operation
from kvmform.host.power import power_off_domain, start_domain
from kvmform.host.records import Lease

MAC = "52:54:00:00:00:0a"


class Guests:
    """Makes a simulated host answer like a real one: with these leases, and these interfaces per source."""

    def __init__(self, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
        self.leases: list[Lease] = []
        self.interfaces: dict[int, dict[str, Any] | HostError] = {}
        self._read = host.read
        monkeypatch.setattr(host, "read", self.read)
        monkeypatch.setattr(host, "can", lambda _feature: True)
        monkeypatch.setattr(addresses, "read_leases", self.read_leases)

    def read_leases(self, _host: Host, _network: str, mac: str) -> tuple[Lease, ...]:
        return tuple(lease for lease in self.leases if lease.mac == mac)

    def read(self, operation: Operation, call: Callable[[Any], Any]) -> Any:
        if operation.verb != "read the addresses of":
            return self._read(operation, call)
        return call(self)

    def domain(self, _uuid: str) -> Guests:
        return self

    def interfaceAddresses(self, source: int, _flags: int) -> Any:  # noqa: N802 - libvirt's name
        found = self.interfaces.get(source, {})
        if isinstance(found, HostError):
            raise found
        return found


@pytest.fixture
def guests(host: Host, monkeypatch: pytest.MonkeyPatch) -> Guests:
    return Guests(host, monkeypatch)


def lease(address: str, expires: int = 1000) -> Lease:
    return Lease(MAC, address, 24, "web", expires)


def interface(*found: str, mac: str = MAC) -> dict[str, Any]:
    return {"vnet0": {"hwaddr": mac, "addrs": [{"addr": one, "prefix": 24, "type": 0} for one in found] or None}}


def search(host: Host, domain: str, **arguments: Any) -> AddressSearch:
    record = host.inventory.domains.get(domain)
    assert record is not None
    return AddressSearch(host, domain, record.xml, **arguments)


def test_nics_are_read_with_mac_and_network() -> None:
    xml = """
        <domain><devices>
          <interface type='network'><mac address='52:54:00:AB:00:01'/><source network='lab'/></interface>
          <interface type='bridge'><mac address='52:54:00:ab:00:02'/><source bridge='br0'/></interface>
          <interface type='user'><mac address='52:54:00:ab:00:03'/></interface>
          <interface type='user'/>
        </devices></domain>"""
    assert read_nics(xml) == (
        Nic("52:54:00:ab:00:01", "lab"),
        Nic("52:54:00:ab:00:02", None),
        Nic("52:54:00:ab:00:03", None),
    )


def test_a_lease_counts(host: Host, domain: str, guests: Guests) -> None:
    guests.leases = [lease("10.17.3.5")]
    assert list(search(host, domain).look()) == [GuestAddress(MAC, "10.17.3.5", 24, Source.LEASE)]


def test_a_lease_of_a_former_life_does_not_count(host: Host, domain: str, guests: Guests) -> None:
    """libvirt shows it for an hour after the guest is gone."""
    guests.leases = [lease("10.17.3.5", expires=1000)]
    before = remember_leases(host, domain)
    assert list(search(host, domain, before=before).look()) == []
    guests.leases = [lease("10.17.3.5", expires=1060)]
    assert [found.address for found in search(host, domain, before=before).look()] == ["10.17.3.5"]


def test_a_lease_without_an_end_counts_always(host: Host, domain: str, guests: Guests) -> None:
    """Its renewal can't be seen."""
    guests.leases = [lease("10.17.3.5", expires=0)]
    before = remember_leases(host, domain)
    assert len(list(search(host, domain, before=before).look())) == 1


def test_the_agent_counts_for_our_nics_and_useful_addresses(host: Host, domain: str, guests: Guests) -> None:
    guests.interfaces[1] = {
        **interface("169.254.3.4", "fe80::1", "192.168.7.9", "2001:db8::9", mac=MAC.upper()),
        "lo": {"hwaddr": "00:00:00:00:00:00", "addrs": [{"addr": "127.0.0.1", "prefix": 8, "type": 0}]},
        "docker0": {"hwaddr": "02:42:00:00:00:01", "addrs": [{"addr": "172.17.0.1", "prefix": 16, "type": 0}]},
        "odd": {"hwaddr": None, "addrs": None},
    }
    found = [address.address for address in search(host, domain).ask_agent()]
    assert found == ["192.168.7.9", "2001:db8::9"]


def test_the_address_of_another_network_that_the_guest_has_still_does_not_count(
    host: Host, domain: str, guests: Guests
) -> None:
    guests.interfaces[1] = interface("10.99.0.5", "10.17.3.5", "10.99.0.6")
    found = search(host, domain, former=["10.99.0.5", "10.17.3.5"]).ask_agent()
    assert [address.address for address in found] == ["10.17.3.5", "10.99.0.6"]


def test_arp_is_not_believed_where_libvirt_serves_dhcp(host: Host, domain: str, guests: Guests) -> None:
    guests.interfaces[2] = interface("10.17.3.99")
    assert list(search(host, domain).look()) == []


def test_arp_counts_for_a_nic_on_a_bridge(host: Host, guests: Guests) -> None:
    uuid = define_domain(
        host,
        "<domain type='test'><name>b</name><memory>65536</memory><os><type>hvm</type></os><devices>"
        f"<interface type='bridge'><mac address='{MAC}'/><source bridge='br0'/></interface></devices></domain>",
    )
    guests.interfaces[2] = interface("192.168.1.7")
    assert list(search(host, uuid).look()) == [GuestAddress(MAC, "192.168.1.7", 24, Source.ARP)]


def test_a_source_that_fails_says_nothing_and_why(host: Host, domain: str, guests: Guests) -> None:
    failure = HostError.of("Cannot read", "internal error: wrong nlmsg len")
    guests.interfaces[1] = failure
    looking = search(host, domain)
    assert list(looking.ask_agent()) == []
    assert looking.reasons == {Source.AGENT: "internal error: wrong nlmsg len"}
    guests.interfaces[1] = interface("10.0.0.1")
    assert len(list(looking.ask_agent())) == 1
    assert looking.reasons == {}


def test_leases_that_can_not_be_read_are_no_failure(
    host: Host, domain: str, guests: Guests, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert guests.leases == []

    def fail(*_arguments: object) -> None:
        raise UnsupportedError.of("Cannot read the leases", "invalid network pointer")

    monkeypatch.setattr(addresses, "read_leases", fail)
    looking = search(host, domain)
    assert list(looking.look()) == []
    assert looking.reasons[Source.LEASE] == "invalid network pointer"


def test_only_the_sources_that_are_wanted_are_asked(host: Host, domain: str, guests: Guests) -> None:
    guests.leases = [lease("10.17.3.5")]
    guests.interfaces[1] = interface("10.17.3.6")
    start_domain(host, domain)
    found = read_addresses(host, domain, frozenset({Source.AGENT}))
    assert [address.source for address in found] == [Source.AGENT]


def test_a_domain_that_is_off_has_no_addresses(host: Host, domain: str) -> None:
    assert read_addresses(host, domain) == ()
    assert read_addresses(host, "11111111-2222-3333-4444-555555555555") == ()
    assert remember_leases(host, "11111111-2222-3333-4444-555555555555") == frozenset()


def test_a_simulated_guest_has_an_address_of_its_network(host: Host, domain: str) -> None:
    start_domain(host, domain)
    found = wait_for_addresses(host, domain, [MAC.upper()], timeout=5)
    assert list(found) == [MAC]
    assert found[MAC][0].address.startswith("10.17.3.")


def test_waiting_ends_as_soon_as_there_is_a_lease(host: Host, domain: str, guests: Guests) -> None:
    start_domain(host, domain)
    threading.Timer(0.2, lambda: guests.leases.append(lease("10.17.3.5"))).start()
    started = time.monotonic()
    found = wait_for_addresses(host, domain, [MAC], timeout=20, before=remember_leases(host, domain))
    assert 0.1 < time.monotonic() - started < 3
    assert [address.address for address in found[MAC]] == ["10.17.3.5"]


def test_waiting_takes_the_agents_word(host: Host, network: str, guests: Guests) -> None:
    assert network
    uuid = define_domain(
        host,
        "<domain type='test'><name>a</name><memory>65536</memory><os><type>hvm</type></os><devices>"
        f"<interface type='network'><mac address='{MAC}'/><source network='lab'/></interface>"
        "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel></devices></domain>",
    )
    start_domain(host, uuid)
    guests.interfaces[1] = interface("10.17.3.7")
    found = wait_for_addresses(host, uuid, [MAC], timeout=20)
    assert [address.source for address in found[MAC]] == [Source.AGENT]


def test_a_time_out_shows_the_evidence(host: Host, domain: str, guests: Guests) -> None:
    guests.leases = [lease("10.17.3.5")]
    before = remember_leases(host, domain)
    start_domain(host, domain)
    with pytest.raises(TimedOutError) as caught:
        wait_for_addresses(host, domain, [MAC], timeout=0.1, before=before)
    told = caught.value.diagnostics[0]
    assert told.summary == 'No address for domain "web"'
    assert f"no address became known for {MAC}" in told.detail
    assert f"- {MAC} is on the network lab and has only leases from before it was started: 10.17.3.5." in told.detail
    assert "- agent: The domain has no channel org.qemu.guest_agent.0." in told.detail
    assert "virsh console" in told.detail


def test_a_time_out_shows_the_end_of_the_console(host: Host, guests: Guests, tmp_path: Path) -> None:
    assert guests.leases == []
    log = tmp_path / "console.log"
    log.write_text("".join(f"line {number}\r\n" for number in range(1000)) + "Kernel panic\r\n")
    uuid = define_domain(
        host,
        "<domain type='test'><name>c</name><memory>65536</memory><os><type>hvm</type></os><devices>"
        f"<interface type='user'><mac address='{MAC}'/></interface>"
        f"<serial type='pty'><log file='{log}'/></serial></devices></domain>",
    )
    start_domain(host, uuid)
    with pytest.raises(TimedOutError) as caught:
        wait_for_addresses(host, uuid, [MAC], timeout=0)
    detail = caught.value.diagnostics[0].detail
    assert f"- {MAC} is on no network of libvirt's and has no DHCP lease." in detail
    assert "    line 999\n    Kernel panic\n" in detail
    assert "line 900" not in detail


def test_a_guest_that_goes_off_ends_the_wait_at_once(host: Host, domain: str, guests: Guests) -> None:
    assert guests.leases == []
    start_domain(host, domain)
    threading.Timer(0.2, power_off_domain, [host, domain]).start()
    started = time.monotonic()
    with pytest.raises(InvalidStateError, match='No address for domain "web"') as caught:
        wait_for_addresses(host, domain, [MAC], timeout=30)
    assert time.monotonic() - started < 5
    assert "The domain is shut off" in caught.value.diagnostics[0].detail


def test_a_wait_can_be_stopped(host: Host, domain: str, guests: Guests) -> None:
    assert guests.leases == []
    start_domain(host, domain)
    stop = threading.Event()
    stop.set()
    with pytest.raises(StoppedError):
        wait_for_addresses(host, domain, [MAC], timeout=30, stop=stop)


def test_features_come_with_versions() -> None:
    assert lacking("qemu", (9, 0, 0)) == {Feature.EXTERNAL_REVERT, Feature.NETWORK_METADATA, Feature.PASST}
    assert lacking("qemu", (9, 9, 0)) == frozenset()
    assert Feature.EXTERNAL_DELETE in lacking("qemu", (8, 10, 0))
    assert Feature.HOTPLUG in lacking("test", (11, 0, 0))
