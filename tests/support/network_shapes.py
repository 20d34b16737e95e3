"""Networks of every shape, as a user writes them: for tests that each must pass."""

from __future__ import annotations

__all__ = ["SHAPES"]

_NAT = {"name": "shape", "addresses": ["10.231.1.0/24"]}

SHAPES = {
    "nat": _NAT,
    "mode-in-capitals": {**_NAT, "mode": "NAT"},
    "hosts-address-written": {**_NAT, "addresses": ["10.231.1.1/24"]},
    "isolated": {**_NAT, "mode": "none"},
    "isolated-without-addresses": {"name": "shape", "mode": "none"},
    "route": {**_NAT, "mode": "route"},
    "open": {**_NAT, "mode": "open"},
    "ipv6-too": {**_NAT, "addresses": ["10.231.1.0/24", "fd00:231::/64"]},
    "ipv6-first": {**_NAT, "addresses": ["fd00:231::/64", "10.231.1.0/24"]},
    "named-bridge": {**_NAT, "bridge": "shape0", "stp": False, "mtu": 1400},
    "without-dhcp": {**_NAT, "dhcp": [{"enabled": False}]},
    "dhcp-said": {**_NAT, "dhcp": [{"enabled": True}]},
    "dhcp-hosts-and-range": {
        **_NAT,
        "dhcp": [
            {
                "hosts": [
                    {"mac": "52:54:00:AA:00:01", "ip": "10.231.1.11", "name": "one"},
                    {"mac": "52:54:00:aa:00:02", "ip": "10.231.1.12"},
                ],
                "ranges": [{"start": "10.231.1.100", "end": "10.231.1.200"}],
            }
        ],
    },
    "dns-off": {**_NAT, "dns": [{"enabled": False}]},
    "dns-on": {**_NAT, "dns": [{"enabled": True}]},
    "dns-of-everything": {
        **_NAT,
        "domain": "shape.test",
        "dns": [
            {
                "local_only": True,
                "forwarders": [{"address": "10.9.9.9"}, {"address": "10.9.9.8", "domain": "corp.test"}],
                "hosts": [
                    {"ip": "10.231.1.1", "hostname": "gate.shape.test"},
                    {"ip": "10.231.1.1", "hostname": "gw.shape.test"},
                    {"ip": "10.231.1.5", "hostname": "five.shape.test"},
                ],
                "srvs": [
                    {
                        "service": "etcd",
                        "protocol": "tcp",
                        "domain": "shape.test",
                        "target": "a.shape.test",
                        "port": "2380",
                    }
                ],
            }
        ],
    },
    "routes": {**_NAT, "routes": [{"cidr": "10.232.0.0/24", "gateway": "10.231.1.9"}]},
    "dnsmasq-options": {
        **_NAT,
        "dnsmasq_options": [
            {"options": [{"option_name": "no-ping"}, {"option_name": "address", "option_value": "/x.test/10.231.1.7"}]}
        ],
    },
    "autostart": {**_NAT, "autostart": True},
    "inactive": {**_NAT, "active": False},
}
"""Arguments by the name of the shape."""
