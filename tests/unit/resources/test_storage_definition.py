"""What new pools, volumes and seeds are made from: golden cases, and that what is written is read back.

A case is a folder in tests/cases/<type>: `written.json` has the arguments; beside it is what is made of them:
`expected.xml`, for a seed `expected.json` with its files. KVMFORM_REGENERATE=1 writes the expected files anew; look
at their difference then.
"""

import json
import os
from pathlib import Path

import pytest
from lxml import etree
from type_bench import TypeBench

from kvmform.host.host import open_host
from kvmform.resources.cloudinit_disk.lifecycle import seed_files
from kvmform.resources.cloudinit_disk.resource_type import CLOUDINIT_DISK
from kvmform.resources.pool.definition import pool_xml
from kvmform.resources.pool.resource_type import POOL
from kvmform.resources.volume.recipe import Base, Recipe, volume_xml
from kvmform.resources.volume.resource_type import VOLUME
from kvmform.schema import Block, Identity, completed
from kvmform.state.records import known
from kvmform.xml.document import Document
from kvmform.xml.rows import read_rows

CASES = Path(__file__).parents[2] / "cases"
LIBVIRT_SCHEMAS = Path("/usr/share/libvirt/schemas")
BASE = Base("/srv/images/base.qcow2", "qcow2", 2 * 2**30)
NOT_IN_XML = {
    "pool": {"capacity", "allocation", "available", "autostart", "active"},
    "volume": {"pool", "source", "clone_of", "reflink", "base_volume_pool", "checksum"},
    "cloudinit_disk": set(),
}
"""Arguments that no case needs, because they change nothing of what is made."""
TYPES = {"pool": POOL, "volume": VOLUME, "cloudinit_disk": CLOUDINIT_DISK}


def cases(*folders):
    found = [case for folder in folders for case in sorted((CASES / folder).iterdir())]
    return pytest.mark.parametrize("case", found, ids=lambda case: f"{case.parent.name}-{case.name}")


@pytest.fixture
def planned(tmp_path):
    """The planned object of a case; what only the host would tell is None."""
    host = open_host("test+file:host.xml", tmp_path)

    def plan(case):
        written = json.loads((case / "written.json").read_text())
        found = TypeBench(host, tmp_path).propose(TYPES[case.parent.name], written)
        return {name: known(value) for name, value in found.items()}

    yield plan
    host.close()


def definition(case, planned):
    if case.parent.name == "pool":
        return pool_xml(planned)
    is_clone = planned["base_volume_id"] or planned["base_volume_name"]
    capacity = planned["size"] or (BASE.capacity if is_clone else 1)
    return volume_xml(planned, Recipe(planned["format"], capacity, base=BASE if is_clone else None), sparse=True)


def expect(path, text):
    if os.environ.get("KVMFORM_REGENERATE"):
        path.write_text(text)
    assert text == path.read_text()


@cases("pool", "volume")
def test_definition_is_as_expected(planned, case):
    expect(case / "expected.xml", definition(case, planned(case)))


@pytest.mark.skipif(not LIBVIRT_SCHEMAS.exists(), reason="libvirt's XML schemas are not installed")
@pytest.mark.parametrize(("folder", "schema"), [("pool", "storagepool.rng"), ("volume", "storagevol.rng")])
def test_definitions_are_valid_for_libvirt(folder, schema):
    validator = etree.RelaxNG(etree.parse(LIBVIRT_SCHEMAS / schema))
    for case in (CASES / folder).iterdir():
        validator.assertValid(etree.parse(case / "expected.xml"))


@cases("pool", "volume")
def test_what_is_written_is_read_back(planned, case):
    rows = TYPES[case.parent.name].schema.rows
    found = read_rows(Document.parse((case / "expected.xml").read_text()).root, rows)
    wanted = completed(rows, planned(case), found)
    assert {name: wanted[name] for name in found} == found


@cases("cloudinit_disk")
def test_a_seed_has_the_files_expected(planned, case):
    files = seed_files(planned(case), Identity("lineage", "x"))
    expect(case / "expected.json", json.dumps(files, indent=2, ensure_ascii=False) + "\n")


@pytest.mark.parametrize("kind", TYPES.values(), ids=TYPES)
def test_every_row_tells_what_it_is(kind):
    def rows(table, path=()):
        for name, row in table.items():
            yield (*path, name), row
            if isinstance(row, Block):
                yield from rows(row.rows, (*path, name))

    for path, row in rows(kind.schema.rows):
        assert row.doc.endswith("."), path


@pytest.mark.parametrize("folder", TYPES)
def test_every_argument_is_in_some_case(folder):
    written = {}
    for case in (CASES / folder).iterdir():
        written |= json.loads((case / "written.json").read_text())
    rows = TYPES[folder].schema.rows
    own = {name for name, row in rows.items() if not getattr(row, "read_only", False)}
    assert own - written.keys() == NOT_IN_XML[folder]
