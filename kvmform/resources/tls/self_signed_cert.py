"""`tls_self_signed_cert`: a certificate that nobody else vouches for, such as an authority's own.

Source: https://registry.terraform.io/providers/hashicorp/tls, version 4.
"""

from __future__ import annotations

from kvmform.resources.recorded import chosen, recorded_type
from kvmform.resources.tls.renewal import propose, read
from kvmform.resources.tls.schema import (
    CERTIFICATE_ROWS,
    CERTIFICATE_RULES,
    NAME_ROWS,
    SUBJECT,
    check_addresses,
    pem,
    told_algorithm,
)
from kvmform.schema import Object, Operation, Schema
from kvmform.struct import replace
from kvmform.values.types import BOOL

__all__ = ["RESOURCE"]

_SCHEMA = Schema(
    doc="A certificate that is signed with its own key.",
    rules=(*CERTIFICATE_RULES, check_addresses),
    rows={
        "private_key_pem": pem("Private key in PEM form that it is for, and is signed with.", sensitive=True),
        "key_algorithm": told_algorithm("Algorithm of the key."),
        **CERTIFICATE_ROWS,
        "set_authority_key_id": chosen(
            BOOL, "Whether it has an authority key identifier, which is its subject key identifier.", default=False
        ),
        **NAME_ROWS,
        "subject": SUBJECT,
    },
)


def _create(_operation: Operation[None], planned: Object) -> Object:
    from kvmform.resources.tls.issuing import Issuer, Subject, issue
    from kvmform.resources.tls.keys import read_private_key, recorded_algorithm
    from kvmform.resources.tls.names import alternative_names, distinguished_name

    key = read_private_key(planned["private_key_pem"], "private_key_pem")
    subject = Subject(distinguished_name(planned["subject"]), alternative_names(planned), key.public_key())
    return {
        **planned,
        **issue(planned, subject, Issuer(key)),
        "key_algorithm": recorded_algorithm(planned["key_algorithm"], key),
    }


RESOURCE = replace(recorded_type("tls_self_signed_cert", _SCHEMA, _create), read=read, propose=propose)
