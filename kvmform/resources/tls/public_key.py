"""The data source `tls_public_key`: the public key to a private one.

Source: https://registry.terraform.io/providers/hashicorp/tls, version 4.
"""

from __future__ import annotations

from kvmform.resources.recorded import made
from kvmform.resources.tls.schema import PUBLIC_KEY_ROWS
from kvmform.schema import DataSource, Object, Reading, Row, Schema
from kvmform.schema.rules import exactly_one_of
from kvmform.values.types import STRING

__all__ = ["DATA_SOURCE"]

_SCHEMA = Schema(
    doc="The public key to a private key.",
    rules=(exactly_one_of("private_key_pem", "private_key_openssh"),),
    rows={
        "private_key_pem": Row(type=STRING, doc="The private key in PEM form.", sensitive=True),
        "private_key_openssh": Row(type=STRING, doc="The private key in OpenSSH's own form.", sensitive=True),
        "algorithm": made(STRING, "`RSA`, `ECDSA` or `ED25519`."),
        **PUBLIC_KEY_ROWS,
    },
)


def _read(_reading: Reading[None], config: Object) -> Object:
    from kvmform.resources.tls.keys import algorithm_of, public_texts, read_openssh_key, read_private_key

    if config["private_key_pem"] is not None:
        key = read_private_key(config["private_key_pem"], "private_key_pem")
    else:
        key = read_openssh_key(config["private_key_openssh"], "private_key_openssh")
    return {**config, **public_texts(key.public_key()), "algorithm": algorithm_of(key)}


DATA_SOURCE: DataSource[None] = DataSource(name="tls_public_key", schema=_SCHEMA, read=_read, needs_host=False)
