"""Which address has an object: one object is not recorded twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from kvmform.address import InstanceAddress
from kvmform.diagnostics import DiagnosticError, SourceRange
from kvmform.schema import Object, ResourceType
from kvmform.state.model import InstanceState

__all__ = ["Holders"]


class Holders:
    """Addresses by the host, type and id of what they have."""

    def __init__(self, instances: Iterable[InstanceState], uri_of: Callable[[str], str]) -> None:
        self._uri_of = uri_of
        self._recorded: dict[tuple[str, str], list[InstanceState]] = {}
        for each in instances:
            self._recorded.setdefault((each.address.type, str(each.attributes.get("id"))), []).append(each)
        self._imported: dict[tuple[str, str, str], InstanceAddress] = {}

    def take(
        self,
        address: InstanceAddress,
        provider: str,
        kind: ResourceType[Any],
        found: Object,
        place: SourceRange | None = None,
    ) -> None:
        """Note that an address gets an object that was found.

        An id of a type that needs no host may be that of several objects.

        Raises:
            DiagnosticError: another address has it, or is to get it.
        """
        identity = found.get("id")
        if not kind.needs_host or not isinstance(identity, str):
            return
        uri = self._uri_of(provider)
        alike = self._recorded.get((kind.name, identity), ())
        other = next((each.address for each in alike if self._uri_of(each.provider) == uri), None)
        other = other or self._imported.setdefault((uri, kind.name, identity), address)
        if other != address:
            detail = (
                f"The object that is to be imported to {address} is {other} already, and an object has one address. "
                "Use a moved block, or kvmform state mv, to give it another one."
            )
            raise DiagnosticError.of("Resource already managed by kvmform", detail, place)
