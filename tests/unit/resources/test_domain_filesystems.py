"""Directories that a guest mounts: what plugging them costs, and what is told of them beforehand."""

from types import SimpleNamespace

import pytest
from type_bench import complete

from kvmform.plan.diff import planned_edits
from kvmform.resources.domain.device.buses import bus_facts
from kvmform.resources.domain.device.filesystem import FILESYSTEM
from kvmform.resources.domain.resource_type import DOMAIN
from kvmform.schema import Disruption
from kvmform.xml.document import Document

RUNNING = {
    "running": True,
    "hotplug": True,
    "free_ports": 3,
    "pending_hot": [],
    "control_groups": True,
    "shared_memory": True,
}
PLAIN = {"source": "/srv/lab", "target": "lab"}
FAST = {**PLAIN, "driver_type": "virtiofs", "readonly": False}


def worst(before, after, **facts):
    domains = [complete(DOMAIN, {"name": "web", "filesystem": filesystems}) for filesystems in (before, after)]
    edits = planned_edits(DOMAIN.schema.rows, *domains, RUNNING | facts)
    return max(edit.effect.disruption for edit in edits)


@pytest.mark.parametrize(
    ("before", "after", "facts", "expected"),
    [
        ([], [PLAIN], {}, Disruption.REBOOT),
        ([PLAIN], [], {}, Disruption.REBOOT),
        ([], [FAST], {}, Disruption.LIVE),
        ([FAST], [], {"control_groups": False, "free_ports": 0}, Disruption.LIVE),
        ([], [FAST], {"control_groups": False}, Disruption.REBOOT),
        ([], [FAST], {"shared_memory": False}, Disruption.REBOOT),
        ([], [FAST], {"free_ports": 0}, Disruption.REBOOT),
        ([FAST], [{**FAST, "source": "/srv/other"}], {}, Disruption.REBOOT),
        ([PLAIN], [FAST], {}, Disruption.REBOOT),
    ],
)
def test_only_virtiofs_is_plugged_and_only_where_libvirt_can(before, after, facts, expected):
    assert worst(before, after, **facts) is expected


@pytest.mark.parametrize(
    ("inside", "shared"),
    [
        ("", False),
        ("<memoryBacking><access mode='private'/></memoryBacking>", False),
        ("<memoryBacking><access mode='shared'/></memoryBacking>", True),
        ("<cpu><numa><cell memAccess='shared'/></numa></cpu>", True),
    ],
)
def test_shared_memory_is_known_by_the_guest(inside, shared):
    assert bus_facts(Document.parse(f"<domain>{inside}</domain>"))["shared_memory"] is shared


def told(filesystem, version=(9, 0, 0)):
    host = SimpleNamespace(is_simulated=False, is_local=True, libvirt_version=version)
    (element,) = complete(DOMAIN, {"filesystem": [filesystem]})["filesystem"]
    problems = FILESYSTEM.check(SimpleNamespace(host=host), ("filesystem", 0), element)
    return [(problem.path[-1], problem.diagnostic.summary) for problem in problems]


def test_what_can_not_be_so_is_told_beforehand(tmp_path):
    there = {"source": str(tmp_path), "target": "lab"}
    assert told(there) == []
    assert told({**there, "source": str(tmp_path / "nowhere")}) == [("source", "Directory not found")]
    fast = {**there, "driver_type": "virtiofs"}
    assert told({**fast, "readonly": False}) == []
    assert told(fast) == [("readonly", "virtiofs can't be read only")]
    assert told(fast, version=(11, 0, 0)) == []
