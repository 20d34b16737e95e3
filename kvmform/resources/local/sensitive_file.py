"""`local_sensitive_file`, the resource and the data source: as `local_file`, but the content is not shown."""

from __future__ import annotations

from kvmform.resources.local.content import file_resource
from kvmform.resources.local.reading import file_data_source

__all__ = ["DATA_SOURCE", "RESOURCE"]

RESOURCE = file_resource("local_sensitive_file", sensitive=True)
DATA_SOURCE = file_data_source("local_sensitive_file", sensitive=True)
