"""Guests whose state a snapshot doesn't hold: firmware, TPM, processors that were plugged, memory that is saved."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.diagnostics import error, warning
from kvmform.host.host import Host
from kvmform.resources.elements import elements
from kvmform.resources.snapshot.definition import has_hot_plugged_vcpus
from kvmform.resources.snapshot.kinds import existing_domain, planned_domain, will_run
from kvmform.schema import Check, Problem
from kvmform.xml.document import Document

__all__ = ["check_guest"]


def check_guest(check: Check[Host], *, external: bool, memory: bool) -> Iterator[Problem]:
    """What the domain, as planned or as it is, doesn't allow, or what would not come back."""
    if not external and _has_uefi(check):
        detail = (
            "The domain boots by UEFI firmware, whose variables are in a file of their own that libvirt keeps in no "
            "internal snapshot. Have the disks go on in files of their own: external = true, for a running guest "
            "together with memory = false."
        )
        yield Problem(("domain_id",), error("Internal snapshot of a UEFI guest", detail))
    if not memory and _has_tpm(check):
        detail = (
            "The domain has an emulated TPM, and what is in it is kept only together with the guest's memory. After "
            "reverting, the TPM has what it has by then: keys that are sealed to what was on the disks may not open."
        )
        yield Problem(("domain_id",), warning("Snapshot without the TPM", detail))
    if memory and _plugs_vcpus(check):
        detail = (
            "Processors were added while the guest ran, or are with this plan. QEMU can't load memory that was saved "
            "so: reverting would fail, and leave the guest off. Reboot the guest first (it then starts with them "
            "all), or take the disks alone (memory = false)."
        )
        yield Problem(("memory",), error("Memory of a guest with plugged processors", detail))
    record = existing_domain(check)
    if record is not None and record.managed_save and not will_run(check):
        detail = (
            f'The memory of "{record.name}" is saved on disk, and the guest will go on from there, with disks as they '
            "are now; a snapshot of the disks alone would not fit it. Start the guest first (running = true), or throw "
            f"the memory away: virsh managedsave-remove {record.name}."
        )
        yield Problem(("domain_id",), error("Snapshot beside saved memory", detail))


def _has_uefi(check: Check[Host]) -> bool:
    planned, record = planned_domain(check), existing_domain(check)
    if planned is not None and (planned["firmware"] or record is None):
        is_rom = any(loader["type"] == "rom" for loader in elements(planned["loader"]))
        return bool(planned["firmware"]) and planned["firmware"] != "bios" and not is_rom
    if record is None:
        return False
    document = Document.parse(record.xml)
    if document.get("os/nvram/@format") == "qcow2":
        return False
    return document.get("os/loader/@type") == "pflash" or document.get("os/@firmware") == "efi"


def _has_tpm(check: Check[Host]) -> bool:
    planned, record = planned_domain(check), existing_domain(check)
    if planned is not None:
        return any(tpm["backend_type"] in {None, "emulator"} for tpm in elements(planned["tpm"]))
    return record is not None and Document.parse(record.xml).find("devices/tpm/backend[@type='emulator']") is not None


def _plugs_vcpus(check: Check[Host]) -> bool:
    """Whether the running guest has, or gets before the snapshot, processors that it did not start with."""
    planned, record = planned_domain(check), existing_domain(check)
    if record is None or record.live_xml is None:
        return False
    live = Document.parse(record.live_xml)
    if has_hot_plugged_vcpus(live.root):
        return True
    if planned is None or not isinstance(planned["vcpu"], int):
        return False
    most = int(live.get("vcpu") or 1)
    now = int(live.get("vcpu/@current") or most)
    return now < planned["vcpu"] <= most
