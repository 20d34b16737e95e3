"""Rows and rules that the types of keys and certificates share.

Source: https://registry.terraform.io/providers/hashicorp/tls, version 4.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from kvmform.diagnostics import error
from kvmform.resources.recorded import chosen, made, remake
from kvmform.resources.tls.uses import USES
from kvmform.schema import Block, Disruption, EditContext, Effect, Object, Problem, Row, Rule
from kvmform.schema.rules import at_least, whole
from kvmform.values.types import BOOL, NUMBER, STRING, ListType, Type

__all__ = [
    "CERTIFICATE_ROWS",
    "CERTIFICATE_RULES",
    "NAME_ROWS",
    "PUBLIC_KEY_ROWS",
    "SUBJECT",
    "check_addresses",
    "pem",
    "remake_for_pem",
    "told_algorithm",
]

_PEM = re.compile(r"-----BEGIN [A-Za-z ]+-----\n.+\n-----END [A-Za-z ]+-----\n?", re.DOTALL)


def remake_for_pem(context: EditContext) -> Effect:
    """The policy of keys and certificates that are given: as `remake`.

    Old versions of the provider recorded a checksum in place of the text: that becomes the text, and
    no more.
    """
    before = context.edit.before
    return Effect(Disruption.NONE, remade=isinstance(before, str) and _PEM.fullmatch(before) is not None)


def pem(doc: str, *, sensitive: bool) -> Row:
    """A row that takes a key or a certificate."""
    return Row(type=STRING, doc=doc, required=True, sensitive=sensitive, change=remake_for_pem)


def told_algorithm(doc: str) -> Row:
    """A row that tells the algorithm of a key.

    Version 2 of the provider had it written, version 3 took it, and version 4 refuses it: labs
    of all of them work, and what is written has no effect.
    """
    return Row(type=STRING, doc=f"{doc} Old labs write it; that has no effect.", computed=True, change=Disruption.NONE)


def _part(what: str, kind: Type = STRING) -> Row:
    return chosen(kind, f"Distinguished name: {what}.")


SUBJECT = Block(
    doc="Whom the certificate is for.",
    max_items=1,
    change=remake,
    rows={
        "common_name": _part("`CN`"),
        "organization": _part("`O`"),
        "organizational_unit": _part("`OU`"),
        "street_address": _part("`STREET`", ListType(STRING)),
        "locality": _part("`L`"),
        "province": _part("`ST`"),
        "country": _part("`C`, two letters"),
        "postal_code": _part("`PC`"),
        "serial_number": _part("`SERIALNUMBER`"),
        "email_address": _part("the address for mail"),
    },
)

NAME_ROWS = {
    "dns_names": chosen(ListType(STRING), "DNS names that it is for."),
    "ip_addresses": chosen(ListType(STRING), "IP addresses that it is for."),
    "uris": chosen(ListType(STRING), "URIs that it is for."),
}


def check_addresses(written: Object) -> Iterator[Problem]:
    """Each of `ip_addresses` is one."""
    addresses = written["ip_addresses"]
    for at, each in enumerate(addresses if isinstance(addresses, list) else []):
        if isinstance(each, str):
            try:
                ipaddress.ip_address(each)
            except ValueError:
                yield Problem(("ip_addresses", at), error("Invalid IP address", f'"{each}" is no IP address.'))


PUBLIC_KEY_ROWS = {
    "id": made(STRING, "SHA-1 checksum of the public key."),
    "public_key_pem": made(STRING, "Public key in PEM form."),
    "public_key_openssh": made(STRING, "Public key as `authorized_keys` takes it; empty for P224."),
    "public_key_fingerprint_md5": made(STRING, "MD5 fingerprint as OpenSSH shows it; empty for P224."),
    "public_key_fingerprint_sha256": made(STRING, "SHA-256 fingerprint as OpenSSH shows it; empty for P224."),
}

CERTIFICATE_ROWS = {
    "id": made(STRING, "Serial number."),
    "validity_period_hours": chosen(NUMBER, "How long it is valid.", required=True),
    "early_renewal_hours": Row(
        type=NUMBER,
        doc="How long before its end another certificate takes its place, when something is applied then.",
        default=0,
        change=Disruption.NONE,
    ),
    "allowed_uses": chosen(
        ListType(STRING), f"What its key may be used for: {', '.join(f'`{use}`' for use in USES)}.", required=True
    ),
    "is_ca_certificate": chosen(BOOL, "Whether it is an authority's, to sign others with.", default=False),
    "max_path_length": chosen(
        NUMBER,
        "How many authorities may stand between it and a certificate below it; -1 for any number. "
        "Without meaning where it is no authority's.",
    ),
    "set_subject_key_id": chosen(
        BOOL, "Whether it has a subject key identifier; an authority's always has.", default=False
    ),
    "cert_pem": made(STRING, "The certificate in PEM form."),
    "ready_for_renewal": Row(
        type=BOOL,
        doc="Whether it is over, or so nearly that another one takes its place.",
        computed=True,
        read_only=True,
        volatile=True,
        change=remake,
    ),
    "validity_start_time": made(STRING, "When it begins to be valid, RFC 3339."),
    "validity_end_time": made(STRING, "When it ceases to be valid, RFC 3339."),
}


def _check_uses(written: Object) -> Iterator[Problem]:
    uses = written["allowed_uses"]
    for at, use in enumerate(uses if isinstance(uses, list) else []):
        if isinstance(use, str) and use not in USES:
            known = ", ".join(f'"{each}"' for each in USES)
            detail = f'Attribute allowed_uses[{at}] value must be one of: {known}; got: "{use}".'
            yield Problem(("allowed_uses", at), error("Invalid Attribute Value Match", detail))


CERTIFICATE_RULES: tuple[Rule, ...] = (
    at_least("validity_period_hours", 0),
    at_least("early_renewal_hours", 0),
    at_least("max_path_length", -1),
    whole("validity_period_hours", "early_renewal_hours", "max_path_length"),
    _check_uses,
)
