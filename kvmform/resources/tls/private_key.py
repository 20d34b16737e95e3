"""`tls_private_key`: a key, made once and kept in the state.

Source: https://registry.terraform.io/providers/hashicorp/tls, version 4.
"""

from __future__ import annotations

from kvmform.resources.recorded import chosen, made, recorded_type
from kvmform.resources.tls.schema import PUBLIC_KEY_ROWS
from kvmform.schema import Object, Operation, Schema
from kvmform.schema.rules import one_of, whole
from kvmform.struct import replace
from kvmform.values.types import NUMBER, STRING

__all__ = ["RESOURCE"]

_SCHEMA = Schema(
    doc="A private key, and the public key to it. It is in the state as it is: guard that.",
    version=1,
    rules=(
        whole("rsa_bits"),
        one_of("algorithm", ("RSA", "ECDSA", "ED25519")),
        one_of("ecdsa_curve", ("P224", "P256", "P384", "P521")),
    ),
    rows={
        "algorithm": chosen(STRING, "`RSA`, `ECDSA` or `ED25519`.", required=True),
        "rsa_bits": chosen(NUMBER, "Size of an RSA key.", default=2048),
        "ecdsa_curve": chosen(STRING, "Curve of an ECDSA key: `P224`, `P256`, `P384` or `P521`.", default="P224"),
        "private_key_pem": made(STRING, "Private key in PEM form.", sensitive=True),
        "private_key_pem_pkcs8": made(STRING, "Private key in PEM form, as PKCS#8.", sensitive=True),
        "private_key_openssh": made(STRING, "Private key in OpenSSH's form; empty for P224.", sensitive=True),
        **PUBLIC_KEY_ROWS,
    },
)


def _create(_operation: Operation[None], planned: Object) -> Object:
    from kvmform.resources.tls.keys import generate_key, private_texts, public_texts

    key = generate_key(planned["algorithm"], planned["rsa_bits"], planned["ecdsa_curve"])
    return {**planned, **private_texts(key), **public_texts(key.public_key())}


def _upgrade(attributes: Object, _version: int) -> Object:
    """Add the forms of the key that version 0 didn't record."""
    from kvmform.resources.tls.keys import private_texts, public_texts, read_private_key

    key = read_private_key(attributes["private_key_pem"], "private_key_pem")
    missing = {**private_texts(key), **public_texts(key.public_key())}
    return {**missing, **{name: value for name, value in attributes.items() if value}}


RESOURCE = replace(recorded_type("tls_private_key", _SCHEMA, _create), upgrade=_upgrade)
