"""Functions on strings."""

from __future__ import annotations

import pytest
from function_calls import LATER, assert_fails, assert_gives, value

from kvmform.lang.functions.grapheme import cluster_count, clusters
from kvmform.values.model import ListValue, Unknown
from kvmform.values.types import BOOL, STRING, ListType

FAMILY = "👨\u200d👩\u200d👧"
FLAGS = "🇩🇪🇫🇷"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        ("abc", ["a", "b", "c"]),
        ("a\r\nb\n", ["a", "\r\n", "b", "\n"]),
        ("e\u0301x", ["e\u0301", "x"]),
        (FAMILY + "x", [FAMILY, "x"]),
        (FLAGS, ["🇩🇪", "🇫🇷"]),
        ("각\u1112\u1161\u11ab", ["각", "\u1112\u1161\u11ab"]),
        ("\u0e01\u0e33", ["\u0e01\u0e33"]),
        ("नमस्ते", ["न", "म", "स्", "ते"]),
    ],
)
def test_characters_are_grapheme_clusters(text, parts):
    assert clusters(text) == parts
    assert cluster_count(text) == len(parts)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('upper("straße, ﬁx, ᾳ ǆ")', '"STRAßE, ﬁX, ᾼ Ǆ"'),
        ('lower("İSTANBUL ÑΣ\u03a3")', '"istanbul ñ\u03c3\u03c3"'),
        ('title("hello wide_world 2nd-try éa")', '"Hello Wide_world 2nd-Try Éa"'),
        ('title("ǆ a\u00a0b")', '"ǅ A\u00a0B"'),
        ('strrev("abc\\r\\n")', '"\\r\\ncba"'),
        ('chomp("a\\n\\r\\n\\n")', '"a"'),
        ('chomp("a\\nb")', '"a\\nb"'),
        ('trim("?!hi!?", "!?")', '"hi"'),
        ('trim("  x ", "")', '"  x "'),
        ('trimprefix("aab", "a")', '"ab"'),
        ('trimprefix("b", "a")', '"b"'),
        ('trimsuffix("web.qcow2", ".qcow2")', '"web"'),
        ('trimspace("\\t \u00a0\u3000x y\\r\\n")', '"x y"'),
        ('indent(2, "a\\nb\\n\\nc")', '"a\\n  b\\n  \\n  c"'),
        ('join("-", ["a", 1], tolist([true]))', '"a-1-true"'),
        ('join("-", [])', '""'),
        ('split(",", "a,,b")', 'tolist(["a", "", "b"])'),
        ('split(",", "")', 'tolist([""])'),
        ('split("", "añ")', 'tolist(["a", "ñ"])'),
        ('startswith("web-1", "web")', "true"),
        ('startswith("web", "web-1")', "false"),
        ('endswith("web.img", ".img")', "true"),
        ('endswith("web", "x")', "false"),
        ('strcontains("hypervisor", "visor")', "true"),
        ('strcontains("a", "b")', "false"),
    ],
)
def test_string_functions(call, expected):
    assert_gives(call, expected)


def test_trimspace_keeps_what_only_python_calls_white_space():
    assert value('trimspace("\\u001cx\\u001f ")') == "\x1cx\x1f"


@pytest.mark.parametrize(
    ("offset", "length", "expected"),
    [
        (0, 2, "hé"),
        (1, 3, "éll"),
        (2, -1, "llo"),
        (0, 0, ""),
        (4, 9, "o"),
        (9, 1, ""),
        (-2, 1, "l"),
        (-2, -1, "lo"),
        (-9, 2, "hé"),
        (-2, 0, "lo"),  # as Terraform: a length of 0 counts only behind an offset that is not negative
    ],
)
def test_substr(offset, length, expected):
    assert value(f'substr("héllo", {offset}, {length})') == expected


@pytest.mark.parametrize(
    ("call", "because"),
    [
        ('substr("a", 0.5, 1)', "value must be a whole number"),
        ('substr("a", 1e30, 1)', "value must be a whole number, between"),
        ('indent(-1, "a")', "the number of spaces must not be negative"),
        ('join(",")', "at least one list is required"),
        ('join(",", ["a", null])', "element 1 is null; cannot concatenate null values"),
        ('join(",", ["a"], [null])', "element 0 of list 2 is null"),
    ],
)
def test_wrong_arguments(call, because):
    assert_fails(call, because)


def test_what_is_known_of_a_prefix_is_enough_for_startswith():
    assert value('startswith("web-${x}", "web-")', x=LATER) is True
    assert value('startswith("web-${x}", "db")', x=LATER) is False
    assert value('startswith(x, "")', x=LATER) is True
    assert value('startswith("w-${x}", "w-1")', x=LATER) == Unknown(BOOL, not_null=True)


def test_unknown_strings():
    assert value('join(",", [x])', x=LATER) == Unknown(STRING, not_null=True)
    assert value('split(",", x)', x=LATER) == Unknown(ListType(STRING), not_null=True)


def test_split_makes_a_list_of_strings():
    result = value('split(",", "a")')
    assert isinstance(result, ListValue)
    assert result.element == STRING
