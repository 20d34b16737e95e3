"""Images that two drives have: which may be, and which QEMU would refuse to open.

A drive shares its image with others that write to it only if it says so (`shareable`). So two
drives go together where neither writes without the other's leave. Seen with QEMU 7.2, which
locks images so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from weakref import WeakKeyDictionary

from kvmform.diagnostics import error
from kvmform.host.host import Host
from kvmform.resources.domain.disk.drive import device_of
from kvmform.resources.domain.disk.locations import content_path
from kvmform.resources.domain.disk.places import DISK_PLACES
from kvmform.resources.elements import elements
from kvmform.schema import Check, Claim, Object, Plain, Problem
from kvmform.struct import Struct, field
from kvmform.xml.document import Document
from kvmform.xml.rows import read_rows

__all__ = ["check_sharing", "disk_claims"]

_IMAGES = ("volume_id", "file", "block_device")


class _Use(Struct):
    """A drive with an image: whose it is (UUID, index, name), and what it does with it."""

    domain: Plain
    index: int
    name: str
    writes: bool
    shares: bool


class _Users(Struct):
    """The drives with one image that write to it, and those that don't share it with such."""

    writing: list[_Use] = field(default_factory=list)
    unshared: list[_Use] = field(default_factory=list)

    def add(self, use: _Use) -> None:
        """Take note of a drive."""
        if use.writes:
            self.writing.append(use)
        if not use.shares:
            self.unshared.append(use)

    def against(self, use: _Use) -> _Use | None:
        """Another drive that can't have the image at the same time."""
        others = (*(self.unshared if use.writes else ()), *(() if use.shares else self.writing))
        return next((other for other in others if (other.domain, other.index) != (use.domain, use.index)), None)


class _Known(Struct):
    """The users of images by their path, and which plan they are of: its domains, and the last of them."""

    domains: Sequence[Object]
    last: Object | None
    of_image: Mapping[str, _Users]


_known: WeakKeyDictionary[Host, _Known] = WeakKeyDictionary()


def disk_claims(domain: Object) -> Iterator[Claim]:
    """The images that this domain alone may have."""
    for disk in elements(domain["disk"]):
        if _writes(disk) and disk.get("shareable") is not True:
            yield from (("disk", disk[name]) for name in _IMAGES if isinstance(disk[name], str) and disk[name])


def check_sharing(check: Check[Host]) -> Iterator[Problem]:
    """Drives of guests that run at once have no one image, unless they share it, or none of them writes."""
    if check.planned["running"] is not True:
        return
    users = _users_of_images(check)
    for image, use in _planned_uses(check.host, check.planned):
        other = users[image].against(use) if image in users else None
        if other is not None:
            whose = "Another disk of this domain" if other.domain == use.domain else f'The domain "{other.name}"'
            detail = (
                f"{whose} has {image} too. Two that write to one image ruin what is on it, so QEMU opens it only for "
                "the first. Give each an image of its own; or, for a file system that is made for it, write shareable "
                "= true in both, or readonly = true."
            )
            yield Problem(("disk", use.index), error("Disk of another guest", detail))


def _users_of_images(check: Check[Host]) -> Mapping[str, _Users]:
    """The drives of all guests that are to run, and of those that run besides; looked up once for all checks."""
    domains = check.others("libvirt_domain")
    last = domains[-1] if domains else None
    known = _known.get(check.host)
    if known is None or known.domains is not domains or known.last is not last:
        found: dict[str, _Users] = {}
        planned = (use for domain in domains if domain["running"] is True for use in _planned_uses(check.host, domain))
        for image, use in (*planned, *_foreign_uses(check, {domain["id"] for domain in domains})):
            found.setdefault(image, _Users()).add(use)
        known = _known[check.host] = _Known(domains, last, found)
    return known.of_image


def _planned_uses(host: Host, domain: Object) -> Iterator[tuple[str, _Use]]:
    for index, disk in enumerate(elements(domain["disk"])):
        use = _Use(domain["id"], index, str(domain["name"]), _writes(disk), disk.get("shareable") is True)
        yield from (
            (content_path(host, disk[name]), use) for name in _IMAGES if isinstance(disk[name], str) and disk[name]
        )


def _foreign_uses(check: Check[Host], planned: set[Plain]) -> Iterator[tuple[str, _Use]]:
    """Of guests that run on the host, and that this plan neither has nor ends."""
    ending = check.leaving("libvirt_domain")
    for record in check.host.inventory.domains.all():
        if record.live_xml is None or record.uuid in planned or record.uuid in ending:
            continue
        for index, element in enumerate(Document.parse(record.live_xml).find_all("devices/disk")):
            places = read_rows(element, DISK_PLACES)
            image = places["file"] or places["block"]
            if image:
                use = _Use(record.uuid, index, record.name, not places["readonly"], bool(places["shareable"]))
                yield image, use


def _writes(disk: Object) -> bool:
    return device_of(disk) != "cdrom" and disk.get("readonly") is not True
