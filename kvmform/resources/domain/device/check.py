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
from kvmform.resources.elements import elements
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
    yield from _check_shared_memory(check)
    yield from _check_spice(check)


def _check_shared_memory(check: Check[Host]) -> Iterator[Problem]:
    """Virtiofsd reads and writes the guest's memory."""
    planned = check.planned
    is_shared = any(backing["access"] == "shared" for backing in elements(planned["memory_backing"]))
    has_cells = any(cpu["numa"] for cpu in elements(planned["cpu"]))  # Each of them says so for itself.
    for index, directory in enumerate(elements(planned["filesystem"])):
        if directory["driver_type"] == "virtiofs" and not is_shared and not has_cells:
            detail = (
                "virtiofs works in memory that the guest shares with the host, and this guest's is its own. Write "
                'memory_backing { source = "memfd", access = "shared" } with each argument on a line of its own, or '
                "leave driver_type out, for 9p."
            )
            yield Problem(("filesystem", index, "driver_type"), error("virtiofs needs shared memory", detail))


def _check_spice(check: Check[Host]) -> Iterator[Problem]:
    """What ends at a client of SPICE needs a screen of that kind."""
    if any(screen["type"] in {"spice", ""} for screen in elements(check.planned["graphics"])):
        return
    for name in ("channel", "redirdev", "smartcard", "serial", "console"):
        for index, element in enumerate(elements(check.planned[name])):
            if element["type"] in {"spicevmc", "spiceport"}:
                detail = (
                    f"The other end of this {name} is the program that shows the screen by SPICE. Add a graphics block "
                    'with type = "spice", or choose another type.'
                )
                yield Problem((name, index, "type"), error("No SPICE to end at", detail))


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
