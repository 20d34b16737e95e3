"""No input makes the parser, or those who walk its trees, run out of stack or time."""

from __future__ import annotations

import contextlib
import random
import re
import time
from collections.abc import Callable

import pytest
from tree_text import tree_text

from kvmform.diagnostics import DiagnosticError
from kvmform.lang.parse import parse_config, parse_expression, parse_template
from kvmform.lang.references import body_references, references
from kvmform.lang.syntax.cursor import MAXIMUM_NESTING
from kvmform.lang.walk import MAXIMUM_HEIGHT

NESTED: dict[str, Callable[[int], str]] = {
    "parentheses": lambda n: "(" * n + "1" + ")" * n,
    "tuples": lambda n: "[" * n + "]" * n,
    "objects": lambda n: "{a=" * n + "1" + "}" * n,
    "calls": lambda n: "f(" * n + ")" * n,
    "indexes": lambda n: "a[" * n + "1" + "]" * n,
    "templates": lambda n: '"${' * n + "1" + '}"' * n,
    "heredocs": lambda n: "<<X\n${" * n + "1" + "}\nX\n" * n,
    "conditions of directives": lambda n: '"%{if ' * n + "1" + '}%{endif}"' * n,
    "for expressions": lambda n: "[for x in " * n + "y" + ": z]" * n,
    "middles of conditionals": lambda n: "a ? " * n + "b" + " : c" * n,
}
CHAINED: dict[str, Callable[[int], str]] = {
    "signs": lambda n: "-" * n + "1",
    "conditionals": lambda n: "a ? b : " * n + "c",
    "attributes": lambda n: "a" + ".b" * n,
    "splats": lambda n: "a" + "[*]" * n,
    "directives": lambda n: '"' + "%{if a}" * n + "%{endif}" * n + '"',
}


@pytest.mark.parametrize("form", NESTED)
def test_nesting_is_limited(form: str) -> None:
    assert tree_text(parse_expression(NESTED[form](MAXIMUM_NESTING - 1), "x"))
    for depth in (MAXIMUM_NESTING + 1, 20_000):
        with pytest.raises(DiagnosticError, match="Nesting too deep"):
            parse_expression(NESTED[form](depth), "x")


@pytest.mark.parametrize("form", CHAINED)
def test_chains_that_make_high_trees_are_limited(form: str) -> None:
    assert tree_text(parse_expression(CHAINED[form](MAXIMUM_HEIGHT // 2 - 2), "x"))
    for length in (MAXIMUM_HEIGHT + 1, 20_000):
        with pytest.raises(DiagnosticError, match="Nesting too deep"):
            parse_expression(CHAINED[form](length), "x")


def test_chains_of_operators_are_not_limited() -> None:
    assert len(references(parse_expression("+".join(["a"] * 20_000), "x"))) == 20_000


def test_blocks_are_limited_and_the_rest_is_read() -> None:
    def nested(depth: int) -> str:
        return "a {\n" * depth + "}\n" * depth + "b = 1\n"

    assert parse_config(nested(MAXIMUM_NESTING), "x")[1] == []
    for depth in (MAXIMUM_NESTING + 1, 20_000):
        body, problems = parse_config(nested(depth), "x")
        assert [problem.summary for problem in problems] == ["Nesting too deep"]
        assert "b" in body.attributes


PIECES = [
    *"\n{}()[]\"=,.*?:!-$%\\'<>;",
    "${",
    "%{",
    "~}",
    "=>",
    "...",
    "<<X\n",
    "X\n",
    "for",
    "in",
    "/*",
    "\r",
    "é",
    "1e",
]
SEED = """
resource "a" "b" {
  c = "x ${d.e[0]} %{ if f ~} g %{ endif }"
  h = [for i, j in k : { l = j, (m) = n ? 1 : 2 } if j != null]
  o {
    p = <<-X
      q ${r}
      X
    s = t(u, v...)[*].w
  }
}
"""


def test_whatever_the_text_errors_are_diagnostics_with_a_place() -> None:
    """Texts made by changing a valid one at random; the seed is fixed."""
    chance = random.Random(2026)
    words = re.findall(r"\w+|\s+|.", SEED)
    for _ in range(600):
        changed = list(words)
        for _ in range(chance.choice([1, 2, 10])):
            at = chance.randrange(len(changed))
            changed[at : at + chance.choice([0, 1, 3])] = chance.sample(PIECES, chance.choice([0, 1, 2]))
        text = "".join(changed)
        body, problems = parse_config(text, "x")
        body_references(body)
        assert all(problem.subject and problem.summary and problem.detail for problem in problems)
        for parse in (parse_expression, parse_template):
            with contextlib.suppress(DiagnosticError):
                parse(text, "x")


@pytest.mark.parametrize("text", ['"${' * 20_000, "((([[[{{{" * 5_000, '"\n' * 20_000, "<<X\n" * 20_000, "/*" * 50_000])
def test_broken_text_takes_no_more_time_for_its_length(text: str) -> None:
    start = time.process_time()
    assert parse_config("a = " + text, "x")[1]
    assert time.process_time() - start < 2


def test_a_long_text_takes_time_in_proportion() -> None:
    start = time.process_time()
    node = parse_template("a line of a template file\n" * 50_000, "x")
    assert time.process_time() - start < 2
    assert node.end == 50_000 * 26
