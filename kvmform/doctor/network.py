"""The network "default", which guests are on that are given no other."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.doctor.finding import Finding, error, good, warning
from kvmform.host.host import Host

__all__ = ["examine"]

_CHECK = "network"
_DEFAULT = "default"
_DEFINITION = "/usr/share/libvirt/networks/default.xml"


def examine(host: Host) -> Iterator[Finding]:
    """Whether it is there, active, and started with the host."""
    network = host.inventory.networks.named(_DEFAULT)
    if network is None:
        yield warning(
            _CHECK,
            'there is no network "default"',
            'Many labs write network_name = "default". Labs that make networks of their own don\'t need it.',
            f"virsh net-define {_DEFINITION}; virsh net-start default; virsh net-autostart default",
        )
    elif not network.active:
        detail = "No guest that is on it can start."
        yield error(_CHECK, 'the network "default" is not active', detail, "virsh net-start default")
    elif not network.autostart:
        detail = "After the host's next boot it will not be active, and guests on it won't start."
        fix = "virsh net-autostart default"
        yield warning(_CHECK, 'the network "default" is not started with the host', detail, fix)
    else:
        yield good(_CHECK, 'the network "default" is active')
