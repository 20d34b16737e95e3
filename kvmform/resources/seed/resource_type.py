"""How a seed becomes a resource type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from kvmform.host.host import Host
from kvmform.resources.seed.lifecycle import Seed, key_of
from kvmform.resources.volume.place import check_awake, check_place, claims, find
from kvmform.schema import Check, Disruption, Portrait, Problem, ResourceType, Schema

__all__ = ["seed_type"]

_UNREAD = (
    "What is in it can't be read back. It stays as it is until the arguments for it are written; one that is made anew "
    "has what they say."
)


def seed_type(
    name: str, schema: Schema, seed: Seed, check_content: Callable[[Check[Host]], Iterable[Problem]]
) -> ResourceType[Host]:
    """A resource type whose objects are seeds; `check_content` looks at what is to be in one."""

    def check(check: Check[Host]) -> Iterator[Problem]:
        """Whether there is a place for the volume, and whether a guest could read what is in it."""
        if check.observed is None or check.replace:
            yield from check_awake(check)
            yield from check_place(check, None if check.observed is None else key_of(check.observed.object["id"]))
        yield from check_content(check)

    return ResourceType(
        name=name,
        schema=schema,
        read=seed.read,
        find=lambda host, meant: find(host, key_of(meant) or meant),
        propose=seed.propose,
        check=check,
        create=seed.create,
        update=seed.update,
        delete=seed.delete,
        claims=claims,
        portray=lambda _host, found: Portrait(found, remark=_UNREAD),
        delete_disruption=Disruption.REPLACE,
    )
