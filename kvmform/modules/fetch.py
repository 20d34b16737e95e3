"""Packages by their addresses: which getter fetches one, and where a server sends on to.

Source: https://developer.hashicorp.com/terraform/language/modules/sources
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from kvmform.modules.archive import archive_kind, check_sum, unpack
from kvmform.modules.fetch_error import FetchError
from kvmform.modules.repository import clone_git, clone_mercurial
from kvmform.modules.shorthand import UnreadableError, split_getter
from kvmform.modules.source import parse_remote
from kvmform.modules.subdirectory import find_subdirectory
from kvmform.modules.web import Web

__all__ = ["FetchError", "Fetcher"]

_REDIRECTIONS = 10
"""How often servers may send on to another address."""

_FOR_GETTER = {"archive", "checksum", "filename"}
"""What the query of an address says to the getter, and not to the server."""


class Fetcher:
    """Fetches packages over the network and from disk."""

    def __init__(self, web: Web, *, ask: bool) -> None:
        """`ask`: whether git and ssh may ask for passwords on the terminal."""
        self._web = web
        self._ask = ask

    def fetch(self, package: str, target: Path, redirections: int = 0) -> None:
        """Put the package at an address in normal form to `target`, which doesn't exist yet.

        Raises:
            FetchError: it can't be had.
            OSError: it can't be written.
        """
        getter, text = split_getter(package)
        url = urlsplit(text)
        match getter or url.scheme:
            case "git":
                clone_git(text, target, ask=self._ask)
            case "hg":
                clone_mercurial(text, target)
            case "http" | "https" | "file" as scheme:
                self._fetch_plain(scheme, text, target, redirections)
            case "s3" | "gcs" as scheme:
                raise FetchError(
                    f"kvmform doesn't fetch from {'Amazon S3' if scheme == 's3' else 'Google Cloud Storage'}. Fetch "
                    "the archive with that service's own tool and give its path, or its https:// address if it has a "
                    "public or signed one"
                )
            case scheme:
                raise FetchError(f"download not supported for scheme '{scheme}'")

    def _fetch_plain(self, scheme: str, text: str, target: Path, redirections: int) -> None:
        """An archive, or whatever the server or the disk has in its place."""
        url = urlsplit(text)
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        kind = archive_kind(query.get("archive"), url.path)
        rest = urlencode({name: value for name, value in query.items() if name not in _FOR_GETTER})
        address = urlunsplit(url._replace(query=rest))
        if kind is None and "checksum" in query:
            raise FetchError("a checksum can only be given for an archive")
        if kind is not None:
            with tempfile.TemporaryDirectory(prefix="kvmform-module-") as around:
                archive = Path(unquote(url.path)) if scheme == "file" else Path(around) / "archive"
                if scheme != "file":
                    self._web.download(address, archive)
                if "checksum" in query:
                    check_sum(archive, query["checksum"], self._web)
                unpack(archive, kind, target)
        elif scheme == "file":
            _link(Path(unquote(url.path)), target)
        else:
            self._follow(address, target, redirections)

    def _follow(self, address: str, target: Path, redirections: int) -> None:
        """Fetch what a server names in `X-Terraform-Get`, or in a `terraform-get` element of its page."""
        if redirections == _REDIRECTIONS:
            raise FetchError(f"more than {_REDIRECTIONS} servers sent on to another address, the last was {address}")
        location = self._web.module_location(address)
        try:
            found = parse_remote(location)
        except UnreadableError as problem:
            raise FetchError(f"{address} sends on to {location!r}, which is no address ({problem})") from problem
        if found.package.startswith("file:"):
            raise FetchError(f"{address} sends on to {found.package}, and no server may name files of this machine")
        if not found.subdirectory:
            self.fetch(found.package, target, redirections + 1)
            return
        with tempfile.TemporaryDirectory(prefix=f"{target.name}-", dir=target.parent) as around:
            whole = Path(around) / "package"
            self.fetch(found.package, whole, redirections + 1)
            shutil.copytree(find_subdirectory(whole, found.subdirectory), target, symlinks=True)


def _link(directory: Path, target: Path) -> None:
    """A local directory is used where it is."""
    if not directory.is_dir():
        what = "is not a directory" if directory.exists() else "doesn't exist"
        raise FetchError(f"{directory} {what}")
    target.symlink_to(directory)
