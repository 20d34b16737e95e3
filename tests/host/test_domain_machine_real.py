"""What a guest is made of, on a real host: each argument is changed, and seen in the definition and in the guest's XML.

No operating system has to answer here, so the guests stand still before their first instruction, and a reboot takes as
long as QEMU needs to start.
"""

from itertools import pairwise
from pathlib import Path

import libvirt
import pytest
from changed_rows import changed_rows
from domain_bench import DomainBench

from kvmform.host.host import open_host
from kvmform.plan.diff import differences
from kvmform.resources.domain.reading import read_document
from kvmform.resources.domain.resource_type import DOMAIN
from kvmform.resources.domain.shape import agree
from kvmform.schema import Disruption
from kvmform.xml.document import Document

pytestmark = [pytest.mark.libvirt, pytest.mark.slow]

OVMF = Path("/usr/share/OVMF")
STANDING = {
    "name": "domain-machine",
    "type": "qemu",
    "machine": "q35",
    "vcpu": 4,
    "memory": 512,
    "paused": True,
    "shutdown_timeout": 0,
    "console": [{"type": "pty", "target_port": "0", "target_type": "serial"}],
}
REBOOT, LIVE = Disruption.REBOOT, Disruption.LIVE

EMULATED = [
    STANDING,
    {
        **STANDING,
        "cpu": [
            {
                "mode": "custom",
                "model": "Nehalem",
                "fallback": "forbid",
                "match": "exact",
                "check": "none",
                "feature": [{"name": "vmx", "policy": "disable"}, {"name": "aes", "policy": "optional"}],
                "topology": [{"sockets": 1, "dies": 1, "cores": 2, "threads": 2}],
                "cache": [{"mode": "emulate", "level": 3}],
                "maxphysaddr": [{"mode": "emulate", "bits": 40}],
                "numa": [
                    {
                        "cell": [
                            {"id": 0, "cpus": "0-1", "memory": 256, "mem_access": "shared"},
                            {"id": 1, "cpus": "2-3", "memory": 256},
                        ]
                    }
                ],
            }
        ],
        "memory_backing": [
            {
                "source": "memfd",
                "access": "shared",
                "allocation": "immediate",
                "discard": True,
                "nosharepages": True,
            }
        ],
        "numatune": [
            {
                "mode": "strict",
                "nodeset": "0",
                "placement": "static",
                "memnode": [{"cellid": 0, "mode": "strict", "nodeset": "0"}],
            }
        ],
        "vcpu_placement": "static",
        "vcpu_cpuset": "0",
        "resource": [{"partition": "/machine/labs"}],
        "features": [
            {
                "acpi": True,
                "pae": False,
                "smm": True,
                "vmport": False,
                "pmu": False,
                "vmcoreinfo": True,
                "hap": True,
                "pvspinlock": False,
                "kvm": [{"hidden": True, "hint_dedicated": True, "poll_control": True, "pv_ipi": True}],
                "hyperv": [
                    {
                        "mode": "custom",
                        "relaxed": True,
                        "vapic": True,
                        "spinlocks": 8191,
                        "vpindex": False,
                        "runtime": True,
                        "synic": True,
                        "stimer": True,
                        "reset": True,
                        "vendor_id": "kvmform",
                        "frequencies": True,
                        "reenlightenment": True,
                        "tlbflush": True,
                        "ipi": True,
                        "evmcs": True,
                        "avic": True,
                    }
                ],
            }
        ],
        "clock": [
            {
                "offset": "variable",
                "adjustment": "3600",
                "basis": "utc",
                "timer": [
                    {"name": "rtc", "tickpolicy": "catchup", "track": "guest"},
                    {"name": "pit", "tickpolicy": "delay"},
                    {"name": "hpet", "present": False},
                ],
            }
        ],
        "pm": [{"suspend_to_mem": False, "suspend_to_disk": False}],
        "genid": "43dc0cf8-809b-4adb-9bea-a9abb5f3d90e",
        "bios": [{"use_serial": True, "reboot_timeout": 5000}],
        "boot_menu": [{"enable": True, "timeout": 3000}],
        "boot_device": [{"dev": ["hd", "network"]}],
        "sysinfo": [
            {
                "bios": [{"vendor": "LENOVO", "version": "6ET82", "date": "01/02/2020", "release": "4.12"}],
                "system": [
                    {
                        "manufacturer": "Fedora",
                        "product": "Virt-Manager",
                        "version": "0.8.2",
                        "serial": "ds=nocloud",
                        "sku": "1",
                        "family": "Red",
                    }
                ],
                "base_board": [
                    {
                        "manufacturer": "LENOVO",
                        "product": "20BE",
                        "version": "0B98401",
                        "serial": "W1KS",
                        "asset": "a",
                        "location": "slot",
                    }
                ],
                "chassis": [
                    {"manufacturer": "Dell", "version": "2.12", "serial": "65X0", "asset": "40W", "sku": "Type3"}
                ],
                "oem_strings": ["myappname:some data", "another"],
            }
        ],
        "seclabel": [{"type": "static", "model": "dac", "label": "+0:+0", "relabel": False}],
    },
    {
        **STANDING,
        "machine": "pc",
        "cpu": [
            {
                "mode": "custom",
                "model": "qemu64",
                "fallback": "allow",
                "match": "minimum",
                "feature": [{"name": "aes", "policy": "disable"}],
                "topology": [{"sockets": 2, "dies": 1, "cores": 2, "threads": 1}],
                "numa": [{"cell": [{"id": 0, "cpus": "0-3", "memory": 512, "mem_access": "private"}]}],
            }
        ],
        "memory_backing": [{"source": "anonymous"}],
        "numatune": [{"mode": "preferred", "nodeset": "0"}],
        "features": [{"acpi": False, "apic": True, "hyperv": [{"relaxed": False, "reset": True}]}],
        "clock": [{"offset": "timezone", "timezone": "Europe/Berlin", "timer": [{"name": "tsc", "mode": "auto"}]}],
        "pm": [{"suspend_to_mem": True}],
        "boot_menu": [{"enable": False}],
        "sysinfo": [{"system": [{"serial": "2"}], "oem_strings": ["another"]}],
        "seclabel": [{"type": "none", "model": "dac"}],
    },
    {**STANDING, "clock": [{"offset": "absolute", "start": 1000}]},
]
UNDER_KVM = [
    {**STANDING, "type": "kvm"},
    {
        **STANDING,
        "type": "kvm",
        "features": [
            {
                "ioapic": "qemu",
                "pvspinlock": True,
            }
        ],
        "clock": [{"offset": "localtime", "timer": [{"name": "kvmclock", "present": False}]}],
        "cputune": [{"vcpusched": [{"vcpu": 0, "scheduler": "batch"}]}],
    },
    {**STANDING, "type": "kvm"},
    STANDING,
]
FIRMWARE = [
    {**STANDING, "firmware": "efi"},
    {
        **STANDING,
        "firmware": "efi",
        "features": [{"smm": True}],
        "firmware_feature": [{"name": "secure-boot", "enabled": True}],
    },
    {
        **STANDING,
        "firmware": str(OVMF / "OVMF_CODE_4M.fd"),
        "nvram": [
            {
                "file": "/var/lib/libvirt/qemu/nvram/domain-machine.fd",
                "template": str(OVMF / "OVMF_VARS_4M.fd"),
            }
        ],
    },
    {
        **STANDING,
        "firmware": str(OVMF / "OVMF_CODE_4M.fd"),
        "loader": [{"readonly": True, "secure": False, "stateless": True}],
    },
    {**STANDING, "firmware": "/usr/share/seabios/bios.bin", "loader": [{"type": "rom", "readonly": True}]},
    STANDING,
]

