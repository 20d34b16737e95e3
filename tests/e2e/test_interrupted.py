"""Ctrl-C while the quickstart lab goes up: what is in flight is finished, and the same command again does the rest."""

import re
import signal
import time

import pytest
from guest_lab import GuestLab
from inventory import EMPTY
from lab import unboxed

pytestmark = [pytest.mark.libvirt, pytest.mark.guest, pytest.mark.slow]

NETWORK_BEGINS = re.compile(r"libvirt_network\.lab: Creating\.\.\.")
GUEST_BEGINS = re.compile(r"libvirt_domain\.guest\[.*\]: Creating\.\.\.")
BEGINS = re.compile(r"(.*): Creating\.\.\.")
ENDS = re.compile(r"(.*): Creation complete")


@pytest.fixture
def lab(host, environment, tmp_path):
    lab = GuestLab.of_example("quickstart", tmp_path, environment, host)
    yield lab
    lab.come_down()


def begin(lab, until):
    """An apply that does one thing at a time, and what it said up to a line."""
    running = lab.begin("apply", "-auto-approve", "-parallelism=1")
    said = ""
    while not until.search(said):
        said += running.stdout.readline()
        assert running.poll() is None, said + running.stderr.read()
    return running, said


def end(running, seconds):
    """What it says from here on; it must end in this time, and with exit code 1."""
    output, errors = running.communicate(timeout=seconds)
    assert running.returncode == 1, output + errors
    assert "Traceback" not in errors
    return output, unboxed(errors)


def state_files(lab):
    return {path.name for path in lab.directory.iterdir() if "tfstate" in path.name}


@pytest.mark.parametrize(
    ("number", "moment"), [(signal.SIGINT, GUEST_BEGINS), (signal.SIGTERM, NETWORK_BEGINS)], ids=["SIGINT", "SIGTERM"]
)
def test_one_interrupt_finishes_what_is_in_flight_and_begins_nothing_more(lab, number, moment):
    running, before = begin(lab, moment)
    running.send_signal(number)
    output, errors = end(running, 60)
    assert "Interrupt received." in output
    assert "Apply incomplete." in output
    assert "Run the same command again to go on from here." in errors
    assert not BEGINS.search(output)
    begun = set(BEGINS.findall(before))
    assert set(ENDS.findall(before + output)) == begun
    assert set(lab.addresses()) == begun
    assert state_files(lab) == {"terraform.tfstate"}
    lab.apply()
    assert len(lab.addresses()) == 9
    assert {lab.boots("web"), lab.boots("db")} == {1}
    assert lab.plan_is_empty()


def test_a_second_interrupt_ends_at_once_and_the_guest_that_booted_is_taken_on(lab):
    running, before = begin(lab, GUEST_BEGINS)
    assert not ENDS.search(before.splitlines()[-1])
    running.send_signal(signal.SIGINT)
    time.sleep(0.5)
    began = time.monotonic()
    running.send_signal(signal.SIGINT)
    output, _ = end(running, 20)
    assert time.monotonic() - began < 3
    assert "Two interrupts received." in output
    (guest,) = re.findall(r'guest\["(.*)"\]: Creating', before)
    assert f'libvirt_domain.guest["{guest}"]' in lab.addresses()
    assert state_files(lab) == {"terraform.tfstate"}

    assert (
        "an earlier apply did not finish it, or it was deleted outside; this goes on from what is there" in lab.plan()
    )
    lab.apply()
    assert lab.boots(guest) == 1
    assert lab.plan_is_empty()


def test_an_interrupted_destroy_is_completed_by_the_next(lab):
    lab.edit("wait_for_lease = true", "wait_for_lease = false")
    lab.apply()
    running = lab.begin("destroy", "-auto-approve", "-parallelism=1")
    said = ""
    while "Destroying..." not in said:
        said += running.stdout.readline()
    running.send_signal(signal.SIGINT)
    output, _ = end(running, 30)
    assert "Interrupt received." in output
    assert 0 < len(lab.addresses()) < 9
    assert state_files(lab) == {"terraform.tfstate", "terraform.tfstate.backup"}
    left = lab.addresses()
    assert f"Destroy complete! Resources: {len(left)} destroyed." in lab.destroy()
    assert lab.inventory() == EMPTY
