"""The tables of how the guest shares the host's processors and disks with others."""

from __future__ import annotations

from kvmform.resources.domain.equivalence import same_cpuset
from kvmform.resources.domain.machine.policies import (
    by_parts,
    counted,
    pinned,
    pinned_processor,
    scheduled,
    weighted,
)
from kvmform.resources.domain.rows import AT_START, group, number, text
from kvmform.schema import Block, Policy, Row
from kvmform.values.types import STRING

__all__ = ["BLKIOTUNE", "CPUTUNE", "PERF", "RESOURCE"]


def _cpuset(doc: str, xml: str, change: Policy, *, required: bool = False) -> Row:
    return Row(type=STRING, required=required, change=change, xml=xml, same=same_cpuset, doc=doc)


def _scheduled(doc: str, name: str) -> Row:
    return number(doc, f"cputune/{name}", scheduled)


_SCHEDULERS = ("batch", "idle", "fifo", "rr")
_PERIOD = "Length of a period in microseconds, for {}."
_QUOTA = "Microseconds in each period that {} may run; negative: all."

_CPUTUNE_ROWS: dict[str, Row | Block] = {
    "shares": _scheduled("Its weight beside other guests, where processors are scarce.", "shares"),
    "period": _scheduled(_PERIOD.format("each virtual processor"), "period"),
    "quota": _scheduled(_QUOTA.format("each virtual processor"), "quota"),
    "global_period": _scheduled(_PERIOD.format("the whole guest"), "global_period"),
    "global_quota": _scheduled(_QUOTA.format("the whole guest"), "global_quota"),
    "emulator_period": _scheduled(_PERIOD.format("the emulator"), "emulator_period"),
    "emulator_quota": _scheduled(_QUOTA.format("the emulator"), "emulator_quota"),
    "iothread_period": _scheduled(_PERIOD.format("each I/O thread"), "iothread_period"),
    "iothread_quota": _scheduled(_QUOTA.format("each I/O thread"), "iothread_quota"),
    "emulatorpin": _cpuset("The host's processors that run the emulator.", "cputune/emulatorpin/@cpuset", pinned),
    "vcpupin": Block(
        doc="The host's processors that run a virtual one.",
        xml="cputune/vcpupin",
        match=(("vcpu",),),
        pair_rest=False,
        change=pinned_processor,
        rows={
            "vcpu": number("Number of the virtual processor, from 0.", "@vcpu", pinned_processor, required=True),
            "cpuset": _cpuset("The host's, such as `0-1,4`.", "@cpuset", pinned_processor, required=True),
        },
    ),
    "iothreadpin": Block(
        doc="The host's processors that run an I/O thread.",
        xml="cputune/iothreadpin",
        match=(("iothread",),),
        pair_rest=False,
        change=pinned,
        rows={
            "iothread": number("Number of the I/O thread, from 1.", "@iothread", pinned, required=True),
            "cpuset": _cpuset("The host's processors.", "@cpuset", pinned, required=True),
        },
    ),
    "vcpusched": Block(
        doc="How the host's scheduler treats a virtual processor.",
        xml="cputune/vcpusched",
        match=(("vcpu",),),
        pair_rest=False,
        change=AT_START,
        rows={
            "vcpu": number("Number of the virtual processor.", "@vcpus", required=True),
            "scheduler": text("`batch`, `idle`, `fifo` or `rr`.", xml="@scheduler", choices=_SCHEDULERS),
            "priority": number("Priority, for `fifo` and `rr`.", "@priority"),
        },
    ),
}
CPUTUNE = group("How much of the host's processors the guest gets, and which.", _CPUTUNE_ROWS, by_parts(_CPUTUNE_ROWS))


def _limited(doc: str, name: str) -> Row:
    return number(doc, name, weighted)


_BLKIOTUNE_ROWS: dict[str, Row | Block] = {
    "weight": number("Its weight beside other guests, 10 to 1000.", "blkiotune/weight", weighted),
    "device": Block(
        doc="The same for one disk of the host.",
        xml="blkiotune/device",
        match=(("path",),),
        pair_rest=False,
        change=weighted,
        rows={
            "path": Row(type=STRING, required=True, change=weighted, xml="path", doc="Path on the host."),
            "weight": _limited("Its weight beside other guests.", "weight"),
            "read_bytes_sec": _limited("Most bytes to read in a second.", "read_bytes_sec"),
            "write_bytes_sec": _limited("Most bytes to write in a second.", "write_bytes_sec"),
            "read_iops_sec": _limited("Most reads in a second.", "read_iops_sec"),
            "write_iops_sec": _limited("Most writes in a second.", "write_iops_sec"),
        },
    ),
}
BLKIOTUNE = group("How much of the host's disks the guest gets.", _BLKIOTUNE_ROWS, by_parts(_BLKIOTUNE_ROWS))

RESOURCE = group(
    "Where among the host's control groups the guest is.",
    {"partition": text("Path of the group, such as `/machine/labs`.", xml="resource/partition")},
)

_COUNTED = (
    *("cpu_cycles", "instructions", "ref_cpu_cycles", "bus_cycles", "cache_references", "cache_misses"),
    *("branch_instructions", "branch_misses", "stalled_cycles_frontend", "stalled_cycles_backend"),
    *("cpu_clock", "task_clock", "context_switches", "cpu_migrations"),
    *("page_faults", "page_faults_min", "page_faults_maj", "alignment_faults", "emulation_faults"),
    *("cmt", "mbmt", "mbml"),
)
_PERF_ROWS: dict[str, Row | Block] = {
    "event": Block(
        doc="What is counted.",
        xml="perf/event[@enabled='yes']",
        match=(("name",),),
        pair_rest=False,
        change=counted,
        rows={
            "name": Row(
                type=STRING,
                required=True,
                change=counted,
                xml="@name",
                choices=_COUNTED,
                doc="Its name, such as `cpu_clock`, `page_faults` or `instructions`; not every host can count each.",
            )
        },
    )
}
PERF = group("What the host counts of the guest; `virsh domstats --perf` tells it.", _PERF_ROWS, by_parts(_PERF_ROWS))
