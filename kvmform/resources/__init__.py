"""One folder per resource type, or per provider whose types are small; and the registries.

Types that need no host (`needs_host=False`) have a module each in the folder of their
provider: `random/string.py`. See :mod:`kvmform.resources.recorded` for what they share.
"""

from typing import Any

from kvmform.resources.registry import Registry
from kvmform.schema import DataSource, ResourceType, Schema

__all__ = ["DATA_SOURCES", "REGISTRY", "SCHEMAS"]

REGISTRY: Registry[ResourceType[Any]] = Registry(
    {
        "libvirt_pool": "pool.resource_type:POOL",
        "libvirt_volume": "volume.resource_type:VOLUME",
        "libvirt_network": "network.resource_type:NETWORK",
        "libvirt_cloudinit_disk": "cloudinit_disk.resource_type:CLOUDINIT_DISK",
        "libvirt_ignition": "ignition.resource_type:IGNITION",
        "libvirt_combustion": "combustion.resource_type:COMBUSTION",
        "libvirt_domain": "domain.resource_type:DOMAIN",
        "libvirt_snapshot": "snapshot.resource_type:SNAPSHOT",
        "archive_file": "archive.file:RESOURCE",
        "cloudinit_config": "cloudinit.config:RESOURCE",
        "local_file": "local.file:RESOURCE",
        "local_sensitive_file": "local.sensitive_file:RESOURCE",
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
        "template_cloudinit_config": "template.cloudinit_config:RESOURCE",
        "template_dir": "template.dir:RESOURCE",
        "template_file": "template.file:RESOURCE",
        "terraform_data": "terraform.data:DATA",
        "time_offset": "time.offset:OFFSET",
        "time_rotating": "time.rotating:ROTATING",
        "time_sleep": "time.sleep:SLEEP",
        "time_static": "time.static:STATIC",
        "tls_cert_request": "tls.cert_request:RESOURCE",
        "tls_locally_signed_cert": "tls.locally_signed_cert:RESOURCE",
        "tls_private_key": "tls.private_key:RESOURCE",
        "tls_self_signed_cert": "tls.self_signed_cert:RESOURCE",
    }
)
"""Every managed resource type, by name."""

SCHEMAS: Registry[Schema] = Registry(
    {
        "libvirt_pool": "pool.schema:SCHEMA",
        "libvirt_volume": "volume.schema:SCHEMA",
        "libvirt_network": "network.schema:SCHEMA",
        "libvirt_cloudinit_disk": "cloudinit_disk.schema:SCHEMA",
        "libvirt_ignition": "ignition.schema:SCHEMA",
        "libvirt_combustion": "combustion.schema:SCHEMA",
        "libvirt_domain": "domain.schema:SCHEMA",
        "libvirt_snapshot": "snapshot.schema:SCHEMA",
    }
)
"""The schemas of those types whose verbs take long to import: who only reads a configuration needs no verbs."""

DATA_SOURCES: Registry[DataSource[Any]] = Registry(
    {
        "archive_file": "archive.file:DATA_SOURCE",
        "cloudinit_config": "cloudinit.config:DATA_SOURCE",
        "external": "external.program:DATA_SOURCE",
        "http": "http.request:DATA_SOURCE",
        "libvirt_domain": "existing.domain:DATA_SOURCE",
        "libvirt_domain_interface_addresses": "existing.interface_addresses:DATA_SOURCE",
        "libvirt_network": "existing.network:DATA_SOURCE",
        "libvirt_network_dns_host_template": "network_template:DNS_HOST",
        "libvirt_network_dns_srv_template": "network_template:DNS_SRV",
        "libvirt_network_dnsmasq_options_template": "network_template:DNSMASQ_OPTIONS",
        "libvirt_node_device_info": "node.device_info:DATA_SOURCE",
        "libvirt_node_devices": "node.devices:DATA_SOURCE",
        "libvirt_node_info": "node.info:DATA_SOURCE",
        "libvirt_pool": "existing.pool:DATA_SOURCE",
        "libvirt_snapshot": "existing.snapshot:DATA_SOURCE",
        "libvirt_volume": "existing.volume:DATA_SOURCE",
        "local_file": "local.file:DATA_SOURCE",
        "local_sensitive_file": "local.sensitive_file:DATA_SOURCE",
        "null_data_source": "null.data_source:DATA_SOURCE",
        "template_cloudinit_config": "template.cloudinit_config:DATA_SOURCE",
        "template_file": "template.file:DATA_SOURCE",
        "terraform_remote_state": "terraform.remote_state:DATA_SOURCE",
        "tls_public_key": "tls.public_key:DATA_SOURCE",
    }
)
"""Every data source, by name."""
