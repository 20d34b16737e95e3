"""Where Terraform 1.11 is installed, it and kvmform are asked the same, things that nobody thought of."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random

import pytest
from broken_files import mutated, seeds
from expression_writing import ExpressionWriter
from oracle import after, same, scope
from terraform import has_terraform, outputs_of, syntax_errors_of

from kvmform.diagnostics import DiagnosticError
from kvmform.lang.evaluate import evaluate
from kvmform.lang.parse import parse_config, parse_expression
from kvmform.values.kinds import type_of
from kvmform.values.marks import marks_in, unmark_deep
from kvmform.values.model import Unknown, Value
from kvmform.values.plain import to_plain
from kvmform.values.types import type_to_json

FILES = Path(__file__).parents[2] / "oracle" / "files"

pytestmark = pytest.mark.skipif(not has_terraform(), reason="needs a Terraform of the same version")


def written(seed: int, count: int) -> list[str]:
    """Expressions that can be parsed."""
    writer = ExpressionWriter(Random(seed), ["null"])
    found: list[str] = []
    while len(found) < count:
        text = writer.write(3)
        try:
            parse_expression(text, "main.tf")
        except DiagnosticError:
            continue
        found.append(text)
    return found


def answer(text: str) -> tuple[Value, object] | set[str]:
    """Value and type, or the summaries of the errors."""
    try:
        value = evaluate(parse_expression(text, "main.tf"), scope(FILES))
        if marks_in(value):
            return {"Output refers to sensitive values"}
        bare, _ = unmark_deep(value)
        if isinstance(bare, Unknown):
            return None, "dynamic"
        return after(to_plain(bare)[0]), type_to_json(type_of(bare))
    except DiagnosticError as problem:
        return {each.summary for each in problem.diagnostics}
    except ValueError:
        return {"Failed to write plan file"}  # infinity


def agrees(ours: tuple[Value, object] | set[str], theirs: tuple[Value, object] | set[str]) -> bool:
    if isinstance(ours, set) or isinstance(theirs, set):
        return isinstance(ours, set) and isinstance(theirs, set) and bool(ours & theirs)
    return same(ours[0], theirs[0]) and (theirs[0] is None or ours[1] == theirs[1])


@pytest.mark.parametrize("seed", [1, 2])
def test_expressions_at_random(seed: int, tmp_path: Path) -> None:
    shutil.copytree(FILES, tmp_path, dirs_exist_ok=True)
    texts = written(seed, 300)
    pairs = [(text, answer(text), theirs) for text, theirs in zip(texts, outputs_of(tmp_path, texts), strict=True)]
    assert [pair for pair in pairs if not agrees(pair[1], pair[2])] == []


def test_files_with_mistakes(tmp_path: Path) -> None:
    """The first error is the same; what else Terraform tells of the syntax is told too."""
    random, originals = Random(1), seeds()
    texts = [mutated(random, originals[random.randrange(len(originals))]) for _ in range(300)]
    texts = [text for text in texts if "\0" not in text and "\ufeff" not in text and "\u0301" not in text]
    different = []
    for text, theirs in zip(texts, syntax_errors_of(tmp_path, texts), strict=True):
        ours = [
            (problem.summary, problem.subject.first.line, problem.subject.first.column)
            for problem in parse_config(text, "main.tf")[1]
            if problem.subject is not None
        ]
        if ours and ours[0] not in theirs[:1]:
            different.append((text, ours, theirs))
    assert different == []
