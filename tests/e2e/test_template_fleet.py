"""A fleet from one template on a real host: all defaults, more, fewer, none."""

import pytest
from guest_lab import GuestLab
from inventory import EMPTY

pytestmark = [pytest.mark.libvirt, pytest.mark.guest, pytest.mark.slow]


@pytest.fixture(scope="module")
def lab(host, environment, guest_image, tmp_path_factory):
    lab = GuestLab.of_example("template-fleet", tmp_path_factory.mktemp("fleet"), environment, host)
    lab.give(template_image=str(guest_image))
    return lab


def names(*numbers):
    return {f"fleet-{number:02}" for number in numbers}


def assert_fleet(lab, *numbers):
    """Exactly these guests exist, each with a disk of its own, and answer at the address in the output."""
    found = lab.inventory()
    assert found.domains == names(*numbers)
    assert found.volumes == {"fleet/template.qcow2", *(f"fleet/{name}.qcow2" for name in names(*numbers))}
    addresses = lab.output("addresses")
    assert set(addresses) == names(*numbers)
    assert len(set(addresses.values())) == len(numbers)
    for name, address in addresses.items():
        assert lab.address_of(name) == address
    assert lab.plan_is_empty()


def test_all_defaults_make_three_small_guests(lab):
    lab.apply()
    assert_fleet(lab, 1, 2, 3)
    for name in names(1, 2, 3):
        report = lab.report(name)
        assert (report.boots, report.cpus) == (1, 1)


def test_a_larger_fleet_leaves_the_first_guests_alone(lab):
    before = {name: lab.report(name).boot_id for name in names(1, 2, 3)}
    lab.give(size=4)
    assert "Plan: 2 to add, 0 to change, 0 to destroy.\nDisruption: none." in lab.plan()
    lab.apply("-max-disruption=none")
    assert_fleet(lab, 1, 2, 3, 4)
    assert {name: lab.report(name).boot_id for name in before} == before


def test_a_smaller_fleet_loses_its_last_guests(lab):
    before = {name: lab.report(name).boot_id for name in names(1, 2)}
    lab.give(size=2)
    assert "Plan: 0 to add, 0 to change, 4 to destroy.\nDisruption: data-loss." in lab.plan()
    assert "Change refused" in lab.fails("apply", "-auto-approve", "-max-disruption=replace")
    assert lab.inventory().domains == names(1, 2, 3, 4)
    lab.apply()
    assert_fleet(lab, 1, 2)
    assert {name: lab.report(name).boot_id for name in before} == before


def test_a_value_that_the_variable_refuses_changes_nothing(lab):
    said = lab.fails("apply", "-auto-approve", "-var", "size=1.5")
    assert "The size of the fleet is a whole number, 0 or more." in said
    assert_fleet(lab, 1, 2)


def test_the_fleet_is_deleted_again(lab):
    assert "Destroy complete! Resources: 7 destroyed." in lab.destroy()
    assert lab.inventory() == EMPTY
