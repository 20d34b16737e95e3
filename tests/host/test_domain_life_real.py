"""The life of a real guest: paused, shut down, left running, and deleted, as its domain says."""

import pytest
from guest import wait_for_guest
from lab_xml import network_xml

from kvmform.diagnostics import DiagnosticError
from kvmform.host.networks import define_network, start_network, stop_network, undefine_network
from kvmform.host.records import PowerState
from kvmform.schema import Disruption

pytestmark = [pytest.mark.libvirt, pytest.mark.guest, pytest.mark.slow]

NAME = "domain-life"
DEAF = {"name": NAME, "machine": "q35", "memory": 64, "shutdown_timeout": 0}


@pytest.fixture
def network(bench):
    uuid = define_network(bench.host, network_xml(NAME, 73))
    start_network(bench.host, uuid)
    yield NAME
    stop_network(bench.host, uuid)
    undefine_network(bench.host, uuid)


def guest(network, guest_image, **more):
    return {
        "name": NAME,
        "machine": "q35",
        "memory": 160,
        "disk": [{"file": str(guest_image)}],
        "network_interface": [{"network_name": network, "wait_for_lease": True}],
        **more,
    }


def applied(bench, wanted, expected):
    assert bench.change(wanted) is expected
    assert bench.changes(wanted) == ()
    return wanted


def drift(bench, wanted):
    return {edit.path[0]: edit.effect.disruption for edit in bench.changes(wanted)}


def state(bench):
    bench.host.inventory.domains.forget(bench.state["id"])
    return bench.host.inventory.domains.get(bench.state["id"]).state


@pytest.fixture
def overlay(guest_image, tmp_path):
    import subprocess

    path = tmp_path / "root.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", guest_image, path], check=True)
    return path


def settings(wanted):
    """What only kvmform does otherwise."""
    return {**wanted, "shutdown_mode": ["agent", "acpi"], "qemu_agent": True, "timeouts": [{"create": "3m"}]}


@pytest.mark.changes(
    *("libvirt_domain.qemu_agent", "libvirt_domain.timeouts", "libvirt_domain.timeouts.create"),
    *("libvirt_domain.paused", "libvirt_domain.running", "libvirt_domain.shutdown_mode", "libvirt_domain.on_destroy"),
)
def test_the_power_of_a_guest_is_as_written_whoever_changed_it(lab_host, bench, network, overlay):
    wanted = guest(network, overlay)
    bench.make(wanted)
    address = bench.state["network_interface"][0]["addresses"][0]
    before = wait_for_guest(lab_host, address)
    domain = lab_host.connect().lookupByName(NAME)

    paused = applied(bench, {**wanted, "paused": True}, Disruption.INTERRUPT)
    assert state(bench) is PowerState.PAUSED
    domain.resume()
    assert drift(bench, paused) == {"paused": Disruption.INTERRUPT}
    domain.suspend()
    assert drift(bench, wanted) == {"paused": Disruption.LIVE}
    applied(bench, wanted, Disruption.LIVE)
    assert wait_for_guest(lab_host, address).boot_id == before.boot_id

    by_agent = applied(bench, settings(wanted), Disruption.NONE)
    off = applied(bench, {**by_agent, "running": False}, Disruption.REBOOT)
    assert not any("powering off" in words for words, *_ in bench.said)
    domain.create()
    assert drift(bench, off) == {"running": Disruption.REBOOT, "network_interface": Disruption.LIVE}
    domain.destroy()
    assert drift(bench, by_agent) == {"running": Disruption.LIVE, "network_interface": Disruption.LIVE}
    gently = {**wanted, "shutdown_mode": ["acpi"], "on_destroy": "shutdown"}
    applied(bench, gently, Disruption.LIVE)
    wait_for_guest(lab_host, bench.state["network_interface"][0]["addresses"][0])
    bench.said.clear()
    bench.remove()
    assert [words for words, *_ in bench.said if "did not shut down" in words] == []
    assert bench.said[0][0] == "shutting down"


@pytest.mark.changes("libvirt_domain.on_shutdown_timeout", "libvirt_domain.shutdown_timeout")
def test_a_guest_that_does_not_shut_down_is_left_running_where_that_is_asked(bench):
    patient = {**DEAF, "on_shutdown_timeout": "fail", "on_destroy": "shutdown"}
    bench.make(patient)
    for refused in (lambda: bench.change({**patient, "running": False}), bench.remove):
        with pytest.raises(DiagnosticError) as caught:
            refused()
        assert caught.value.diagnostics[0].summary == f'The guest of domain "{NAME}" did not shut down'
        assert state(bench) is PowerState.RUNNING
    assert bench.changes(patient) == ()
    impatient = applied(bench, {**DEAF, "shutdown_timeout": 1}, Disruption.NONE)
    applied(bench, {**impatient, "running": False}, Disruption.REBOOT)
    assert any("powering off" in words for words, *_ in bench.said)
