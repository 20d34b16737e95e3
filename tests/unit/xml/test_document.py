"""Documents keep what they are not told to change, and never load anything from outside."""

import pytest

from kvmform.diagnostics import DiagnosticError
from kvmform.xml.document import Document, element_text, make_element, parse_element, remove_element

DOMAIN = """<domain type='kvm'>
  <name>web</name>
  <devices>
    <disk type='file' device='disk'><target dev='vda'/></disk>
    <disk type='file' device='cdrom'><target dev='sda'/></disk>
    <video/>
  </devices>
</domain>"""


def test_paths_find_elements_texts_and_attributes():
    document = Document.parse(DOMAIN)
    assert document.get("name") == "web"
    assert document.get("@type") == "kvm"
    assert document.get("devices/disk[@device='cdrom']/target/@dev") == "sda"
    assert document.get("devices/sound/@model") is None
    assert document.get("description") is None
    assert len(document.find_all("devices/disk")) == 2


def test_a_new_element_comes_behind_its_kind():
    document = Document.parse(DOMAIN)
    document.add("devices", "<disk type='block'/>")
    document.add("devices", "<sound model='ich9'/>")
    assert [child.tag for child in document.find("devices")] == ["disk", "disk", "disk", "video", "sound"]


def test_adding_into_a_missing_element_is_a_diagnostic():
    with pytest.raises(DiagnosticError, match="Unexpected XML"):
        Document.parse(DOMAIN).add("os/bios", "<x/>")


def test_removing_an_element_leaves_the_rest_as_it_was():
    document = Document.parse(DOMAIN)
    remove_element(document.find("devices/disk[@device='cdrom']"))
    assert document.text == DOMAIN.replace(
        "\n    <disk type='file' device='cdrom'><target dev='sda'/></disk>", ""
    ).replace("'", '"')


def test_removing_the_root_does_nothing():
    document = Document.parse("<a/>")
    remove_element(document.root)
    assert document.text == "<a/>"


def test_text_is_that_of_the_element_alone():
    assert element_text(Document.parse(DOMAIN).find("name")) == "<name>web</name>"


@pytest.mark.parametrize("text", ["", "<a>", "<a/><b/>", "plain"])
def test_text_that_is_no_xml_is_a_diagnostic(text):
    with pytest.raises(DiagnosticError, match="Invalid XML"):
        Document.parse(text)


def test_entities_do_not_read_files(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    root = parse_element(f'<!DOCTYPE a [<!ENTITY e SYSTEM "file://{secret}">]><a>&e;</a>')
    assert "hidden" not in "".join(root.itertext())


def test_elements_may_be_made_in_the_known_namespaces():
    element = make_element("dnsmasq:option", {"value": "no-ping"})
    assert element_text(element) == (
        '<dnsmasq:option xmlns:dnsmasq="http://libvirt.org/schemas/network/dnsmasq/1.0" value="no-ping"/>'
    )
