"""The domain's definition that a snapshot keeps: reverting brings it back too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kvmform.host.records import DomainRecord, SnapshotRecord
from kvmform.resources.snapshot.disks import CapturedDisk, captured_disks
from kvmform.xml.document import Document, element_text

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["disks_in", "has_hot_plugged_vcpus", "is_redefined", "returning"]


def is_redefined(domain: DomainRecord, snapshot: SnapshotRecord) -> bool:
    """Whether the domain has another definition now than when the snapshot was taken."""
    then = _definition(snapshot)
    return then is not None and _content(then) != _content(Document.parse(domain.xml).root)


def returning(domain: DomainRecord, snapshot: SnapshotRecord) -> tuple[list[str], list[str]]:
    """The targets of disks that come back with the snapshot's definition, and of those that go with the present one."""
    then, now = _targets(_definition(snapshot)), _targets(Document.parse(domain.xml).root)
    return sorted(then - now), sorted(now - then)


def disks_in(snapshot: SnapshotRecord) -> list[CapturedDisk]:
    """The disks that the snapshot has captured, where they were before it."""
    document = Document.parse(snapshot.xml)
    domain = document.find("domain")
    captured = {
        disk.get("name") for disk in document.find_all("disks/disk") if disk.get("snapshot") in {"internal", "external"}
    }
    disks = captured_disks(Document(domain)) if domain is not None else []
    return [disk for disk in disks if disk.target in captured]


def has_hot_plugged_vcpus(domain: Element | None) -> bool:
    """Whether processors were added while the guest ran, which QEMU can't give back to memory that it loads.

    libvirt starts the guest with those that it began with; the memory is then refused, and the guest is left off.
    """
    vcpus = domain.findall("vcpus/vcpu") if domain is not None else ()
    return any(vcpu.get("enabled") == "yes" and vcpu.get("hotpluggable") == "yes" for vcpu in vcpus)


def _definition(snapshot: SnapshotRecord) -> Element | None:
    """Of a running guest, libvirt keeps what it was (`domain`) and what it was to be at its next start."""
    kept = Document.parse(snapshot.xml)
    then = kept.find("inactiveDomain")
    return then if then is not None else kept.find("domain")


def _targets(domain: Element | None) -> set[str]:
    targets = domain.findall("devices/disk/target") if domain is not None else ()
    return {target.get("dev", "") for target in targets}


def _content(domain: Element) -> list[str]:
    """What is in it, however it is indented."""
    return [" ".join(element_text(child).split()) for child in domain]
