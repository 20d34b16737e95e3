"""Where a `terraform` block says that the state is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress

from kvmform.config.files import parse_file
from kvmform.diagnostics import DiagnosticError
from kvmform.lang.ast import Block, Body
from kvmform.lang.evaluate import evaluate
from kvmform.lang.scope import Scope
from kvmform.struct import Struct
from kvmform.values.plain import to_plain

__all__ = ["BACKENDS", "BackendBlock", "backend_block", "static_arguments"]


BACKENDS = {
    "local": ("path", "workspace_dir"),
    "http": (
        "address",
        "update_method",
        "lock_address",
        "lock_method",
        "unlock_address",
        "unlock_method",
        "username",
        "password",
        "skip_cert_verification",
        "retry_max",
        "retry_wait_min",
        "retry_wait_max",
        "client_ca_certificate_pem",
        "client_certificate_pem",
        "client_private_key_pem",
    ),
}
"""The backends that there are, and their arguments."""


class BackendBlock(Struct):
    """The name of a backend, and its arguments as texts: a number as it is written, a switch as `true` or `false`."""

    name: str
    arguments: Mapping[str, str]


def backend_block(texts: Mapping[str, str]) -> BackendBlock | None:
    """The `backend` block in the files of a root module; None if they have none.

    It is needed before anything else is, so what is wrong with the files is not told here, and a `cloud` block is none.
    """
    for block in _blocks(texts):
        if len(block.labels) == 1:
            return BackendBlock(block.labels[0].value, static_arguments(block.body))
    return None


def _blocks(texts: Mapping[str, str]) -> Iterator[Block]:
    for name, text in texts.items():
        # Most labs have none, and then nothing is parsed for it.
        if "backend" in text:
            body, _ = parse_file(text, name)
            for block in (outer for outer in body.blocks if outer.type == "terraform"):
                yield from (inner for inner in block.body.blocks if inner.type == "backend")


def static_arguments(body: Body) -> dict[str, str]:
    """Arguments that need nothing to be evaluated, as texts; what needs more, or is no text, is left out."""
    found: dict[str, str] = {}
    for name, attribute in body.attributes.items():
        with suppress(DiagnosticError):
            value, _ = to_plain(evaluate(attribute.expression, Scope.empty()))
            if isinstance(value, bool):
                found[name] = str(value).lower()
            elif isinstance(value, str | int | float):
                found[name] = str(value)
    return found
