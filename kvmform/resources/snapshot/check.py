"""What libvirt would refuse, or what would leave the guest broken, told before anything is done."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.diagnostics import error, warning
from kvmform.host.features import Feature
from kvmform.host.host import Host
from kvmform.resources.snapshot.definition import is_redefined
from kvmform.resources.snapshot.disks import captured_disks
from kvmform.resources.snapshot.kinds import is_external, planned_domain, will_run, with_other_kind
from kvmform.schema import Check, Object, Plain, Problem
from kvmform.values.model import Unknown
from kvmform.xml.document import Document

__all__ = ["check"]


def check(check: Check[Host]) -> Iterator[Problem]:
    """Every problem that the plan would run into."""
    name, domain = check.planned["name"], check.planned["domain_id"]
    if isinstance(name, str) and "/" in name:
        yield Problem(("name",), error("Invalid snapshot name", "A snapshot's name can't have a slash in it."))
    if any(edit.path == ("revert",) and edit.after is not None for edit in check.edits):
        yield from _check_revert(check)
    if check.observed is not None and not check.replace:
        return
    if isinstance(name, str) and isinstance(domain, str):
        yield from _check_name(check, domain, name)
    running = will_run(check)
    external = is_external(check.planned, running=running)
    yield from _check_memory(check, running=running, external=external)
    yield from _check_kinds(check, running=running, external=external)
    if not external:
        yield from _check_disks(check)


def _check_name(check: Check[Host], domain: str, name: str) -> Iterator[Problem]:
    existing = check.host.inventory.snapshots.get(domain, name)
    if existing is not None and (check.observed is None or check.observed.object["name"] != name):
        detail = (
            f'The domain has a snapshot "{name}" that is not in this state, so it is left alone. Choose another name, '
            "or delete that one."
        )
        yield Problem(("name",), error("Snapshot already exists", detail))


def _check_revert(check: Check[Host]) -> Iterator[Problem]:
    external = check.planned.get("state") == "disk-snapshot"
    if external and not check.host.can(Feature.EXTERNAL_REVERT):
        detail = (
            "This is an external snapshot (it was taken of a running guest with memory = false), and libvirt on this "
            "host can't revert to those; libvirt 9.9 and later can. Take snapshots with memory, or of a guest that is "
            "off."
        )
        yield Problem(("revert",), error("Revert not supported", detail))
    domain, name = check.planned["domain_id"], check.planned["name"]
    snapshot, record = check.host.inventory.snapshots.get(domain, name), check.host.inventory.domains.get(domain)
    if snapshot is not None and record is not None and is_redefined(record, snapshot):
        detail = (
            f'The definition of "{record.name}" was changed since the snapshot was taken, and comes back with it. The '
            "next plan shows what then differs from the configuration; apply that too."
        )
        yield Problem(("revert",), warning("Reverting takes the definition back too", detail))


def _check_memory(check: Check[Host], *, running: bool, external: bool) -> Iterator[Problem]:
    if check.planned["memory"] is True and not running:
        detail = "The guest is off, so there is no memory to keep. Start it (running = true), or leave out memory."
        yield Problem(("memory",), error("Snapshot without memory", detail))
    if external and not check.host.can(Feature.EXTERNAL_SNAPSHOT):
        detail = (
            "Without its memory, a running guest is captured in files of their own (an external snapshot), which this "
            "host doesn't have. Leave out memory = false, or stop the guest."
        )
        yield Problem(("memory",), error("External snapshot not supported", detail))


def _check_kinds(check: Check[Host], *, running: bool, external: bool) -> Iterator[Problem]:
    """An external snapshot can't be deleted behind an internal one; the other way round, reverting breaks the guest."""
    others = sorted(set(with_other_kind(check, running=running)))
    if others:
        mine, theirs = ("external", "internal") if external else ("internal", "external")
        detail = (
            f"This would be an {mine} snapshot, and the domain has {theirs} ones: {', '.join(others)}. libvirt can't "
            "delete or revert them safely where a domain has both. A snapshot is external if it is taken of a running "
            "guest with memory = false, and internal else: use one kind for all snapshots of this domain."
        )
        yield Problem(("memory",), error("Two kinds of snapshots", detail))


def _check_disks(check: Check[Host]) -> Iterator[Problem]:
    """An internal snapshot needs images that can hold one: qcow2."""
    for target, image in _raw_disks(check, planned_domain(check)):
        detail = (
            f"The disk {target} ({image}) is raw, and a raw image can't hold a snapshot. Give its volume format = "
            f'"qcow2" (an existing image is converted with: qemu-img convert -O qcow2 {image} NEW.qcow2), or, for a '
            "running guest, take the disks only, in files of their own, with memory = false."
        )
        yield Problem(("domain_id",), error("Snapshot of a raw disk", detail))


def _raw_disks(check: Check[Host], planned: Object | None) -> Iterator[tuple[str, str]]:
    if planned is not None:
        for index, disk in enumerate(planned["disk"] if isinstance(planned["disk"], list) else ()):
            image = disk.get("volume_id") or disk.get("file") or ""
            if _format_of(check, disk) == "raw":
                yield disk.get("target") or f"number {index + 1}", _shown(image)
        return
    domain = check.planned["domain_id"]
    record = check.host.inventory.domains.get(domain) if isinstance(domain, str) else None
    for found in captured_disks(record) if record is not None else ():
        if found.format == "raw":
            yield found.target, found.source


def _shown(image: Plain) -> str:
    return image.prefix if isinstance(image, Unknown) else str(image)


def _format_of(check: Check[Host], disk: Object) -> Plain:
    """The format of a planned disk's image; None where it can't be told yet."""
    volume = disk.get("volume_id")
    if volume is None:
        file = disk.get("file")
        if isinstance(file, str) and not file.endswith(".iso"):
            return "qcow2" if file.endswith(".qcow2") else "raw"
        return "raw" if isinstance(disk.get("block_device"), str) else None
    place = volume.prefix if isinstance(volume, Unknown) else volume
    for other in check.others("libvirt_volume"):
        own = other["id"].prefix if isinstance(other["id"], Unknown) else other["id"]
        if place and own == place:
            return other["format"]
    record = check.host.inventory.volumes.get(volume) if isinstance(volume, str) else None
    return Document.parse(record.xml).get("target/format/@type") if record is not None else None
