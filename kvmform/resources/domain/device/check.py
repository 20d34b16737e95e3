"""What can be told about a domain's devices before anything is done."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.diagnostics import error
from kvmform.host.domain_capabilities import DomainCapabilities
from kvmform.host.host import Host
from kvmform.resources.domain.device.console import check_consoles
from kvmform.resources.domain.device.device import Device
from kvmform.resources.domain.device.devices import DEVICES
from kvmform.resources.domain.device.in_force import in_force
from kvmform.resources.domain.machine.defaults import with_machine
from kvmform.resources.domain.shape import elements
from kvmform.schema import Check, Object, Path, Problem
from kvmform.values.model import Unknown

__all__ = ["check_devices"]


def check_devices(check: Check[Host]) -> Iterator[Problem]:
    """Every problem of devices that the plan would run into."""
    for device in DEVICES:
        for index, element in enumerate(elements(check.planned[device.name])):
            path = (device.name, index)
            yield from _check_offered(check, device, path, element)
            if device.check is not None:
                yield from device.check(check, path, element)
    yield from check_consoles(check)


def _check_offered(check: Check[Host], device: Device, path: Path, element: Object) -> Iterator[Problem]:
    """The emulator has such a device, as far as libvirt tells."""
    offered = _capabilities(check) if device.offered else None
    if offered is None:
        return
    for name in sorted(device.offered.keys() & in_force(device.block, element)):
        choice, value = device.offered[name], element[name]
        if not value or isinstance(value, Unknown) or offered.offers(choice, value):
            continue
        known = ", ".join(sorted(offered.choices.get(choice, ()))) or "none"
        detail = (
            f'The emulator on the host {check.host.uri} has no {device.name} with {name} = "{value}" for such a '
            f"machine; it has {known}. {_ADVICE.get(device.name, 'Choose one of these.')}"
        )
        yield Problem((*path, name), error("Device not available", detail))


_ADVICE = {
    "graphics": "Choose one of these; a package of the host may add more, on Debian qemu-system-modules-spice.",
    "tpm": "An emulated one needs the package swtpm on the host, and swtpm-tools.",
}


def _capabilities(check: Check[Host]) -> DomainCapabilities | None:
    planned = check.planned
    if any(isinstance(planned[name], Unknown) for name in ("type", "arch", "machine")):
        planned = planned | {"arch": None, "machine": None}
    domain = with_machine(check.host, planned)
    if not isinstance(domain["type"], str):
        return None
    return check.host.domain_capabilities(domain["arch"], domain["machine"], domain["type"])
