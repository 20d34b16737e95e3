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
        "random_bytes": "random.bytes:BYTES",
        "random_id": "random.id:ID",
        "random_integer": "random.integer:INTEGER",
        "random_password": "random.password:PASSWORD",
        "random_pet": "random.pet:PET",
        "random_shuffle": "random.shuffle:SHUFFLE",
        "random_string": "random.string:STRING_TYPE",
        "random_uuid": "random.uuid:UUID",
        "random_uuid4": "random.uuid:UUID4",
        "random_uuid7": "random.uuid:UUID7",
        "terraform_data": "terraform.data:DATA",
        "time_offset": "time.offset:OFFSET",
        "time_rotating": "time.rotating:ROTATING",
        "time_sleep": "time.sleep:SLEEP",
        "time_static": "time.static:STATIC",
    }
)
"""Every managed resource type, by name."""

DATA_SOURCES: Registry[DataSource[Any]] = Registry(
    {
        "null_data_source": "null.data_source:DATA_SOURCE",
    }
)
"""Every data source, by name."""
