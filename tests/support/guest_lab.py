"""A lab on a private host, with guests that can be asked what they see."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import libvirt
from guest import GuestReport, mark_guest, wait_for_guest
from inventory import EMPTY, Inventory, inventory, wipe
from lab import Lab
from labhost import LabHost
from waiting import wait_until

__all__ = ["GuestLab"]


class GuestLab(Lab):
    """A lab whose guests are named as their domains."""

    def __init__(self, directory: Path, environment: Mapping[str, str], host: LabHost) -> None:
        super().__init__(directory, environment)
        self.host = host

    def address_of(self, domain: str, network: str | None = None) -> str:
        """The address that a guest has leased last, on its only network or on the one named.

        Raises:
            TimeoutError: none within 30 s.
        """
        found = wait_until(lambda: self._leased(domain, network), 30)
        if found is None:
            raise TimeoutError(f"{domain} has no DHCP lease")
        return found

    def _leased(self, domain: str, network: str | None) -> str | None:
        with closing(self.host.connect()) as connection:
            xml = connection.lookupByName(domain).XMLDesc()
            networks = [connection.networkLookupByName(network)] if network else connection.listAllNetworks()
            leases = [lease for one in networks if one.isActive() for lease in one.DHCPLeases()]
        mine = [lease for lease in leases if f"'{lease['mac']}'" in xml]
        return max(mine, key=lambda lease: lease["expirytime"])["ipaddr"] if mine else None

    def report(self, domain: str, until: Callable[[GuestReport], bool] = lambda _: True) -> GuestReport:
        """What a guest sees of itself, once it sees that much.

        Raises:
            TimeoutError: it did not answer, or did not see it within 30 s.
        """

        def look() -> GuestReport | None:
            report = wait_for_guest(self.host, self.address_of(domain), 30)
            return report if until(report) else None

        report = wait_until(look, 30)
        if report is None:
            raise TimeoutError(f"{domain} does not see what it should: {look()}")
        return report

    def boots(self, domain: str) -> int:
        """How often a guest's disk was booted."""
        return self.report(domain).boots

    def mark(self, domain: str, word: str) -> None:
        """Write a word to a guest's disk, for `report(domain).mark`."""
        wait_for_guest(self.host, address := self.address_of(domain))
        mark_guest(self.host, address, word)

    def inventory(self) -> Inventory:
        """Everything that is on the host."""
        return inventory(self.host)

    def come_down(self) -> None:
        """Destroy the lab; whatever is then left is deleted, so that the next test finds a host with nothing on it.

        Raises:
            AssertionError: something was left.
        """
        try:
            self.destroy()
            left = self.inventory()
            assert left == EMPTY, left
        finally:
            wipe(self.host)

    def power(self, domain: str) -> int:
        """State of a domain, one of libvirt.VIR_DOMAIN_*."""
        with closing(self.host.connect()) as connection:
            return int(connection.lookupByName(domain).state()[0])

    def power_off(self, domain: str) -> None:
        """Pull a guest's plug, behind kvmform's back."""
        with closing(self.host.connect()) as connection:
            connection.lookupByName(domain).destroy()

    def undefine(self, domain: str) -> None:
        """Delete a domain (not its disks), behind kvmform's back."""
        with closing(self.host.connect()) as connection:
            found = connection.lookupByName(domain)
            if found.isActive():
                found.destroy()
            found.undefineFlags(libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA)

    def network_xml(self, network: str) -> str:
        """A network as it runs now."""
        with closing(self.host.connect()) as connection:
            return str(connection.networkLookupByName(network).XMLDesc())

    def in_host(self, *command: str) -> str:
        """Run a program on the host; what it printed."""
        try:
            return self.host.exec_(list(command))
        except subprocess.CalledProcessError as problem:
            raise AssertionError(f"{command}: {problem.stderr}") from problem
