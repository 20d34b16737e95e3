"""Make certificates and requests for them.

Source: https://registry.terraform.io/providers/hashicorp/tls, version 4, and what Go's
crypto/x509 puts into a certificate; RFC 5280.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import Encoding

from kvmform.diagnostics import DiagnosticError
from kvmform.resources.tls.keys import PrivateKey, PublicKey, hexadecimal_sha1
from kvmform.resources.tls.names import kept_names
from kvmform.resources.tls.uses import EXTENDED_USES, KEY_USES
from kvmform.schema import Object
from kvmform.struct import Struct

__all__ = ["Issuer", "Subject", "issue", "read_certificate", "request_texts", "requested"]

_SERIAL_BITS = 128


class Subject(Struct):
    """Whom a certificate is for."""

    name: x509.Name
    alternative_names: Sequence[x509.GeneralName]
    key: PublicKey


class Issuer(Struct):
    """Who signs a certificate; of a self-signed one `certificate` is None."""

    key: PrivateKey
    certificate: x509.Certificate | None = None


def request_texts(subject: Subject, key: PrivateKey) -> dict[str, str]:
    """The attributes of a request for a certificate, signed with the key that it is for: `id`, `cert_request_pem`."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject.name)
    if subject.alternative_names:
        builder = builder.add_extension(x509.SubjectAlternativeName(subject.alternative_names), _is_nameless(subject))
    request = builder.sign(key, _digest(key))
    return {
        "id": hexadecimal_sha1(request.public_bytes(Encoding.DER)),
        "cert_request_pem": request.public_bytes(Encoding.PEM).decode(),
    }


def requested(text: str, attribute: str) -> Subject:
    """Whom the request in a PEM text is for.

    Raises:
        DiagnosticError: there is none, or it isn't signed with its key; names the attribute.
    """
    try:
        request = x509.load_pem_x509_csr(text.encode())
        key, is_valid = request.public_key(), request.is_signature_valid
    except (ValueError, UnsupportedAlgorithm) as problem:
        raise _unreadable(attribute, "a request for a certificate", problem) from None
    if not is_valid or not isinstance(key, PublicKey):
        raise DiagnosticError.of("Invalid certificate request", f'"{attribute}" is not signed with the key in it.')
    return Subject(request.subject, kept_names(request.extensions), key)


def read_certificate(text: str, attribute: str) -> x509.Certificate:
    """The certificate in a PEM text.

    Raises:
        DiagnosticError: there is none; names the attribute.
    """
    try:
        return x509.load_pem_x509_certificate(text.encode())
    except ValueError as problem:
        raise _unreadable(attribute, "a certificate", problem) from None


def _unreadable(attribute: str, wanted: str, problem: Exception) -> DiagnosticError:
    detail = f'"{attribute}" must be {wanted} in PEM form: {str(problem).rstrip(".")}.'
    return DiagnosticError.of("Unreadable PEM text", detail)


def issue(settings: Object, subject: Subject, issuer: Issuer) -> dict[str, str]:
    """The attributes of a new certificate: `id`, `cert_pem`, and when it is valid.

    Args:
        settings: `validity_period_hours`, `allowed_uses`, `is_ca_certificate` and so on, as planned.
        subject: whom it is for.
        issuer: who signs it.

    Raises:
        DiagnosticError: there can't be such a certificate.
    """
    if issuer.certificate is not None and issuer.certificate.public_key() != issuer.key.public_key():
        detail = (
            "The authority's certificate is for another key than ca_private_key_pem. Give the two that belong together."
        )
        raise DiagnosticError.of("Invalid Certificate Authority", detail)
    begin = datetime.now(UTC).replace(microsecond=0)
    try:
        end = begin + timedelta(hours=settings["validity_period_hours"])
        builder = x509.CertificateBuilder(
            issuer_name=subject.name if issuer.certificate is None else issuer.certificate.subject,
            subject_name=subject.name,
            public_key=subject.key,
            serial_number=secrets.randbits(_SERIAL_BITS) or 1,
            not_valid_before=begin,
            not_valid_after=end,
        )
        for extension, critical in _extensions(settings, subject, issuer):
            builder = builder.add_extension(extension, critical)
        certificate = builder.sign(issuer.key, _digest(issuer.key))
    except OverflowError:
        detail = "A certificate ends before the year 10000; make validity_period_hours and max_path_length smaller."
        raise DiagnosticError.of("Certificate can't be made", detail) from None
    except ValueError as problem:
        raise DiagnosticError.of("Certificate can't be made", f"{str(problem).rstrip('.')}.") from None
    return {
        "id": str(certificate.serial_number),
        "cert_pem": certificate.public_bytes(Encoding.PEM).decode(),
        "validity_start_time": _timestamp(begin),
        "validity_end_time": _timestamp(end),
    }


