"""The text of JSON documents: as exact as what is recorded, and the same in every locale."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from command_line import CommandLine

from kvmform.view.document_text import document_text

EXACT = "0.12345678901234567890123456789"


@pytest.mark.parametrize("indented", [False, True])
def test_every_character_comes_back(indented: bool) -> None:
    document = {"é\U0001f600": ["\u2028", "\ud800", "\x7f", '"\\', "<&>", "", None, True, -1, 1.5]}
    text = document_text(document, indented=indented)
    assert text.isascii()
    assert json.loads(text) == document


def test_numbers_keep_their_digits() -> None:
    assert document_text([Decimal(EXACT), 10**30]) == f"[{EXACT},{10**30}]"


def test_what_terraform_recorded_with_more_digits_than_a_float_is_shown(tmp_path: Path) -> None:
    state = {
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 1,
        "lineage": "l",
        "outputs": {"o": {"value": "EXACT", "type": "number"}},
        "resources": [],
    }
    (tmp_path / "terraform.tfstate").write_text(json.dumps(state).replace('"EXACT"', EXACT))
    here = CommandLine(tmp_path).write('output "o" { value = 2 }')
    assert EXACT in here.run("show", "-json")
    assert EXACT in here.run("output", "-json")
    assert here.run("output", "-raw", "o") == EXACT
    here.run("plan", "-out=p")
    assert EXACT in here.run("show", "-json", "p")
    here.run("plan", "-json")
