"""`tls_cert_request`: asks an authority for a certificate.

Source: https://registry.terraform.io/providers/hashicorp/tls, version 4.
"""

from __future__ import annotations

from kvmform.resources.recorded import made, recorded_type
from kvmform.resources.tls.schema import NAME_ROWS, SUBJECT, check_addresses, pem, told_algorithm
from kvmform.schema import Object, Operation, Schema
from kvmform.values.types import STRING

__all__ = ["RESOURCE"]

_SCHEMA = Schema(
    doc="A request for a certificate, for an authority to sign.",
    rules=(check_addresses,),
    rows={
        "id": made(STRING, "SHA-1 checksum of the request."),
        "private_key_pem": pem("Private key in PEM form that the certificate is to be for.", sensitive=True),
        "key_algorithm": told_algorithm("Algorithm of the key."),
        "cert_request_pem": made(STRING, "The request in PEM form."),
        **NAME_ROWS,
        "subject": SUBJECT,
    },
)


def _create(_operation: Operation[None], planned: Object) -> Object:
    from kvmform.resources.tls.issuing import Subject, request_texts
    from kvmform.resources.tls.keys import read_private_key, recorded_algorithm
    from kvmform.resources.tls.names import alternative_names, distinguished_name

    key = read_private_key(planned["private_key_pem"], "private_key_pem")
    subject = Subject(distinguished_name(planned["subject"]), alternative_names(planned), key.public_key())
    return {
        **planned,
        **request_texts(subject, key),
        "key_algorithm": recorded_algorithm(planned["key_algorithm"], key),
    }


RESOURCE = recorded_type("tls_cert_request", _SCHEMA, _create)
