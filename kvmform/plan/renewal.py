"""Objects that were made again while their users were not yet told.

An apply may be killed after it made an object again under the name of the old one, and before
it brought what uses it in line: the volume is a new file, and the running guest still holds the
old one. No attribute differs, so no comparison could see it. State does: it has the turn in which
each object was made, and the turn in which each was last settled. Such a user is planned once
more as if the object it uses were about to be made, as the killed run had planned it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from kvmform.address import InstanceAddress, ResourceAddress
from kvmform.config.memo import Read
from kvmform.state.model import InstanceState

__all__ = ["Renewals"]


class Renewals:
    """Tells what was made again since an instance was settled."""

    def __init__(self, prior: Mapping[InstanceAddress, InstanceState]) -> None:
        self._prior = prior

    @cached_property
    def _by_resource(self) -> dict[ResourceAddress, list[InstanceState]]:
        found: dict[ResourceAddress, list[InstanceState]] = {}
        for instance in self._prior.values():
            found.setdefault(instance.address.resource, []).append(instance)
        return found

    @cached_property
    def _newest(self) -> dict[ResourceAddress, int]:
        """The turn of each resource's youngest instance."""
        return {resource: max(each.made for each in members) for resource, members in self._by_resource.items()}

    def since_settled(self, user: InstanceState, reads: Iterable[Read]) -> Iterator[InstanceAddress]:
        """What was made again of that which the user's expressions read, and used when it was last applied."""
        for read in reads:
            resource = read.resource if isinstance(read, InstanceAddress) else read
            if self._newest.get(resource, 0) <= user.settled or str(resource) not in user.dependencies:
                continue
            members = self._by_resource[resource]
            if isinstance(read, InstanceAddress):
                members = [self._prior[read]] if read in self._prior else []
            yield from (each.address for each in members if each.made > user.settled)
