"""What Terraform 1.11 answers, case by case (tests/oracle), kvmform answers too.

`make oracle` tells the same of more cases in other directories.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from oracle import case_files, differences, read

DIRECTORY = Path(__file__).parents[2] / "oracle"


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("expressions", 1020),
        ("expressions_unknown", 201),
        ("files_accepted", 128),
        ("type_constraints", 102),
    ],
)
def test_kvmform_answers_as_terraform(name: str, count: int) -> None:
    path = DIRECTORY / f"{name}.jsonl"
    assert len(read(path)) >= count
    assert [str(each) for each in differences(path)] == []


def test_every_file_of_cases_is_asked() -> None:
    assert {path.name for path in case_files(DIRECTORY)} == {path.name for path in DIRECTORY.glob("*.jsonl")}


def test_a_different_answer_is_told(tmp_path: Path) -> None:
    """The comparison itself: each of these is wrong in one way."""
    (tmp_path / "files").mkdir()
    (tmp_path / "expressions.jsonl").write_text(
        '{"expr": "1 + 1", "json": 3, "type": "number"}\n'
        '{"expr": "1 + 1", "json": 2, "type": "string"}\n'
        '{"expr": "1 + 1", "json": 2, "type": "number", "sensitive": true}\n'
        '{"expr": "1 + 1", "error": true, "at": [1, 1, 1, 2]}\n'
        '{"expr": "[][0]", "error": true, "at": [1, 1, 1, 2]}\n'
        '{"expr": "[][0]", "json": 2, "type": "number"}\n'
    )
    (tmp_path / "more_files_accepted.jsonl").write_text(
        '{"config": "a = \\n", "ok": true}\n'
        '{"config": "a = 1\\n", "ok": false, "errors": [{"line": 1}]}\n'
        '{"config": "a = \\n", "ok": false, "errors": [{"line": 2}]}\n'
    )
    (tmp_path / "type_constraints.jsonl").write_text(
        '{"type_expr": "string", "value": "1", "json": 1, "type": "number"}\n'
        '{"type_expr": "strin", "value": "1", "error": true, "line": 2, "column": 1}\n'
    )
    assert {path.name: len(differences(path)) for path in case_files(tmp_path)} == {
        "expressions.jsonl": 6,
        "more_files_accepted.jsonl": 3,
        "type_constraints.jsonl": 2,
    }
