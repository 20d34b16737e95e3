"""Functions that hash, and those that make UUIDs.

Source: https://developer.hashicorp.com/terraform/language/functions, section "Hash and Crypto".
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable
from functools import partial

from kvmform.lang.functions.arguments import whole_number
from kvmform.lang.functions.filesystem import blocks
from kvmform.lang.functions.signature import CallContext, Function, FunctionError, Parameter, parameters
from kvmform.values.model import Value
from kvmform.values.types import NUMBER, STRING

__all__ = ["FUNCTIONS"]

BCRYPT_COST = 10
"""Used when none, or one below the smallest possible, is given."""

UUID = re.compile(
    r"(?:urn:uuid:)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\{[0-9a-f-]{36}\}|[0-9a-f]{32}", re.IGNORECASE
)


def digest(algorithm: str, data: Iterable[bytes]) -> bytes:
    """The hash of blocks of bytes."""
    import hashlib

    found = hashlib.new(algorithm, usedforsecurity=False)
    for block in data:
        found.update(block)
    return found.digest()


def hash_text(algorithm: str, encode: Callable[[bytes], str], text: str) -> str:
    """The hash of a string's UTF-8 form."""
    return encode(digest(algorithm, [text.encode()]))


def hash_file(algorithm: str, encode: Callable[[bytes], str], context: CallContext, path: str) -> str:
    """The hash of a file."""
    return encode(digest(algorithm, blocks(context, path)))


def encode_base64(data: bytes) -> str:
    """Standard base64."""
    return base64.b64encode(data).decode()


def hash_functions(name: str, algorithm: str, encode: Callable[[bytes], str]) -> tuple[Function, Function]:
    """The two functions of one hash: of a string, and of a file."""
    form = "base64" if encode is encode_base64 else "hexadecimal"
    words = f"The {algorithm.upper()} hash of a {{}}, in {form}."
    return (
        Function(name, parameters(str=STRING), STRING, partial(hash_text, algorithm, encode), words.format("string")),
        Function(
            f"file{name}",
            parameters(path=STRING),
            STRING,
            partial(hash_file, algorithm, encode),
            words.format("file"),
            needs_context=True,
        ),
    )


def bcrypt(text: str, *costs: Value) -> str:
    if len(costs) > 1:
        raise FunctionError("bcrypt() takes no more than two arguments")
    cost = whole_number(costs[0]) if costs else BCRYPT_COST
    if cost > 31:
        raise FunctionError(f"error occurred generating password: cost {cost} is outside of the range 4 to 31")
    import bcrypt as library

    salt = library.gensalt(cost if cost >= 4 else BCRYPT_COST, prefix=b"2a")
    try:
        return library.hashpw(text.encode(), salt).decode()
    except ValueError as problem:
        raise FunctionError(f"error occurred generating password: {problem}") from None


def uuid() -> str:
    import uuid as library

    return str(library.uuid4())


def uuidv5(namespace: str, name: str) -> str:
    import uuid as library

    known = {
        "dns": library.NAMESPACE_DNS,
        "url": library.NAMESPACE_URL,
        "oid": library.NAMESPACE_OID,
        "x500": library.NAMESPACE_X500,
    }
    if namespace not in known and not UUID.fullmatch(namespace):
        raise FunctionError(f'"{namespace}" is neither a namespace (dns, url, oid or x500) nor a UUID')
    return str(library.uuid5(known.get(namespace) or library.UUID(namespace), name))


FUNCTIONS = (
    *hash_functions("md5", "md5", bytes.hex),
    *hash_functions("sha1", "sha1", bytes.hex),
    *hash_functions("sha256", "sha256", bytes.hex),
    *hash_functions("sha512", "sha512", bytes.hex),
    *hash_functions("base64sha256", "sha256", encode_base64),
    *hash_functions("base64sha512", "sha512", encode_base64),
    Function(
        "bcrypt",
        parameters(str=STRING),
        STRING,
        bcrypt,
        "The bcrypt hash of a string, with a cost; different each time, so known only when changes are applied.",
        variadic=Parameter("cost", NUMBER),
        impure=True,
    ),
    Function("uuid", (), STRING, uuid, "A random UUID; known only when changes are applied.", impure=True),
    Function(
        "uuidv5",
        parameters(namespace=STRING, name=STRING),
        STRING,
        uuidv5,
        "The UUID of a name in a namespace; always the same for the same name.",
    ),
)
