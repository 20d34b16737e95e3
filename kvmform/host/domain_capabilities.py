"""What a host offers to domains of one kind: libvirt's domain capabilities.

They differ by architecture, machine type and domain type, so there is one document for each
combination; a host keeps those that were asked for. Source: virConnectGetDomainCapabilities.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kvmform.host.elements import parse, text_of
from kvmform.struct import Struct

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["DomainCapabilities", "read_domain_capabilities"]

_GROUPS = ("os", "os/loader", "memoryBacking", "devices/*", "features/*")


class DomainCapabilities(Struct):
    """The kinds of things that such a domain can have.

    `choices` has the values of each of libvirt's enumerations, by element and name: `disk/bus`,
    `video/modelType`, `tpm/backendModel`, `os/firmware`. An enumeration that this libvirt does
    not tell is not there, and nothing can be held against any value of it.
    """

    max_vcpus: int
    choices: Mapping[str, frozenset[str]]
    loaders: tuple[str, ...]
    """Paths of the UEFI firmware on the host that such a guest can have."""
    cpu_modes: frozenset[str]
    cpu_models: Mapping[str, bool]
    """The named processor models, and whether the host can run a guest with each."""
    supported: Mapping[str, bool]
    """Whether there is such an element at all: `tpm`, `sev`, `genid`."""

    def offers(self, enumeration: str, value: str) -> bool:
        """Whether a value is among the choices; True where libvirt doesn't tell."""
        group = enumeration.partition("/")[0]
        if not self.supported.get(group, True):
            return False
        return value in self.choices.get(enumeration, {value})


def read_domain_capabilities(raw: Any, arch: str, machine: str | None, domain_type: str) -> DomainCapabilities:
    """Ask for them: one call.

    Args:
        raw: a virConnect.
        arch: such as `x86_64`.
        machine: a machine type or its alias; the architecture's usual one if None.
        domain_type: `kvm` or `qemu`.

    Raises:
        libvirtError: for the caller to explain; the host may not have such a machine.
    """
    root = parse(raw.getDomainCapabilities(None, arch, machine, domain_type))
    vcpu = root.find("vcpu")
    groups = [group for path in _GROUPS for group in root.iterfind(path)]
    return DomainCapabilities(
        max_vcpus=int(vcpu.get("max", "0")) if vcpu is not None else 0,
        choices={name: values for group in groups for name, values in _choices(group)},
        loaders=tuple(text_of(loader, ".") for loader in root.iterfind("os/loader/value")),
        cpu_modes=frozenset(
            mode.get("name", "") for mode in root.iterfind("cpu/mode") if mode.get("supported") == "yes"
        ),
        cpu_models={
            text_of(model, "."): model.get("usable") != "no"
            for model in root.iterfind("cpu/mode[@name='custom']/model")
        },
        supported={group.tag: group.get("supported") != "no" for group in groups},
    )


def _choices(group: Element) -> list[tuple[str, frozenset[str]]]:
    return [
        (f"{group.tag}/{enumeration.get('name')}", frozenset(text_of(value, ".") for value in enumeration))
        for enumeration in group.iterfind("enum")
    ]
