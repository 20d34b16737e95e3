"""The escape on a real host: what libvirt makes of it, and that the rows tell the truth all the same."""

import subprocess
from contextlib import closing

import pytest
from lab_xml import network_xml, write_seed
from stylesheets import STYLESHEETS, stylesheet

from kvmform.diagnostics import DiagnosticError
from kvmform.host.host import open_host
from kvmform.host.networks import define_network, start_network, stop_network, undefine_network
from kvmform.resources.domain.resource_type import DOMAIN
from kvmform.schema import Disruption
from kvmform.xml.document import Document

pytestmark = [pytest.mark.libvirt, pytest.mark.guest, pytest.mark.slow]


@pytest.fixture(scope="module", autouse=True)
def network(lab_host, tmp_path_factory):
    host = open_host(lab_host.uri, tmp_path_factory.mktemp("network"))
    uuid = define_network(host, network_xml("escape", 74))
    start_network(host, uuid)
    yield
    stop_network(host, uuid)
    undefine_network(host, uuid)
    host.close()


def written(tmp_path, escape, **more):
    """A guest without anything to boot from that works: it stands in its firmware."""
    for name in ("a", "b"):
        if not (tmp_path / f"{name}.qcow2").exists():
            command = ["qemu-img", "create", "-q", "-f", "qcow2", tmp_path / f"{name}.qcow2", "1M"]
            subprocess.run(command, check=True)
    return {
        "name": "escaped",
        "machine": "pc",
        "memory": 48,
        "max_memory": 64,
        "cpu": [{"mode": "maximum"}],
        "shutdown_timeout": 0.1,
        "disk": [{"file": str(tmp_path / "a.qcow2")}, {"file": str(write_seed(tmp_path / "cd.iso", "x"))}],
        "network_interface": [{"network_name": "escape"}],
        "console": [{"type": "pty", "target_port": "0", "target_type": "serial"}],
        "graphics": [{"type": "vnc", "listen_type": "address"}],
        "video": [{"type": "vga"}],
        "xml": [escape],
        **more,
    }


def applied(bench, wanted, expected):
    """Apply a change, which is of this class and leaves nothing to do."""
    told = {str(edit.path): edit.effect for edit in bench.changes(wanted)}
    assert bench.change(wanted) is expected, told
    assert bench.changes(wanted) == ()
    assert bench.look().object == bench.state
    return wanted


def documents(bench):
    record = bench.host.inventory.domains.get(bench.state["id"])
    return [Document.parse(xml) for xml in (record.xml, record.live_xml) if xml is not None]


PLACES = {
    "disks on SATA": ("devices/disk[@device='disk']/target/@bus", "sata"),
    "CD-ROM drives on SATA": ("devices/disk[@device='cdrom']/target/@bus", "sata"),
    "another processor": ("cpu/model", "qemu64"),
    "no console, no display": ("devices/graphics", None),
    "tuned interfaces": ("devices/interface/model/@type", "e1000"),
    "one more device": ("devices/watchdog/@model", "i6300esb"),
    "QEMU's own arguments": ("qemu:commandline/qemu:arg[2]/@value", "escaped"),
    "other memory": ("currentMemory", str(40 * 1024)),
    "channels of SPICE": ("devices/graphics[@type='spice']/@autoport", "yes"),
    "nothing": ("devices/memballoon/@model", "virtio"),
}
STARTED = {"CD-ROM drives on SATA", "tuned interfaces"}
"""Those that are seen in a running guest too."""


def seen(document, place):
    element, _, attribute = place.partition("/@")
    found = document.find(element)
    return found if found is None else found.get(attribute) if attribute else found.text


def addresses(document):
    return sorted(
        (device.tag, *sorted(device.find("address").items()))
        for device in document.find_all("devices/*")
        if device.find("address") is not None
    )


