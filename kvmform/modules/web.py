"""HTTP, as far as modules need it: documents, downloads, and where a page says its module is."""

from __future__ import annotations

import base64
import http.client
import json
import netrc
import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from kvmform.modules.fetch_error import FetchError, UnreachableError
from kvmform.modules.shorthand import split_subdirectory
from kvmform.modules.source import RemoteSource
from kvmform.struct import Struct

__all__ = ["Answer", "NotThereError", "Web", "absolute_location"]

_TIMEOUT = 30
_LARGEST_DOCUMENT = 32 * 2**20
_HEADER = "X-Terraform-Get"


class NotThereError(FetchError):
    """The server has nothing at this address."""


class Answer(Struct):
    """What a server said: the address that it was at in the end, headers and body."""

    url: str
    headers: Mapping[str, str]
    body: bytes


class Web:
    """Asks servers. Credentials are taken from the URL, or from the user's netrc file."""

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """A document.

        Raises:
            FetchError: the server can't be reached, or says no.
        """
        with _open(url, headers or {}) as response:
            return Answer(response.url, response.headers, response.read(_LARGEST_DOCUMENT))

    def json(self, url: str, headers: Mapping[str, str] | None = None) -> tuple[str, Any]:
        """A JSON document, and the address that it was at in the end.

        Raises:
            FetchError: it can't be had, or is no JSON.
        """
        answer = self.get(url, {"Accept": "application/json", **(headers or {})})
        try:
            return answer.url, json.loads(answer.body)
        except ValueError as problem:
            raise FetchError(f"GET {url}: the answer is not JSON ({problem})") from problem

    def text(self, url: str) -> str:
        """A text.

        Raises:
            FetchError: it can't be had.
        """
        return self.get(url).body.decode("utf-8", "replace")

    def download(self, url: str, target: Path) -> None:
        """Write what is at a URL to a file.

        Raises:
            FetchError: it can't be had.
            OSError: it can't be written.
        """
        with _open(url, {}) as response, target.open("wb") as file:
            try:
                shutil.copyfileobj(response, file)
            except (http.client.HTTPException, ConnectionError, TimeoutError) as problem:
                raise UnreachableError(f"GET {url}: the connection broke ({problem})") from problem

    def module_location(self, url: str) -> str:
        """Where the module is of which this is the page.

        Raises:
            FetchError: the page can't be had, or doesn't say.
        """
        answer = self.get(_with_query(url, "terraform-get=1"))
        location = answer.headers.get(_HEADER)
        if location is None:
            page = _Page()
            page.feed(answer.body.decode("utf-8", "replace"))
            location = page.location
        if not location:
            raise FetchError(
                f"{url} names no module: there is no {_HEADER} header, and no terraform-get element in the page. If "
                "it is an archive whose name doesn't say so, add ?archive=zip (or tar.gz …) to the address"
            )
        return absolute_location(location, url)


def absolute_location(location: str, url: str) -> str:
    """Where a module is, as an answer from `url` says; it may be relative to that, and name a subdirectory."""
    if not location.startswith(("/", "./", "../")):
        return location
    package, subdirectory = split_subdirectory(location)
    return str(RemoteSource(urljoin(url, package), subdirectory))


class _Page(HTMLParser):
    """Finds `<meta name="terraform-get" content="…">`."""

    def __init__(self) -> None:
        super().__init__()
        self.location: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See HTMLParser."""
        found = dict(attrs)
        if tag == "meta" and found.get("name") == "terraform-get" and self.location is None:
            self.location = found.get("content")


def _with_query(url: str, query: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query=f"{parts.query}&{query}" if parts.query else query))


def _open(url: str, headers: Mapping[str, str]) -> Any:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"}:
        raise FetchError(f"{url} is no http:// or https:// address")
    host = parts.netloc.rpartition("@")[2]
    request = urllib.request.Request(urlunsplit(parts._replace(netloc=host)))  # noqa: S310 - only http and https
    for name, value in {"User-Agent": "kvmform", "Authorization": _credentials(url), **headers}.items():
        if value is not None:
            # Unredirected: where the server sends on to is not told the user's password.
            request.add_unredirected_header(name, value)
    try:
        return urllib.request.urlopen(request, timeout=_TIMEOUT)  # noqa: S310 - as above
    except urllib.error.HTTPError as problem:
        problem.close()
        kind = NotThereError if problem.code in {404, 410} else FetchError
        raise kind(f"GET {url}: the server answered {problem.code} {problem.reason}") from problem
    except urllib.error.URLError as problem:
        reason = getattr(problem.reason, "strerror", None) or problem.reason
        raise UnreachableError(f"GET {url}: no connection ({reason})") from problem
    except (http.client.HTTPException, OSError, ValueError) as problem:
        raise UnreachableError(f"GET {url}: {problem or type(problem).__name__}") from problem


def _credentials(url: str) -> str | None:
    parts = urlsplit(url)
    user, password = parts.username, parts.password
    if user is None and parts.hostname:
        with suppress(OSError, netrc.NetrcParseError):
            found = netrc.netrc(os.environ.get("NETRC")).authenticators(parts.hostname)
            user, password = (found[0], found[2]) if found else (None, None)
    if user is None:
        return None
    pair = f"{unquote(user)}:{unquote(password or '')}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"
