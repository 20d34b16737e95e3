"""What has to be so in the `network_interface` blocks of a configuration."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.diagnostics import error
from kvmform.resources.domain.interface.places import SOURCE_ROWS
from kvmform.resources.elements import elements
from kvmform.schema import Object, Plain, Problem, Rule
from kvmform.schema.rules import at_least, at_most, each, matching, one_of, whole
from kvmform.values.model import Unknown

__all__ = ["INTERFACE_RULES"]


def _portgroup(interface: Object) -> Iterator[Problem]:
    if interface["portgroup"] and not (interface["network_id"] or interface["network_name"]):
        detail = "Port groups are a network's. Say which with network_id or network_name, or take portgroup out."
        yield Problem(("portgroup",), error("Port group without a network", detail))


def _user_mode(interface: Object) -> Iterator[Problem]:
    sources = [name for name in SOURCE_ROWS if interface[name]]
    for name in ("backend", "ip", "port_forward"):
        if interface[name] and sources:
            detail = (
                f"{name} is for QEMU's user-mode network, where the interface has no source; this one has {sources[0]}."
            )
            yield Problem((name,), error("Not a user-mode network", detail))
    if interface["port_forward"] and not sources and _backend(interface) not in {"passt", None}:
        detail = (
            "libvirt forwards ports on user-mode networks by passt alone. Write "
            'backend { type = "passt" }; it comes with libvirt 9.0 and the package passt.'
        )
        yield Problem(("port_forward",), error("Port forwarding needs passt", detail))


def _backend(interface: Object) -> Plain:
    """The backend's type; None where it can't be told yet."""
    if isinstance(interface["backend"], Unknown):
        return None
    kinds = [backend["type"] for backend in interface["backend"]]
    return "" if not kinds else None if isinstance(kinds[0], Unknown) else kinds[0] or ""


def _vlan(interface: Object) -> Iterator[Problem]:
    for name in ("bridge", "vepa", "macvtap", "private"):
        if interface["vlan"] and interface[name] and not interface["virtualport"]:
            detail = (
                f"libvirt tags packets only on a switch of Open vSwitch and on devices of SR-IOV, not on {name}. Add "
                'virtualport { type = "openvswitch" } where the bridge is one of Open vSwitch; else make the VLAN a '
                "device of the host, and connect to that."
            )
            yield Problem(("vlan",), error("VLANs not supported here", detail))


def _rx_queue_size(driver: Object) -> Iterator[Problem]:
    size = driver["rx_queue_size"]
    if isinstance(size, int) and size not in {256, 512, 1024}:
        detail = f"Attribute rx_queue_size value must be one of: 256, 512, 1024; got: {size}."
        yield Problem(("rx_queue_size",), error("Invalid Attribute Value Match", detail))


def _team(interface: Object) -> Iterator[Problem]:
    """The other half of a team names this one by its alias, and the guest tells them by virtio."""
    if not interface["teaming"] or isinstance(interface["teaming"], Unknown):
        return
    if interface["alias"] is None:
        detail = "The other card of the team, a hostdev, names this one by its alias. Write one, such as ua-team."
        yield Problem(("teaming",), error("Team without a name", detail))
    if isinstance(interface["model"], str) and not interface["model"].startswith("virtio"):
        detail = f'Only a virtio card can stand in for another one, and this is "{interface["model"]}".'
        yield Problem(("teaming",), error("Card can't be in a team", detail))


def _coalesce(interface: Object) -> Iterator[Problem]:
    direct = next((name for name in ("vepa", "macvtap", "private", "passthrough") if interface[name]), None)
    if interface["coalesce"] and direct:
        detail = f"The host collects packets only on a network or a bridge, not on {direct}. Take coalesce out."
        yield Problem(("coalesce",), error("Not on a bridge", detail))


def _alone(name: str, what: str) -> Rule:
    """No two interfaces of a domain have the same of it: libvirt would refuse them."""

    def rule(domain: Object) -> Iterator[Problem]:
        seen: set[Plain] = set()
        for index, interface in enumerate(elements(domain["network_interface"])):
            value = interface[name]
            if value is None or isinstance(value, Unknown):
                continue
            if value in seen:
                detail = f"Another interface of this domain has the {what} {value} too."
                yield Problem(("network_interface", index, name), error(f"{name} used twice", detail))
            seen.add(value)

    return rule


def _limits(way: str, *names: str) -> Rule:
    """Rates in whole KiB, and an average wherever there is a peak or a burst: libvirt takes no other."""

    def has_average(limits: Object) -> Iterator[Problem]:
        if limits["average"] is None and limits.get("floor") is None:
            yield Problem((), error("Bandwidth without an average", f"{way} needs average, the limit in the long run."))

    return each(way, whole(*names), *(at_least(name, 1) for name in names), has_average)


_PORTS = ("start", "end", "to")

INTERFACE_RULES: tuple[Rule, ...] = (
    each(
        "network_interface",
        matching("model", r"[A-Za-z0-9_.-]*", "the name of one of QEMU's network cards"),
        matching(
            "target_dev", r"(?!vnet|\.\.?$)[^\s/]{0,15}", "at most 15 characters, no blanks or slashes, not like vnet0"
        ),
        one_of("link_state", ("up", "down")),
        matching("alias", r"ua-[A-Za-z0-9_-]+", "ua- and letters, digits, - and _ after it"),
        whole("mtu", "boot_order", "acpi_index"),
        at_least("acpi_index", 1),
        at_most("acpi_index", 16383),
        at_least("mtu", 68),
        at_most("mtu", 65535),
        at_least("boot_order", 1),
        each(
            "driver",
            one_of("name", ("vhost", "qemu")),
            whole("queues"),
            at_least("queues", 1),
            at_most("queues", 256),
            _rx_queue_size,
        ),
        each("teaming", one_of("type", ("persistent",))),
        each("coalesce", whole("rx_frames"), at_least("rx_frames", 0), at_most("rx_frames", 64)),
        each(
            "bandwidth",
            _limits("inbound", "average", "peak", "burst", "floor"),
            _limits("outbound", "average", "peak", "burst"),
        ),
        each(
            "vlan",
            each(
                "tag",
                whole("id"),
                at_least("id", 0),
                at_most("id", 4095),
                one_of("native_mode", ("tagged", "untagged")),
            ),
        ),
        each("virtualport", one_of("type", ("openvswitch", "midonet", "802.1Qbg", "802.1Qbh"))),
        each("backend", one_of("type", ("passt",))),
        each("ip", one_of("family", ("ipv4", "ipv6")), whole("prefix")),
        each(
            "port_forward",
            one_of("proto", ("tcp", "udp")),
            each(
                "range",
                whole(*_PORTS),
                *(at_least(name, 1) for name in _PORTS),
                *(at_most(name, 65535) for name in _PORTS),
            ),
        ),
        _portgroup,
        _user_mode,
        _vlan,
        _team,
        _coalesce,
    ),
    _alone("alias", "alias"),
    _alone("acpi_index", "number"),
)
"""What `validate` tells."""