def _timestamp(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def _extensions(settings: Object, subject: Subject, issuer: Issuer) -> Iterable[tuple[x509.ExtensionType, bool]]:
    """In the order in which Go writes them, each with whether it is critical."""
    uses = settings["allowed_uses"]
    bits = {KEY_USES[use] for use in uses if use in KEY_USES}
    if bits:
        yield x509.KeyUsage(**{bit: bit in bits for bit in KEY_USES.values()}), True
    extended = [x509.ObjectIdentifier(EXTENDED_USES[use]) for use in uses if use in EXTENDED_USES]
    if extended:
        yield x509.ExtendedKeyUsage(extended), False
    yield _constraints(settings, subject), True
    own = None
    if settings["is_ca_certificate"] or settings["set_subject_key_id"]:
        own = x509.SubjectKeyIdentifier(_key_id(subject.key))
        yield own, False
    authority = _authority(settings, subject, issuer, own)
    if authority is not None:
        yield x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(authority), False
    if subject.alternative_names:
        yield x509.SubjectAlternativeName(subject.alternative_names), _is_nameless(subject)


def _constraints(settings: Object, subject: Subject) -> x509.BasicConstraints:
    if not settings["is_ca_certificate"]:
        return x509.BasicConstraints(ca=False, path_length=None)
    if _is_nameless(subject):
        raise DiagnosticError.of(
            "Invalid Certificate Subject",
            "Must contain at least one Distinguished Name when creating Certificate Authority (CA). Write a subject "
            "block with a common_name, for instance.",
        )
    length = settings["max_path_length"]
    return x509.BasicConstraints(ca=True, path_length=length if length is not None and length >= 0 else None)


def _authority(
    settings: Object, subject: Subject, issuer: Issuer, own: x509.SubjectKeyIdentifier | None
) -> x509.SubjectKeyIdentifier | None:
    """The key that signs: told of a certificate of another's wherever that has an identifier."""
    if issuer.certificate is None:
        if settings.get("set_authority_key_id") and own is None:
            raise DiagnosticError.of(
                "Invalid Certificate Authority",
                "Could not determine Authority Key Identifier: of a self-signed certificate it is the subject's, so "
                "write set_subject_key_id = true as well.",
            )
        return own if settings.get("set_authority_key_id") else None
    if issuer.certificate.subject == subject.name:
        return None
    try:
        return issuer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    except x509.ExtensionNotFound:
        return None


def _is_nameless(subject: Subject) -> bool:
    """Then the names beside it are all there is, and critical (RFC 5280, 4.2.1.6)."""
    return not list(subject.name)


def _key_id(key: PublicKey) -> bytes:
    """SHA-1 of the key (RFC 5280, 4.2.1.2); the provider takes an ED25519 key as an octet string."""
    if isinstance(key, Ed25519PublicKey):
        return hashlib.sha1(b"\x04\x20" + key.public_bytes_raw(), usedforsecurity=False).digest()
    return x509.SubjectKeyIdentifier.from_public_key(key).digest


def _digest(key: PrivateKey) -> SHA256 | SHA384 | SHA512 | None:
    """What Go signs with by default."""
    match key:
        case Ed25519PrivateKey():
            return None
        case EllipticCurvePrivateKey() if key.curve.key_size > 256:
            return SHA384() if key.curve.key_size == 384 else SHA512()
    return SHA256()