BESIDE = [
    {**STANDING, "iothreads": 1},
    {
        **STANDING,
        "iothreads": 1,
        "title": "A title",
        "description": "What it is for",
        "metadata": "<l:lab xmlns:l='urn:lab'><l:owner>me</l:owner></l:lab>",
        "on_poweroff": "destroy",
        "on_reboot": "destroy",
        "on_crash": "preserve",
        "autostart": True,
        "cputune": [{"emulatorpin": "0", "iothreadpin": [{"iothread": 1, "cpuset": "0"}]}],
    },
    {
        **STANDING,
        "iothreads": 1,
        "title": "Another",
        "metadata": "any text",
        "on_poweroff": "restart",
        "on_reboot": "restart",
        "on_crash": "coredump-restart",
        "cputune": [{"emulatorpin": "0-1", "iothreadpin": [{"iothread": 1, "cpuset": "0-1"}]}],
        "autostart": False,
    },
    {**STANDING, "iothreads": 1, "autostart": False},
]
PINNED = [
    {**STANDING, "type": "kvm", "vcpu": 2},
    {
        **STANDING,
        "type": "kvm",
        "vcpu": 2,
        "cputune": [{"vcpupin": [{"vcpu": 0, "cpuset": "0"}, {"vcpu": 1, "cpuset": "0"}]}],
    },
    {**STANDING, "type": "kvm", "vcpu": 2, "cputune": [{"vcpupin": [{"vcpu": 1, "cpuset": "1"}]}]},
    {**STANDING, "type": "kvm", "vcpu": 2},
]


