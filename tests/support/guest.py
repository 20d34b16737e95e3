"""What a tiny guest says of itself: asked over HTTP from inside its private host.

The guest (scripts/guest/) counts its boots on its disk and serves a report. With it a test sees from the inside what
kvmform claims from the outside: that a guest was not rebooted, that a hot-plugged disk arrived, that data survived.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field

from labhost import LabHost
from waiting import wait_until

__all__ = ["GuestReport", "ask_guest", "mark_guest", "wait_for_guest", "wait_for_lease"]


@dataclass(frozen=True, slots=True)
class GuestReport:
    """One look at a guest from the inside.

    Attributes:
        boots: how often this disk was booted. The same number before and after: no reboot between.
        boot_id: the kernel's random id of this boot.
        instance: instance-id of the seed that was taken last, or empty.
        mark: word that `mark_guest` wrote to the disk, or empty.
        memory: total memory that the kernel manages, in KiB (some MiB less than the domain's).
        disks: block devices by name, and their sizes in bytes.
        addresses: IPv4 address by MAC address, empty string where there is none yet.
    """

    hostname: str
    boots: int
    boot_id: str
    instance: str
    mark: str
    cpus: int
    memory: int
    disks: dict[str, int] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)


def ask_guest(host: LabHost, address: str) -> GuestReport:
    """Report of the guest at an address.

    Raises:
        subprocess.CalledProcessError: it does not answer within 3 s.
    """
    facts: dict[str, str] = {}
    disks: dict[str, int] = {}
    addresses: dict[str, str] = {}
    for line in _get(host, address, "report").splitlines():
        match line.split(" "):
            case ["disk", name, size]:
                disks[name] = int(size)
            case ["nic", _, mac, ip]:
                addresses[mac] = ip
            case [name, value]:
                facts[name] = value
    return GuestReport(
        hostname=facts["hostname"],
        boots=int(facts["boots"]),
        boot_id=facts["boot-id"],
        instance=facts["instance"],
        mark=facts["mark"],
        cpus=int(facts["cpus"]),
        memory=int(facts["memory"]),
        disks=disks,
        addresses=addresses,
    )


def mark_guest(host: LabHost, address: str, word: str) -> None:
    """Write a word to the guest's disk, for a later `GuestReport.mark`."""
    _get(host, address, f"mark?{word}")


def wait_for_lease(host: LabHost, network: str, mac: str, seconds: float = 60) -> str:
    """IP address that the network leased to a MAC address.

    Raises:
        TimeoutError: none within `seconds`.
    """
    address = wait_until(lambda: host.leases(network).get(mac.lower()), seconds)
    if address is None:
        raise TimeoutError(f"no DHCP lease for {mac} on network {network} within {seconds} s")
    return address


def wait_for_guest(host: LabHost, address: str, seconds: float = 60) -> GuestReport:
    """First report of the guest at an address.

    Raises:
        TimeoutError: none within `seconds`.
    """
    report = wait_until(lambda: _try(host, address), seconds)
    if report is None:
        raise TimeoutError(f"the guest at {address} did not answer within {seconds} s")
    return report


def _try(host: LabHost, address: str) -> GuestReport | None:
    try:
        return ask_guest(host, address)
    except subprocess.CalledProcessError:
        return None


def _get(host: LabHost, address: str, page: str) -> str:
    return host.exec_(["timeout", "3", "bash", "-c", _GET, address, f"/cgi-bin/{page}"])


# HTTP in the words of bash: it is on every machine, and starts much faster than Python.
_GET = r"""
exec 3<> "/dev/tcp/$0/80" && printf 'GET %s HTTP/1.0\r\n\r\n' "$1" >&3 && sed '1,/^\r$/d' <&3
"""
