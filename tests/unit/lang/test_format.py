"""The canonical form: Terraform's, byte for byte, with nothing of the meaning changed.

The golden cases in tests/cases/format were made by Terraform 1.11; with a Terraform at hand, mangled
configurations are compared too.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mangling import mangled
from tree_text import body_text

from kvmform.diagnostics import DiagnosticError
from kvmform.lang.format.canonical import canonical_form, canonical_layout
from kvmform.lang.parse import parse_config

TESTS = Path(__file__).resolve().parents[2]
CASES = sorted((TESTS / "cases" / "format").glob("*.given.tf"))
EXAMPLES = sorted((TESTS.parent / "examples").rglob("*.tf"))


def read(path: Path) -> str:
    return path.read_bytes().decode()


VALID = [read(path).removeprefix("\ufeff") for path in (*CASES, *EXAMPLES)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.removesuffix(".given.tf"))
def test_the_canonical_form_is_terraforms(case):
    expected = read(case.with_name(case.name.replace(".given.", ".canonical.")))
    assert canonical_form(read(case), case.name) == expected


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: str(path.relative_to(TESTS.parent)))
def test_our_own_examples_are_in_canonical_form(example):
    assert canonical_form(read(example), example.name) == read(example)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(VALID), st.randoms(use_true_random=False))
def test_parsing_before_and_after_gives_the_same_tree(text, random):
    ugly = mangled(text, random)
    before, problems = parse_config(ugly, "x.tf")
    assert not problems
    after, problems = parse_config(canonical_layout(ugly, "x.tf"), "x.tf")
    assert not problems
    assert body_text(after) == body_text(before)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(VALID), st.randoms(use_true_random=False))
def test_only_blanks_change_where_nothing_is_legacy(text, random):
    ugly = mangled(text, random)
    pretty = canonical_layout(ugly, "x.tf")
    assert re.sub(r"[ \t]+", "", pretty) == re.sub(r"[ \t]+", "", ugly)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(VALID), st.randoms(use_true_random=False))
def test_legacy_spellings_are_never_rewritten_into_something_invalid(text, random):
    rewritten = canonical_form(mangled(text, random), "x.tf")
    assert parse_config(rewritten, "x.tf")[1] == []


@pytest.mark.skipif(shutil.which("terraform") is None, reason="there is no Terraform to compare with")
def test_mangled_configurations_come_out_as_from_terraform(tmp_path):
    given_texts = {f"{n:04}.tf": mangled(VALID[n % len(VALID)], Random(n)) for n in range(40 * len(VALID))}
    for name, text in given_texts.items():
        (tmp_path / name).write_bytes(text.encode())
    environment = {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
    command = ["terraform", "fmt", "-no-color", "-list=false", str(tmp_path)]
    rejected = subprocess.run(command, check=False, env=environment, capture_output=True, text=True).stderr
    compared = 0
    for name, text in given_texts.items():
        theirs = read(tmp_path / name)
        # Terraform unwraps "${…}" with a line comment in it to something invalid, and wants no newline in [*].
        if name not in rejected and not parse_config(theirs, name)[1]:
            assert canonical_form(text, name) == theirs, name
            compared += 1
    assert compared > 0.9 * len(given_texts)


@pytest.mark.parametrize(
    "text",
    [
        'a = "${b # why\n + c}"\n',
        'a = "${ # why\n b}"\n',
        'a = "${(b) +\n (c)}"\n',
        'block {\n  x { a = "${b # why\n}" }\n}\n',
    ],
)
def test_an_expression_that_would_be_torn_apart_stays_wrapped(text):
    before, after = parse_config(text, "x.tf"), parse_config(canonical_form(text, "x.tf"), "x.tf")
    assert not before[1]
    assert not after[1]
    assert body_text(after[0]) == body_text(before[0])


def test_a_label_with_a_dollar_sign_is_kept():
    assert canonical_form('block "a$b"   "$${c}" {}\n', "x.tf") == 'block "a$b" "$${c}" {}\n'


def test_every_syntax_error_is_told():
    with pytest.raises(DiagnosticError) as caught:
        canonical_form("a = \nb = 1\nc = )\n", "x.tf")
    assert [each.subject.first.line for each in caught.value.diagnostics] == [1, 3]


def test_formatting_is_linear():
    """Ten times the lines make ten times the pieces to write, whatever the shape: one long chain to align."""
    text = "".join(f"name_{n} = {n} # {n}\n" for n in range(20_000))
    assert canonical_form(text, "x.tf").count("\n") == 20_000