CLOCK, FAULTS = {"name": "cpu_clock"}, {"name": "page_faults"}
COUNTED = [STANDING, {**STANDING, "perf": [{"event": [CLOCK]}]}, {**STANDING, "perf": [{"event": [FAULTS]}]}, STANDING]


@pytest.fixture
def bench(lab_host, tmp_path):
    host = open_host(lab_host.uri, tmp_path)
    bench = DomainBench(host, tmp_path)
    yield bench
    if bench.state or bench.recorded:
        bench.state = bench.state or bench.recorded[-1]
        bench.remove()
    host.close()


def seen(bench, before, after, expected):
    """Apply a change, and look for it where the definition and the running guest have it."""
    assert bench.change(after) is expected
    assert bench.changes(after) == ()
    assert bench.state["pending"] == []
    record = bench.host.inventory.domains.get(bench.state["id"])
    edits = differences(DOMAIN.schema.rows, bench.plan(before), bench.plan(after))
    for name in {edit.path[0] for edit in edits}:
        # Of a processor the guest's XML tells what libvirt made of what was asked for; `pending` compares it.
        for xml in (record.xml, *([record.live_xml] if name != "cpu" else [])):
            found = read_document(bench.host, Document.parse(xml), bench.state)
            assert agree(DOMAIN.schema.rows[name], bench.state[name], found[name]), name


def walked(bench, steps, expected=REBOOT):
    bench.make(steps[0])
    assert bench.changes(steps[0]) == ()
    for before, after in pairwise(steps):
        seen(bench, before, after, expected)


@pytest.mark.changes(*changed_rows(DOMAIN, EMULATED))
def test_an_emulated_machine_is_made_over_and_over(bench):
    walked(bench, EMULATED)


@pytest.mark.changes(*changed_rows(DOMAIN, UNDER_KVM))
def test_a_machine_under_kvm_is_made_over(bench):
    need_kvm(bench)
    walked(bench, UNDER_KVM)


def need_kvm(bench):
    if bench.host.capabilities.guest("x86_64", "kvm") is None:
        pytest.skip("no KVM here")


@pytest.mark.changes(*changed_rows(DOMAIN, FIRMWARE))
def test_firmware_is_chosen_or_named(bench):
    walked(bench, FIRMWARE)


@pytest.mark.changes(*changed_rows(DOMAIN, BESIDE))
def test_what_the_guest_does_not_see_is_changed_beside_it(bench):
    walked(bench, BESIDE, LIVE)


