"""Disks that two guests have: which may be, and which would be ruined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from weakref import WeakKeyDictionary

from kvmform.diagnostics import error
from kvmform.host.host import Host
from kvmform.resources.domain.disk.drive import device_of
from kvmform.resources.domain.shape import elements
from kvmform.schema import Check, Claim, Object, Problem
from kvmform.struct import Struct

__all__ = ["check_sharing", "disk_claims"]


def disk_claims(domain: Object) -> Iterator[Claim]:
    """The images that this domain alone may have."""
    return (("disk", image) for _, image in _own_images(domain))


def check_sharing(check: Check[Host]) -> Iterator[Problem]:
    """Two guests that run at once have no one image, unless both say that it is shared, or only read it."""
    if check.planned["running"] is not True:
        return
    users = _users_of_images(check)
    for index, image in _own_images(check.planned):
        for other in users.get(image, ()):
            if other is not check.planned:
                detail = (
                    f'The domain "{other["name"]}" of this configuration has {image} too, and both are to run. Two '
                    "guests that write to one image ruin what is on it, and QEMU starts only the first. Give each one "
                    "of its own; or, for a file system that is made for it, write shareable = true in both, or "
                    "readonly = true."
                )
                yield Problem(("disk", index), error("Disk of another guest", detail))


class _Users(Struct):
    """Which of the domains that a plan has (`domains`, whose last is `last`) have an image."""

    domains: Sequence[Object]
    last: Object | None
    of_image: Mapping[str, Sequence[Object]]


_known: WeakKeyDictionary[Host, _Users] = WeakKeyDictionary()


def _users_of_images(check: Check[Host]) -> Mapping[str, Sequence[Object]]:
    """The domains that are to run, by the images that they write to; looked up once for all checks of a plan."""
    domains = check.others("libvirt_domain")
    last = domains[-1] if domains else None
    known = _known.get(check.host)
    if known is None or known.domains is not domains or known.last is not last:
        found: dict[str, list[Object]] = {}
        for domain in domains:
            for _, image in _own_images(domain) if domain["running"] is True else ():
                found.setdefault(image, []).append(domain)
        known = _known[check.host] = _Users(domains, last, found)
    return known.of_image


def _own_images(domain: Object) -> Iterator[tuple[int, str]]:
    """The images that a domain writes to and doesn't share, with the indexes of the disks."""
    for index, disk in enumerate(elements(domain["disk"])):
        if device_of(disk) == "cdrom" or disk.get("readonly") is True or disk.get("shareable") is True:
            continue
        for name in ("volume_id", "file", "block_device"):
            if isinstance(disk[name], str) and disk[name]:
                yield index, disk[name]
