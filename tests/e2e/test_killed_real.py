"""SIGKILL on real libvirt; at each point and for every command it is test_killed_simulated that does so."""

import pytest
from inventory import EMPTY, inventory
from killing import Killer
from lab import Lab

EVERY = 4
"""Every how manyth point."""

GUESTS_DONT_WAIT = ("wait_for_lease = true", "wait_for_lease = false")
"""The points are the same, and the rounds are short."""


@pytest.mark.slow
@pytest.mark.libvirt
@pytest.mark.guest
def test_an_apply_that_is_killed_is_completed_by_the_next(host, tmp_path, environment):
    lab = Lab.of_example("quickstart", tmp_path / "lab", environment)
    lab.edit(*GUESTS_DONT_WAIT)
    with Killer(lab.directory, lab.environment) as killer:
        killer.must("apply", "-auto-approve")
        whole = inventory(host)
        killer.must("destroy", "-auto-approve")
        assert inventory(host) == EMPTY
        for round_, _ in enumerate(killer.points("apply", "-auto-approve", every=EVERY)):
            if round_ % 3 < 2:
                killer.must("apply", "-auto-approve")
                killer.must("plan", "-detailed-exitcode")
                assert inventory(host) == whole
            killer.must("destroy", "-auto-approve")
            assert inventory(host) == EMPTY
