"""Keys: the private key of a connection block, those of ssh-agent, and the one of the host."""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from kvmform.diagnostics import DiagnosticError
from kvmform.provision.login import Login

if TYPE_CHECKING:
    import paramiko
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

__all__ = ["agent_keys", "check_host_key", "host_key_types", "private_key"]


def private_key(login: Login) -> paramiko.PKey | None:
    """The private key that a login has, with its certificate; None where it has none.

    Raises:
        DiagnosticError: it can't be read, or needs a passphrase.
    """
    if not login.private_key:
        return None
    import paramiko

    key = _in_openssh_form(_loaded(login.private_key))
    if login.certificate:
        try:
            key.load_certificate(login.certificate.strip())
        except (paramiko.SSHException, ValueError, OSError, IndexError) as problem:
            detail = "The certificate of the connection is not the text of an OpenSSH certificate."
            raise DiagnosticError.of("Invalid certificate", detail) from problem
    return key


def _loaded(text: str) -> PrivateKeyTypes:
    """The key in a text, in any of the forms that there are: OpenSSH's, PKCS #1, PKCS #8, SEC 1."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_private_key

    load = load_ssh_private_key if "BEGIN OPENSSH PRIVATE KEY" in text else load_pem_private_key
    try:
        return load(text.strip().encode() + b"\n", None)
    except (TypeError, ValueError, UnsupportedAlgorithm) as problem:
        if isinstance(problem, TypeError) or "password" in str(problem).lower():
            detail = (
                "The private key is protected with a passphrase, and kvmform can't ask for one. Load the key into "
                "ssh-agent and leave private_key out, or give a key without a passphrase (ssh-keygen -p -f FILE)."
            )
            raise DiagnosticError.of("Private key needs a passphrase", detail) from problem
        detail = (
            "The private_key of the connection is not the text of a private key that kvmform can use. It takes the "
            'text itself, not the name of a file: private_key = file(pathexpand("~/.ssh/id_ed25519")).'
        )
        raise DiagnosticError.of("Invalid private key", detail) from problem


def _in_openssh_form(key: PrivateKeyTypes) -> paramiko.PKey:
    import paramiko
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    text = ""
    with suppress(ValueError):
        text = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
        ).decode()
    match key:
        case ed25519.Ed25519PrivateKey():
            return paramiko.Ed25519Key.from_private_key(io.StringIO(text))
        case ec.EllipticCurvePrivateKey():
            return paramiko.ECDSAKey.from_private_key(io.StringIO(text))
        case rsa.RSAPrivateKey():
            return paramiko.RSAKey.from_private_key(io.StringIO(text))
    detail = "SSH logs in with keys of the types RSA, ECDSA and Ed25519; the private_key of the connection is another."
    raise DiagnosticError.of("Unsupported type of private key", detail)


@contextmanager
def agent_keys(login: Login) -> Iterator[list[paramiko.AgentKey]]:
    """The keys in ssh-agent, that of `agent_identity` first; none where no agent answers."""
    import paramiko

    if not login.agent:
        yield []
        return
    with closing(paramiko.Agent()) as agent:
        keys = list(agent.get_keys())
        wanted = login.agent_identity
        if wanted:
            blobs = set(_public_blobs(login.base_directory / Path(wanted).expanduser()))
            # A server counts attempts, and an agent may hold more keys than it allows.
            keys.sort(key=lambda key: not (key.asbytes() in blobs or key.comment.endswith(wanted)))
        yield keys


def _public_blobs(path: Path) -> Iterator[bytes]:
    """The public keys in a file and in the `.pub` file beside it."""
    for name in (path, Path(f"{path}.pub")):
        with suppress(OSError, UnicodeDecodeError, IndexError, binascii.Error):
            yield base64.b64decode(name.read_text().split()[1])


def host_key_types(host_key: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the algorithms `known` with which a server can prove to have a host key."""
    kind = host_key.split(maxsplit=1)[0]
    found = tuple(name for name in known if name == kind or (kind == "ssh-rsa" and name.startswith("rsa-")))
    return found or known


def check_host_key(login: Login, found: paramiko.PKey) -> None:
    """Compare the key that a server has with the one that it shall have.

    Raises:
        ValueError: it is another one.
    """
    if login.host_key and login.host_key.split()[:2] != [found.get_name(), found.get_base64()]:
        raise ValueError(f"the host has another key than host_key says: it is {found.get_name()} {found.fingerprint}")
