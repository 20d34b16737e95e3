"""Single places of a document, set, added and removed by path."""

import pytest

from kvmform.diagnostics import DiagnosticError
from kvmform.xml.document import NAMESPACES, Document
from kvmform.xml.overlay import check_path, overlaid

DOMAIN = """<domain><name>x</name><cpu mode="host-model"/><devices>
  <disk device="disk"><target dev="vda" bus="virtio"/></disk>
  <disk device="cdrom"><target dev="hda" bus="ide"/></disk>
  <interface><mac address="52:54:00:00:00:01"/></interface>
  <interface><mac address="52:54:00:00:00:02"/></interface>
  <memballoon model="virtio"/>
</devices></domain>"""


@pytest.mark.parametrize(
    ("path", "value", "place", "found"),
    [
        ("devices/memballoon/@model", "none", "devices/memballoon/@model", ["none"]),
        ("title", "t", "title", ["t"]),
        ("@id", "7", "@id", ["7"]),
        ("devices/disk/driver/@cache", "none", "devices/disk/driver/@cache", ["none"]),
        ("devices/disk/target/@bus", "sata", "devices/disk/target/@bus", ["sata", "sata"]),
        ("devices/disk[@device='cdrom']/target/@bus", "sata", "devices/disk/target/@bus", ["virtio", "sata"]),
        ("devices/interface[2]/mtu/@size", "1400", "devices/interface[2]/mtu/@size", ["1400"]),
        ("cpu/feature[@name='vmx']/@policy", "disable", "cpu/feature[@name='vmx']/@policy", ["disable"]),
        ("cpu/feature[@name='a/b']/@policy", "disable", "cpu/feature[@name='a/b']/@policy", ["disable"]),
        ("memoryBacking/nosharepages", "", "memoryBacking/nosharepages", [""]),
        (
            "qemu:commandline",
            "<qemu:arg value='-S'/><qemu:arg value='x'/>",
            "qemu:commandline/qemu:arg/@value",
            ["-S", "x"],
        ),
        ("devices", "<watchdog model='diag288'/>", "devices/watchdog/@model", ["diag288"]),
        ("devices/disk[@device='cdrom']", None, "devices/disk/@device", ["disk"]),
        ("devices/interface", None, "devices/interface/mac/@address", []),
        ("cpu/@mode", None, "cpu/@mode", []),
        ("nothing/there", None, "nothing", []),
    ],
)
def test_a_path_is_set_made_or_removed(path, value, place, found):
    document = Document.parse(overlaid(DOMAIN, {path: value}))
    element, _, attribute = f"./{place}".partition("/@")
    values = [
        each.get(attribute) if attribute else each.text or "" for each in document.root.iterfind(element, NAMESPACES)
    ]
    assert [value for value in values if value is not None] == found


def test_what_is_made_is_made_once_for_all_paths():
    document = Document.parse(overlaid(DOMAIN, {"clock/@offset": "utc", "clock/timer[@name='hpet']/@present": "no"}))
    assert len(document.find_all("clock")) == 1


@pytest.mark.parametrize(
    "path", ["", "/", "devices/", "/domain/name", "a//b", "devices/@a/b", "a[b", "name()", "a|b", "..", "@"]
)
def test_what_is_no_path_is_told(path):
    with pytest.raises(DiagnosticError, match="Invalid path"):
        check_path(path)


@pytest.mark.parametrize(
    ("path", "value"), [("devices/interface[7]/mtu/@size", "1"), ("devices", "<no xml"), ("devices", "< <")]
)
def test_what_can_not_be_done_is_told(path, value):
    with pytest.raises(DiagnosticError):
        overlaid(DOMAIN, {path: value})
