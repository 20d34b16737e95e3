"""`tls_self_signed_cert`, `tls_cert_request`, `tls_locally_signed_cert`: certificates as openssl takes them."""

import hashlib
import re
import subprocess
from datetime import datetime, timedelta

import pytest
from command_line import CommandLine

CHAIN = """
    resource "tls_private_key" "ca" {
      algorithm   = "ECDSA"
      ecdsa_curve = "P384"
    }
    resource "tls_private_key" "web" { algorithm = "ED25519" }
    resource "tls_self_signed_cert" "ca" {
      private_key_pem       = tls_private_key.ca.private_key_pem
      is_ca_certificate     = true
      max_path_length       = 0
      validity_period_hours = 87600
      allowed_uses          = ["cert_signing", "crl_signing"]
      subject {
        common_name         = "Lab CA"
        organization        = "Lab"
        organizational_unit = "Net"
        country             = "DE"
        locality            = "B"
        province            = "BE"
        street_address      = ["Way 1", "Yard 2"]
        postal_code         = "10115"
        serial_number       = "7"
        email_address       = "ca@lab.example"
      }
    }
    resource "tls_cert_request" "web" {
      private_key_pem = tls_private_key.web.private_key_pem
      dns_names       = ["web.lab", "*.lab"]
      ip_addresses    = ["10.0.0.5", "fd00::5"]
      uris            = ["spiffe://lab/web"]
      subject { common_name = "web.lab" }
    }
    resource "tls_locally_signed_cert" "web" {
      cert_request_pem      = tls_cert_request.web.cert_request_pem
      ca_private_key_pem    = tls_private_key.ca.private_key_pem
      ca_cert_pem           = tls_self_signed_cert.ca.cert_pem
      validity_period_hours = 48
      early_renewal_hours   = 1
      allowed_uses          = ["digital_signature", "key_encipherment", "server_auth", "client_auth"]
    }
"""


def openssl(*words: str, given: str) -> str:
    return subprocess.run(["openssl", *words], input=given, capture_output=True, text=True, check=True).stdout


def in_words(pem: str) -> str:
    return " ".join(openssl("x509", "-noout", "-text", "-nameopt", "RFC2253", given=pem).split())


@pytest.fixture
def chain(here: CommandLine) -> CommandLine:
    return here.applied(CHAIN)


def test_an_authority_signs_a_certificate_that_openssl_believes(chain: CommandLine) -> None:
    ca, web = (
        chain.attributes(f"{name}")["cert_pem"] for name in ("tls_self_signed_cert.ca", "tls_locally_signed_cert.web")
    )
    (chain.directory / "ca.pem").write_text(ca)
    (chain.directory / "web.pem").write_text(web)
    words = ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", "web.lab", "-CAfile"]
    done = subprocess.run(
        [*words, "ca.pem", "web.pem"], cwd=chain.directory, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "web.pem: OK\n"), done.stderr
    key = chain.attributes("tls_private_key.web")["public_key_pem"]
    assert openssl("x509", "-noout", "-pubkey", given=web) == key


def test_what_is_in_the_authority_s_certificate(chain: CommandLine) -> None:
    found = chain.attributes("tls_self_signed_cert.ca")
    text = in_words(found["cert_pem"])
    name = (
        "emailAddress=ca@lab.example,serialNumber=7,CN=Lab CA,OU=Net,O=Lab,postalCode=10115,street=Yard 2+street=Way 1,"
        "L=B,ST=BE,C=DE"
    )
    assert f"Issuer: {name}" in text
    assert f"Subject: {name}" in text
    assert "Signature Algorithm: ecdsa-with-SHA384" in text
    assert "X509v3 Basic Constraints: critical CA:TRUE, pathlen:0" in text
    assert "X509v3 Key Usage: critical Certificate Sign, CRL Sign" in text
    assert "X509v3 Subject Key Identifier:" in text
    assert "X509v3 Authority Key Identifier:" not in text
    assert (found["key_algorithm"], found["ready_for_renewal"]) == ("ECDSA", False)


