"""Functions on IP networks."""

from __future__ import annotations

import pytest
from function_calls import LATER, assert_fails, failure, value

from kvmform.lang.functions.network import parse_network
from kvmform.values.model import Unknown
from kvmform.values.types import STRING, ListType


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('cidrhost("10.17.3.0/24", 20)', "10.17.3.20"),
        ('cidrhost("10.17.3.77/24", 20)', "10.17.3.20"),
        ('cidrhost("10.17.3.0/24", -1)', "10.17.3.255"),
        ('cidrhost("10.17.3.0/24", -256)', "10.17.3.0"),
        ('cidrhost("10.0.0.0/8", "65536")', "10.1.0.0"),
        ('cidrhost("010.001.0.0/24", 6)', "10.1.0.6"),
        ('cidrhost("10.0.0.1/32", 0)', "10.0.0.1"),
        ('cidrhost("fd00:0DB8::/64", 255)', "fd00:db8::ff"),
        ('cidrhost("fd00::/64", 18446744073709551615)', "fd00::ffff:ffff:ffff:ffff"),
        ('cidrhost("::ffff:10.0.0.0/120", 5)', "10.0.0.5"),
        ('cidrnetmask("10.0.0.0/12")', "255.240.0.0"),
        ('cidrnetmask("10.0.0.0/0")', "0.0.0.0"),
        ('cidrnetmask("::ffff:10.0.0.0/120")', "255.255.255.0"),
        ('cidrsubnet("172.16.0.0/12", 4, 2)', "172.18.0.0/16"),
        ('cidrsubnet("10.1.2.0/24", 0, 0)', "10.1.2.0/24"),
        ('cidrsubnet("fd00:fd12:3456:7890::/56", 16, 162)', "fd00:fd12:3456:7800:a200::/72"),
        ('cidrsubnet("::ffff:192.168.0.0/112", 8, 6)', "192.168.6.0/24"),
    ],
)
def test_network_functions(call, expected):
    assert value(call) == expected


@pytest.mark.parametrize(
    ("prefix", "extensions", "expected"),
    [
        ("10.1.0.0/16", [4, 4, 8, 4], ["10.1.0.0/20", "10.1.16.0/20", "10.1.32.0/24", "10.1.48.0/20"]),
        ("0.0.0.0/0", [1, 1], ["0.0.0.0/1", "128.0.0.0/1"]),
        ("fd00::/56", [8, 8], ["fd00::/64", "fd00:0:0:1::/64"]),
        ("10.0.0.0/8", [], []),
    ],
)
def test_cidrsubnets(prefix, extensions, expected):
    assert (
        list(value("cidrsubnets(prefix, extensions...)", prefix=prefix, extensions=tuple(extensions)).items) == expected
    )


@pytest.mark.parametrize(
    ("call", "because"),
    [
        ('cidrhost("10.0.0.0/24", 256)', "prefix of 24 does not accommodate a host numbered 256"),
        ('cidrhost("10.0.0.0/24", -257)', "prefix of 24 does not accommodate a host numbered -257"),
        ('cidrhost("10.0.0.0/24", 1.5)', "value must be a whole number"),
        ('cidrhost("::/0", 1e200)', "prefix of 0 does not accommodate a host numbered 1"),
        ('cidrnetmask("fd00::/64")', "IPv6 addresses cannot have a netmask: fd00::/64"),
        ('cidrsubnet("10.1.2.0/24", 4, 16)', "prefix extension of 4 does not accommodate a subnet numbered 16"),
        ('cidrsubnet("10.1.2.0/24", 4, -1)', "does not accommodate a subnet numbered -1"),
        ('cidrsubnet("10.1.2.0/24", 9, 0)', "insufficient address space to extend prefix of 24 by 9"),
        ('cidrsubnet("10.1.2.0/24", -1, 0)', "the number of additional prefix bits must not be negative"),
        ('cidrsubnets("10.0.0.0/8", 0)', "must extend prefix by at least one bit"),
        ('cidrsubnets("10.0.0.0/30", 3)', "would extend prefix to 33 bits, which is too long for an IPv4 address"),
        ('cidrsubnets("fd00::/127", 2)', "would extend prefix to 129 bits, which is too long for an IPv6 address"),
        ('cidrsubnets("fd00::/48", 33)', "may not extend prefix by more than 32 bits"),
        (
            'cidrsubnets("10.0.0.0/24", 1, 1, 1)',
            "not enough remaining address space for a subnet with a prefix of 25 bits after 10.0.0.128/25",
        ),
    ],
)
def test_networks_that_are_too_small(call, because):
    assert_fails(call, because)


@pytest.mark.parametrize(
    "text",
    [
        *("", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "10.256.0.0/8", "1.2.3/8"),
        *("::/129", "fe80::1%eth0/64", "1::2::3/64", "10.0.0.0/\u0668", "x/8", "10.0.0.0/99999999999"),
    ],
)
def test_what_is_no_network(text):
    assert_fails("cidrhost(x, 0)", f"invalid CIDR expression: invalid CIDR address: {text}", x=text)


def test_the_wrong_extension_is_pointed_at():
    assert failure('cidrsubnets("10.0.0.0/24", 1, 0)').subject.text == "0"
    assert failure('cidrsubnets("x", 1)').subject.text == "x"


def test_networks_know_their_ends():
    network = parse_network("10.1.2.3/24")
    assert (network.first & 0xFF, network.last & 0xFF, str(network)) == (0, 255, "10.1.2.0/24")


def test_unknown_networks():
    assert value("cidrhost(x, 1)", x=LATER) == Unknown(STRING, not_null=True)
    assert value('cidrsubnets("10.0.0.0/8", length(x))', x=LATER) == Unknown(ListType(STRING), not_null=True)
