"""Functions that encode text: base64, character sets, gzip, URLs.

Source: https://developer.hashicorp.com/terraform/language/functions, section "Encoding Functions".
"""

from __future__ import annotations

import base64
import codecs
import re

from kvmform.lang.functions.signature import Function, FunctionError, parameters
from kvmform.values.types import STRING

__all__ = ["FUNCTIONS", "decode_base64"]

BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")

CODE_PAGES = (437, 850, 852, 855, 858, 860, 862, 863, 865, 866, 874, 1140, *range(1250, 1259))
CHARACTER_SETS = frozenset(
    {
        *("ascii", "utf-8", "utf-16", "utf-16-be", "utf-16-le", "koi8-r", "koi8-u", "mac-roman", "cp037"),
        *("big5", "euc_jp", "euc_kr", "gb18030", "gbk", "hz", "iso2022_jp", "shift_jis"),
        *(f"cp{page}" for page in CODE_PAGES),
        *(f"iso8859-{part}" for part in (*range(1, 11), *range(13, 17))),
    }
)
"""Python's names of the character sets that Terraform knows; Python knows much else that is none."""

# How Go writes a gzip file: no name, no time, unknown system, and an empty block behind the data.
GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
GZIP_END = b"\x01\x00\x00\xff\xff"


def base64encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def base64decode(text: str) -> str:
    data = decode_base64(text, f'failed to decode base64 data "{text}"')
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise FunctionError("the result of decoding the provided string is not valid UTF-8") from None


def decode_base64(text: str, message: str, argument: int | None = None) -> bytes:
    """The bytes of standard base64; line ends in it don't matter.

    Raises:
        FunctionError: it is none; with this message, blames `argument`.
    """
    joined = text.replace("\r", "").replace("\n", "")
    if not BASE64.fullmatch(joined):
        raise FunctionError(message, argument)
    return base64.b64decode(joined)


def base64gzip(text: str) -> str:
    import zlib

    data = text.encode()
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    compressed = (compressor.compress(data) + compressor.flush(zlib.Z_SYNC_FLUSH)) if data else b"\x00\x00\x00\xff\xff"
    end = zlib.crc32(data).to_bytes(4, "little") + (len(data) & 0xFFFFFFFF).to_bytes(4, "little")
    return base64.b64encode(GZIP_HEADER + compressed + GZIP_END + end).decode()


def character_set(name: str) -> str:
    """Python's name of a character set.

    Raises:
        FunctionError: there is none of this name.
    """
    try:
        codec = codecs.lookup(name.lower().replace("windows-", "cp")).name
    except (LookupError, ValueError):
        codec = ""
    if codec not in CHARACTER_SETS:
        raise FunctionError(f'"{name}" is not a supported IANA encoding name or alias', 1)
    return codec


def textencodebase64(text: str, encoding: str) -> str:
    codec = character_set(encoding)
    try:
        data = codecs.BOM_UTF16_BE + text.encode("utf-16-be") if codec == "utf-16" else text.encode(codec)
    except UnicodeEncodeError:
        message = f"the given string contains characters that cannot be represented in {encoding}"
        raise FunctionError(message, 0) from None
    return base64.b64encode(data).decode()


def textdecodebase64(source: str, encoding: str) -> str:
    codec = character_set(encoding)
    data = decode_base64(source, "the given value is not valid base64", 0)
    if codec == "utf-16" and not data.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)):
        codec = "utf-16-be"
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        raise FunctionError(f"the given string contains symbols that are not defined for {encoding}", 0) from None


def urlencode(text: str) -> str:
    from urllib.parse import quote_plus

    return quote_plus(text)


FUNCTIONS = (
    Function("base64encode", parameters(str=STRING), STRING, base64encode, "A string in base64."),
    Function("base64decode", parameters(str=STRING), STRING, base64decode, "The string that base64 stands for."),
    Function("base64gzip", parameters(str=STRING), STRING, base64gzip, "A string compressed with gzip, in base64."),
    Function(
        "textencodebase64",
        parameters(string=STRING, encoding=STRING),
        STRING,
        textencodebase64,
        "A string in another character set, in base64.",
    ),
    Function(
        "textdecodebase64",
        parameters(source=STRING, encoding=STRING),
        STRING,
        textdecodebase64,
        "The string that base64 of another character set stands for.",
    ),
    Function("urlencode", parameters(str=STRING), STRING, urlencode, "A string as part of a URL's query."),
)
