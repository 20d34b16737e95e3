"""What libvirt would refuse, or what would leave the guest broken, told before anything is done."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.diagnostics import error
from kvmform.host.features import Feature
from kvmform.host.host import Host
from kvmform.host.records import PowerState
from kvmform.resources.snapshot.agent import agent_answers
from kvmform.resources.snapshot.check_guest import check_guest
from kvmform.resources.snapshot.check_images import check_images
from kvmform.resources.snapshot.check_revert import check_revert
from kvmform.resources.snapshot.kinds import (
    existing_domain,
    is_external,
    keeps_memory,
    planned_domain,
    will_run,
    with_other_kind,
)
from kvmform.resources.snapshot.schema import MANDATORY
from kvmform.schema import Check, Problem

__all__ = ["check"]


def check(check: Check[Host]) -> Iterator[Problem]:
    """Every problem that the plan would run into."""
    name, domain = check.planned["name"], check.planned["domain_id"]
    if any(edit.path == ("revert",) and edit.after is not None for edit in check.edits):
        yield from check_revert(check)
    if check.observed is not None and not check.replace:
        return
    if isinstance(name, str) and isinstance(domain, str):
        yield from _check_name(check, domain, name)
    running = will_run(check)
    external = is_external(check.planned, running=running)
    memory = keeps_memory(check.planned, running=running, external=external)
    yield from _check_memory(check, running=running, external=external, memory=memory)
    yield from _check_quiesce(check, running=running, disks_only=external and not memory)
    yield from _check_kinds(check, running=running, external=external)
    yield from check_images(check, external=external, memory=memory)
    yield from check_guest(check, external=external, memory=memory)


def _check_name(check: Check[Host], domain: str, name: str) -> Iterator[Problem]:
    existing = check.host.inventory.snapshots.get(domain, name)
    if existing is not None and (check.observed is None or check.observed.object["name"] != name):
        detail = (
            f'The domain has a snapshot "{name}" that is not in this state, so it is left alone. Choose another name, '
            f"import it ({domain}/{name}), or delete it: kvmform snapshot delete {name} ADDRESS."
        )
        yield Problem(("name",), error("Snapshot already exists", detail))


def _check_memory(check: Check[Host], *, running: bool, external: bool, memory: bool) -> Iterator[Problem]:
    if memory and not running:
        detail = "The guest is off, so there is no memory to keep. Start it (running = true), or leave out memory."
        yield Problem(("memory",), error("Snapshot without memory", detail))
    if running and not memory and not external:
        detail = (
            "Within the images a running guest is captured only together with its memory. Leave out memory = false; or "
            "external = false, and the disks go on in files of their own; or stop the guest (running = false)."
        )
        yield Problem(("memory",), error("Snapshot without memory", detail))
    if external and not check.host.can(Feature.EXTERNAL_SNAPSHOT):
        detail = (
            "This would be an external snapshot, in files of its own, which this host doesn't have. A running guest "
            "is captured so without its memory: leave out memory = false, or stop the guest; and leave out external."
        )
        yield Problem(("memory",), error("External snapshot not supported", detail))
    elif external and not check.host.can(Feature.EXTERNAL_DELETE):
        detail = (
            "This would be an external snapshot, and libvirt on this host can make such ones, but not delete them: "
            "libvirt 9.0 and later can. Take it with memory, or of a guest that is off, within the images."
        )
        yield Problem(("external",), error("External snapshot not supported", detail))
    planned, record = planned_domain(check), existing_domain(check)
    stands = record is not None and record.state is PowerState.PAUSED
    if external and memory and (stands if planned is None else planned["paused"] is True):
        detail = (
            "The guest is paused. QEMU lets go of its disks when it writes the memory of a paused guest to a file, and "
            "takes them back only when it runs. Resume the guest first, or keep the memory inside the image "
            "(external = false)."
        )
        yield Problem(("memory",), error("Memory of a paused guest", detail))


def _check_quiesce(check: Check[Host], *, running: bool, disks_only: bool) -> Iterator[Problem]:
    wanted = check.planned["quiesce"]
    if wanted is None or not running:
        return
    if not disks_only:
        detail = (
            "The guest agent freezes file systems only for a snapshot of the disks alone (memory = false): with its "
            "memory a guest goes on as it was, and nothing needs to be frozen. Leave out quiesce."
        )
        yield Problem(("quiesce",), error("Nothing to quiesce", detail))
        return
    record = existing_domain(check)
    if wanted == MANDATORY and record is not None and record.active and not agent_answers(record):
        detail = (
            f'The guest agent of "{record.name}" does not answer, so the file systems can\'t be frozen. Install and '
            'start qemu-guest-agent in the guest; or write quiesce = "optional": the disks are then captured as they '
            "are, as after a power failure."
        )
        yield Problem(("quiesce",), error("Guest agent does not answer", detail))


def _check_kinds(check: Check[Host], *, running: bool, external: bool) -> Iterator[Problem]:
    """An external snapshot can't be deleted behind an internal one; the other way round, reverting breaks the guest."""
    others = sorted(set(with_other_kind(check, running=running)))
    if others:
        mine, theirs = ("external", "internal") if external else ("internal", "external")
        detail = (
            f"This would be an {mine} snapshot, and the domain has {theirs} ones: {', '.join(others)}. libvirt can't "
            "delete or revert them safely where a domain has both. A snapshot is external if external says so, or if "
            "it is taken of a running guest with memory = false, and internal else: use one kind for all snapshots of "
            "this domain."
        )
        yield Problem(("memory",), error("Two kinds of snapshots", detail))
