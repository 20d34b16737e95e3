"""What can be told about a domain's devices before anything is done."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.host.host import Host
from kvmform.resources.domain.device.console import check_consoles
from kvmform.resources.domain.device.devices import DEVICES
from kvmform.resources.domain.shape import elements
from kvmform.schema import Check, Problem

__all__ = ["check_devices"]


def check_devices(check: Check[Host]) -> Iterator[Problem]:
    """Every problem of devices that the plan would run into."""
    for device in DEVICES:
        if device.check is not None:
            for index, element in enumerate(elements(check.planned[device.name])):
                yield from device.check(check, (device.name, index), element)
    yield from check_consoles(check)
