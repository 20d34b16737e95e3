"""What is told about a guest's machine before anything is done."""

import pytest
from domain_bench import DomainBench
from type_bench import complete

from kvmform.host.capabilities import Capabilities, Guest, Machine
from kvmform.host.domain_capabilities import DomainCapabilities
from kvmform.host.host import open_host
from kvmform.resources.domain.machine.check import check_hardware
from kvmform.resources.domain.resource_type import DOMAIN
from kvmform.resources.domain.schema import SCHEMA
from kvmform.schema import Check, Identity, Observed

Q35 = Guest("hvm", "x86_64", "/usr/bin/qemu", ("qemu", "kvm"), {"q35": Machine("q35", "pc-q35-7.2", 255)})


class LikeQemu:
    """A host that offers what a test says."""

    is_simulated = False
    uri = "qemu:///system"
    capabilities = Capabilities("x86_64", "", 1024, 1, 1, 1, 1, 1, 1, (Q35,))

    def __init__(self, choices=None, supported=None):
        self.offered = DomainCapabilities(
            288,
            choices or {"os/firmware": frozenset({"efi"}), "loader/secure": frozenset({"yes", "no"})},
            (),
            frozenset({"custom", "maximum", "host-model"}),
            {"qemu64": True, "Icelake-Server": False},
            supported or {},
        )

    def domain_capabilities(self, *_kind):
        return self.offered


@pytest.fixture
def bench(tmp_path):
    host = open_host("test+file:host.xml", tmp_path)
    yield DomainBench(host, tmp_path)
    host.close()


def problems(bench, written, *, facts=None, host=None):
    written = {"name": "web", "type": "qemu", **written}
    observed = None if facts is None else Observed(bench.plan(written), facts)
    check = Check(
        address="x",
        host=host or LikeQemu(),
        base_directory=bench.base_directory,
        identity=Identity("lineage", "x"),
        config=complete(DOMAIN, written),
        observed=observed,
        planned=bench.plan(written),
        replace=False,
        edits=(),
        others=bench._others,
    )
    return [(".".join(map(str, problem.path)), problem.diagnostic.summary) for problem in check_hardware(check)]


SOUND = [
    {},
    {"firmware": "efi", "firmware_feature": [{"name": "secure-boot", "enabled": True}]},
    {"firmware": "/fw.fd"},
    {"vcpu": 288},
    {"cpu": [{"mode": "host-passthrough", "migratable": True}]},
    {"cpu": [{"mode": "custom", "model": "Icelake-Server"}]},
    {"type": "kvm", "cpu": [{"mode": "custom", "model": "Icelake-Server", "check": "none"}]},
    {"vcpu": 4, "cpu": [{"topology": [{"sockets": 1, "cores": 2, "threads": 2}]}]},
    {"cpu": [{"numa": [{"cell": [{"id": 0, "cpus": "0", "memory": 512}]}]}]},
    {"features": [{"hyperv": [{"relaxed": True}]}]},
    {"cputune": [{"shares": 5}]},
    {"memory_slots": 4, "max_memory": 1024},
]


@pytest.mark.parametrize("written", SOUND)
def test_a_sound_machine_has_no_problem(bench, written):
    assert problems(bench, written) == []


UNSOUND = {
    "vcpu": ({"vcpu": 289}, "Too many processors"),
    "max_vcpu": ({"vcpu": 1, "max_vcpu": 289}, "Too many processors"),
    "cpu.0.mode": ({"type": "kvm", "cpu": [{"mode": "host-passthrough"}]}, "Processor not available"),
    "cpu.0.model": ({"type": "kvm", "cpu": [{"model": "Icelake-Server"}]}, "Processor not available"),
    "cpu.0.topology.0": (
        {"vcpu": 4, "cpu": [{"topology": [{"sockets": 1, "cores": 3, "threads": 1}]}]},
        "Topology of another number of processors",
    ),
    "cpu.0.numa": (
        {"cpu": [{"numa": [{"cell": [{"id": 0, "cpus": "0", "memory": 256}]}]}]},
        "NUMA nodes of another size",
    ),
    "cpu.0.migratable": ({"cpu": [{"mode": "maximum", "migratable": True}]}, "Only for the host's processor"),
    "memory_slots": ({"memory_slots": 4}, "Slots without a maximum"),
    "firmware": ({"firmware": "bios"}, "Firmware not available"),
    "firmware_feature.0": ({"firmware_feature": [{"name": "secure-boot"}]}, "Nothing to choose from"),
}


