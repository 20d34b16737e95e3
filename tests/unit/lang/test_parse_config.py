"""Whole files: bodies, blocks, and reading on after errors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tree_text import body_text, tree_text

from kvmform.diagnostics import Diagnostic
from kvmform.lang.ast import Body
from kvmform.lang.parse import parse_config

CASES = Path(__file__).parents[2] / "oracle" / "files_accepted.jsonl"


def parsed(text: str) -> tuple[Body, list[Diagnostic]]:
    return parse_config(text, "main.tf")


def problems(text: str) -> list[tuple[str, int]]:
    """Summary and line of every error."""
    return [(problem.summary, problem.subject.first.line) for problem in parsed(text)[1] if problem.subject]


@pytest.mark.parametrize(
    "case", [json.loads(line) for line in CASES.read_text().splitlines()], ids=lambda c: c["config"]
)
def test_files_are_accepted_or_not_as_by_terraform(case: dict[str, object]) -> None:
    found = problems(str(case["config"]))
    assert (not found) == case["ok"]
    if found:
        assert isinstance(case["errors"], list)
        assert found[0][1] == case["errors"][0]["line"]


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("", ""),
        ("\ufeffa = 1", "a = 1"),
        ("a = 1\r\nb {\r\n}\r\n", "a = 1; b {}"),
        ("a = 1 # c\n\n// d\nb = 2 /* e */\n", "a = 1; b = 2"),
        ('a "b" c "d" {\n e = 1\n f {\n  g = 2\n }\n}\n', 'a "b" "c" "d" {e = 1; f {g = 2}}'),
        ("a { b = 1 }\nc {}\n", "a {b = 1}; c {}"),
        ("a { b = {} }\n", "a {b = {}}"),
        ('a "\\u00e9$${" {}\n', 'a "é${" {}'),
        ("if = 1\nfor {\n in = 2\n}\n", "if = 1; for {in = 2}"),
        ("for {\n for = 1\n}\n", "for {for = 1}"),
        ("a = {\n b = 1\n}\nc {\n}\n", 'a = {"b" = 1}; c {}'),
        ("a {\n b = [\n  1\n ]\n}\n", "a {b = [1]}"),
        ("a {\n}\na {\n}\n", "a {}; a {}"),
    ],
)
def test_bodies(text: str, body: str) -> None:
    tree, errors = parsed(text)
    assert errors == []
    assert body_text(tree) == body


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ("a", "Argument or block definition required"),
        ("a\n{\n b = 1\n}\n", "Argument or block definition required"),
        ("a.b = 1\n", "Argument or block definition required"),
        ('"a" = 1\n', "Invalid argument name"),
        ("{}\n", "Argument or block definition required"),
        ("a {}}\n", "Missing newline after block definition"),
        ("}\n", "Argument or block definition required"),
        ("a = 1 b = 2\n", "Missing newline after argument"),
        ("a = 1, b = 2\n", "Unexpected comma after argument"),
        ("a = 1\na = 2\n", "Attribute redefined"),
        ("a =\n", "Invalid expression"),
        ("a =", "Missing expression"),
        ('a "b"\n', "Invalid block definition"),
        ('a "b" = 1\n', "Invalid block definition"),
        ('a "b" 1 {}\n', "Invalid block definition"),
        ('a "${b}" {}\n', "Invalid string literal"),
        ('a "b%{c}" {}\n', "Invalid string literal"),
        ('a "\\d" {}\n', "Invalid escape sequence"),
        ("a {\n", "Unclosed configuration block"),
        ("a { b = 1", "Unclosed configuration block"),
        ("a { b = 1, c = 2 }\n", "Invalid single-argument block definition"),
        ("a { b = 1\n}\n", "Invalid single-argument block definition"),
        ("a { b = 1 c }\n", "Invalid single-argument block definition"),
        ("a { b {} }\n", "Argument definition required"),
        ("a { b }\n", "Argument or block definition required"),
        ("a { b = 1 } c {}\n", "Missing newline after block definition"),
        ("a = [\n1\n", "Unterminated tuple constructor expression"),
    ],
)
def test_one_mistake_is_one_error(text: str, summary: str) -> None:
    assert [found for found, _line in problems(text)] == [summary]


def test_all_errors_of_a_file_are_told_in_its_order_and_the_rest_is_read() -> None:
    tree, errors = parsed(
        "a = = 1\n"  # 1
        "b = 2\n"
        'c "d" {\n'
        "  e = [1 2]\n"  # 4
        "  f = 3\n"
        "  g {\n"
        "    h = (\n"
        "      1\n"
        "    ]\n"  # 9
        "    i = 5\n"
        "  }\n"
        "  b = 7\n"
        "  b = 8\n"  # 13
        "}\n"
        "j k\n"  # 15
        "l = 9\n"
    )
    assert [problem.subject.first.line for problem in errors if problem.subject] == [1, 4, 9, 13, 15]
    assert body_text(tree) == 'b = 2; l = 9; c "d" {f = 3; b = 7; g {}}'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a = 1;\n", [("Invalid character", 1), ("Missing newline after argument", 1)]),
        ("a; b\n", [("Invalid character", 1), ("Argument or block definition required", 1)]),
        ('a "b\n', [("Invalid multi-line string", 1), ("Invalid string literal", 1)]),
        ('a { "b" = 1 }\n', [("Argument or block definition required", 1)]),
        ("/* a\n", [("Argument or block definition required", 1)]),
        ("a = [1 + ]\nb = 2\n", [("Invalid expression", 1)]),
        ("a = b.\nc = d[*\n", [("Invalid attribute name", 1), ("Missing close bracket on splat index", 3)]),
        (
            "a = 'b' & 'c'\n",
            [
                (summary, 1)
                for summary in ("Invalid character", "Unsupported operator", "Invalid character", "Invalid expression")
            ],
        ),
        ("a = {\n b\n c d\n}\n", [("Missing attribute value", 2)]),
        ("a = <<EOT\r\nx\ry\r\nEOT\r\n", [("Invalid character", 2), ("Unterminated template string", 2)]),
        (
            'a = "%{ if b }%{ else }%{ else }%{ endfor }"\n',
            [("Unexpected else directive", 1), ("Unexpected endfor directive", 1)],
        ),
        ("a = [for x in y : x => x...]\n", [("Invalid 'for' expression", 1), ("Invalid 'for' expression", 1)]),
        ("a = f::1(\n", [("Missing function name", 1)]),
        ("a {\n b = )\n}\nc {\n d = ]\n}\n", [("Invalid expression", 2), ("Invalid expression", 5)]),
    ],
)
def test_what_is_told_of_a_mistake_is_what_terraform_tells(text: str, told: list[tuple[str, int]]) -> None:
    assert problems(text) == told


@pytest.mark.parametrize(
    ("text", "lines", "body"),
    [
        ('a = "b\nc = 1\n', [1, 2, 1], "c = 1"),
        ('a {\n b = "c\n}\nd = 1\n', [2, 3, 4, 2], "d = 1; a {}"),
        ('a = f("b)\n\nc "d" {\n}\n', [1, 3, 4, 1], 'c "d" {}'),
        ('a = "#!/bin/sh\necho x\n"\nb = 1\n', [1, 2, 1], "b = 1"),
        ('a = "${b("c\nd = 1\n', [1, 2, 1], "d = 1"),
    ],
)
def test_a_forgotten_quote_costs_one_argument(text: str, lines: list[int], body: str) -> None:
    """If what follows looks like an argument or a block a quote was forgotten, else it is a string of several lines."""
    tree, _errors = parsed(text)
    assert [line for _summary, line in problems(text)] == lines
    assert body_text(tree) == body


def test_a_second_argument_of_a_name_is_reported_and_the_first_is_kept() -> None:
    tree, (problem,) = parsed("a = 1\n\na = 2\n")
    assert tree_text(tree.attributes["a"].expression) == "1"
    assert problem.subject is not None
    assert (problem.subject.text, problem.subject.first.line) == ("a", 3)
    assert "line 1" in problem.detail


def test_an_unclosed_block_points_at_its_brace() -> None:
    _tree, (problem,) = parsed('a = 1\nb "c" {\n  d = 2\n')
    assert problem.subject is not None
    assert (problem.subject.text, problem.subject.first.line) == ("{", 2)


def test_places() -> None:
    text = 'a = 1 + 2 # c\nb "d" e {\n  f = 3\n}\n'
    tree, _errors = parsed(text)
    attribute, block = tree.attributes["a"], tree.blocks[0]
    assert (attribute.range.text, attribute.name_range.text) == ("a = 1 + 2", "a")
    assert (block.header.text, block.type_range.text) == ('b "d" e', "b")
    assert [label.range.text for label in block.labels] == ['"d"', "e"]
    assert (block.body.range.text, block.range.text) == ("{\n  f = 3\n}", text[14:-1])
    assert tree.range.text == text


def test_columns_do_not_count_the_byte_order_mark() -> None:
    tree, _errors = parsed("\ufeffa = b\n")
    assert tree.attributes["a"].expression.range.first.column == 5
