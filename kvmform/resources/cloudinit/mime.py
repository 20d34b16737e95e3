"""The MIME message in which cloud-init takes several parts.

Source: https://registry.terraform.io/providers/hashicorp/cloudinit, version 2.3, whose messages
these are byte for byte, and https://cloudinit.readthedocs.io/en/latest/explanation/format.html.
The standard library's messages differ in their headers' order and in line ends, so that a
guest that Terraform made would be given other user data.
"""

from __future__ import annotations

import base64
import gzip
import io
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping

from kvmform.diagnostics import DiagnosticError
from kvmform.schema import Object
from kvmform.struct import Struct

__all__ = ["DEFAULT_BOUNDARY", "DEFAULT_CONTENT_TYPE", "Encoding", "checksum", "is_boundary", "render_parts"]

DEFAULT_BOUNDARY = "MIMEBOUNDARY"
DEFAULT_CONTENT_TYPE = "text/plain"

_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")
"""RFC 2046, 5.1.1."""


class Encoding(Struct):
    """How a message is wrapped up: compressed or not, in base64 or not."""

    gzip: bool = True
    base64: bool = True


def render_parts(parts: Iterable[Object], boundary: str, encoding: Encoding) -> str:
    """The message with these parts: `content`, and where wanted `content_type`, `filename` and `merge_type`.

    Raises:
        DiagnosticError: the boundary is none, or what comes out is no text.
    """
    if not is_boundary(boundary):
        raise DiagnosticError.of("Invalid boundary", f'"{boundary}" can\'t separate the parts of a message.')
    if encoding.gzip and not encoding.base64:
        raise DiagnosticError.of("Invalid encoding", "Compressed user data is no text unless base64_encode is true.")
    message = "".join(_message(parts, boundary)).encode()
    if encoding.gzip:
        message = _compressed(message)
    return base64.b64encode(message).decode() if encoding.base64 else message.decode()


def is_boundary(text: str) -> bool:
    """Whether a text may separate the parts of a message."""
    return _BOUNDARY.fullmatch(text) is not None


def checksum(rendered: str) -> str:
    """The id of a message: its CRC-32 as a number."""
    return str(zlib.crc32(rendered.encode()))


def _message(parts: Iterable[Object], boundary: str) -> Iterator[str]:
    """The first line ends like a line of Unix, all others like those of mail."""
    yield f'Content-Type: multipart/mixed; boundary="{boundary}"\nMIME-Version: 1.0\r\n\r\n'
    separator = f"--{boundary}\r\n"
    for part in parts:
        yield separator
        yield from (f"{name}: {value}\r\n" for name, value in sorted(_headers(part).items()))
        yield f"\r\n{part['content']}"
        separator = f"\r\n--{boundary}\r\n"
    yield f"\r\n--{boundary}--\r\n"


def _headers(part: Object) -> Mapping[str, str]:
    headers = {
        "Content-Transfer-Encoding": "7bit",
        "Content-Type": part.get("content_type") or DEFAULT_CONTENT_TYPE,
        "Mime-Version": "1.0",
    }
    if part.get("filename"):
        headers["Content-Disposition"] = f'attachment; filename="{part["filename"]}"'
    if part.get("merge_type"):
        headers["X-Merge-Type"] = part["merge_type"]
    return headers


def _compressed(message: bytes) -> bytes:
    """Without a time in it, so that the same parts always make the same bytes."""
    target = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=target, mtime=0) as file:
        file.write(message)
    return target.getvalue()
