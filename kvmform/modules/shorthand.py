"""Short forms of package addresses, and the addresses that they stand for.

`github.com/a/b`, `git@host:a/b.git` and absolute paths become `git::https://…`,
`git::ssh://…` and `file:///…`, in the form that Terraform records.
"""

from __future__ import annotations

import posixpath
import re

__all__ = ["MaybeLocalError", "UnreadableError", "normal_package", "split_getter", "split_subdirectory"]

_GETTER = r"(?s:([A-Za-z0-9]+)::(.+))"
_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]*:"
_SSH = r"(?P<user>[^@]+)@(?P<host>[^:]+):/?(?P<path>.+)"


class UnreadableError(Exception):
    """The text is no address; says why, in words that can follow a colon."""


class MaybeLocalError(UnreadableError):
    """The text is no address, but could be a local path that lacks its `./`."""


def split_subdirectory(text: str) -> tuple[str, str]:
    """A package address and the directory inside it, which `//` divides; the query stays with the address."""
    address, mark, query = text.partition("?")
    start = address.find("://")
    at = address.find("//", start + 3 if start >= 0 else 0)
    if at < 0:
        return text, ""
    return f"{address[:at]}{mark}{query}", address[at + 2 :]


def split_getter(address: str) -> tuple[str, str]:
    """The getter that an address asks for (`git` of `git::https://…`), "" if it doesn't, and the rest."""
    found = re.fullmatch(_GETTER, address)
    return (found[1], found[2]) if found else ("", address)


def normal_package(address: str) -> tuple[str, str]:
    """A package address in full, and the subdirectory that the short form names.

    Raises:
        UnreadableError: it means nothing.
    """
    getter, text = split_getter(address)
    if re.match(_SCHEME, text):
        return address, ""
    full, subdirectory = _in_full(text)
    found, rest = split_getter(full)
    getter = getter or found
    return (f"{getter}::{rest}" if getter else rest), subdirectory


def _in_full(text: str) -> tuple[str, str]:
    if text.startswith("github.com/"):
        return _code_host(text, "GitHub URLs should be github.com/username/repo")
    if text.startswith("bitbucket.org/"):
        return _code_host(text, "Bitbucket URLs should be bitbucket.org/username/repo")
    ssh = re.fullmatch(_SSH, text)
    if ssh is not None and ssh["user"] == "git":
        return f"git::ssh://git@{ssh['host']}/{ssh['path']}", ""
    if "googleapis.com/" in text:
        return f"gcs::https://{text}", ""
    if ".amazonaws.com/" in text:
        return f"s3::https://{text}", ""
    if text.startswith("/"):
        return f"file://{text}", ""
    if not text:
        raise UnreadableError("it is empty")
    raise MaybeLocalError(text)


def _code_host(text: str, form: str) -> tuple[str, str]:
    address, mark, query = text.partition("?")
    parts = address.split("/")
    if len(parts) < 3:
        raise UnreadableError(form)
    repository = "/".join(parts[:3])
    suffix = "" if repository.endswith(".git") else ".git"
    return f"git::https://{repository}{suffix}{mark}{query}", posixpath.join("", *parts[3:])
