"""One libvirt host: connections, inventory, thin verbs, waiting. libvirtError ends here.

::

    host = open_host("qemu:///system", Path.cwd())
    pool = host.inventory.pools.named("default")
    key = volumes.create_volume(host, pool.uuid, xml)

Verbs are functions that take a host, in a module per kind of object: `pools`, `volumes`,
`transfer`, `networks`, `domains`, `power`, `devices`, `snapshots`, `addresses`. Most are one
libvirt call; those that delete or start are content if there is nothing left to do.
"""

from kvmform.host.affect import Affect
from kvmform.host.features import Feature
from kvmform.host.host import Host, open_host

__all__ = ["Affect", "Feature", "Host", "open_host"]
