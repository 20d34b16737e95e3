"""What makes one document of another is carried over to what libvirt made of it, and back."""

from copy import deepcopy

import pytest
from lxml import etree

from kvmform.xml.difference import apply_difference, difference, places

PLAIN = """
<domain type="kvm"><name>x</name><memory unit="MiB">64</memory><devices>
  <disk type="file"><source file="/a"/><target dev="vda" bus="virtio"/></disk>
  <disk type="file"><source file="/b"/><target dev="vdb" bus="virtio"/></disk>
  <interface type="network"><mac address="52:54:00:00:00:01"/><source network="lab"/></interface>
  <console type="pty"/>
  <memballoon model="virtio"/>
</devices></domain>"""
ESCAPED = """
<domain type="kvm"><name>x</name><memory unit="MiB">96</memory><title>t</title><devices>
  <disk type="file"><source file="/a"/><target dev="sda" bus="sata"/></disk>
  <disk type="file" device="lun"><source file="/b"/><target dev="vdb" bus="virtio"/></disk>
  <interface type="network"><mac address="52:54:00:00:00:01"/><source network="lab"/><mtu size="1400"/></interface>
  <memballoon model="none"/>
  <watchdog model="i6300esb"/>
</devices></domain>"""
KEPT = """
<domain type="kvm"><name>x</name><title>t</title><memory unit="KiB">98304</memory><devices>
  <emulator>/usr/bin/qemu</emulator>
  <disk type="file" device="lun"><driver name="qemu"/><source file="/b"/><target dev="vdb" bus="virtio"/>
    <address type="pci" slot="0x02"/></disk>
  <disk type="file" device="disk"><source file="/a"/><target dev="sda" bus="sata"/>
    <address type="drive" unit="0"/></disk>
  <controller type="usb" index="0"/>
  <interface type="network"><mac address="52:54:00:00:00:01"/><source network="lab"/><mtu size="1400"/>
    <address type="pci" slot="0x01"/></interface>
  <audio id="1" type="none"/>
  <watchdog model="i6300esb" action="reset"><address type="pci" slot="0x09"/></watchdog>
  <memballoon model="none"/>
</devices></domain>"""


def parsed(text):
    return etree.fromstring(text)


@pytest.fixture
def undone():
    return difference(parsed(ESCAPED), parsed(PLAIN))


@pytest.fixture
def done():
    return difference(parsed(PLAIN), parsed(ESCAPED))


@pytest.mark.parametrize(("one", "other"), [(PLAIN, ESCAPED), (ESCAPED, PLAIN), (PLAIN, KEPT), (KEPT, ESCAPED)])
def test_a_difference_makes_the_one_say_what_the_other_says(one, other):
    before, after = parsed(one), parsed(other)
    apply_difference(difference(before, after), before)
    assert difference(before, after).is_none
    assert difference(after, before).is_none


def test_elements_are_found_by_what_they_are_among_those_of_libvirts_own(undone):
    kept = parsed(KEPT)
    apply_difference(undone, kept)
    assert kept.findtext("memory") == "64"
    assert kept.find("memory").get("unit") == "MiB"
    assert kept.find("title") is None
    disks = {disk.find("target").get("dev"): disk for disk in kept.findall("devices/disk")}
    assert disks.keys() == {"vda", "vdb"}
    assert disks["vdb"].get("device") is None
    assert disks["vdb"].find("address").get("slot") == "0x02"
    assert kept.find("devices/interface/mtu") is None
    assert kept.find("devices/console") is not None
    assert kept.find("devices/watchdog") is None
    assert kept.find("devices/emulator") is not None


def test_taken_back_and_carried_out_again_it_is_as_it_was(done, undone):
    kept, before = parsed(KEPT), parsed(KEPT)
    apply_difference(undone, kept)
    apply_difference(done, kept, before)
    assert kept.find("devices/watchdog/address").get("slot") == "0x09"
    assert kept.find("devices/disk/target[@dev='sda']").getparent().find("address").get("type") == "drive"
    apply_difference(undone, kept)
    apply_difference(done, kept, before)
    as_it_was = {place: value for place, value in places(done, before) if not place.startswith("memory")}
    assert as_it_was.items() <= dict(places(done, kept)).items()
    assert (kept.findtext("memory"), kept.find("memory").get("unit")) == ("96", "MiB")


def test_carried_out_twice_it_adds_nothing_twice(done):
    document = parsed(PLAIN)
    apply_difference(done, document)
    once = etree.tostring(document)
    apply_difference(done, document)
    assert etree.tostring(document) == once


def test_places_tell_what_is_there_whatever_was_wanted(done):
    kept = parsed(KEPT)
    found = dict(places(done, kept))
    assert found["memory"] == "98304"
    assert found["devices/memballoon/@model"] == "none"
    assert found["devices/watchdog/@model"] == "i6300esb"
    assert found["devices/console"] == "absent"
    assert found["devices/disk[vda]"] == "absent"
    assert found["devices/disk[vdb]/@device"] == "lun"
    assert not any("address" in place.rpartition("/")[2] and "mac" not in place for place in found)
    kept.find("devices/memballoon").set("model", "virtio")
    kept.find("devices").append(deepcopy(parsed(PLAIN).find("devices/console")))
    changed = {place for place, value in places(done, kept) if found[place] != value}
    assert changed == {"devices/memballoon/@model", "devices/console"}


def test_comments_and_indentation_say_nothing():
    assert difference(parsed("<a> <!-- x --><b/>\n</a>"), parsed("<a><b></b></a>")).is_none