@pytest.mark.parametrize("path", UNSOUND)
def test_what_does_not_work_is_told_at_its_place(bench, path):
    written, summary = UNSOUND[path]
    assert problems(bench, written) == [(path, summary)]


def test_a_processor_that_nobody_knows_is_told(bench):
    assert problems(bench, {"cpu": [{"model": "Nonsense"}]}) == [("cpu.0.model", "Unknown processor")]


def test_what_the_host_lacks_is_told(bench):
    choices = {
        "loader/secure": frozenset({"no"}),
        "memoryBacking/sourceType": frozenset({"anonymous"}),
        "hyperv/features": frozenset({"relaxed"}),
    }
    written = {
        "type": "kvm",
        "firmware": "efi",
        "firmware_feature": [{"name": "secure-boot", "enabled": True}],
        "memory_backing": [{"source": "memfd"}],
        "features": [{"hyperv": [{"relaxed": True, "vapic": True, "ipi": False}]}],
        "launch_security": [{"type": "sev"}],
    }
    assert problems(bench, written, host=LikeQemu(choices, {"sev": False})) == [
        ("firmware_feature.0.name", "Firmware not available"),
        ("memory_backing.0.source", "Memory not available"),
        ("launch_security.0", "No encrypted memory"),
        ("features.0.hyperv.0.vapic", "Feature not available"),
    ]


@pytest.mark.parametrize(
    ("known", "found"), [(True, []), (None, []), (False, [("cputune.0.shares", "No control groups")])]
)
def test_control_groups_are_missed_where_a_guest_has_told_so(bench, known, found):
    written = {"cputune": [{"shares": 5, "emulatorpin": "0"}]}
    assert problems(bench, written, facts={"control_groups": known}) == found


@pytest.mark.parametrize(
    ("written", "path", "summary"),
    [
        ({"on_poweroff": "restart", "on_reboot": "destroy"}, ("on_poweroff",), "Events that exclude each other"),
        ({"on_crash": "explode"}, ("on_crash",), "Invalid Attribute Value Match"),
        ({"shutdown_mode": ["acpi", "shout"]}, ("shutdown_mode", 1), "Unknown way to shut down"),
        ({"shutdown_timeout": -1}, ("shutdown_timeout",), "Invalid Attribute Value"),
        ({"cputune": [{"shares": 1}]}, ("cputune", 0, "shares"), "Invalid Attribute Value"),
        ({"cputune": [{"global_period": 999}]}, ("cputune", 0, "global_period"), "Invalid Attribute Value"),
        ({"cputune": [{"quota": 999}]}, ("cputune", 0, "quota"), "Invalid Attribute Value"),
        ({"blkiotune": [{"weight": 5}]}, ("blkiotune", 0, "weight"), "Invalid Attribute Value"),
        ({"bios": [{"reboot_timeout": -2}]}, ("bios", 0, "reboot_timeout"), "Invalid Attribute Value"),
        (
            {"features": [{"hyperv": [{"spinlocks": 4094}]}]},
            ("features", 0, "hyperv", 0, "spinlocks"),
            "Invalid Attribute Value",
        ),
        ({"cpu": [{"match": "loose"}]}, ("cpu", 0, "match"), "Invalid Attribute Value Match"),
        (
            {"clock": [{"timer": [{"name": "rtc"}, {"name": "sundial"}]}]},
            ("clock", 0, "timer", 1, "name"),
            "Invalid Attribute Value Match",
        ),
    ],
)
def test_validate_tells_what_no_host_takes(written, path, summary):
    config = complete(DOMAIN, {"name": "web", **written})
    found = [(problem.path, problem.diagnostic.summary) for rule in SCHEMA.rules for problem in rule(config)]
    assert found == [(path, summary)]
