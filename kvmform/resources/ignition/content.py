"""What Ignition reads: a JSON object, as a text or in a file."""

from __future__ import annotations

import json
from collections.abc import Iterator

from kvmform.diagnostics import DiagnosticError
from kvmform.host.host import Host
from kvmform.resources.seed.text import file_of, may_be_path, text_seed
from kvmform.schema import Check, Object, Problem

__all__ = ["CONTENT", "check", "is_json"]

_SUMMARY = "Invalid Ignition configuration"


def _checked(content: bytes) -> bytes:
    """The content, if it is a JSON object.

    Raises:
        DiagnosticError: it is none.
    """
    try:
        found = json.loads(content)
    except UnicodeDecodeError:
        raise DiagnosticError.of(_SUMMARY, "It is no text in UTF-8.") from None
    except RecursionError:
        raise DiagnosticError.of(_SUMMARY, "It is nested too deeply.") from None
    except json.JSONDecodeError as problem:
        raise DiagnosticError.of(_SUMMARY, _not_json(content.decode(), problem)) from None
    if not isinstance(found, dict):
        raise DiagnosticError.of(_SUMMARY, "Ignition reads a JSON object, and this is another value.")
    return content


def _not_json(content: str, problem: json.JSONDecodeError) -> str:
    if may_be_path(content):
        return f'content is neither JSON nor the path of a file: there is no file "{content}".'
    return (
        f"It is no JSON: {problem.msg}, in line {problem.lineno}, column {problem.colno}. A Butane configuration, "
        "which is YAML, has to be converted first: `butane config.bu > config.ign`."
    )


CONTENT = text_seed(_checked, any_text=False)
"""Ignition's configuration as a seed."""


def is_json(written: Object) -> Iterator[Problem]:
    """A content that can't be a path is a JSON object."""
    if isinstance(written["content"], str) and not may_be_path(written["content"]):
        yield from _problems(written["content"].encode())


def check(check: Check[Host]) -> Iterator[Problem]:
    """What is in a file is a JSON object too."""
    content = check.planned["content"]
    path = file_of(content, check.base_directory) if isinstance(content, str) else None
    if path is not None:
        yield from _problems(path.read_bytes())


def _problems(content: bytes) -> Iterator[Problem]:
    try:
        _checked(content)
    except DiagnosticError as problem:
        yield from (Problem(("content",), found) for found in problem.diagnostics)
