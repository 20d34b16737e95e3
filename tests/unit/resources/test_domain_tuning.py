"""What libvirt is asked for when a running guest is tuned, in which order."""

import pytest
from domain_bench import DomainBench, settled

from kvmform.host.host import open_host
from kvmform.plan.diff import planned_edits
from kvmform.resources.domain.definition import definition_xml
from kvmform.resources.domain.effects import undertaking
from kvmform.resources.domain.live import change_live
from kvmform.resources.domain.machine import live
from kvmform.resources.domain.resource_type import DOMAIN
from kvmform.schema import Edit, Observed

FACTS = {
    "running": True,
    "hotplug": False,
    "control_groups": True,
    "max_memory": 512,
    "memory_given": 512,
    "max_vcpu": 1,
    "vcpu": 1,
    "pending_hot": [],
}
VERBS = (
    *("set_scheduler_parameters", "set_memory_parameters", "set_block_parameters", "set_numa_nodes"),
    *("pin_vcpu", "pin_emulator", "pin_iothread"),
)


@pytest.fixture
def bench(tmp_path):
    host = open_host("test+file:host.xml", tmp_path)
    yield DomainBench(host, tmp_path)
    host.close()


@pytest.fixture
def calls(monkeypatch):
    made = []
    for verb in VERBS:
        monkeypatch.setattr(live, verb, lambda _host, _uuid, *what, _verb=verb: made.append((_verb, *what)))
    return made


def tune(bench, before, after):
    domain = {"name": "web", "type": "kvm"}
    prior = settled(bench.plan(domain | before))
    planned = settled(bench.plan(domain | after, Observed(prior, FACTS)))
    edits = [Edit(e.path, e.before, e.after) for e in planned_edits(DOMAIN.schema.rows, prior, planned, FACTS)]
    work = undertaking(edits, prior, planned, FACTS)
    xml = definition_xml(bench.operation(), settled(bench.plan(domain | before)))
    change_live(bench.operation(), xml, FACTS, planned, work)


def test_no_part_has_more_than_the_whole_even_for_an_instant(bench, calls):
    tune(
        bench,
        {"cputune": [{"period": 1000, "quota": 800, "global_period": 1000, "global_quota": 900}]},
        {"cputune": [{"period": 2000, "quota": 400, "global_period": 1000, "global_quota": 500, "shares": 5}]},
    )
    asked = [what for verb, what in calls if what]
    assert asked == [
        {"vcpu_quota": -1},
        {"global_period": 1000, "global_quota": 500},
        {"cpu_shares": 5, "vcpu_period": 2000},
        {"vcpu_quota": 400},
    ]


def test_pins_are_moved_one_by_one_and_taken_back(bench, calls):
    tune(
        bench,
        {"cputune": [{"emulatorpin": "0", "vcpupin": [{"vcpu": 0, "cpuset": "0"}, {"vcpu": 1, "cpuset": "1"}]}]},
        {"cputune": [{"vcpupin": [{"vcpu": 1, "cpuset": "0-1"}], "iothreadpin": [{"iothread": 1, "cpuset": "1"}]}]},
    )
    assert calls == [
        ("pin_emulator", None),
        ("pin_vcpu", 0, None),
        ("pin_vcpu", 1, frozenset({0, 1})),
        ("pin_iothread", 1, frozenset({1})),
    ]


def test_memory_disks_and_nodes_are_given_in_libvirts_units(bench, calls):
    tune(
        bench,
        {"memtune": [{"hard_limit": 1}], "numatune": [{"mode": "strict", "nodeset": "0"}]},
        {
            "memtune": [{"hard_limit": 2, "soft_limit": 1}],
            "numatune": [{"mode": "strict", "nodeset": "0-1"}],
            "blkiotune": [{"weight": 500, "device": [{"path": "/dev/sda", "weight": 5, "read_iops_sec": 9}]}],
        },
    )
    assert calls == [
        ("set_memory_parameters", {"hard_limit": 2048, "soft_limit": 1024}),
        ("set_numa_nodes", "0-1"),
        (
            "set_block_parameters",
            {"weight": 500, "device_weight": "/dev/sda,5", "device_read_iops_sec": "/dev/sda,9"},
        ),
    ]
