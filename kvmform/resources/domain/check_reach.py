"""Whether the guest's files are where the hypervisor's user gets to them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as FilePath

from kvmform.diagnostics import error
from kvmform.host.host import Host
from kvmform.host.reach import barrier_to
from kvmform.resources.elements import elements
from kvmform.schema import Check, Object, Path, Plain, Problem

__all__ = ["check_reach"]


def check_reach(check: Check[Host]) -> Iterator[Problem]:
    """Each disk, kernel, firmware or seed behind a directory that QEMU may not pass: the guest would not start."""
    account = check.host.account if check.planned["running"] is not False and not check.host.is_simulated else None
    if account is None:
        return
    for path, file in _files(check.planned):
        barrier = barrier_to(FilePath(file), account)
        if barrier is not None:
            detail = (
                f'QEMU runs as the user "{account.name}", which may not pass {barrier.directory}, so the guest can\'t '
                f"start with {file}. Allow it with `{barrier.fix}`, or keep the file elsewhere, for example in "
                "/var/lib/libvirt/images."
            )
            yield Problem(path, error("File out of reach for QEMU", detail))


def _files(planned: Object) -> Iterator[tuple[Path, str]]:
    for name in ("firmware", "kernel", "initrd", "cloudinit", "coreos_ignition"):
        if _is_path(planned[name]):
            yield (name,), planned[name].partition(";")[0]
    for index, disk in enumerate(elements(planned["disk"])):
        for name in ("volume_id", "file"):
            if _is_path(disk[name]):
                yield ("disk", index, name), disk[name]


def _is_path(value: Plain) -> bool:
    return isinstance(value, str) and value.startswith("/")
