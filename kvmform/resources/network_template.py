"""Data sources of provider 0.8 that put a few values of a network into a map: relics of a language without `for`.

Source: https://registry.terraform.io/providers/dmacvicar/libvirt, version 0.8. What is not
written, or empty, is not in the map; the ids are those of the provider.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from ipaddress import ip_address

from kvmform.diagnostics import error
from kvmform.schema import DataSource, Object, Problem, Reading, Row, Rule, Schema
from kvmform.values.types import STRING, MapType

__all__ = ["DNSMASQ_OPTIONS", "DNS_HOST", "DNS_SRV"]


def _template(
    name: str, doc: str, required: Mapping[str, str], optional: Mapping[str, str], *rules: Rule
) -> DataSource[None]:
    arguments = {
        **{name: Row(type=STRING, doc=text, required=True) for name, text in required.items()},
        **{name: Row(type=STRING, doc=text) for name, text in optional.items()},
    }

    def read(_reading: Reading[None], config: Object) -> Object:
        rendered = {name: _plain(name, config[name]) for name in sorted(arguments) if config[name]}
        as_go_prints_it = f"map[{' '.join(f'{name}:{value}' for name, value in rendered.items())}]"
        return {**config, "id": str(zlib.crc32(as_go_prints_it.encode())), "rendered": rendered}

    rows = {
        "id": Row(type=STRING, doc="A checksum of `rendered`.", computed=True, read_only=True),
        **arguments,
        "rendered": Row(type=MapType(STRING), doc="The arguments that are given.", computed=True, read_only=True),
    }
    return DataSource(name=name, schema=Schema(doc=doc, rows=rows, rules=rules), read=read, needs_host=False)


def _plain(name: str, value: str) -> str:
    return str(ip_address(value)) if name == "ip" else value


def _is_address(written: Object) -> Iterator[Problem]:
    ip = written["ip"]
    if isinstance(ip, str) and ip:
        try:
            ip_address(ip)
        except ValueError:
            yield Problem(("ip",), error("Invalid IP address", f'"{ip}" is no IP address.'))


DNS_HOST = _template(
    "libvirt_network_dns_host_template",
    "A map with the arguments of a `dns { hosts { … } }` block of `libvirt_network`.",
    {"ip": "The address.", "hostname": "The name."},
    {},
    _is_address,
)

DNS_SRV = _template(
    "libvirt_network_dns_srv_template",
    "A map with the arguments of a `dns { srvs { … } }` block of `libvirt_network`.",
    {"service": "Name of the service, such as `ldap`.", "protocol": "`tcp` or `udp`."},
    {
        "domain": "DNS domain that has the service.",
        "target": "Name of the host that offers it.",
        "port": "Port on the target.",
        "weight": "Share of the requests among targets of the same priority.",
        "priority": "Targets with a lower one come first.",
    },
)

DNSMASQ_OPTIONS = _template(
    "libvirt_network_dnsmasq_options_template",
    "A map with the arguments of a `dnsmasq_options { options { … } }` block of `libvirt_network`.",
    {"option_name": "Name of the option."},
    {"option_value": "Its value, where it has one."},
)