@pytest.mark.changes("libvirt_domain.xml", "libvirt_domain.xml.xslt")
@pytest.mark.parametrize("name", PLACES)
def test_a_stylesheet_is_in_force_and_stays_so(bench, tmp_path, name):
    place, value = PLACES[name]
    wanted = written(tmp_path, {"xslt": STYLESHEETS[name]}, running=name in STARTED)
    wanted |= {"graphics": []} if name == "channels of SPICE" else {}
    made = bench.make(wanted)
    assert bench.look().object == made
    assert bench.changes(wanted) == ()
    before = documents(bench)[0]
    assert [seen(document, place) for document in documents(bench)] == [value] * len(documents(bench))

    # Another argument is patched, and the rest stays as it is: also the places that libvirt gave the devices.
    wanted = applied(bench, {**wanted, "description": "x"}, Disruption.LIVE)
    definition = documents(bench)[0]
    assert definition.get("description") == "x"
    assert [seen(document, place) for document in documents(bench)] == [value] * len(documents(bench))
    assert addresses(definition) == addresses(before)

    # Without it the guest is as its arguments say, and still the same.
    applied(bench, {**wanted, "xml": []}, Disruption.REBOOT if name in STARTED else Disruption.LIVE)
    assert bench.state["id"] == made["id"]
    assert bench.state["network_interface"][0]["mac"] == made["network_interface"][0]["mac"]
    assert all((seen(document, place) == value) is (name == "nothing") for document in documents(bench))


@pytest.mark.changes("libvirt_domain.xml.overlay", "libvirt_domain.xml.xslt", "libvirt_domain.xml.template")
def test_a_changed_escape_is_carried_out_on_the_domain_that_there_is(bench, tmp_path):
    balloon = {"overlay": {"devices/memballoon/@model": "virtio-non-transitional", "title": "escaped"}}
    wanted = written(tmp_path, balloon, machine="q35", disk=[{"file": str(tmp_path / "a.qcow2")}])
    made = bench.make(wanted)
    assert bench.changes(wanted) == ()
    data = {"file": str(tmp_path / "b.qcow2")}

    # What the escape has nothing to do with is as live as ever.
    wanted = applied(bench, {**wanted, "memory": 64}, Disruption.LIVE)
    wanted = applied(bench, {**wanted, "disk": [*wanted["disk"], data]}, Disruption.LIVE)
    definition, live = documents(bench)
    for document in (definition, live):
        assert document.get("devices/memballoon/@model") == "virtio-non-transitional"
        assert document.find(f"devices/disk/source[@file='{data['file']}']") is not None
    assert addresses(definition) == addresses(live)

    more = {"devices": "<watchdog model='i6300esb'/>", "devices/graphics": None, "title": "other"}
    wanted = applied(bench, {**wanted, "xml": [{"overlay": more}]}, Disruption.REBOOT)
    for document in documents(bench):
        assert document.get("devices/memballoon/@model") == "virtio"
        assert document.get("devices/watchdog/@model") == "i6300esb"
        assert document.find("devices/graphics") is None
        assert document.get("title") == "other"

    # Disks that are not where the table says they are change when the guest starts.
    wanted = applied(bench, {**wanted, "xml": [{"xslt": STYLESHEETS["disks on SATA"]}]}, Disruption.REBOOT)
    wanted = applied(bench, {**wanted, "disk": wanted["disk"][:1]}, Disruption.REBOOT)
    for document in documents(bench):
        assert [disk.get("bus") for disk in document.find_all("devices/disk[@device='disk']/target")] == ["sata"]

    wanted = applied(bench, {**wanted, "xml": [{"template": TEMPLATE}]}, Disruption.REBOOT)
    for document in documents(bench):
        assert document.get("title") == "from a template"
        assert document.find("devices/graphics") is None
        assert document.get("devices/disk/target/@dev") == "vda"
    wanted = applied(bench, {**wanted, "max_memory": 96}, Disruption.REBOOT)
    assert documents(bench)[1].get("memory") == str(96 * 1024)
    assert (bench.state["id"], bench.state["disk"][0]) == (made["id"], made["disk"][0])
    assert bench.state["network_interface"][0]["mac"] == made["network_interface"][0]["mac"]


