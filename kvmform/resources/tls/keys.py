"""Private and public keys, and the texts that stand for them.

Source: https://registry.terraform.io/providers/hashicorp/tls, version 4. Only the verbs import
this: a lab that is merely checked needs no cryptography.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP224R1,
    SECP256R1,
    SECP384R1,
    SECP521R1,
    EllipticCurve,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_elliptic
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_ssh_private_key,
)

from kvmform.diagnostics import DiagnosticError
from kvmform.schema import Plain

__all__ = [
    "PrivateKey",
    "PublicKey",
    "algorithm_of",
    "generate_key",
    "hexadecimal_sha1",
    "private_texts",
    "public_texts",
    "read_openssh_key",
    "read_private_key",
    "recorded_algorithm",
]

PrivateKey: TypeAlias = RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey
PublicKey: TypeAlias = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey

_CURVES: dict[str, Callable[[], EllipticCurve]] = {
    "P224": SECP224R1,
    "P256": SECP256R1,
    "P384": SECP384R1,
    "P521": SECP521R1,
}
_EXPONENT = 65537


def generate_key(algorithm: str, rsa_bits: int, ecdsa_curve: str) -> PrivateKey:
    """A new key.

    Raises:
        DiagnosticError: there is no key of so many bits.
    """
    match algorithm:
        case "ECDSA":
            return generate_elliptic(_CURVES[ecdsa_curve]())
        case "ED25519":
            return Ed25519PrivateKey.generate()
    try:
        return generate_rsa(_EXPONENT, rsa_bits)
    except (ValueError, OverflowError) as problem:
        reason = str(problem).rstrip(".")
        raise DiagnosticError.of("Private key can't be made", f"An RSA key of {rsa_bits} bits: {reason}.") from None


def algorithm_of(key: PrivateKey) -> str:
    """`RSA`, `ECDSA` or `ED25519`."""
    match key:
        case RSAPrivateKey():
            return "RSA"
        case EllipticCurvePrivateKey():
            return "ECDSA"
    return "ED25519"


def recorded_algorithm(planned: Plain, key: PrivateKey) -> str:
    """What is recorded of it: what is written, lest that differ for ever; else what it is."""
    return planned if isinstance(planned, str) else algorithm_of(key)


def read_private_key(text: str, attribute: str) -> PrivateKey:
    """The key in a PEM text (PKCS#1, SEC 1 or PKCS#8).

    Raises:
        DiagnosticError: there is none; names the attribute that the text is of.
    """
    try:
        return _usable(load_pem_private_key(text.encode(), None), attribute)
    except (ValueError, TypeError, UnsupportedAlgorithm) as problem:
        raise _unreadable(attribute, "a private key in PEM form, without a passphrase", problem) from None


def read_openssh_key(text: str, attribute: str) -> PrivateKey:
    """The key in a text in OpenSSH's own form.

    Raises:
        DiagnosticError: as of read_private_key.
    """
    try:
        return _usable(load_ssh_private_key(text.encode(), None), attribute)
    except (ValueError, TypeError, UnsupportedAlgorithm) as problem:
        raise _unreadable(attribute, "a private key in OpenSSH's form, without a passphrase", problem) from None


def _usable(key: object, attribute: str) -> PrivateKey:
    if isinstance(key, PrivateKey):
        return key
    detail = f'"{attribute}" has a key of another kind than RSA, ECDSA and ED25519; make one of those.'
    raise DiagnosticError.of("Unsupported private key", detail)


def _unreadable(attribute: str, wanted: str, problem: Exception) -> DiagnosticError:
    reason = str(problem).partition(". ")[0].rstrip(".") or type(problem).__name__
    return DiagnosticError.of("Unreadable private key", f'"{attribute}" must be {wanted}: {reason}.')


def private_texts(key: PrivateKey) -> dict[str, str]:
    """The attributes that tell a private key; in OpenSSH's form it is empty where that has no such keys (P224)."""
    own = PrivateFormat.PKCS8 if isinstance(key, Ed25519PrivateKey) else PrivateFormat.TraditionalOpenSSL
    return {
        "private_key_pem": _private_text(key, own),
        "private_key_pem_pkcs8": _private_text(key, PrivateFormat.PKCS8),
        "private_key_openssh": _private_text(key, PrivateFormat.OpenSSH) if _ssh_has(key.public_key()) else "",
    }


def _private_text(key: PrivateKey, form: PrivateFormat) -> str:
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


def public_texts(key: PublicKey) -> dict[str, str]:
    """The attributes that tell a public key, and the id that is made of it; those for SSH may be empty (P224)."""
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    openssh = md5 = sha256 = ""
    if _ssh_has(key):
        openssh = f"{key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()}\n"
        blob = base64.b64decode(openssh.split()[1])
        md5 = hashlib.md5(blob, usedforsecurity=False).hexdigest()
        md5 = ":".join(md5[at : at + 2] for at in range(0, len(md5), 2))
        sha256 = f"SHA256:{base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip('=')}"
    return {
        "id": hexadecimal_sha1(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)),
        "public_key_pem": pem,
        "public_key_openssh": openssh,
        "public_key_fingerprint_md5": md5,
        "public_key_fingerprint_sha256": sha256,
    }


def _ssh_has(key: PublicKey) -> bool:
    """Whether SSH knows keys of this kind (RFC 5656, 10.1 has no P224)."""
    return not (isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP224R1))


def hexadecimal_sha1(der: bytes) -> str:
    """The id of a key or a request: the checksum of its DER form without white space at its ends."""
    return hashlib.sha1(der.strip(), usedforsecurity=False).hexdigest()
