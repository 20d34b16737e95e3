"""Whatever is in a file: no traceback, no hang, bounded memory; and both readers agree on whether it is right.

`make fuzz` goes on with this for as long as one likes.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from broken_files import HARD, limited, memory, mutated, seeds, validated
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kvmform.diagnostics import Source
from kvmform.lang.format.canonical import canonical_form
from kvmform.lang.parse import parse_config
from kvmform.lang.syntax.fault_items import file_faults

SEEDS = seeds()


@pytest.mark.parametrize("name", HARD)
def test_a_hard_file_is_read_or_refused_in_little_time_and_memory(name: str, tmp_path: Path) -> None:
    before = memory()
    with limited(10):
        validated(tmp_path, HARD[name])
    assert memory() - before < 500 << 20


@settings(deadline=None, derandomize=True, max_examples=150, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False), st.sampled_from(SEEDS))
def test_mistakes_end_in_diagnostics(tmp_path_factory: pytest.TempPathFactory, random: Random, text: str) -> None:
    with limited(10):
        found = validated(tmp_path_factory.getbasetemp(), mutated(random, text))
    assert all(each.summary for each in found)


@settings(deadline=None, derandomize=True, max_examples=300, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False), st.sampled_from(SEEDS))
def test_the_reader_of_mistakes_refuses_what_the_parser_refuses(random: Random, text: str) -> None:
    text = mutated(random, text).removeprefix("\ufeff")
    _, problems = parse_config(text, "main.tf")
    assert bool(file_faults(Source("main.tf", text))) == bool(problems)
    if not problems:
        once = canonical_form(text, "main.tf")
        assert canonical_form(once, "main.tf") == once
