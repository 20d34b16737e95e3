"""What a user's own template of a domain may ask for."""

from __future__ import annotations

from kvmform.schema import Object

__all__ = ["NAMES", "template_values"]

_ARGUMENTS = (
    *("name", "description", "type", "arch", "machine", "emulator", "firmware", "nvram"),
    *("memory", "max_memory", "vcpu", "max_vcpu", "cpu_mode", "features"),
    *("kernel", "initrd", "cmdline", "boot_order", "fw_cfg"),
)
"""Values that are what kvmform's own template has, under the same names."""

NAMES = frozenset({*_ARGUMENTS, "uuid", "disks", "interfaces", "devices"})
"""All names."""


def template_values(values: Object) -> Object:
    """The values of a definition for the user's template: memory in MiB, devices with their `xml`."""
    from kvmform.resources.domain.disk.places import disk_xml
    from kvmform.xml.sandbox import markup

    return {name: values[name] for name in _ARGUMENTS} | {
        "uuid": values["id"],
        "disks": [disk | {"xml": markup(disk_xml(disk))} for disk in values["disks"]],
        "interfaces": [
            nic | {"xml": markup(xml)}
            for nic, xml in zip(values["network_interface"], values["interfaces"], strict=True)
        ],
        "devices": [{"xml": markup(xml)} for xml in values["devices"]],
    }
