"""One folder per resource type, always with the same names, and the registry."""

from collections.abc import Mapping

from kvmform.host.host import Host
from kvmform.resources.cloudinit_disk import CLOUDINIT_DISK
from kvmform.resources.domain import DOMAIN
from kvmform.resources.network import NETWORK
from kvmform.resources.pool import POOL
from kvmform.resources.snapshot import SNAPSHOT
from kvmform.resources.volume import VOLUME
from kvmform.schema import DataSource, ResourceType

__all__ = ["DATA_SOURCES", "REGISTRY"]

REGISTRY: Mapping[str, ResourceType[Host]] = {
    kind.name: kind for kind in (POOL, VOLUME, NETWORK, CLOUDINIT_DISK, DOMAIN, SNAPSHOT)
}
"""Every managed resource type, by name."""

DATA_SOURCES: Mapping[str, DataSource[Host]] = {}
"""Every data source, by name."""
