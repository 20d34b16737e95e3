"""The registries: every line leads to a type of that name, and costs nothing until somebody asks."""

import subprocess
import sys

import pytest

from kvmform.resources import DATA_SOURCES, REGISTRY, SCHEMAS
from kvmform.resources.provider import PROVIDER_SCHEMAS
from kvmform.workspace.catalogue import installed

EVERYTHING = [*REGISTRY.items(), *DATA_SOURCES.items()]


@pytest.mark.parametrize(("name", "kind"), EVERYTHING, ids=lambda each: each if isinstance(each, str) else "")
def test_each_line_leads_to_the_type_of_that_name(name, kind):
    assert kind.name == name


@pytest.mark.parametrize(("name", "kind"), EVERYTHING, ids=lambda each: each if isinstance(each, str) else "")
def test_each_type_is_of_a_provider_whose_blocks_are_known(name, kind):
    assert name.partition("_")[0] in PROVIDER_SCHEMAS
    assert kind.needs_host == (name.startswith("libvirt_") and not name.endswith("_template"))


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_that_is_told_without_its_type_is_the_types_own(name):
    assert SCHEMAS[name] is REGISTRY[name].schema


def test_all_schemas_can_be_asked_for():
    schemas = installed().schemas
    assert len(schemas) == len(EVERYTHING) == len(list(schemas))
    assert schemas["managed", "null_resource"] is REGISTRY["null_resource"].schema
    assert schemas.get(("data", "null_resource")) is None
    assert ("managed", "nonsense") not in schemas


def test_looking_at_the_names_imports_no_type():
    program = (
        "import sys; from kvmform.workspace.catalogue import installed\n"
        "names = list(installed().schemas); assert ('managed', 'null_resource') in names\n"
        "assert 'null_resource' in installed().types\n"
        "print(*(name for name in sys.modules if name.startswith('kvmform.resources.')), 'libvirt' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()
    assert set(said) == {"kvmform.resources.registry", "kvmform.resources.provider", "False"}