def test_what_is_in_a_certificate_that_it_signed(chain: CommandLine) -> None:
    found = chain.attributes("tls_locally_signed_cert.web")
    text = in_words(found["cert_pem"])
    names = "DNS:web.lab, DNS:*.lab, IP Address:10.0.0.5, IP Address:FD00:0:0:0:0:0:0:5, URI:spiffe://lab/web"
    assert f"X509v3 Subject Alternative Name: {names}" in text
    assert "X509v3 Key Usage: critical Digital Signature, Key Encipherment" in text
    assert "X509v3 Extended Key Usage: TLS Web Server Authentication, TLS Web Client Authentication" in text
    assert "X509v3 Basic Constraints: critical CA:FALSE" in text
    assert "X509v3 Authority Key Identifier:" in text
    assert "Subject: CN=web.lab" in text
    serial = openssl("x509", "-noout", "-serial", given=found["cert_pem"]).strip().removeprefix("serial=")
    assert found["id"] == str(int(serial, 16))
    assert found["ca_key_algorithm"] == "ECDSA"
    begin, end = (datetime.fromisoformat(found[f"validity_{each}_time"]) for each in ("start", "end"))
    assert end - begin == timedelta(hours=48)
    dates = openssl("x509", "-noout", "-dates", "-dateopt", "iso_8601", given=found["cert_pem"])
    assert dates.replace(" ", "T").split()[-1].removeprefix("notAfter=") == found["validity_end_time"]


def test_what_is_in_a_request(chain: CommandLine) -> None:
    found = chain.attributes("tls_cert_request.web")
    text = " ".join(openssl("req", "-noout", "-verify", "-text", given=found["cert_request_pem"]).split())
    assert "DNS:web.lab, DNS:*.lab, IP Address:10.0.0.5" in text
    assert "CN = web.lab" in text or "CN=web.lab" in text
    command = ["openssl", "req", "-outform", "DER"]
    der = subprocess.run(command, input=found["cert_request_pem"].encode(), capture_output=True, check=True).stdout
    assert found["id"] == hashlib.sha1(der.strip()).hexdigest()
    assert found["key_algorithm"] == "ED25519"


def self_signed(more: str, uses: str = "[]", subject: str = 'subject { common_name = "x" }') -> str:
    return f"""
        resource "tls_private_key" "k" {{ algorithm = "ED25519" }}
        resource "tls_self_signed_cert" "c" {{
          private_key_pem = tls_private_key.k.private_key_pem
          allowed_uses    = {uses}
          {more}
          {subject}
        }}
    """


EVERY_USE = {
    "digital_signature": "Digital Signature",
    "content_commitment": "Non Repudiation",
    "key_encipherment": "Key Encipherment",
    "data_encipherment": "Data Encipherment",
    "key_agreement": "Key Agreement",
    "cert_signing": "Certificate Sign",
    "crl_signing": "CRL Sign",
    "encipher_only": "Encipher Only",
    "decipher_only": "Decipher Only",
    "any_extended": "Any Extended Key Usage",
    "server_auth": "TLS Web Server Authentication",
    "client_auth": "TLS Web Client Authentication",
    "code_signing": "Code Signing",
    "email_protection": "E-mail Protection",
    "ipsec_end_system": "IPSec End System",
    "ipsec_tunnel": "IPSec Tunnel",
    "ipsec_user": "IPSec User",
    "timestamping": "Time Stamping",
    "ocsp_signing": "OCSP Signing",
    "microsoft_server_gated_crypto": "Microsoft Server Gated Crypto",
    "netscape_server_gated_crypto": "Netscape Server Gated Crypto",
    "microsoft_commercial_code_signing": "Microsoft Commercial Code Signing",
    "microsoft_kernel_code_signing": "1.3.6.1.4.1.311.61.1.1",
}


