"""Ask a web server, and again where that is wanted.

Source: https://pkg.go.dev/github.com/hashicorp/go-retryablehttp, which Terraform's http backend and its provider
http are built on.
"""

from __future__ import annotations

import http.client
import ssl
import string
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from kvmform.diagnostics import DiagnosticError
from kvmform.struct import Struct, field
from kvmform.web.address import is_web

__all__ = ["Answer", "Request", "Retry", "Trust", "ask"]

_CHUNK = 2**16
_SECRETS = {"authorization", "cookie", "www-authenticate", "host"}
_PASSING = {429, *range(500, 600)} - {501}
"""The status codes after which another attempt may do better."""


class Trust(Struct):
    """Which server is believed, and who we are; all certificates and keys in PEM form."""

    authority: str | None = None
    insecure: bool = False
    certificate: str | None = None
    key: str | None = None


class Retry(Struct):
    """How many more attempts there are, and the seconds between two of them, which grow from least to most."""

    attempts: int = 0
    least: float = 1.0
    most: float = 30.0


class Request(Struct):
    """What is asked of an http:// or https:// URL. `timeout` is in seconds, for one attempt."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    timeout: float | None = None
    trust: Trust = field(default_factory=Trust)
    retry: Retry = field(default_factory=Retry)


class Answer(Struct):
    """What the server answered, whatever it was; the names of headers in the usual capitals."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _FailedError(Exception):
    """One attempt failed; another may do better."""


def ask(request: Request) -> Answer:
    """The server's answer.

    Raises:
        DiagnosticError: there is none, or after the last attempt none but that it can't just now.
    """
    if not is_web(request.url):
        raise DiagnosticError.of("Invalid URL", f'"{request.url}" must begin with http:// or https://.')
    opener = urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=_context(request.trust)), _AnyAnswer(), _NoForm(), _Elsewhere()
    )
    retry = request.retry
    for attempt in range(retry.attempts + 1):
        if attempt:
            time.sleep(min(retry.most, retry.least * 2 ** (attempt - 1)))
        try:
            return _attempt(opener, request)
        except _FailedError as problem:
            reason = problem
    tries = "" if retry.attempts == 0 else f" ({retry.attempts + 1} attempts)"
    raise DiagnosticError.of("Error making request", f"{request.method} {request.url}: {reason}{tries}.")


class _AnyAnswer(urllib.request.HTTPDefaultErrorHandler):
    """An answer that tells of an error is an answer."""

    def http_error_default(self, req: Any, fp: Any, code: int, msg: str, hdrs: Any) -> Any:  # noqa: ARG002
        return fp


class _Elsewhere(urllib.request.HTTPRedirectHandler):
    """Goes on elsewhere as Go does: with the same method where that may be; secrets are for the first server only."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:  # noqa: ARG002
        if not is_web(newurl):
            raise urllib.error.URLError(f"the server sends on to {newurl}")
        method = req.get_method()
        keeps_body = code in (307, 308)
        left_out = set() if keeps_body else {"content-length", "content-type"}
        if urlsplit(newurl).netloc != urlsplit(req.full_url).netloc:
            left_out |= _SECRETS
        return urllib.request.Request(  # noqa: S310 - see above
            _quoted(newurl),
            req.data if keeps_body else None,
            {name: value for name, value in req.headers.items() if name.lower() not in left_out},
            method=method if keeps_body or method == "HEAD" else "GET",
        )


class _NoForm(urllib.request.BaseHandler):
    """A body is not a form, which the library would say where no type is given."""

    handler_order = 600

    def http_request(self, request: urllib.request.Request) -> urllib.request.Request:
        request.unredirected_hdrs.pop("Content-type", None)
        return request

    https_request = http_request


def _context(trust: Trust) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cadata=trust.authority)
    except (ssl.SSLError, ValueError) as problem:
        detail = f"The authority's certificates must be in PEM form: {problem}."
        raise DiagnosticError.of("Error configuring TLS client", detail) from None
    if trust.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if trust.certificate is not None and trust.key is not None:
        _show(context, trust.certificate, trust.key)
    return context


def _show(context: ssl.SSLContext, certificate: str, key: str) -> None:
    """Show a certificate to the server: the library takes it only from a file, which is nobody else's to read."""
    with tempfile.TemporaryDirectory(prefix="kvmform-") as directory:
        path = Path(directory) / "client.pem"
        path.write_text(f"{certificate}\n{key}\n")
        try:
            context.load_cert_chain(path)
        except ssl.SSLError as problem:
            detail = f"The client's certificate and key can't be used: {problem}."
            raise DiagnosticError.of("Error configuring TLS client", detail) from None


def _attempt(opener: urllib.request.OpenerDirector, request: Request) -> Answer:
    """Ask once.

    Raises:
        _FailedError: the connection broke, or the server says that it can't just now.
    """
    headers = {"User-Agent": "kvmform", **request.headers}
    asked = urllib.request.Request(_quoted(request.url), request.body, headers, method=request.method)  # noqa: S310 - see above
    begin = time.monotonic()
    try:
        with opener.open(asked, timeout=request.timeout) as response:
            answer = Answer(response.status, _headers(response), _body(response, request.timeout, begin))
    except urllib.error.URLError as problem:
        raise _FailedError(_reason(problem.reason, request.timeout)) from problem
    except (OSError, http.client.HTTPException, ValueError) as problem:
        raise _FailedError(_reason(problem, request.timeout)) from problem
    if answer.status in _PASSING:
        raise _FailedError(f"unexpected HTTP status {answer.status}")
    return answer


def _quoted(url: str) -> str:
    """What is not ASCII, as RFC 3987, 3.1 has it."""
    return quote(url, safe=string.punctuation)


def _body(response: Any, timeout: float | None, begin: float) -> bytes:
    parts = []
    while part := response.read1(_CHUNK):
        parts.append(part)
        if timeout is not None and time.monotonic() - begin > timeout:
            raise TimeoutError
    return b"".join(parts)


def _headers(response: Any) -> dict[str, str]:
    """Those of one name with a comma between (RFC 9110, 5.2)."""
    found: dict[str, list[str]] = {}
    for name, value in response.headers.items():
        found.setdefault("-".join(word.capitalize() for word in name.split("-")), []).append(value)
    return {name: ", ".join(values) for name, values in found.items()}


def _reason(problem: object, timeout: float | None) -> str:
    if isinstance(problem, TimeoutError) and timeout is not None:
        return f"request exceeded the specified timeout of {round(timeout * 1000)} ms"
    return str(problem).rstrip(".") or type(problem).__name__
