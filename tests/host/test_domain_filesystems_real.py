"""Directories that a real guest mounts: each argument is changed, and the change looked for on the host."""

import subprocess

import pytest
from guest import wait_for_guest
from lab_xml import network_xml

from kvmform.host.networks import define_network, start_network, stop_network, undefine_network
from kvmform.resources.domain.device.filesystem import FILESYSTEM
from kvmform.schema import Disruption
from kvmform.xml.document import Document
from kvmform.xml.rows import read_rows

pytestmark = [pytest.mark.libvirt, pytest.mark.guest, pytest.mark.slow]


@pytest.fixture
def directory(tmp_path):
    def make(name):
        (tmp_path / name).mkdir()
        return str(tmp_path / name)

    return make


def applied(bench, wanted, expected):
    """Apply a change, which is of this class and leaves nothing to do; the guest has what its definition says."""
    assert bench.change(wanted) is expected
    assert bench.changes(wanted) == ()
    assert bench.look().object == bench.state
    assert bench.state["pending"] == []
    return wanted


def filesystems(bench):
    """Those of the running guest, which are the same in its definition."""
    record = bench.host.inventory.domains.get(bench.state["id"])
    definition, live = (
        [read_rows(element, FILESYSTEM.block.rows) for element in document.find_all("devices/filesystem")]
        for document in map(Document.parse, (record.xml, record.live_xml))
    )
    assert definition == live
    return live


@pytest.mark.changes(
    "libvirt_domain.filesystem",
    *(f"libvirt_domain.filesystem.{name}" for name in ("source", "target", "accessmode", "readonly", "multidevs")),
    *(f"libvirt_domain.filesystem.{name}" for name in ("driver_type", "queue", "cache", "xattr", "binary_path")),
)
def test_a_directory_is_shared_otherwise_after_a_boot(lab_host, bench, directory):
    plain = {"source": directory("one"), "target": "lab"}
    wanted = {"name": "filesystems", "machine": "q35", "memory": 64, "shutdown_timeout": 0, "filesystem": [plain]}
    bench.make(wanted)
    other = {"source": directory("two"), "target": "other", "accessmode": "passthrough", "readonly": False}
    by_9p = other | {"multidevs": "remap"}
    wanted = applied(bench, {**wanted, "filesystem": [by_9p]}, Disruption.REBOOT)
    assert [{name: found[name] for name in by_9p} for found in filesystems(bench)] == [by_9p]
    by_virtiofs = {
        **plain,
        "readonly": False,
        "driver_type": "virtiofs",
        "queue": 512,
        "cache": "always",
        "xattr": True,
    }
    by_virtiofs |= {"binary_path": "/usr/lib/qemu/virtiofsd"}
    wanted |= {"memory_backing": [{"source": "memfd", "access": "shared"}]}
    wanted = applied(bench, {**wanted, "filesystem": [by_virtiofs]}, Disruption.REBOOT)
    assert [{name: found[name] for name in by_virtiofs} for found in filesystems(bench)] == [by_virtiofs]
    assert plain["source"] in lab_host.exec_(["pgrep", "--full", "--list-full", "virtiofsd"])
    assert bench.look().facts["shared_memory"] is True
    more = {"source": directory("three"), "target": "more", "readonly": False, "driver_type": "virtiofs"}
    class_here = Disruption.LIVE if bench.look().facts["control_groups"] else Disruption.REBOOT
    applied(bench, {**wanted, "filesystem": [by_virtiofs, more]}, class_here)


@pytest.mark.changes("libvirt_domain.filesystem")
def test_virtiofs_is_taken_from_a_running_guest(lab_host, bench, guest_image, directory, tmp_path):
    root = str(tmp_path / "root.qcow2")
    clone = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", guest_image, root]
    subprocess.run(clone, check=True)
    network = define_network(bench.host, network_xml("files", 77))
    start_network(bench.host, network)
    wanted = {
        "name": "filesystems",
        "machine": "q35",
        "memory": 160,
        "disk": [{"file": root}],
        "network_interface": [{"network_name": "files", "wait_for_lease": True}],
        "console": [{"type": "pty", "target_port": "0", "target_type": "serial"}],
        "filesystem": [{"source": directory("one"), "target": "lab", "readonly": False, "driver_type": "virtiofs"}],
        "memory_backing": [{"source": "memfd", "access": "shared"}],
        "timeouts": [{"create": "2m"}],
    }
    bench.make(wanted)
    address = bench.state["network_interface"][0]["addresses"][0]
    before = wait_for_guest(lab_host, address)
    applied(bench, {**wanted, "filesystem": []}, Disruption.LIVE)
    assert filesystems(bench) == []
    assert wait_for_guest(lab_host, address).boot_id == before.boot_id
    bench.remove()
    bench.state, bench.recorded = {}, []
    stop_network(bench.host, network)
    undefine_network(bench.host, network)