def test_every_use_is_written_as_it_is_called(here: CommandLine) -> None:
    uses = ", ".join(f'"{use}"' for use in EVERY_USE)
    here.applied(self_signed("validity_period_hours = 1", f"[{uses}]"))
    text = in_words(here.attributes("tls_self_signed_cert.c")["cert_pem"])
    for words in EVERY_USE.values():
        assert words in text


def test_a_certificate_without_a_name_has_critical_other_names(here: CommandLine) -> None:
    here.applied(self_signed('validity_period_hours = 1\ndns_names = ["only.this"]', subject=""))
    text = in_words(here.attributes("tls_self_signed_cert.c")["cert_pem"])
    assert "X509v3 Subject Alternative Name: critical DNS:only.this" in text


def test_key_identifiers_are_there_when_wanted(here: CommandLine) -> None:
    here.applied(self_signed("validity_period_hours = 1\nset_subject_key_id = true\nset_authority_key_id = true"))
    text = in_words(here.attributes("tls_self_signed_cert.c")["cert_pem"])
    public = openssl("pkey", "-pubin", "-text", "-noout", given=here.attributes("tls_private_key.k")["public_key_pem"])
    raw = bytes.fromhex("".join(public.split("pub:")[1].split()).replace(":", ""))
    expected = hashlib.sha1(b"\x04\x20" + raw).hexdigest().upper()
    own = text.split("X509v3 Subject Key Identifier: ")[1].split()[0]
    authority = text.split("X509v3 Authority Key Identifier: ")[1].split()[0].removeprefix("keyid:")
    assert own.replace(":", "") == authority.replace(":", "") == expected


def test_any_argument_replaces_it_and_early_renewal_does_not(here: CommandLine) -> None:
    here.applied(self_signed("validity_period_hours = 24"))
    before = here.attributes("tls_self_signed_cert.c")["id"]
    here.applied(self_signed("validity_period_hours = 24\nearly_renewal_hours = 2"))
    assert here.attributes("tls_self_signed_cert.c")["id"] == before
    here.write(self_signed("validity_period_hours = 25\nearly_renewal_hours = 2"))
    change = here.plan()["tls_self_signed_cert.c"]["change"]
    assert (change["actions"], change["disruption"]) == (["delete", "create"], "none")
    here.write(
        self_signed("validity_period_hours = 24\nearly_renewal_hours = 2", subject='subject { common_name = "y" }')
    )
    assert here.actions()["tls_self_signed_cert.c"] == ["delete", "create"]


@pytest.mark.parametrize(
    ("hours", "early", "is_replaced"), [(24, 0, False), (24, 23, False), (24, 24, True), (24, 30, True), (0, 0, True)]
)
def test_a_certificate_whose_time_has_come_is_replaced(
    here: CommandLine, hours: int, early: int, is_replaced: bool
) -> None:
    here.write(self_signed(f"validity_period_hours = {hours}\nearly_renewal_hours = {early}"))
    here.run("apply", "-auto-approve")
    before = here.attributes("tls_self_signed_cert.c")
    assert before["ready_for_renewal"] is is_replaced
    change = here.plan()["tls_self_signed_cert.c"]
    assert change["change"]["actions"] == (["delete", "create"] if is_replaced else ["no-op"])
    here.run("apply", "-auto-approve")
    assert (here.attributes("tls_self_signed_cert.c")["id"] != before["id"]) is is_replaced


def test_a_longer_time_for_renewal_may_have_come_at_once(here: CommandLine) -> None:
    here.applied(self_signed("validity_period_hours = 24"))
    here.write(self_signed("validity_period_hours = 24\nearly_renewal_hours = 24"))
    assert here.actions()["tls_self_signed_cert.c"] == ["delete", "create"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("validity_period_hours = -1", "Attribute validity_period_hours value must be at least 0, got: -1"),
        ('validity_period_hours = 1\nip_addresses = ["1.2.3"]', '"1.2.3" is no IP address'),
        ("validity_period_hours = 1\nmax_path_length = -2", "value must be at least -1"),
        ('validity_period_hours = 1\nsubject { common_name = "y" }', 'No more than 1 "subject" block'),
    ],
)
def test_mistakes_are_told_by_validate(here: CommandLine, arguments: str, said: str) -> None:
    here.write(self_signed(arguments))
    assert said in " ".join(here.run("validate", "-no-color", code=1).replace("│", "").split())


