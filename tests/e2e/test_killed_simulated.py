"""SIGKILL before and after each call that changes something, on a simulated host: the next run ends where it should.

All that there is (the state, its journal, the host) lies in one directory, so a round begins by putting back a copy
of that directory.
"""

import json
import shutil

import pytest
from inventory import EMPTY, simulated_inventory
from killing import Killer
from lab import Lab, environment_for

pytestmark = pytest.mark.slow

DATA_DISKS = """
resource "libvirt_volume" "data" {
  for_each = var.guests

  name = "${each.key}-data.qcow2"
  pool = libvirt_pool.lab.name
  size = 1073741824
}
"""
DISK = "    volume_id = libvirt_volume.disk[each.key].id\n  }\n"
DATA_DISK = DISK + "\n  disk {\n    volume_id = libvirt_volume.data[each.key].id\n  }\n"


class Bench:
    """The quickstart lab on a simulated host."""

    def __init__(self, directory, image):
        environment = environment_for("test+file:host.xml", base_image=str(image))
        self.lab = Lab.of_example("quickstart", directory / "lab", environment)
        self.killer = Killer(self.lab.directory, environment)
        self._copies = directory

    def there(self):
        """Everything that is on the host."""
        return simulated_inventory(self.lab.directory / "host.xml")

    def keep(self, name):
        """Copy the lab as it is now."""
        shutil.copytree(self.lab.directory, self._copies / name, dirs_exist_ok=True)

    def put_back(self, name):
        """Make the lab what it was; its directory itself stays, since commands run in it."""
        for path in self.lab.directory.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.copytree(self._copies / name, self.lab.directory, dirs_exist_ok=True)

    def apply(self):
        """Apply, after which a plan has nothing to do."""
        self.killer.must("apply", "-auto-approve")
        self.killer.must("plan", "-detailed-exitcode")
        return self.there()

    def destroy(self):
        """Destroy, after which nothing is left on the host or in state."""
        self.killer.must("destroy", "-auto-approve")
        assert self.there() == EMPTY, self.killer.last
        state = self.lab.directory / "terraform.tfstate"
        assert not state.exists() or json.loads(state.read_text())["resources"] == []
        assert not state.with_suffix(".tfstate.journal").exists()

    def kill_everywhere(self, *words):
        """Kill a command at each point; from there an apply completes it, and a destroy leaves nothing."""
        self.keep("before")
        wanted = self.apply()
        self.put_back("before")
        points = []
        for number, point in enumerate(self.killer.points(*words)):
            points.append(point)
            self.keep(f"half-{number}")
            assert self.apply() == wanted, point
            self.put_back(f"half-{number}")
            self.destroy()
            shutil.rmtree(self._copies / f"half-{number}")
            self.put_back("before")
        return points


@pytest.fixture
def bench(tmp_path, guest_image):
    bench = Bench(tmp_path, guest_image)
    with bench.killer:
        yield bench


def test_an_apply_that_is_killed(bench):
    """One step at a time, so that the points are the same in each round and none is missed."""
    points = bench.kill_everywhere("apply", "-auto-approve", "-parallelism=1")
    assert {"before", "after"} == {point.partition(" ")[0] for point in points}
    for verb in ("define storage pool", "start network", "create storage volume", "define domain", "start domain"):
        assert any(f"write {verb}" in point for point in points), verb


def test_an_update_that_is_killed(bench):
    """A reboot for more memory, and a second disk; the simulated host takes both as one reboot."""
    bench.apply()
    bench.lab.add(DATA_DISKS, "data.tf")
    bench.lab.edit(DISK, DATA_DISK)
    bench.lab.give(guests={"web": {"memory": 512}, "db": {"memory": 192, "vcpu": 2}})
    points = bench.kill_everywhere("apply", "-auto-approve")
    assert any("write start domain" in point for point in points)


def test_a_replacement_that_is_killed(bench):
    """What was asked for once is done or not; either way all is there in the end."""
    bench.apply()
    points = bench.kill_everywhere("apply", "-auto-approve", '-replace=libvirt_domain.guest["web"]')
    assert any("write undefine domain" in point for point in points)


def test_a_destroy_that_is_killed(bench):
    bench.apply()
    points = bench.kill_everywhere("destroy", "-auto-approve")
    assert any("write delete storage volume" in point for point in points)
