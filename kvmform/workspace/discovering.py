"""Generate configuration for all that a host has: import blocks, and what they need."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kvmform.address import ROOT, ResourceAddress
from kvmform.host.features import Feature
from kvmform.host.host import Host
from kvmform.resources.volume_types import SEED_TYPES
from kvmform.schema import ResourceType
from kvmform.workspace.generated import Generated, reject_existing
from kvmform.workspace.generating import Sought, generated
from kvmform.workspace.provider_name import provider_name, provider_of
from kvmform.workspace.recorded import recorded_evaluation

if TYPE_CHECKING:
    from kvmform.workspace.workspace import Workspace

__all__ = ["generate_all"]

_COMBUSTION = "opt/org.opensuse.combustion/script"
_HOST_TYPES = ("libvirt_pool", "libvirt_network", "libvirt_volume", "libvirt_domain", "libvirt_snapshot")
"""Types of which a host lists what it has, each behind what its objects may name."""


def generate_all(workspace: Workspace, path: Path, patterns: Sequence[str], alias: str | None) -> Generated:
    """Import and resource blocks for all that a host has and the state has not, written to a new file.

    Args:
        workspace: whose state it is.
        path: the file.
        patterns: what the names look like of what is meant (as file names in a shell); none: everything.
        alias: which of the provider's configurations says which host it is.

    Raises:
        DiagnosticError: the file is there, or the host can't be read.
    """
    path = workspace.surroundings.directory / path
    reject_existing(path)
    workspace.lock("import")
    providers = workspace.providers(recorded_evaluation(workspace))
    provider = provider_name("libvirt", alias)
    host = providers.host(provider)
    known = {
        (each.address.type, _plain_id(each.attributes.get("id")))
        for each in workspace.state.instances.values()
        if provider_of(each.provider)[0] == "libvirt" and providers.uri(each.provider) == providers.uri(provider)
    }
    taken = {each.resource for each in workspace.state.instances} | {
        ResourceAddress(ROOT, *key) for key in workspace.root.resources
    }
    seeds = _seeds(host, workspace.catalogue.types["libvirt_domain"])
    sought = []
    for name in _HOST_TYPES:
        for meant, identity in workspace.catalogue.types[name].listed(host):
            is_known = (name, identity) in known or (name == "libvirt_volume" and _is_seed(known, identity))
            if not is_known and _fits(meant, patterns):
                address = _free_address(seeds.get(identity, name), meant, taken)
                taken.add(address)
                sought.append(Sought(address.instance(), meant, provider))
    found = generated(workspace, providers, path, sought, imports=True)
    found.write()
    return found


def _seeds(host: Host, kind: ResourceType[Any]) -> dict[str, str]:
    """The volumes that domains take their seeds from, where what is in them can be read: each with its type."""
    found: dict[str, str] = {}
    for _, uuid in kind.listed(host) if host.can(Feature.UPLOAD) else ():
        observed = kind.read(host, {"id": uuid})
        domain = observed.object if observed is not None else {}
        is_combustion = domain.get("fw_cfg_name") == _COMBUSTION
        for row, name in (
            ("cloudinit", "libvirt_cloudinit_disk"),
            ("coreos_ignition", "libvirt_combustion" if is_combustion else "libvirt_ignition"),
        ):
            if domain.get(row):
                found[domain[row]] = name
    return found


def _plain_id(identity: Any) -> str:
    """An id without the revision that those of seeds have."""
    return str(identity).partition(";")[0]


def _is_seed(known: set[tuple[str, str]], identity: str) -> bool:
    return any((kind, identity) in known for kind in SEED_TYPES)


def _fits(meant: str, patterns: Sequence[str]) -> bool:
    names = (meant, meant.rpartition("/")[2])
    return not patterns or any(fnmatchcase(name, pattern) for name in names for pattern in patterns)


def _free_address(kind: str, meant: str, taken: set[ResourceAddress]) -> ResourceAddress:
    """An address that says what the object is called: the `images/web.qcow2` becomes `libvirt_volume.web`."""
    name = meant.rpartition("/")[2]
    name = name.removesuffix(Path(name).suffix) if "/" in meant and kind != "libvirt_snapshot" else name
    name = re.sub(r"[^\w-]+", "_", name)
    name = name if re.match(r"[^\W\d]", name) else f"_{name}"
    numbered = (name if n == 1 else f"{name}_{n}" for n in range(1, len(taken) + 2))
    addresses = (ResourceAddress(ROOT, "managed", kind, each) for each in numbered)
    return next(address for address in addresses if address not in taken)
