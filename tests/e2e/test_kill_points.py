"""SIGKILL at each point at which a command changes something; whoever runs it again ends where the lab should be."""

import pytest
from inventory import EMPTY, inventory, simulated_inventory
from killing import Killer
from lab import Lab, environment_for

EVERY_ON_A_REAL_HOST = 4
"""Every how manyth point on real libvirt; on the simulated host it is each one."""

GUESTS_DONT_WAIT = ("wait_for_lease = true", "wait_for_lease = false")


def quickstart(directory, environment):
    """The quickstart lab, whose guests are not waited for: the points are the same, and the rounds are short."""
    lab = Lab.of_example("quickstart", directory, environment)
    main = directory / "main.tf"
    main.write_text(main.read_text().replace(*GUESTS_DONT_WAIT))
    return lab


@pytest.fixture
def simulated(tmp_path, guest_image):
    lab = quickstart(tmp_path / "lab", environment_for("test+file:host.xml", "test", base_image=str(guest_image)))
    with Killer(lab.directory, lab.environment) as killer:
        yield lab, killer


def settle(killer):
    """Run it again: it ends well, and there is nothing left to do."""
    killer.must("apply", "-auto-approve")
    killer.must("plan", "-detailed-exitcode")


def start_over(lab, killer):
    killer.must("destroy", "-auto-approve")
    assert simulated_inventory(lab.directory / "host.xml") == EMPTY


@pytest.mark.slow
def test_an_apply_that_is_killed_anywhere_is_completed_by_the_next(simulated):
    lab, killer = simulated
    killer.must("apply", "-auto-approve")
    whole = simulated_inventory(lab.directory / "host.xml")
    start_over(lab, killer)
    killed = 0
    for _ in killer.points("apply", "-auto-approve"):
        settle(killer)
        assert simulated_inventory(lab.directory / "host.xml") == whole
        start_over(lab, killer)
        killed += 1
    assert killed > 50


@pytest.mark.slow
def test_after_an_apply_that_was_killed_anywhere_destroy_leaves_nothing(simulated):
    lab, killer = simulated
    for _ in killer.points("apply", "-auto-approve", every=2):
        start_over(lab, killer)


@pytest.mark.slow
def test_a_destroy_that_is_killed_anywhere_is_completed_by_the_next(simulated):
    lab, killer = simulated
    killer.must("apply", "-auto-approve")
    for _ in killer.points("destroy", "-auto-approve"):
        start_over(lab, killer)
        killer.must("apply", "-auto-approve")


@pytest.mark.slow
@pytest.mark.libvirt
@pytest.mark.guest
def test_on_real_libvirt_a_killed_apply_is_completed_by_the_next(host, tmp_path, environment):
    lab = quickstart(tmp_path / "lab", environment)
    with Killer(lab.directory, lab.environment) as killer:
        killer.must("apply", "-auto-approve")
        whole = inventory(host)
        killer.must("destroy", "-auto-approve")
        assert inventory(host) == EMPTY
        for round_, _ in enumerate(killer.points("apply", "-auto-approve", every=EVERY_ON_A_REAL_HOST)):
            if round_ % 3 < 2:
                settle(killer)
                assert inventory(host) == whole
            killer.must("destroy", "-auto-approve")
            assert inventory(host) == EMPTY
