"""Whom a certificate is for: distinguished names, and the names that stand beside them.

Source: https://registry.terraform.io/providers/hashicorp/tls, version 4; RFC 5280, 4.1.2.4 and 4.2.1.6.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from cryptography import x509
from cryptography.x509.oid import NameOID

from kvmform.diagnostics import DiagnosticError
from kvmform.schema import Object

__all__ = ["alternative_names", "distinguished_name", "kept_names"]

_PARTS = (
    ("country", NameOID.COUNTRY_NAME),
    ("province", NameOID.STATE_OR_PROVINCE_NAME),
    ("locality", NameOID.LOCALITY_NAME),
    ("street_address", NameOID.STREET_ADDRESS),
    ("postal_code", NameOID.POSTAL_CODE),
    ("organization", NameOID.ORGANIZATION_NAME),
    ("organizational_unit", NameOID.ORGANIZATIONAL_UNIT_NAME),
    ("common_name", NameOID.COMMON_NAME),
    ("serial_number", NameOID.SERIAL_NUMBER),
    ("email_address", NameOID.EMAIL_ADDRESS),
)
"""In the order in which the provider has them in a certificate."""

_KINDS: Mapping[str, Callable[[str], x509.GeneralName]] = {
    "dns_names": x509.DNSName,
    "ip_addresses": lambda text: x509.IPAddress(ipaddress.ip_address(text)),
    "uris": x509.UniformResourceIdentifier,
}
"""What makes a name of a text, by attribute and in the order in which names stand in a certificate."""


def distinguished_name(subjects: Sequence[Object]) -> x509.Name:
    """The name in a `subject` block, of which there is at most one.

    Raises:
        DiagnosticError: a part of it can't be in a certificate.
    """
    return x509.Name([part for subject in subjects for part in _parts(subject)])


def _parts(subject: Object) -> Iterator[x509.RelativeDistinguishedName]:
    """What is written, each attribute as one part, in which a list's elements stand together."""
    for name, oid in _PARTS:
        written = subject[name]
        values = [each for each in (written if isinstance(written, list) else [written]) if each]
        if values:
            try:
                yield x509.RelativeDistinguishedName([x509.NameAttribute(oid, value) for value in values])
            except ValueError as problem:
                raise DiagnosticError.of(
                    "Invalid certificate subject",
                    f'"{name}" can\'t be "{", ".join(values)}": {str(problem).rstrip(".")}.',
                ) from None


def alternative_names(written: Object) -> list[x509.GeneralName]:
    """The names in `dns_names`, `ip_addresses` and `uris`.

    Raises:
        DiagnosticError: one of them is none.
    """
    names = []
    for attribute, kind in _KINDS.items():
        for each in written[attribute] or []:
            if each is None:
                continue
            try:
                names.append(kind(each))
            except ValueError as problem:
                detail = f'"{attribute}" can\'t have "{each}": {str(problem).rstrip(".")}.'
                raise DiagnosticError.of("Invalid name for a certificate", detail) from None
    return names


def kept_names(extensions: x509.Extensions) -> list[x509.GeneralName]:
    """Those names in a request that its certificate gets: DNS names, addresses, URIs."""
    try:
        found: Iterable[x509.GeneralName] = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    names = list(found)
    kinds = (x509.DNSName, x509.IPAddress, x509.UniformResourceIdentifier)
    return [name for kind in kinds for name in names if isinstance(name, kind)]
