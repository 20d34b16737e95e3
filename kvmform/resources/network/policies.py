"""What libvirt can change in a network while it runs: one rule for plan and apply."""

from __future__ import annotations

from kvmform.resources.network.definition import dhcp_enabled
from kvmform.schema import Disruption, EditContext, Effect, Object, Path

__all__ = ["change", "is_live", "renamed", "switched"]

_LIVE = {("dns", "hosts"), ("dns", "srvs"), ("dhcp", "hosts"), ("dhcp", "ranges")}
_DNS_SERVER = {"enabled": True, "local_only": False, "forwarders": []}


def is_live(path: Path, before: Object, after: Object) -> bool:
    """Whether net-update can carry out an edit at this path.

    A whole `dns` or `dhcp` block that comes or goes is live if the server itself stays as it is.
    """
    names = tuple(step for step in path if isinstance(step, str))
    match names:
        case ("dhcp",):
            return dhcp_enabled(before) == dhcp_enabled(after)
        case ("dns",):
            return _dns_server(before) == _dns_server(after)
    return names[:2] in _LIVE


def _dns_server(network: Object) -> Object:
    block = (network.get("dns") or [{}])[0]
    return {name: block.get(name, usual) for name, usual in _DNS_SERVER.items()}


def change(context: EditContext) -> Effect:
    """The effect of an edit: live where net-update can, else a restart of the network."""
    if not context.facts.get("active", True):
        return Effect(Disruption.NONE, "the network is inactive")
    if is_live(context.edit.path, context.before, context.after):
        return Effect(Disruption.LIVE)
    return Effect(Disruption.INTERRUPT, "the network restarts, and running guests are plugged in again")


def renamed(_context: EditContext) -> Effect:
    """There is no way in libvirt to give a network another name."""
    return Effect(Disruption.REPLACE, "libvirt can't rename a network")


def switched(context: EditContext) -> Effect:
    """Starting hurts nobody; stopping cuts the guests off."""
    return Effect(Disruption.LIVE if context.edit.after else Disruption.INTERRUPT)
