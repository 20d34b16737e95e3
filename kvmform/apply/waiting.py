"""Who waits for whom while a plan is applied."""

from __future__ import annotations

from collections.abc import Mapping

from kvmform.address import InstanceAddress
from kvmform.graph.dag import Graph
from kvmform.plan.change import Step, Verb

__all__ = ["Waiting"]

_MOST = 100
"""How many are looked up: a step may have tens of thousands that wait for it."""


class Waiting:
    """Looks up whose steps wait for a step that is at work. Those behind a join wait for what the join waits for."""

    def __init__(self, steps: Mapping[int, Step], addresses: Mapping[int, InstanceAddress], graph: Graph[int]) -> None:
        self._addresses = addresses
        self._graph = graph
        self._numbers = {(address, steps[number].verb): number for number, address in addresses.items()}

    def on(self, address: InstanceAddress, verb: Verb) -> tuple[InstanceAddress, ...]:
        """The instances whose next step can't begin before this one is done, a hundred at most."""
        found: dict[InstanceAddress, None] = {}
        waited_for = [self._numbers[address, verb]]
        while waited_for and len(found) < _MOST:
            for number in sorted(self._graph.dependents(waited_for.pop())):
                if number not in self._addresses:
                    waited_for.append(number)
                elif self._addresses[number] != address:
                    found[self._addresses[number]] = None
        return tuple(found)[:_MOST]
