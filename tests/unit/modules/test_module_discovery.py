"""A registry is found through its host's discovery document, over TLS and with no setting on this side."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from lab import environment_for
from module_sources import ModuleServer, archive, module_server, needs_terraform, run_terraform, write_files


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody signed but itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "registry")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = tmp_path / "certificate.pem"
    path.write_bytes(made.public_bytes(pem) + key.private_bytes(pem, *plain))
    return path


@pytest.fixture
def server(certificate: Path) -> Iterator[ModuleServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with module_server(context) as running:
        yield running


@pytest.fixture
def lab(tmp_path: Path, server: ModuleServer) -> Path:
    host = server.url.removeprefix("https://")
    call = f'module "m" {{\n  source  = "{host}/a/b/c"\n  version = "~> 1.0"\n}}\n'
    server.versions["a/b/c"] = {"1.0.0": server.put("/m.zip", archive("zip", {"main.tf": ""}))}
    return write_files(tmp_path / "lab", {"main.tf": call})


def get(lab: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "kvmform", "get"]
    around = {**environment_for("test:///default"), "HOME": str(lab), **environment}
    return subprocess.run(words, cwd=lab, env=around, capture_output=True, text=True, timeout=60, check=False)


def test_discovery(lab: Path, server: ModuleServer, certificate: Path) -> None:
    server.put("/.well-known/terraform.json", json.dumps({"modules.v1": "/registry/"}).encode())
    said = get(lab, SSL_CERT_FILE=str(certificate))
    assert said.returncode == 0, said.stderr
    assert said.stdout.endswith("- m in .terraform/modules/m\n")
    assert server.asked[0] == "/.well-known/terraform.json"


@needs_terraform
def test_terraform_finds_it_too(lab: Path, server: ModuleServer, certificate: Path) -> None:
    server.put(
        "/.well-known/terraform.json",
        json.dumps({"modules.v1": "/registry/"}).encode(),
        Content_Type="application/json",
    )
    theirs = run_terraform(lab, "get", "-no-color", SSL_CERT_FILE=str(certificate))
    assert theirs.returncode == 0, theirs.stderr
    again = get(lab, SSL_CERT_FILE=str(certificate))
    assert (again.returncode, again.stdout) == (0, "")


def test_a_host_that_is_no_registry(lab: Path, server: ModuleServer, certificate: Path) -> None:
    said = get(lab, SSL_CERT_FILE=str(certificate)).stderr
    assert "Error accessing remote module registry" in said
    assert "/.well-known/terraform.json: the server answered 404" in " ".join(said.split())
    server.put("/.well-known/terraform.json", b'{"providers.v1": "/x/"}')
    assert "names no service modules.v1" in " ".join(
        get(lab, SSL_CERT_FILE=str(certificate)).stderr.replace("│", "").split()
    )


def test_a_certificate_that_nobody_trusts(lab: Path, server: ModuleServer) -> None:
    said = get(lab)
    assert said.returncode == 1
    assert "certificate verify failed" in " ".join(said.stderr.replace("│", "").split())
    assert server.asked == []
