"""Functions on IP networks in CIDR notation.

Source: https://developer.hashicorp.com/terraform/language/functions, section "IP Network".
Leading zeros are decimal (`010.001.0.0` is 10.1.0.0), as they always were in Terraform.
"""

from __future__ import annotations

import re

from kvmform.lang.functions.arguments import any_whole_number, whole_number
from kvmform.lang.functions.signature import Function, FunctionError, Parameter, parameters
from kvmform.struct import Struct
from kvmform.values.model import ListValue, Value
from kvmform.values.types import NUMBER, STRING, ListType

__all__ = ["FUNCTIONS"]

MAPPED = 0xFFFF << 32
"""IPv4 addresses inside IPv6 (`::ffff:10.0.0.1`); they are shown in the form of IPv4."""


MAXIMUM_EXTENSION = 32
"""How many bits `cidrsubnets` adds at most, as in Terraform."""


class Network(Struct):
    """A range of addresses: its first one, the length of its prefix, and 32 or 128 `bits`."""

    first: int
    length: int
    bits: int

    @property
    def last(self) -> int:
        """The last address of the range."""
        return self.first | ((1 << (self.bits - self.length)) - 1)

    @property
    def is_mapped(self) -> bool:
        """Whether it is a network of IPv4 addresses inside IPv6."""
        return self.bits == 128 and self.length >= 96 and self.first >> 32 << 32 == MAPPED

    def __str__(self) -> str:
        length = self.length - 96 if self.is_mapped else self.length
        return f"{address_text(self.first, self.bits)}/{length}"


def parse_network(text: str, argument: int | None = None) -> Network:
    """Read a network; bits of the address behind the prefix don't matter.

    Raises:
        FunctionError: it is none; blames `argument`.
    """
    import ipaddress

    address, _, length = text.partition("/")
    decimal = re.sub(r"(?<![0-9a-fA-F])0+(?=[0-9a-fA-F])", "", address)
    try:
        found = ipaddress.ip_address(decimal)
    except ValueError:
        found = None
    has_length = found is not None and re.fullmatch("[0-9]{1,4}", length) and int(length) <= found.max_prefixlen
    if found is None or not has_length or "%" in address:
        raise FunctionError(f"invalid CIDR expression: invalid CIDR address: {text}", argument)
    host_bits = found.max_prefixlen - int(length)
    return Network(int(found) >> host_bits << host_bits, int(length), found.max_prefixlen)


def address_text(address: int, bits: int) -> str:
    """The usual form of an address."""
    import ipaddress

    if bits == 32 or address >> 32 << 32 == MAPPED:
        return str(ipaddress.IPv4Address(address & 0xFFFFFFFF))
    return str(ipaddress.IPv6Address(address))


def cidrhost(prefix: str, hostnum: Value) -> str:
    network, number = parse_network(prefix), any_whole_number(hostnum)
    size = 1 << (network.bits - network.length)
    if not -size <= number < size:
        raise FunctionError(f"prefix of {network.length} does not accommodate a host numbered {number}")
    return address_text(network.first + number % size, network.bits)


def cidrnetmask(prefix: str) -> str:
    network = parse_network(prefix)
    if network.bits != 32 and not network.is_mapped:
        raise FunctionError(f"IPv6 addresses cannot have a netmask: {prefix}")
    host_bits = network.bits - network.length
    return address_text(0xFFFFFFFF >> host_bits << host_bits, 32)


def cidrsubnet(prefix: str, newbits: Value, netnum: Value) -> str:
    network, extension, number = parse_network(prefix), whole_number(newbits), any_whole_number(netnum)
    length = network.length + extension
    if extension < 0:
        raise FunctionError("the number of additional prefix bits must not be negative")
    if length > network.bits:
        raise FunctionError(f"insufficient address space to extend prefix of {network.length} by {extension}")
    if not 0 <= number < 1 << extension:
        raise FunctionError(f"prefix extension of {extension} does not accommodate a subnet numbered {number}")
    return str(Network(network.first | number << (network.bits - length), length, network.bits))


def cidrsubnets(prefix: str, *newbits: Value) -> ListValue:
    network = parse_network(prefix, 0)
    protocol = "IPv4" if network.bits == 32 else "IPv6"
    subnets: list[Network] = []
    free = network.first
    for argument, value in enumerate(newbits, start=1):
        extension = whole_number(value, argument)
        if extension < 1:
            raise FunctionError("must extend prefix by at least one bit", argument)
        if extension > MAXIMUM_EXTENSION:
            raise FunctionError(f"may not extend prefix by more than {MAXIMUM_EXTENSION} bits", argument)
        length = network.length + extension
        if length > network.bits:
            raise FunctionError(
                f"would extend prefix to {length} bits, which is too long for an {protocol} address", argument
            )
        size = 1 << (network.bits - length)
        subnet = Network(-(-free // size) * size, length, network.bits)
        if subnet.last > network.last:
            raise FunctionError(
                f"not enough remaining address space for a subnet with a prefix of {length} bits after {subnets[-1]}",
                argument,
            )
        subnets.append(subnet)
        free = subnet.last + 1
    return ListValue(STRING, tuple(map(str, subnets)))


FUNCTIONS = (
    Function(
        "cidrhost",
        parameters(prefix=STRING, hostnum=NUMBER),
        STRING,
        cidrhost,
        "The address of a host in a network, counted from its first address, or from its last one if negative.",
    ),
    Function("cidrnetmask", parameters(prefix=STRING), STRING, cidrnetmask, "The netmask of an IPv4 network."),
    Function(
        "cidrsubnet",
        parameters(prefix=STRING, newbits=NUMBER, netnum=NUMBER),
        STRING,
        cidrsubnet,
        "One of the equal parts of a network.",
    ),
    Function(
        "cidrsubnets",
        parameters(prefix=STRING),
        ListType(STRING),
        cidrsubnets,
        "Consecutive parts of a network, each with a size of its own.",
        variadic=Parameter("newbits", NUMBER),
    ),
)
