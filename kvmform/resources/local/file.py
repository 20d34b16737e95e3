"""`local_file`, the resource and the data source."""

from __future__ import annotations

from kvmform.resources.local.content import file_resource
from kvmform.resources.local.reading import file_data_source

__all__ = ["DATA_SOURCE", "RESOURCE"]

RESOURCE = file_resource("local_file", sensitive=False)
DATA_SOURCE = file_data_source("local_file", sensitive=False)
