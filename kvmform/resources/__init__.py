"""One folder per resource type, or per provider whose types are small; and the registries.

Types that need no host (`needs_host=False`) have a module each in the folder of their
provider: `random/string.py`. See :mod:`kvmform.resources.recorded` for what they share.
"""

from typing import Any

from kvmform.resources.registry import Registry
from kvmform.schema import DataSource, ResourceType

__all__ = ["DATA_SOURCES", "REGISTRY"]

REGISTRY: Registry[ResourceType[Any]] = Registry(
    {
        "libvirt_pool": "pool:POOL",
        "libvirt_volume": "volume:VOLUME",
        "libvirt_network": "network:NETWORK",
        "libvirt_cloudinit_disk": "cloudinit_disk:CLOUDINIT_DISK",
        "libvirt_domain": "domain:DOMAIN",
        "libvirt_snapshot": "snapshot:SNAPSHOT",
        "null_resource": "null.resource:RESOURCE",
        "terraform_data": "terraform.data:DATA",
    }
)
"""Every managed resource type, by name."""

DATA_SOURCES: Registry[DataSource[Any]] = Registry(
    {
        "null_data_source": "null.data_source:DATA_SOURCE",
    }
)
"""Every data source, by name."""
