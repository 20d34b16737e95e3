"""The table of functions, which says in which family each is."""

from importlib import import_module
from pathlib import Path

import pytest

from kvmform.lang import functions
from kvmform.lang.functions import FUNCTIONS

FAMILIES = sorted(
    path.stem
    for path in Path(functions.__file__).parent.glob("*.py")
    if "\nFUNCTIONS" in path.read_text() and path.stem != "__init__"
)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_function_is_found_in_its_family(family):
    found = import_module(f"kvmform.lang.functions.{family}").FUNCTIONS
    assert found
    for function in found:
        assert FUNCTIONS[function.name] is FUNCTIONS["core::" + function.name] is function


def test_every_name_in_the_table_is_a_function():
    assert all(FUNCTIONS[name].name == name.removeprefix("core::") for name in FUNCTIONS)
    assert len(FUNCTIONS) == 2 * sum(len(import_module(f"kvmform.lang.functions.{f}").FUNCTIONS) for f in FAMILIES)


def test_what_is_no_function_is_not_found():
    assert "list" not in FUNCTIONS
    assert FUNCTIONS.get("list") is None
