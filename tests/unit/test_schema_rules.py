"""Rules of a schema: what has to be so in a configuration."""

from kvmform.schema.rules import at_most, each, one_of
from kvmform.values.model import UNKNOWN

RULE = each("disk", one_of("cache", ["none", "unsafe"]), each("iotune", at_most("read_bytes_sec", 10)))


def paths(disks):
    return [problem.path for problem in RULE({"disk": disks})]


def test_each_element_of_a_block_keeps_the_rules():
    good = {"cache": "none", "iotune": [{"read_bytes_sec": 10}]}
    bad = {"cache": "some", "iotune": [{"read_bytes_sec": 11}]}
    assert paths([good, bad]) == [("disk", 1, "cache"), ("disk", 1, "iotune", 0, "read_bytes_sec")]


def test_what_is_not_known_yet_breaks_no_rule():
    assert paths(UNKNOWN) == []
    assert paths([{"cache": UNKNOWN, "iotune": UNKNOWN}]) == []
