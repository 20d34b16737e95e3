"""Write a small ISO 9660 image in memory: the seed that cloud-init's NoCloud source looks for.

The image has Joliet and Rock Ridge names. All times in it are the same fixed one, so the
same files always make the same bytes.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Mapping

__all__ = ["read_image", "seed_image"]

_SECTOR = 2048
_FIRST_DESCRIPTOR = 16
_PRIMARY, _SUPPLEMENTARY, _END = 1, 2, 255
_SHORT_TIME = bytes([80, 1, 1, 0, 0, 0, 0])
"""1 January 1980 in the form of directory records and of Rock Ridge (ECMA-119 9.1.5)."""
_LONG_TIME = b"1980010100000000\0"
"""The same in the form of volume descriptors (ECMA-119 8.4.26.1)."""


def seed_image(files: Mapping[str, str]) -> bytes:
    """An image labelled `cidata` with these files (name and text) in its root directory."""
    from pycdlib import PyCdlib

    iso = PyCdlib()
    iso.new(interchange_level=3, vol_ident="cidata", joliet=3, rock_ridge="1.09")
    for name, text in files.items():
        content = text.encode()
        short = "".join(letter for letter in name.upper() if letter.isalnum())[:8]
        iso.add_fp(io.BytesIO(content), len(content), f"/{short}.;1", rr_name=name, joliet_path=f"/{name}")
    target = io.BytesIO()
    iso.write_fp(target)
    iso.close()
    image = bytearray(target.getvalue())
    _fix_times(image)
    return bytes(image)


def read_image(image: bytes) -> dict[str, str]:
    """The texts in the root directory of an image, by name; none if it is no image."""
    from pycdlib import PyCdlib
    from pycdlib.pycdlibexception import PyCdlibException

    iso, files = PyCdlib(), {}
    try:
        iso.open_fp(io.BytesIO(image))
        names = {"joliet_path": "/"} if iso.has_joliet() else {"rr_path": "/"}
        (way,) = names
        for child in iso.list_children(**names):
            if child.is_file():
                name = child.rock_ridge.name().decode() if way == "rr_path" else _joliet_name(child.file_identifier())
                target = io.BytesIO()
                iso.get_file_from_iso_fp(target, **{way: f"/{name}"})
                files[name] = target.getvalue().decode()
    except (PyCdlibException, UnicodeDecodeError, AttributeError):
        return {}
    return files


def _joliet_name(identifier: bytes) -> str:
    return identifier.decode("utf-16-be").partition(";")[0]


def _fix_times(image: bytearray) -> None:
    for descriptor in _descriptors(image):
        image[descriptor + 813 : descriptor + 813 + 4 * 17] = _LONG_TIME * 4
        root = descriptor + 156
        _fix_record_times(image, root)
        (extent,) = struct.unpack_from("<I", image, root + 2)
        (length,) = struct.unpack_from("<I", image, root + 10)
        for record in _records(image, extent * _SECTOR, length):
            _fix_record_times(image, record)


def _descriptors(image: bytearray) -> Iterator[int]:
    """Where the primary and the Joliet volume descriptor begin."""
    at = _FIRST_DESCRIPTOR * _SECTOR
    while image[at] != _END:
        if image[at] in (_PRIMARY, _SUPPLEMENTARY):
            yield at
        at += _SECTOR


def _records(image: bytearray, start: int, length: int) -> Iterator[int]:
    """Where the records of a directory begin; the rest of a sector after the last one is zero."""
    at = start
    while at < start + length:
        size = image[at]
        if size:
            yield at
        at += size or _SECTOR - at % _SECTOR


def _fix_record_times(image: bytearray, record: int) -> None:
    image[record + 18 : record + 25] = _SHORT_TIME
    identifier = image[record + 32]
    entry = record + 33 + identifier + (identifier + 1) % 2
    while entry + 4 <= record + image[record] and image[entry + 2]:
        size = image[entry + 2]
        if image[entry : entry + 2] == b"TF":
            image[entry + 5 : entry + size] = _SHORT_TIME * ((size - 5) // len(_SHORT_TIME))
        entry += size
