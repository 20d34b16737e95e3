"""What has to be so in a network's configuration, whatever there is on the host."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.diagnostics import error
from kvmform.schema import Object, Problem, Rule
from kvmform.schema.rules import at_least, at_most, each, one_of, whole
from kvmform.values.model import Unknown

__all__ = ["RULES"]

_PORTS = 65535
_VLANS = 4095
_SHORTEST_LEASE = 120
"""Seconds; dnsmasq has none that are shorter."""

_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600}
_VIRTUALPORTS = ("openvswitch", "midonet", "802.1Qbg", "802.1Qbh")


def _long_enough(lease: Object) -> Iterator[Problem]:
    expiry, unit = lease["expiry"], lease["unit"]
    if isinstance(expiry, int) and 0 < expiry * _SECONDS.get(unit, _SHORTEST_LEASE) < _SHORTEST_LEASE:
        detail = f"A lease lasts two minutes at least, or, with 0, for ever; not {expiry} {unit}."
        yield Problem(("expiry",), error("Invalid Attribute Value", detail))
    if expiry == 0 and unit != "minutes" and not isinstance(unit, Unknown):
        yield Problem(("unit",), error("Invalid Attribute Combination", "A lease for ever has no unit: remove it."))


def _upwards(span: Object) -> Iterator[Problem]:
    start, end = span["start"], span["end"]
    if isinstance(start, int) and isinstance(end, int) and start > end:
        yield Problem(("end",), error("Invalid range", f"There is no way from {start} up to {end}."))


def _without_blanks(txt: Object) -> Iterator[Problem]:
    name = txt["name"]
    if isinstance(name, str) and (not name or " " in name):
        yield Problem(("name",), error("Invalid name", f'The name of a text record has no blanks: "{name}" is none.'))


def _number(name: str, minimum: int, maximum: int) -> tuple[Rule, ...]:
    return whole(name), at_least(name, minimum), at_most(name, maximum)


_LARGEST = 2**32 - 1

_DIRECTION = [rule for name in ("average", "peak", "burst") for rule in _number(name, 1, _LARGEST)]
_BANDWIDTH = each("bandwidth", each("inbound", *_DIRECTION), each("outbound", *_DIRECTION))
_TAG = (*_number("id", 0, _VLANS), one_of("native_mode", ("tagged", "untagged")))
_LINKS = (_BANDWIDTH, each("vlan", each("tag", *_TAG)), each("virtualport", one_of("type", _VIRTUALPORTS)))
_PORT_RANGE = (*_number("start", 1, _PORTS), *_number("end", 1, _PORTS), _upwards)
_LEASE = each("lease", *_number("expiry", 0, _LARGEST), one_of("unit", tuple(_SECONDS)), _long_enough)

RULES: tuple[Rule, ...] = (
    *_number("delay", 0, _LARGEST),
    one_of("mac_table_manager", ("kernel", "libvirt")),
    each("forward", each("nat", each("port", *_PORT_RANGE))),
    *_LINKS,
    each("portgroups", *_LINKS),
    each("dns", each("txts", _without_blanks)),
    each("dhcp", each("hosts", _LEASE), each("ranges", _LEASE)),
)
