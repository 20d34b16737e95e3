"""Seeds that change, with real guests: when they read them, and what that costs."""

import subprocess
from contextlib import closing
from itertools import pairwise

import pytest
from domain_bench import DomainBench
from guest import ask_guest, wait_for_guest
from lab_xml import network_xml
from waiting import wait_until

from kvmform.host.host import open_host
from kvmform.host.networks import define_network, start_network, stop_network, undefine_network
from kvmform.resources.cloudinit_disk.resource_type import CLOUDINIT_DISK
from kvmform.resources.ignition.resource_type import IGNITION
from kvmform.resources.pool.resource_type import POOL
from kvmform.schema import Disruption
from kvmform.xml.document import Document

pytestmark = [pytest.mark.libvirt, pytest.mark.guest, pytest.mark.slow]

NETWORK = "seeds"


@pytest.fixture
def bench(lab_host, domain_type, tmp_path):
    host = open_host(lab_host.uri, tmp_path)
    network = define_network(host, network_xml(NETWORK, 73))
    start_network(host, network)
    bench = DomainBench(host, tmp_path, settings={"domain_type": domain_type})
    pool = bench.create(POOL, {"name": "seeds", "type": "dir", "path": f"{tmp_path}/pool"}, address="pool")
    bench.recorded.clear()
    yield bench
    if bench.state:
        bench.remove()
    bench.delete(POOL, pool)
    stop_network(host, network)
    undefine_network(host, network)
    host.close()


@pytest.fixture
def root(guest_image, tmp_path):
    """A disk of the tiny guest's."""
    path = tmp_path / "root.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", guest_image, path], check=True)
    return str(path)


def seed(hostname):
    return {"name": "seed.iso", "pool": "seeds", "user_data": f"#cloud-config\nhostname: {hostname}\n"}


def report(lab_host, bench, until=lambda _: True):
    """What the guest says of itself, once it says that much."""
    address = bench.state["network_interface"][0]["addresses"][0]

    def look():
        found = wait_for_guest(lab_host, address)
        return found if until(found) else None

    found = wait_until(look, 30)
    assert found is not None, ask_guest(lab_host, address)
    return found


def reset(lab_host, bench):
    """Press the reset button: the guest boots anew, and QEMU goes on."""
    with closing(lab_host.connect()) as connection:
        connection.lookupByUUIDString(bench.state["id"]).reset()


@pytest.mark.changes("libvirt_cloudinit_disk.user_data", "libvirt_domain.cloudinit", "libvirt_domain.on_seed_change")
@pytest.mark.parametrize("machine", ["pc", "q35"])
def test_a_guest_reads_a_changed_seed_when_it_was_chosen_to(lab_host, bench, root, machine):
    wanted = {
        "name": "seeded",
        "machine": machine,
        "memory": 160,
        "disk": [{"file": root}],
        "network_interface": [{"network_name": NETWORK, "wait_for_lease": True}],
        "timeouts": [{"create": "2m"}],
    }
    state = bench.create(CLOUDINIT_DISK, seed("one"), address="seed")

    def changed(hostname, **more):
        """The seed is written anew, and the domain is told."""
        nonlocal state, wanted
        state = bench.update(CLOUDINIT_DISK, seed(hostname), state, address="seed")
        wanted = {**wanted, "cloudinit": state["id"], **more}
        disruption = bench.change(wanted)
        assert bench.changes(wanted) == ()
        assert bench.look().object == bench.state
        return disruption

    wanted["cloudinit"] = state["id"]
    bench.make(wanted)
    first = report(lab_host, bench)
    assert first.hostname == "one"

    assert changed("two") is Disruption.NEXT_BOOT
    assert report(lab_host, bench).boot_id == first.boot_id
    if machine == "pc":  # A CD-ROM is exchanged at once; a disk is another one when QEMU is.
        reset(lab_host, bench)
        second = report(lab_host, bench, lambda guest: guest.boots == 2)
        assert second.hostname == "two"
        assert second.instance != first.instance

        last = second
    else:
        assert changed("three", on_seed_change="reboot") is Disruption.REBOOT
        last = report(lab_host, bench)
        assert (last.hostname, last.boots) == ("three", 2)
        assert last.instance != first.instance

    assert changed("four", on_seed_change="ignore") is Disruption.NONE
    assert bench.state["cloudinit"] != state["id"]
    assert report(lab_host, bench).boot_id == last.boot_id
    [edit] = bench.changes({**wanted, "on_seed_change": "replace"})[:1]
    assert edit.effect.disruption is Disruption.REPLACE
    bench.delete(CLOUDINIT_DISK, state)


@pytest.mark.changes("libvirt_domain.coreos_ignition", "libvirt_domain.fw_cfg_name", "libvirt_ignition.content")
def test_qemu_hands_ignitions_file_to_the_firmware(lab_host, bench):
    file = {"name": "config.ign", "pool": "seeds", "content": '{"ignition": {"version": "3.4.0"}}'}
    state = bench.create(IGNITION, file, address="seed")
    wanted = {"name": "ignited", "memory": 64, "coreos_ignition": state["id"], "on_seed_change": "reboot"}
    wanted["shutdown_timeout"] = 0.1
    bench.make(wanted)
    assert bench.changes(wanted) == ()
    assert handed_over(lab_host, bench) == ["name=opt/com.coreos/config,file=" + state["id"].partition(";")[0]]
    for change in ({"fw_cfg_name": "opt/org.flatcar-linux/config"}, {"content": '{"ignition": {}}'}, {"name": "b.ign"}):
        if "fw_cfg_name" in change:
            wanted |= change
        elif "content" in change:
            file |= change
            state = bench.update(IGNITION, file, state, address="seed")
        else:
            bench.delete(IGNITION, state)
            state = bench.create(IGNITION, file := file | change, address="seed")
        wanted = {**wanted, "coreos_ignition": state["id"]}
        assert bench.change(wanted) is Disruption.REBOOT
        assert bench.changes(wanted) == ()
        path = state["id"].partition(";")[0]
        assert handed_over(lab_host, bench) == [f"name=opt/org.flatcar-linux/config,file={path}"]
    assert bench.change({**wanted, "coreos_ignition": None}) is Disruption.REBOOT
    assert handed_over(lab_host, bench) == []
    bench.delete(IGNITION, state)


def handed_over(lab_host, bench):
    """QEMU's own arguments, as the running process has them; its definition has the same."""
    record = bench.host.inventory.domains.get(bench.state["id"])
    definition, live = (
        [a.get("value") for a in Document.parse(xml).find_all("qemu:commandline/qemu:arg")]
        for xml in (record.xml, record.live_xml)
    )
    assert definition == live
    running = lab_host.exec_(["sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' '\\n'"]).splitlines()
    found = [after for before, after in pairwise(running) if before == "-fw_cfg"]
    assert found == definition[1::2]
    return found