def test_an_unknown_use_is_told_with_its_place(here: CommandLine) -> None:
    here.write(self_signed("validity_period_hours = 1", '["cert_signing", "sign_cert"]'))
    output = " ".join(here.run("validate", "-no-color", code=1).replace("│", "").split())
    assert 'Attribute allowed_uses[1] value must be one of: "any_extended"' in output
    assert "main.tf line 5" in output


@pytest.mark.parametrize(
    ("arguments", "subject", "said"),
    [
        ("is_ca_certificate = true", "", "Must contain at least one Distinguished Name"),
        ("set_authority_key_id = true", 'subject { common_name = "x" }', "write set_subject_key_id = true as well"),
        ("", 'subject { country = "Germany" }', '"country" can\'t be "Germany"'),
        ('dns_names = ["ü.example"]', "", '"dns_names" can\'t have "ü.example"'),
    ],
)
def test_what_cannot_be_in_a_certificate_is_told(here: CommandLine, arguments: str, subject: str, said: str) -> None:
    here.write(self_signed(f"validity_period_hours = 1\n{arguments}", subject=subject))
    assert said in " ".join(here.run("apply", "-auto-approve", code=1).replace("│", "").split())


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            "ca_private_key_pem    = tls_private_key.ca",
            "ca_private_key_pem = tls_private_key.web",
            "is for another key",
        ),
        ("= tls_cert_request.web.cert_request_pem", '= "no"', '"cert_request_pem" must be a request for a certificate'),
        ("= tls_self_signed_cert.ca.cert_pem", '= "no"', '"ca_cert_pem" must be a certificate in PEM form'),
        (
            "ca_private_key_pem    = tls_private_key.ca.private_key_pem",
            'ca_private_key_pem = "no"',
            "must be a private key",
        ),
    ],
)
def test_an_authority_that_does_not_fit_is_told(here: CommandLine, before: str, after: str, said: str) -> None:
    here.write(CHAIN.replace(before, after))
    assert said in " ".join(here.run("apply", "-auto-approve", code=1).replace("│", "").split())


@pytest.mark.parametrize("written", ["tls_private_key.ca.algorithm", '"RSA"'])
def test_the_algorithm_may_be_written_as_old_labs_do_and_has_no_effect(here: CommandLine, written: str) -> None:
    text, count = re.subn(r"(\w*)private_key_pem( +=)", rf"\1key_algorithm = {written}\n\1private_key_pem\2", CHAIN)
    assert count == 3
    here.applied(text)
    before = here.attributes("tls_self_signed_cert.ca")
    assert "ecdsa-with-SHA384" in in_words(before["cert_pem"])
    here.applied(CHAIN)
    assert here.attributes("tls_self_signed_cert.ca")["id"] == before["id"]


def test_a_checksum_that_an_old_provider_recorded_becomes_the_key(chain: CommandLine) -> None:
    path = chain.directory / "terraform.tfstate"
    key = chain.attributes("tls_private_key.ca")["private_key_pem"].replace("\n", "\\n")
    head, tail = path.read_text().split('"type": "tls_self_signed_cert"')
    assert tail.count(key) == 1
    path.write_text(f'{head}"type": "tls_self_signed_cert"{tail.replace(key, hashlib.sha1(b"x").hexdigest())}')
    assert chain.actions()["tls_self_signed_cert.ca"] == ["update"]
    before = chain.attributes("tls_self_signed_cert.ca")["id"]
    chain.applied(CHAIN)
    assert chain.attributes("tls_self_signed_cert.ca")["id"] == before
