"""The image that a volume is filled from: where it is, which format it has, how large it is."""

from __future__ import annotations

import struct
from pathlib import Path
from urllib.parse import unquote, urlsplit

from kvmform.diagnostics import DiagnosticError
from kvmform.struct import Struct

__all__ = ["Image", "describe_image", "is_remote", "local_path"]

_REMOTE = ("http", "https")
_HEADER = struct.Struct(">4sIQIIQ")
"""Magic, version, two of the backing file, bits of a cluster, virtual size in bytes
(https://www.qemu.org/docs/master/interop/qcow2.html)."""


class Image(Struct):
    """An image file on this machine.

    `format`: `qcow2` or `raw` (an ISO image is raw). `capacity`: the size in bytes that a
    guest sees. `length`: the size of the file in bytes.
    """

    path: Path
    format: str
    capacity: int
    length: int


def is_remote(source: str) -> bool:
    """Whether the image is fetched over the network."""
    return urlsplit(source).scheme in _REMOTE


def local_path(source: str, base_directory: Path) -> Path:
    """Absolute path of an image on this machine: a path, or a `file://` URL; relative to `base_directory`.

    Raises:
        DiagnosticError: it is a URL of another kind.
    """
    scheme, separator, rest = source.partition("://")
    if not separator:
        return (base_directory / source).absolute()
    if scheme != "file":
        raise DiagnosticError.of(
            "Unsupported image source",
            f'"{source}" is neither a path nor a URL that begins with file://, http:// or https://. '
            "Fetch the image by other means and give its path.",
        )
    return (base_directory / unquote(rest)).absolute()


def describe_image(path: Path) -> Image:
    """Look at an image's first bytes, as the only sure sign of its format.

    Raises:
        DiagnosticError: there is no such file, or it can't be read.
    """
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER.size)
            length = file.seek(0, 2)
    except FileNotFoundError:
        raise DiagnosticError.of(
            "Image not found",
            f"There is no file {path}. A relative path starts at the directory of the configuration.",
        ) from None
    except OSError as problem:
        raise DiagnosticError.of("Image can't be read", f"{path}: {problem.strerror}.") from None
    if len(header) == _HEADER.size:
        magic, version, _, _, _, capacity = _HEADER.unpack(header)
        if magic == b"QFI\xfb" and version in (2, 3):
            return Image(path, "qcow2", capacity, length)
    return Image(path, "raw", length, length)
