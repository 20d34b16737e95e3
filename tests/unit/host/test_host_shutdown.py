"""How a guest is asked to shut down: each way has its turn."""

from collections import deque

import libvirt
import pytest

from kvmform.host.power import _ask_in_turn

ACPI, AGENT = libvirt.VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN, libvirt.VIR_DOMAIN_SHUTDOWN_GUEST_AGENT


class Connection:
    """A connection to a guest that hears only some ways."""

    def __init__(self, *deaf):
        self.deaf = deaf
        self.asked = []

    def domain(self, _uuid):
        return self

    def shutdownFlags(self, flags):  # noqa: N802 - libvirt's name
        self.asked.append(flags)
        if flags in self.deaf:
            raise libvirt.libvirtError("deaf")


def test_each_way_has_its_turn():
    connection, ways = Connection(), deque([AGENT, ACPI])
    for _ in range(3):
        _ask_in_turn(connection, "1", ways)
    assert connection.asked == [AGENT, ACPI, AGENT]


def test_a_way_that_libvirt_refuses_is_passed_over():
    connection = Connection(AGENT)
    _ask_in_turn(connection, "1", deque([AGENT, ACPI]))
    assert connection.asked == [AGENT, ACPI]


def test_what_refuses_every_way_is_told():
    with pytest.raises(libvirt.libvirtError):
        _ask_in_turn(Connection(AGENT, ACPI), "1", deque([AGENT, ACPI]))
