"""`rsadecrypt`: a text that was encrypted for a private key, as clouds hand out passwords.

Source: https://developer.hashicorp.com/terraform/language/functions/rsadecrypt
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from kvmform.lang.functions.signature import Function, FunctionError, parameters
from kvmform.values.types import STRING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

__all__ = ["FUNCTIONS"]

_SHORTEST_PADDING = 8


def rsadecrypt(ciphertext: str, privatekey: str) -> str:
    try:
        given = base64.b64decode(ciphertext.replace("\n", "").replace("\r", ""), validate=True)
    except (binascii.Error, ValueError):
        raise FunctionError(f'failed to decode input "{ciphertext}": cipher text must be base64-encoded', 0) from None
    return _decrypted(given, _private_key(privatekey)).decode(errors="replace")


def _private_key(text: str) -> RSAPrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    is_openssh = "BEGIN OPENSSH PRIVATE KEY" in text
    load = serialization.load_ssh_private_key if is_openssh else serialization.load_pem_private_key
    try:
        key = load(text.encode(), None)
    except TypeError:
        raise FunctionError("invalid private key: it is protected by a passphrase", 1) from None
    except (ValueError, UnsupportedAlgorithm):
        raise FunctionError("invalid private key: there is none in PEM form", 1) from None
    if not isinstance(key, RSAPrivateKey):
        raise FunctionError("invalid private key type: it must be an RSA key", 1)
    return key


def _decrypted(ciphertext: bytes, key: RSAPrivateKey) -> bytes:
    """Take the padding of PKCS #1 v1.5 off.

    It is done here because OpenSSL answers a wrong padding with random text, not with an error.
    """
    numbers = key.private_numbers()
    modulus, length = numbers.public_numbers.n, (key.key_size + 7) // 8
    value = int.from_bytes(ciphertext, "big")
    if value < modulus and len(ciphertext) <= length:
        padded = pow(value, numbers.d, modulus).to_bytes(length, "big")
        end = padded.find(b"\0", 2)
        if padded.startswith(b"\0\x02") and end >= 2 + _SHORTEST_PADDING:
            return padded[end + 1 :]
    raise FunctionError("failed to decrypt: it was not encrypted for this key")


FUNCTIONS = (
    Function(
        "rsadecrypt",
        parameters(ciphertext=STRING, privatekey=STRING),
        STRING,
        rsadecrypt,
        "A text that was encrypted with RSA and encoded in base64, made readable with the private key.",
    ),
)
