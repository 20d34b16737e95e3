"""The owner element marks an object as ours."""

import pytest

from kvmform.xml.document import Document
from kvmform.xml.owner import OWNER_NAMESPACE, Owner, owner_xml, read_owner, write_owner

OWNER = Owner("9d6a-6b76", 'module.lab["a&b"].libvirt_domain.web[0]')
OTHER = "<metadata><app:x xmlns:app='urn:app'/></metadata>"


@pytest.mark.parametrize("inside", ["", "<metadata/>", OTHER, f"<metadata>{owner_xml(Owner('old', 'old'))}</metadata>"])
def test_a_written_owner_is_read(inside):
    document = Document.parse(f"<domain><name>x</name>{inside}</domain>")
    write_owner(document, OWNER)
    again = Document.parse(document.text)
    assert read_owner(again) == OWNER
    assert len(again.find_all("metadata")) == 1


def test_other_metadata_is_kept():
    document = Document.parse(f"<domain>{OTHER}</domain>")
    write_owner(document, OWNER)
    assert '<app:x xmlns:app="urn:app"/>' in document.text


@pytest.mark.parametrize("text", ["<domain/>", "<domain><metadata/></domain>", f"<domain>{OTHER}</domain>"])
def test_no_mark_means_no_owner(text):
    assert read_owner(Document.parse(text)) is None


def test_the_text_carries_its_namespace():
    assert OWNER_NAMESPACE == "https://kvmform.org/xmlns/owner/1"
    assert f'xmlns:kvmform="{OWNER_NAMESPACE}"' in owner_xml(OWNER)