def test_a_guest_that_was_tuned_past_kvmform_is_tuned_back_at_once(lab_host, bench):
    wanted = {**STANDING, "title": "mine", "cputune": [{"emulatorpin": "0"}]}
    bench.make(wanted)
    domain = lab_host.connect().lookupByName("domain-machine")
    every = (True,) * len(domain.emulatorPinInfo(libvirt.VIR_DOMAIN_AFFECT_LIVE))
    domain.pinEmulator(every, libvirt.VIR_DOMAIN_AFFECT_LIVE)
    domain.setMetadata(libvirt.VIR_DOMAIN_METADATA_TITLE, "another", None, None, libvirt.VIR_DOMAIN_AFFECT_LIVE)
    (edit,) = bench.changes(wanted)
    assert (edit.path, edit.before) == (("pending",), ["cputune", "title"])
    assert bench.change(wanted) is LIVE
    assert bench.changes(wanted) == ()
    assert domain.emulatorPinInfo(libvirt.VIR_DOMAIN_AFFECT_LIVE)[1:] == (False,) * (len(every) - 1)
    assert domain.metadata(libvirt.VIR_DOMAIN_METADATA_TITLE, None, libvirt.VIR_DOMAIN_AFFECT_LIVE) == "mine"


@pytest.mark.changes(*changed_rows(DOMAIN, COUNTED))
def test_what_the_host_counts_of_a_guest_begins_and_ends_while_it_runs(lab_host, bench):
    bench.make(STANDING)
    domain = lab_host.connect().lookupByName("domain-machine")
    try:
        domain.setPerfEvents({"cpu_clock": True, "page_faults": True}, libvirt.VIR_DOMAIN_AFFECT_LIVE)
    except libvirt.libvirtError as refusal:
        pytest.skip(f"the kernel counts nothing for guests here: {refusal}")
    domain.setPerfEvents({"cpu_clock": False, "page_faults": False}, libvirt.VIR_DOMAIN_AFFECT_LIVE)
    for (before, after), counted in zip(pairwise(COUNTED), ({"cpu_clock"}, {"page_faults"}, set()), strict=True):
        seen(bench, before, after, LIVE)
        events = domain.perfEvents(libvirt.VIR_DOMAIN_AFFECT_LIVE)
        assert {name for name, is_counted in events.items() if is_counted} == counted


@pytest.mark.changes(*changed_rows(DOMAIN, PINNED))
def test_virtual_processors_are_moved_while_the_guest_runs(lab_host, bench):
    need_kvm(bench)
    bench.make(PINNED[0])
    life = lab_host.connect().lookupByName("domain-machine").ID()
    for before, after in pairwise(PINNED):
        seen(bench, before, after, LIVE)
    domain = lab_host.connect().lookupByName("domain-machine")
    assert domain.ID() == life
    assert {all(cpus) for cpus in domain.vcpus()[1]} == {True}


@pytest.mark.changes(
    "libvirt_domain.kernel", "libvirt_domain.initrd", "libvirt_domain.cmdline", "libvirt_domain.emulator"
)
def test_a_kernel_is_booted_directly(bench, guest_image, tmp_path):
    emulator = tmp_path / "qemu-system-x86_64"
    emulator.symlink_to("/usr/bin/qemu-system-x86_64")
    kernel, initrd = (str(guest_image.parent / name) for name in ("vmlinuz", "initrd.img"))
    plain = {**STANDING, "emulator": "/usr/bin/qemu-system-x86_64"}
    direct = {**plain, "kernel": kernel, "initrd": initrd, "cmdline": [{"console": "ttyS0", "_": "quiet"}]}
    other = {**direct, "cmdline": [{"console": "ttyS0"}], "initrd": None, "emulator": str(emulator)}
    walked(bench, [plain, direct, other, plain])


