"""Module source addresses: what the `source` of a `module` block means.

Source: https://developer.hashicorp.com/terraform/language/modules/sources, and for the
normal forms, which the manifest records, what Terraform 1.11 writes there.
"""

from __future__ import annotations

import posixpath
import re

from kvmform.diagnostics import DiagnosticError
from kvmform.modules.shorthand import MaybeLocalError, UnreadableError, normal_package, split_subdirectory
from kvmform.struct import Struct

__all__ = [
    "DEFAULT_REGISTRY",
    "LocalSource",
    "ModuleSource",
    "RegistrySource",
    "RemoteSource",
    "parse_remote",
    "parse_source",
]

DEFAULT_REGISTRY = "registry.terraform.io"

_NAME = r"[0-9A-Za-z](?:[0-9A-Za-z_-]{0,62}[0-9A-Za-z])?"
_PROVIDER = r"[0-9a-z]{1,64}"
_HOST = r"[0-9A-Za-z_-]+(?:\.[0-9A-Za-z_-]+)+(?::[0-9]{1,5})?"
_CODE_HOSTS = {"github.com", "bitbucket.org"}
"""Their addresses have three or four parts too, but they are no registries."""


class LocalSource(Struct):
    """A directory beside the calling module; `path` begins with `./` or `../`."""

    path: str

    def __str__(self) -> str:
        return self.path


class RegistrySource(Struct):
    """A module in a registry; `subdirectory` is where in its package, "" at the top."""

    host: str
    namespace: str
    name: str
    provider: str
    subdirectory: str = ""

    @property
    def package(self) -> str:
        """The address without the subdirectory."""
        return f"{self.host}/{self.namespace}/{self.name}/{self.provider}"

    def __str__(self) -> str:
        return f"{self.package}//{self.subdirectory}" if self.subdirectory else self.package


class RemoteSource(Struct):
    """A package that a getter fetches: `git::https://…`, `https://….zip`, `file:///…`."""

    package: str
    subdirectory: str = ""

    def below(self, subdirectory: str) -> RemoteSource:
        """A directory further down in the same package."""
        return RemoteSource(self.package, posixpath.join(self.subdirectory, subdirectory).rstrip("/"))

    def __str__(self) -> str:
        if not self.subdirectory:
            return self.package
        address, mark, query = self.package.partition("?")
        return f"{address}//{self.subdirectory}{mark}{query}"


ModuleSource = LocalSource | RegistrySource | RemoteSource


def parse_source(text: str, *, versioned: bool) -> ModuleSource:
    """What a source address means.

    Args:
        text: the value of `source`.
        versioned: whether the block has a `version`, which only modules of a registry have.

    Raises:
        DiagnosticError: it means nothing.
    """
    if versioned:
        return _versioned(text)
    if text.startswith(("./", "../")):
        return _local(text)
    try:
        return _registry(text)
    except UnreadableError:
        return _remote(text)


def parse_remote(text: str) -> RemoteSource:
    """The package and subdirectory that an address outside a `module` block means, as a registry gives one.

    Raises:
        UnreadableError: it means nothing.
    """
    package, subdirectory = split_subdirectory(text)
    below = _inside(subdirectory)
    package, more = normal_package(package)
    return RemoteSource(package, _inside(posixpath.join(more, below)))


def _versioned(text: str) -> RegistrySource:
    try:
        return _registry(text)
    except UnreadableError as problem:
        detail = (
            f"Failed to parse module registry address: {problem}.\n\nkvmform assumed that you intended a module "
            'registry source address because you also set the argument "version", which applies only to registry '
            "modules."
        )
        raise DiagnosticError.of("Invalid registry module source address", detail) from problem


def _local(text: str) -> LocalSource:
    path = posixpath.normpath(text)
    return LocalSource(path if path.startswith("../") else f"./{path}")


def _registry(text: str) -> RegistrySource:
    if text.startswith(("./", "../")):
        raise UnreadableError(f'can\'t use local directory "{text}" as a module registry address')
    address, subdirectory = split_subdirectory(text)
    parts = address.split("/")
    if len(parts) not in {3, 4}:
        raise UnreadableError(
            "a module registry source address must have either three or four slash-separated components"
        )
    host = parts.pop(0).lower() if len(parts) == 4 else DEFAULT_REGISTRY
    if not re.fullmatch(_HOST, host):
        raise UnreadableError("invalid module registry hostname: must contain at least one dot")
    if host in _CODE_HOSTS:
        raise UnreadableError(
            f"can't use \"{host}\" as a module registry host, because it's reserved for installing directly from "
            "version control repositories"
        )
    namespace, name, provider = parts
    for word, value in (("namespace", namespace), ("module name", name)):
        if not re.fullmatch(_NAME, value):
            raise UnreadableError(f'invalid {word} "{value}": must be letters, digits, dashes and underscores')
    if not re.fullmatch(_PROVIDER, provider):
        raise UnreadableError(f'invalid target system "{provider}": must be lower-case letters and digits')
    return RegistrySource(host, namespace, name, provider, _inside(subdirectory))


def _remote(text: str) -> RemoteSource:
    try:
        return parse_remote(text)
    except MaybeLocalError as problem:
        detail = (
            f'kvmform failed to determine your intended installation method for remote module package "{text}".\n\n'
            f'If you intended this as a path relative to the current module, use "./{text}" instead. The "./" prefix '
            "indicates that the address is a relative filesystem path."
        )
        raise DiagnosticError.of("Invalid module source address", detail) from problem
    except UnreadableError as problem:
        detail = f"Failed to parse module source address: {problem}."
        raise DiagnosticError.of("Invalid module source address", detail) from problem


def _inside(subdirectory: str) -> str:
    """A subdirectory in its shortest form."""
    if not subdirectory:
        return ""
    path = posixpath.normpath(subdirectory)
    if path == ".." or path.startswith("../"):
        raise UnreadableError(f'subdirectory path "{path}" leads outside of the module package')
    return "" if path == "." else path
