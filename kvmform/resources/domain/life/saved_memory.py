"""A guest whose memory is saved on disk (libvirt's managed save): it goes on from there when it next starts.

It then has the definition that it was saved with. So it is changed like a guest that runs: woken first, and rebooted
where that is needed. One that is to stay off can't be woken, and the plan says what that means.
"""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.diagnostics import error, warning
from kvmform.host.host import Host
from kvmform.schema import Check, Problem

__all__ = ["check_saved_memory"]


def check_saved_memory(check: Check[Host]) -> Iterator[Problem]:
    """What becomes of the saved memory, where the plan changes the domain."""
    observed = check.observed
    if observed is None or not observed.facts.get("managed_save"):
        return
    name = observed.object["name"]
    discard = f"To throw the memory away instead, as if the plug were pulled: virsh managedsave-remove {name}."
    if check.replace:
        return
    if check.planned["running"] is not False:
        detail = (
            f'The memory of "{name}" is saved on disk. The guest goes on from there first, and then gets the changes '
            f"as one that runs. {discard}"
        )
        yield Problem((), warning("Guest goes on from its saved memory", detail))
    elif check.planned["name"] != name:
        detail = (
            f'The memory of "{name}" is saved on disk, and libvirt renames no such domain. Let the guest go on '
            f"(running = true). {discard}"
        )
        yield Problem(("name",), error("Domain with saved memory can't be renamed", detail))
    elif any(edit.path[0] != "running" for edit in check.edits):
        detail = (
            f'The memory of "{name}" is saved on disk, and the guest goes on from there when it next starts: with the '
            f"definition that it had. What is changed now takes effect after it has been rebooted. {discard}"
        )
        yield Problem((), warning("Guest will go on from its saved memory", detail))
