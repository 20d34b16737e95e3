"""The data source `http`: what a web server answers.

Source: https://registry.terraform.io/providers/hashicorp/http, version 3.5.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kvmform.diagnostics import error
from kvmform.resources.recorded import made
from kvmform.schema import Block, DataSource, Object, Plain, Problem, Reading, Row, Schema
from kvmform.schema.rules import at_least, conflicting, one_of, whole
from kvmform.values.types import BOOL, NUMBER, STRING, MapType
from kvmform.web.address import LONGEST, is_web

if TYPE_CHECKING:
    from kvmform.web.client import Request, Retry

__all__ = ["DATA_SOURCE"]


def _check_url(written: Object) -> Iterator[Problem]:
    url = written["url"]
    if isinstance(url, str) and not is_web(url):
        detail = f'"{url}" must begin with http:// or https://; what is in a file is told by the function file.'
        yield Problem(("url",), error("Invalid URL", detail))


def _check_pair(written: Object) -> Iterator[Problem]:
    for one, other in (("client_cert_pem", "client_key_pem"), ("client_key_pem", "client_cert_pem")):
        if written[one] is not None and written[other] is None:
            detail = f'Attribute "{other}" must be specified when "{one}" is specified.'
            yield Problem((one,), error("Invalid Attribute Combination", detail))


def _check_retry(written: Object) -> Iterator[Problem]:
    for at, retry in enumerate(written["retry"] if isinstance(written["retry"], list) else []):
        for name, value in retry.items():
            if _is_number(value) and (value < 0 or value % 1):
                detail = f"Attribute {name} value must be a whole number, at least 0, got: {value}."
                yield Problem(("retry", at, name), error("Invalid Attribute Value", detail))
        least, most = retry["min_delay_ms"], retry["max_delay_ms"]
        if _is_number(least) and _is_number(most) and most < least:
            detail = f"Attribute max_delay_ms value must be at least min_delay_ms, which is {least}, got: {most}."
            yield Problem(("retry", at, "max_delay_ms"), error("Invalid Attribute Value", detail))


def _is_number(value: Plain) -> bool:
    return isinstance(value, int | float)


_SCHEMA = Schema(
    doc="What a web server answers, whatever the status code; it is asked by each plan.",
    rules=(
        _check_url,
        one_of("method", ("GET", "POST", "HEAD")),
        at_least("request_timeout_ms", 1),
        whole("request_timeout_ms"),
        conflicting("ca_cert_pem", "insecure"),
        _check_pair,
        _check_retry,
    ),
    rows={
        "id": made(STRING, "The URL."),
        "url": Row(type=STRING, doc="Whom to ask for what: `http://…` or `https://…`.", required=True),
        "method": Row(type=STRING, doc="`GET` (which it is by default), `HEAD` or `POST`."),
        "request_headers": Row(type=MapType(STRING), doc="Headers of the request."),
        "request_body": Row(type=STRING, doc="Body of the request."),
        "request_timeout_ms": Row(type=NUMBER, doc="How long an attempt may take, in milliseconds."),
        "ca_cert_pem": Row(type=STRING, doc="Certificates in PEM form of the authorities that are believed."),
        "client_cert_pem": Row(type=STRING, doc="Certificate in PEM form to show to the server."),
        "client_key_pem": Row(type=STRING, doc="Private key to it in PEM form."),
        "insecure": Row(type=BOOL, doc="Whether any certificate of the server's will do."),
        "response_body": made(STRING, "Body of the answer; what is not UTF-8 in it is replaced by U+FFFD."),
        "body": made(STRING, "The same under its old name."),
        "response_body_base64": made(STRING, "Body of the answer in base64."),
        "response_headers": made(MapType(STRING), "Headers of the answer; those of one name with a comma between."),
        "status_code": made(NUMBER, "Status code of the answer."),
        "retry": Block(
            doc="Whether and when to ask again, if there is no answer, or the server says 429 or 5xx (but 501).",
            max_items=1,
            rows={
                "attempts": Row(type=NUMBER, doc="How many times to ask again."),
                "min_delay_ms": Row(type=NUMBER, doc="Pause before the second attempt, in milliseconds; 1000 if none."),
                "max_delay_ms": Row(type=NUMBER, doc="Longest pause, in milliseconds; 30000 if none is given."),
            },
        ),
    },
)


def _read(_reading: Reading[None], config: Object) -> Object:
    from kvmform.web.client import ask

    answer = ask(_request(config))
    text = answer.body.decode(errors="replace")
    return {
        **config,
        "id": config["url"],
        "response_body": text,
        "body": text,
        "response_body_base64": base64.b64encode(answer.body).decode(),
        "response_headers": dict(answer.headers),
        "status_code": answer.status,
    }


def _request(config: Object) -> Request:
    from kvmform.web.client import Request, Trust

    body, timeout = config["request_body"], config["request_timeout_ms"]
    return Request(
        url=config["url"],
        method=config["method"] or "GET",
        headers={name: value for name, value in (config["request_headers"] or {}).items() if value is not None},
        body=None if body is None else body.encode(),
        timeout=None if timeout is None else min(timeout / 1000, LONGEST),
        trust=Trust(
            config["ca_cert_pem"], bool(config["insecure"]), config["client_cert_pem"], config["client_key_pem"]
        ),
        retry=_retry(config["retry"]),
    )


def _retry(blocks: Sequence[Object]) -> Retry:
    from kvmform.web.client import Retry

    written = blocks[0] if blocks else {}
    usual = Retry()
    least, most = written.get("min_delay_ms"), written.get("max_delay_ms")
    return Retry(
        attempts=written.get("attempts") or 0,
        least=usual.least if least is None else min(least / 1000, LONGEST),
        most=usual.most if most is None else min(most / 1000, LONGEST),
    )


DATA_SOURCE: DataSource[None] = DataSource(name="http", schema=_SCHEMA, read=_read, needs_host=False)
