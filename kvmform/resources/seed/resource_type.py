"""How a seed becomes a resource type."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator

from kvmform.host.features import Feature
from kvmform.host.host import Host
from kvmform.host.transfer import download_volume
from kvmform.resources.seed.lifecycle import Seed, key_of
from kvmform.resources.volume.place import check_awake, check_place, claims, find
from kvmform.schema import Check, Disruption, Object, Portrait, Problem, ResourceType, Schema
from kvmform.xml.document import Document

__all__ = ["seed_type"]

_LARGEST = 8 * 1024 * 1024
"""How many bytes of a seed are read at most."""

_UNREAD = (
    "What is in it can't be read back. It stays as it is until the arguments for it are written; one that is made anew "
    "has what they say."
)


def seed_type(
    name: str,
    schema: Schema,
    seed: Seed,
    check_content: Callable[[Check[Host]], Iterable[Problem]],
    content_of: Callable[[bytes], Object | None],
) -> ResourceType[Host]:
    """A resource type whose objects are seeds.

    Args:
        name: its name.
        schema: its table.
        seed: how its bytes are made.
        check_content: looks at what is to be in one.
        content_of: the arguments that the bytes of one were made from; None if they are no such seed.
    """

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
        found_by="POOL/NAME, or its path (its key)",
        propose=seed.propose,
        check=check,
        create=seed.create,
        update=seed.update,
        delete=seed.delete,
        claims=claims,
        portray=lambda host, found: _portrait(host, found, content_of),
        delete_disruption=Disruption.REPLACE,
    )


def _portrait(host: Host, found: Object, content_of: Callable[[bytes], Object | None]) -> Portrait:
    """A seed, with what is in it: only here it is looked at, since that takes a download."""
    content = _content(host, key_of(found["id"]), content_of)
    return Portrait(found, remark=_UNREAD) if content is None else Portrait(found | content)


def _content(host: Host, key: str | None, content_of: Callable[[bytes], Object | None]) -> Object | None:
    record = host.inventory.volumes.get(key) if key is not None else None
    capacity = Document.parse(record.xml).get("capacity") if record is not None else None
    if record is None or not host.can(Feature.UPLOAD) or int(capacity or 0) > _LARGEST:
        return None
    target = io.BytesIO()
    download_volume(host, record.key, target)
    return content_of(target.getvalue())
