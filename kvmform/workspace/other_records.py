"""Records that Terraform's provider for libvirt made: those of 0.8 are taken over, those of 0.9 can't be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kvmform.address import InstanceAddress
from kvmform.diagnostics import Diagnostic, DiagnosticError, warning
from kvmform.plan.change import Action, Change
from kvmform.plan.paths import path_text
from kvmform.resources.volume_types import SEED_TYPES
from kvmform.schema import ResourceType
from kvmform.state.model import InstanceState

__all__ = ["never_done", "reject_records_of_0_9"]

_PROVIDER = "libvirt_"
_LOCAL = frozenset({"path"})
"""What 0.9 recorded of volumes, and of seeds, which it kept in temporary files."""


def reject_records_of_0_9(
    instances: Mapping[InstanceAddress, InstanceState], types: Mapping[str, ResourceType[Any]]
) -> None:
    """Refuse a state of provider 0.9, whose records are libvirt's XML element by element.

    Raises:
        DiagnosticError: with what brings each of its objects into a state that kvmform reads.
    """
    found = [each for each in instances.values() if _is_of_0_9(each, types)]
    if not found:
        return
    forget = " ".join(f"'{each.address}'" for each in found)
    imports = "\n".join(_import(each) for each in found if each.address.type not in SEED_TYPES)
    detail = (
        "The state was written by dmacvicar/libvirt 0.9, which records libvirt's XML element by element; kvmform reads "
        "the records of 0.6 to 0.8. The objects themselves can be taken up as they are, guests running. Take them out "
        f"of this state:\n\n  kvmform state rm {forget}\n\nand add these blocks to the configuration, which has to be "
        "written as for 0.8, too (see the how-to from-terraform):\n\n"
        f"{imports}\n\nSeeds (libvirt_cloudinit_disk and the like) were temporary files in 0.9; they are made anew."
    )
    raise DiagnosticError.of("State of provider 0.9", detail)


def _is_of_0_9(instance: InstanceState, types: Mapping[str, ResourceType[Any]]) -> bool:
    kind = types.get(instance.address.type) if instance.address.type.startswith(_PROVIDER) else None
    if kind is None:
        return False
    foreign = (kind.schema.other_dialect | _LOCAL) - kind.schema.rows.keys()
    return not foreign.isdisjoint(instance.attributes)


def _import(instance: InstanceState) -> str:
    told = instance.attributes
    name = told.get("path") if instance.address.type == "libvirt_volume" else told.get("name")
    return f'  import {{\n    to = {instance.address}\n    id = "{name}"\n  }}'


def never_done(
    changes: Iterable[Change], recorded: Mapping[InstanceAddress, InstanceState], types: Mapping[str, ResourceType[Any]]
) -> Iterator[Diagnostic]:
    """Why objects that Terraform took to be as they are written are changed all the same."""
    lines = [
        f"  - {change.address}: {', '.join(path_text(edit.path) for edit in change.edits)}"
        for change in changes
        if change.action in {Action.UPDATE, Action.REPLACE} and _is_of_0_8(recorded.get(change.address), types)
    ]
    if lines:
        listed = "\n".join(lines)
        detail = (
            "This state was written by provider 0.8, which accepted some thirty kinds of edits, noted them, and did "
            "nothing. So what this plan changes may not be new: it may have been written long ago, and never done. "
            f"kvmform would do it now:\n{listed}\n\nTo keep things as they are, write down what is real instead."
        )
        yield warning("Provider 0.8 may never have done this", detail)


def _is_of_0_8(instance: InstanceState | None, types: Mapping[str, ResourceType[Any]]) -> bool:
    if instance is None or instance.settled or not instance.address.type.startswith(_PROVIDER):
        return False
    return bool(types[instance.address.type].schema.lacking(instance.attributes))
