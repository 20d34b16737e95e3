"""Waiting for a real guest: for its agent, its console and cloud-init, and what is told when they keep it waiting."""

import socket
import subprocess
import threading
import time

import pytest
from domain_bench import DomainBench
from guest import wait_for_guest
from lab_xml import network_xml, write_seed

from kvmform.diagnostics import DiagnosticError
from kvmform.host.errors import StoppedError
from kvmform.host.host import open_host
from kvmform.host.networks import define_network, start_network, stop_network, undefine_network
from kvmform.schema import Disruption

pytestmark = [pytest.mark.libvirt, pytest.mark.guest, pytest.mark.slow]

# What a cloud image has, in the words of the tiny guest: a program that tells how far cloud-init is.
CLOUD_INIT = """#!/bin/sh
printf '#!/bin/sh\\necho "status: done"\\n' > /bin/cloud-init
chmod +x /bin/cloud-init
"""


@pytest.fixture(scope="module")
def host(lab_host, tmp_path_factory):
    host = open_host(lab_host.uri, tmp_path_factory.mktemp("host"))
    uuid = define_network(host, network_xml("waits", 75))
    start_network(host, uuid)
    yield host
    stop_network(host, uuid)
    undefine_network(host, uuid)
    host.close()


@pytest.fixture(scope="module")
def bench(host, domain_type, guest_image, tmp_path_factory):
    bench = DomainBench(host, tmp_path_factory.mktemp("bench"), settings={"domain_type": domain_type})
    seed = write_seed(tmp_path_factory.mktemp("seed") / "seed.iso", "waits", user_data=CLOUD_INIT)
    bench.seed = f"{seed};1"
    bench.root = str(tmp_path_factory.mktemp("disk") / "root.qcow2")
    subprocess.run(
        ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", guest_image, bench.root], check=True
    )
    yield bench
    bench.remove()


def written(bench, *waits, **more):
    return {
        "name": "waits-real",
        "machine": "q35",
        "memory": 160,
        "disk": [{"file": bench.root}],
        "network_interface": [{"bridge": "br-waits"}],  # where libvirt sees no leases, and only the agent knows
        "console": [{"type": "pty", "target_port": "0", "target_type": "serial"}],
        "timeouts": [{"create": "20s"}],
        "shutdown_timeout": 10,
        "cloudinit": bench.seed,
        "wait_for": list(waits),
        **more,
    }


READY = {"type": "console", "pattern": r"guest: ready \w+, boot \d+"}
NEVER = {"type": "console", "pattern": "^no such thing$", "timeout": "2s"}
ROWS = ("wait_for", *(f"wait_for.{name}" for name in ("type", "pattern", "timeout", "address")), "ready")


@pytest.mark.changes(*(f"libvirt_domain.{name}" for name in ROWS))
def test_a_guest_is_waited_for_until_all_has_come_true(lab_host, bench):
    waits = [READY, {"type": "address"}, {"type": "agent"}, {"type": "cloud_init"}]
    wanted = written(bench, *waits)
    made = bench.make(wanted)
    assert made["ready"] is True
    address = made["network_interface"][0]["addresses"][0]
    first = wait_for_guest(lab_host, address)
    assert bench.changes(wanted) == ()

    # What runs already is not waited for anew.
    wanted = {**wanted, "wait_for": [*waits, NEVER]}
    assert bench.change(wanted) is Disruption.NONE
    assert bench.changes(wanted) == ()

    # A guest that is rebooted is; where that is in vain it stays, and the next apply waits again.
    bigger = {**wanted, "memory": 192}
    with pytest.raises(DiagnosticError) as caught:
        bench.change(bigger)
    told = caught.value.diagnostics[0]
    assert told.summary == 'Domain "waits-real" is not ready'
    for evidence in ("- console ^no such thing$: it was not printed yet.", "The domain is running.", "guest: ready"):
        assert evidence in told.detail
    bench.state = bench.recorded[-1]
    assert bench.state["ready"] is False
    (edit,) = bench.changes(bigger)
    assert (edit.path, edit.effect.disruption) == (("ready",), Disruption.NONE)
    second = wait_for_guest(lab_host, address)
    assert second.boots == first.boots + 1

    with socket.create_server(("127.0.0.1", 0)) as server:
        elsewhere = {"type": "tcp", "port": server.getsockname()[1], "address": "127.0.0.1"}
        wanted = {**bigger, "wait_for": [{"type": "agent"}, elsewhere]}
        assert bench.change(wanted) is Disruption.NONE
    assert bench.state["ready"] is True
    assert bench.changes(wanted) == ()
    assert wait_for_guest(lab_host, address).boot_id == second.boot_id


@pytest.fixture
def unready(bench):
    """The guest as a wait in vain leaves it, and what to write of it so that nothing else differs."""
    wanted = written(bench, {"type": "agent"}, memory=192)
    if not bench.state:
        bench.make(wanted)
    bench.change(wanted)
    bench.state["ready"] = False
    yield wanted
    bench.change(wanted)
    assert bench.state["ready"] is True


def test_whoever_asks_to_stop_does_not_wait_any_longer(bench, unready):
    threading.Timer(0.5, bench.stop.set).start()
    begun = time.monotonic()
    with pytest.raises(StoppedError):
        bench.change({**unready, "wait_for": [{**NEVER, "timeout": "1h"}]})
    bench.stop.clear()
    assert time.monotonic() - begun < 10


@pytest.mark.changes("libvirt_domain.timeouts", "libvirt_domain.timeouts.create")
def test_somebody_else_at_the_console_is_told_of(lab_host, bench, unready):
    never = {"type": "console", "pattern": NEVER["pattern"]}
    connection = lab_host.connect()
    stream = connection.newStream()
    connection.lookupByName("waits-real").openConsole(None, stream)
    with pytest.raises(DiagnosticError, match="is not ready") as caught:
        bench.change({**unready, "wait_for": [never], "timeouts": [{"create": "1500ms"}]})
    stream.abort()
    connection.close()
    assert "within 1.5 s" in caught.value.diagnostics[0].detail
    assert "Active console session exists" in caught.value.diagnostics[0].detail
