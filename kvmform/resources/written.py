"""What resource types share that write a file on this machine: what it costs, and its checksums."""

from __future__ import annotations

import base64
import hashlib

from kvmform.resources.recorded import made
from kvmform.schema import Disruption, EditContext, Effect, Row
from kvmform.values.types import STRING

__all__ = ["checksum_rows", "checksums", "rewrite"]

_NAMES = {
    "md5": "MD5 checksum, in hexadecimal digits.",
    "sha1": "SHA-1 checksum, in hexadecimal digits.",
    "sha256": "SHA-256 checksum, in hexadecimal digits.",
    "base64sha256": "SHA-256 checksum, in base64.",
    "sha512": "SHA-512 checksum, in hexadecimal digits.",
    "base64sha512": "SHA-512 checksum, in base64.",
}


def rewrite(_context: EditContext) -> Effect:
    """The policy of what decides the content: the file is deleted, and written anew. No guest notices."""
    return Effect(Disruption.LIVE, "the file is written anew", remade=True)


def checksum_rows(prefix: str, **other_names: str) -> dict[str, Row]:
    """The rows of :func:`checksums`."""
    return {f"{prefix}_{other_names.get(name, name)}": made(STRING, doc) for name, doc in _NAMES.items()}


def checksums(content: bytes, prefix: str, **other_names: str) -> dict[str, str]:
    """The checksums by attribute: `content_md5` and so on with the prefix `content`.

    `other_names` gives some of them another name behind the prefix: ``sha1="sha"``.
    """
    # They tell one content from another, and protect nothing.
    md5, sha1 = (hashlib.new(name, content, usedforsecurity=False).hexdigest() for name in ("md5", "sha1"))
    sha256, sha512 = hashlib.sha256(content), hashlib.sha512(content)
    found = {
        "md5": md5,
        "sha1": sha1,
        "sha256": sha256.hexdigest(),
        "base64sha256": base64.b64encode(sha256.digest()).decode(),
        "sha512": sha512.hexdigest(),
        "base64sha512": base64.b64encode(sha512.digest()).decode(),
    }
    return {f"{prefix}_{other_names.get(name, name)}": value for name, value in found.items()}
