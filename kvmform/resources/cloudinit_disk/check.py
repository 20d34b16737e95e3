"""What can be told about a cloud-init seed before it is written."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.diagnostics import warning
from kvmform.host.host import Host
from kvmform.resources.cloudinit_disk.metadata import instance_of
from kvmform.schema import Check, Problem

__all__ = ["check"]


def check(check: Check[Host]) -> Iterator[Problem]:
    """Whether cloud-init will carry out what is changed."""
    meta_data = check.planned["meta_data"]
    if check.observed is None or check.replace or not isinstance(meta_data, str):
        return
    given, before = instance_of(meta_data), instance_of(check.observed.object["meta_data"] or "")
    edited = [str(edit.path[0]) for edit in check.edits if edit.path[0] in {"user_data", "network_config"}]
    if edited and given is not None and given == before:
        yield Problem(
            (edited[0],),
            warning(
                "cloud-init will not carry out the change",
                f'meta_data has the instance-id "{given}", as before, and for each id cloud-init sets a guest up only '
                "once. Change the id too; or leave it out: kvmform then adds one that changes with the seed.",
            ),
        )