@pytest.mark.changes("libvirt_domain.xml", "libvirt_domain.xml.overlay", "libvirt_domain.pending")
def test_an_escape_that_waits_for_a_boot_is_named_until_then(lab_host, bench, tmp_path):
    watchdog = {"overlay": {"devices": "<watchdog model='i6300esb'/>"}}
    plain = {**written(tmp_path, watchdog), "xml": [], "on_reboot_needed": "next-boot"}
    later = {**plain, "xml": [watchdog]}
    bench.make(plain)
    for wanted, pending in ((later, ["xml"]), (plain, []), (later, ["xml"])):
        assert bench.change(wanted) is Disruption.NEXT_BOOT
        assert bench.state["pending"] == pending
        assert bench.changes(wanted) == ()
    assert [document.find("devices/watchdog") is not None for document in documents(bench)] == [True, False]
    wanted = {**later, "on_reboot_needed": "reboot"}
    (edit,) = [edit for edit in bench.changes(wanted) if edit.effect.disruption is Disruption.REBOOT]
    assert edit.effect.reason == "xml changed, and the guest was not rebooted yet"
    applied(bench, wanted, Disruption.REBOOT)
    assert [document.get("devices/watchdog/@model") for document in documents(bench)] == ["i6300esb"] * 2

    # What is taken away waits as well, and a guest that somebody starts anew has nothing to wait for.
    wanted = {**wanted, "xml": [], "on_reboot_needed": "next-boot"}
    applied(bench, wanted, Disruption.NEXT_BOOT)
    assert bench.state["pending"] == ["xml"]
    with closing(lab_host.connect()) as connection:
        domain = connection.lookupByName("escaped")
        domain.destroy()
        domain.create()
    assert bench.look().object["pending"] == []
    assert bench.changes(wanted) == ()


TEMPLATE = """\
<domain type="{{ type }}">
  <name>{{ name }}</name>
  <title>from a template</title>
  <memory unit="MiB">{{ max_memory }}</memory>
  <currentMemory unit="MiB">{{ memory }}</currentMemory>
  <vcpu>{{ vcpu }}</vcpu>
  <os><type arch="{{ arch }}" machine="{{ machine }}">hvm</type></os>
  <features><acpi/></features>
  <devices>
    {% for disk in disks %}{{ disk.xml }}{% endfor %}
    {% for interface in interfaces %}{{ interface.xml }}{% endfor %}
    <serial type="pty"/>
  </devices>
</domain>
"""


@pytest.mark.changes("libvirt_domain.xml.effect")
def test_what_was_changed_past_kvmform_is_carried_out_again(lab_host, bench, tmp_path):
    overlay = {"devices/memballoon/@model": "none", "devices": "<watchdog model='i6300esb' action='poweroff'/>"}
    wanted = written(tmp_path, {"overlay": overlay}, running=False)
    bench.make(wanted)
    with closing(lab_host.connect()) as connection:
        domain = connection.lookupByName("escaped")
        xml = domain.XMLDesc()
        for before, after in (("memballoon model='none'", "memballoon model='virtio'"), ("'poweroff'", "'reset'")):
            assert before in xml
            connection.defineXML(xml.replace(before, after))
            assert [edit.path for edit in bench.changes(wanted)] != []
            bench.change(wanted)
            assert bench.changes(wanted) == ()
            assert before in domain.XMLDesc()
        # What it says nothing of may be as it likes.
        connection.defineXML(xml.replace("<on_crash>destroy", "<on_crash>restart"))
        assert bench.changes(wanted) == ()


@pytest.mark.parametrize(
    ("escape", "words"),
    [
        ({"overlay": {"devices/disk/target/@bus": "nobus"}}, "nobus"),
        ({"overlay": {"devices/video/model/@type": "nope"}}, "nope"),
        ({"xslt": stylesheet('<xsl:template match="/domain/name/text()">other</xsl:template>')}, "name"),
        ({"template": "<domain type='qemu'><name>{{ name }}</name></domain>"}, ""),
    ],
)
def test_what_libvirt_would_refuse_is_told_and_leaves_nothing(lab_host, bench, tmp_path, escape, words):
    wanted = written(tmp_path, escape, running=False)
    [problem] = bench.check(DOMAIN, wanted)
    assert problem.path[:2] == ("xml", 0)
    assert words in problem.diagnostic.detail
    with pytest.raises(DiagnosticError):
        bench.make(wanted)
    with closing(lab_host.connect()) as connection:
        assert connection.listAllDomains() == []


def test_libvirts_schema_is_asked_too(bench, tmp_path):
    [problem] = bench.check(DOMAIN, written(tmp_path, {"overlay": {"devices/memballoon/@modell": "none"}}))
    assert problem.diagnostic.summary == "Unknown to libvirt's schema"
    assert "devices/memballoon/@modell" in problem.diagnostic.detail
