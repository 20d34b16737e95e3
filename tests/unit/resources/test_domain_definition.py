"""The definition of a new domain: golden cases, and that what is written is read back.

A case is a folder in tests/cases/domain: `written.json` has the arguments, `expected.xml` the
definition. KVMFORM_REGENERATE=1 writes the expected files anew; look at their difference then.
"""

import json
import os
from pathlib import Path

import pytest
from domain_bench import DomainBench, settled
from lxml import etree

from kvmform.host.host import open_host
from kvmform.resources.domain.escape.escape import escaped_xml
from kvmform.resources.domain.reading import read_document
from kvmform.resources.domain.schema import SCHEMA
from kvmform.resources.domain.shape import agree
from kvmform.schema import Block
from kvmform.xml.document import Document
from kvmform.xml.owner import Owner

CASES = sorted((Path(__file__).parents[2] / "cases" / "domain").iterdir())
LIBVIRT_SCHEMA = Path("/usr/share/libvirt/schemas/domain.rng")
NOT_IN_XML = {
    *("running", "paused", "autostart", "qemu_agent", "on_reboot_needed", "pending", "timeouts", "xml"),
    *("shutdown_mode", "shutdown_timeout", "on_shutdown_timeout", "on_destroy"),
    "on_seed_change",
    *("hostname", "addresses", "wait_for_lease", "reserved_addresses", "network_id", "target_port"),
    *("wait_for", "ready", "port", "pattern", "path", "timeout"),
    *("clone_of", "clone_disks", "cloned_disk", "original", "how", "cloned_volumes", "cloning"),
    *("identity", "identity_reset", "machine_id", "ssh_host_keys"),
}
"""Rows that a definition says nothing of."""


@pytest.fixture
def bench(tmp_path):
    host = open_host("test+file:host.xml", tmp_path)
    yield DomainBench(host, tmp_path)
    host.close()


@pytest.fixture(scope="module")
def libvirt_schema():
    return etree.RelaxNG(etree.parse(LIBVIRT_SCHEMA))


def written(case):
    return json.loads((case / "written.json").read_text())


def planned(bench, case):
    return settled(bench.plan(written(case)))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_definition_is_as_expected(bench, case):
    xml = escaped_xml(bench.host, planned(bench, case), Owner("lineage", "x"))
    if os.environ.get("KVMFORM_REGENERATE"):
        (case / "expected.xml").write_text(xml)
    assert xml == (case / "expected.xml").read_text()


@pytest.mark.skipif(not LIBVIRT_SCHEMA.exists(), reason="libvirt's XML schemas are not installed")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_definition_is_valid_for_libvirt(libvirt_schema, case):
    libvirt_schema.assertValid(etree.parse(case / "expected.xml"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_written_is_read_back(bench, case):
    wanted = planned(bench, case)
    found = read_document(bench.host, Document.parse((case / "expected.xml").read_text()), wanted)
    differing = {
        name: (wanted[name], found[name])
        for name, row in SCHEMA.rows.items()
        if name not in NOT_IN_XML and wanted[name] is not None and not agree(row, wanted[name], found[name])
    }
    # The test driver keeps no arguments of QEMU's own; the real test bed reads them back.
    assert differing.keys() <= ({"coreos_ignition", "fw_cfg_name"} if "ignition" in case.name else set())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_import_reads_the_same_without_a_record(bench, case):
    wanted = planned(bench, case)
    found = read_document(bench.host, Document.parse((case / "expected.xml").read_text()), {"id": wanted["id"]})
    assert found["name"] == wanted["name"]
    assert [disk["target"] for disk in found["disk"]] == [disk["target"] for disk in wanted["disk"]]
    assert [nic["mac"].lower() for nic in found["network_interface"]] == [
        nic["mac"].lower() for nic in wanted["network_interface"]
    ]


def test_every_row_occurs_in_a_case():
    used = {name for case in CASES for name in names(written(case))}
    documented = set(names_of_rows(SCHEMA.rows))
    assert documented - used <= NOT_IN_XML | {"id", "target", "create", "xslt", "overlay", "effect"}


def names(value):
    for name, item in value.items():
        yield name
        for element in item if isinstance(item, list) else ():
            if isinstance(element, dict):
                yield from names(element)


def names_of_rows(rows):
    for name, row in rows.items():
        yield name
        if isinstance(row, Block):
            yield from names_of_rows(row.rows)
