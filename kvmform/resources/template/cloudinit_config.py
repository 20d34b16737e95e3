"""`template_cloudinit_config`: what `cloudinit_config` was before it had a provider of its own.

Source: https://registry.terraform.io/providers/hashicorp/template, version 2.2, which records
an empty text for what is not written in a part.
"""

from __future__ import annotations

from kvmform.resources.cloudinit.config import config_schema, read_config, resource_of
from kvmform.schema import DataSource

__all__ = ["DATA_SOURCE", "RESOURCE"]

_SCHEMA = config_schema(
    "User data for cloud-init in several parts, as one MIME message. `cloudinit_config` does the same.", "", "", {}
)

DATA_SOURCE: DataSource[None] = DataSource(
    name="template_cloudinit_config", schema=_SCHEMA, read=read_config, needs_host=False
)
RESOURCE = resource_of(DATA_SOURCE)