@pytest.mark.changes("libvirt_domain.arch")
def test_another_architecture_is_another_domain(bench):
    if bench.host.capabilities.guest("i686", "qemu") is None:
        pytest.skip("no emulator of i686 here")
    bench.make(STANDING)
    other = {**STANDING, "arch": "i686"}
    edit = next(edit for edit in bench.changes(other) if edit.path == ("arch",))
    assert edit.effect.replaces
    bench.remove()
    bench.make(other)
    assert bench.changes(other) == ()
    assert Document.parse(bench.host.inventory.domains.get(bench.state["id"]).live_xml).get("os/type/@arch") == "i686"


def test_what_is_left_for_the_next_boot_comes_with_it(lab_host, bench):
    plain = {**STANDING, "vcpu": 2, "on_reboot_needed": "next-boot"}
    bench.make(plain)
    later = {
        **plain,
        "title": "at once",
        "cpu": [{"mode": "maximum", "topology": [{"sockets": 1, "cores": 2, "threads": 1}]}],
        "features": [{"smm": True}],
        "clock": [{"offset": "localtime"}],
        "firmware": "efi",
        "sysinfo": [{"system": [{"serial": "1"}]}],
        "memory_backing": [{"source": "memfd"}],
        "max_memory": 1024,
        "memory_slots": 2,
    }
    assert bench.change(later) is Disruption.NEXT_BOOT
    assert bench.changes(later) == ()
    waiting = ["clock", "cpu", "features", "firmware", "memory_backing", "memory_slots", "sysinfo"]
    assert bench.state["pending"] == waiting
    domain = lab_host.connect().lookupByName("domain-machine")
    domain.destroy()
    domain.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED)
    assert bench.changes(later) == ()
    assert bench.look().object["pending"] == []


@pytest.mark.changes("libvirt_domain.name", "libvirt_domain.firmware")
def test_the_variables_of_firmware_stay_with_the_guest_and_go_with_its_domain(lab_host, bench):
    chosen = {**STANDING, "name": "domain-variables", "firmware": "efi"}
    bench.make(chosen)
    (file,) = variables(lab_host)
    mark = f"printf mark | dd of={VARIABLES}/{file} bs=1 seek=64 conv=notrunc status=none"
    lab_host.exec_(["sh", "-c", mark])
    bench.change({**chosen, "running": False})
    renamed = {**chosen, "name": "domain-variables-renamed", "memory": 640}
    bench.change(renamed)
    assert bench.changes(renamed) == ()
    assert variables(lab_host) == [file]
    assert lab_host.exec_(["sh", "-c", f"head -c 68 {VARIABLES}/{file} | tail -c 4"]) == "mark"
    bench.remove()
    assert variables(lab_host) == []
    template = OVMF / "OVMF_VARS_4M.fd"
    before = template.stat().st_size
    bench.make(
        {**STANDING, "firmware": str(OVMF / "OVMF_CODE_4M.fd"), "nvram": [{"file": str(template)}], "running": False}
    )
    bench.remove()
    assert template.stat().st_size == before


def test_the_variables_go_with_the_firmware_that_had_them(lab_host, bench):
    chosen = {**STANDING, "name": "domain-variables", "firmware": "efi"}
    named = {**chosen, "firmware": str(OVMF / "OVMF_CODE_4M.fd")}
    bios = {**STANDING, "name": "domain-variables"}
    bench.make(chosen)
    for uefi in (chosen, named):
        if uefi is named:
            bench.change(named)
        assert len(variables(lab_host)) == 1
        assert bench.change(bios) is REBOOT
        assert bench.changes(bios) == ()
        assert variables(lab_host) == []
    bench.change({**named, "running": False})
    bench.change(named)
    bench.change({**bios, "running": False})
    assert variables(lab_host) == []
    assert [domain.name() for domain in lab_host.connect().listAllDomains()] == ["domain-variables"]


VARIABLES = "/var/lib/libvirt/qemu/nvram"


def variables(lab_host):
    return [file for file in lab_host.exec_(["ls", VARIABLES]).split() if file.startswith("domain-variables")]
