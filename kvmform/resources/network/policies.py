"""What editing a network costs: one rule for plan and apply.

libvirt changes some parts of a network while it runs. For the others the network has to be
stopped and started, which the guests on it notice. `facts` come from
kvmform.resources.network.reading.
"""

from __future__ import annotations

from kvmform.resources.network.definition import dhcp_of, dns_of, is_bridged, is_macvtap
from kvmform.schema import Disruption, Edit, EditContext, Effect, Object, Path, Plain
from kvmform.values.model import Unknown

__all__ = ["changed", "groups_of", "is_live", "moded", "renamed", "resumed", "switched"]

_LIVE = {
    ("dns", "hosts"),
    ("dns", "srvs"),
    ("dns", "txts"),
    ("dhcp", "hosts"),
    ("dhcp", "ranges"),
    ("forward", "interfaces"),
    ("portgroups",),
}
"""Where libvirt's net-update can add and remove elements."""

_SERVER = ("enabled", "local_only", "forward_plain_names", "forwarders", "bootp", "tftp")
"""Of a whole `dns` or `dhcp` block, the rest: what net-update can't change."""


def is_live(path: Path, before: Object, after: Object) -> bool:
    """Whether libvirt can make an edit at this path while the network runs.

    A `dns` or `dhcp` block that comes or goes is as good as its parts. One that is not known
    yet may turn out to be anything.
    """
    names = tuple(step for step in path if isinstance(step, str))
    if isinstance(after[names[0]], Unknown):
        return False
    match names:
        case ("dns",):
            old, new = dns_of(before), dns_of(after)
        case ("dhcp",):
            old, new = dhcp_of(before), dhcp_of(after)
        case ("forward",):
            return _nat(before) == _nat(after)
        case _:
            return names[:1] in _LIVE or names[:2] in _LIVE
    return all(old.get(name) == new.get(name) for name in _SERVER)


def _nat(network: Object) -> list[Plain]:
    """What the `forward` block has of it; none, where there is no such block."""
    return [block["nat"] for block in network.get("forward") or () if block["nat"]]


def changed(context: EditContext) -> Effect:
    """`live` where libvirt can; else by a restart of the network: `interrupt` where guests are on it, else `live`."""
    if not context.facts.get("active"):
        return Effect(Disruption.NONE, "the network is inactive")
    if is_live(context.edit.path, context.before, context.after):
        if context.edit.path[0] == "portgroups":
            return _regrouped(context)
        return Effect(Disruption.LIVE)
    if _keeps_bridge(context):
        return Effect(Disruption.LIVE, "the host's bridge stays as it is")
    if not context.facts.get("in_use", True):
        return Effect(Disruption.LIVE, "the network restarts; no guest is on it")
    return Effect(Disruption.INTERRUPT, "the network restarts, and running guests are plugged in again")


def _regrouped(context: EditContext) -> Effect:
    """A port group gives what it has to interfaces that are plugged in; those that are there are plugged in again."""
    if is_bridged(context.before):
        return Effect(Disruption.LIVE, "for guests that are plugged in from now on")
    if groups_of(context.edit, context.before, context.after) & set(context.facts.get("port_groups", ())):
        return Effect(Disruption.INTERRUPT, "running guests of the port group are plugged in again")
    return Effect(Disruption.LIVE)


def groups_of(edit: Edit, before: Object, after: Object) -> set[str]:
    """Names of the port groups that an edit is about; "" stands for interfaces that name none, but get the default."""
    index = edit.path[1] if len(edit.path) > 1 else None
    if isinstance(index, int):
        whole = len(edit.path) == 2
        name = (edit.after or edit.before)["name"] if whole else after["portgroups"][index]["name"]
        names = {name}
    else:
        names = {group["name"] for network in (before, after) for group in network.get("portgroups") or ()}
    known = [group for network in (before, after) for group in network.get("portgroups") or ()]
    return names | {"" for group in known if group["name"] in names and group["default"]}


def moded(context: EditContext) -> Effect:
    """As any other argument; to, or from, devices that guests share by macvtap: `replace`."""
    before, after = context.before, context.after
    if not isinstance(after["mode"], Unknown) and (is_macvtap(before) or is_macvtap(after)):
        return Effect(Disruption.REPLACE, "guests have no bridge there that they could be moved to")
    return changed(context)


def _keeps_bridge(context: EditContext) -> bool:
    before, after = context.before, context.after
    return is_bridged(before) and is_bridged(after) and bool(before["bridge"] == after["bridge"])


def renamed(_context: EditContext) -> Effect:
    """`replace`: libvirt can't rename a network."""
    return Effect(Disruption.REPLACE, "libvirt can't rename a network")


def switched(context: EditContext) -> Effect:
    """`live` to start it; to stop it `interrupt` where guests are on it."""
    if context.edit.after is not False:
        return Effect(Disruption.LIVE, "the network is started")
    if not context.facts.get("in_use", True):
        return Effect(Disruption.LIVE, "no guest is on it")
    return Effect(Disruption.INTERRUPT, "running guests are cut off")


def resumed(_context: EditContext) -> Effect:
    """`restarting`: whoever is still plugged in is interrupted once more."""
    return Effect(Disruption.INTERRUPT, "a restart that was cut short is made again")
