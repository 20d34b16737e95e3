"""`tls_locally_signed_cert`: a certificate that an authority of the lab's own signs.

Source: https://registry.terraform.io/providers/hashicorp/tls, version 4.
"""

from __future__ import annotations

from kvmform.resources.recorded import recorded_type
from kvmform.resources.tls.renewal import propose, read
from kvmform.resources.tls.schema import CERTIFICATE_ROWS, CERTIFICATE_RULES, pem, told_algorithm
from kvmform.schema import Object, Operation, Schema
from kvmform.struct import replace

__all__ = ["RESOURCE"]

_SCHEMA = Schema(
    doc="A certificate for a request, signed by an authority whose key is at hand.",
    rules=CERTIFICATE_RULES,
    rows={
        "cert_request_pem": pem("The request in PEM form.", sensitive=False),
        "ca_private_key_pem": pem("The authority's private key in PEM form.", sensitive=True),
        "ca_cert_pem": pem("The authority's certificate in PEM form.", sensitive=False),
        "ca_key_algorithm": told_algorithm("Algorithm of the authority's key."),
        **CERTIFICATE_ROWS,
    },
)


def _create(_operation: Operation[None], planned: Object) -> Object:
    from kvmform.resources.tls.issuing import Issuer, issue, read_certificate, requested
    from kvmform.resources.tls.keys import read_private_key, recorded_algorithm

    key = read_private_key(planned["ca_private_key_pem"], "ca_private_key_pem")
    issuer = Issuer(key, read_certificate(planned["ca_cert_pem"], "ca_cert_pem"))
    subject = requested(planned["cert_request_pem"], "cert_request_pem")
    return {
        **planned,
        **issue(planned, subject, issuer),
        "ca_key_algorithm": recorded_algorithm(planned["ca_key_algorithm"], key),
    }


RESOURCE = replace(recorded_type("tls_locally_signed_cert", _SCHEMA, _create), read=read, propose=propose)
