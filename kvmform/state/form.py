"""Typed access to JSON that others wrote: what is missing has a default, what is wrong is told with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

__all__ = ["MalformedError", "member", "rest", "within"]

T = TypeVar("T")

_KINDS = {str: "a string", int: "a whole number", bool: "true or false", dict: "an object", list: "a list"}


class MalformedError(ValueError):
    """A part of a JSON value is not as the format has it; becomes a diagnostic where the file is known."""


def member(form: Mapping[str, Any], name: str, default: T, kind: type[T] | None = None) -> T:
    """A member of an object, or `default` where it is missing or null, which are the same to Terraform.

    Raises:
        MalformedError: it is not of the default's type (or of `kind`).
    """
    value = form.get(name)
    if value is None:
        return default
    kind = kind or type(default)
    if type(value) is not kind:
        raise MalformedError(f"{name} is not {_KINDS[kind]}")
    return value


def rest(form: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    """The members that are not among the known ones."""
    return {name: value for name, value in form.items() if name not in known} if form.keys() - known else {}


@contextmanager
def within(place: str) -> Iterator[None]:
    """Put `place` in front of the place that a MalformedError tells."""
    try:
        yield
    except MalformedError as problem:
        raise MalformedError(f"{place}.{problem}") from problem
