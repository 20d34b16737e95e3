"""Values, masks and words as they are shown."""

import pytest

from kvmform.values.model import Unknown
from kvmform.values.types import DYNAMIC
from kvmform.view.differences import Pair, difference
from kvmform.view.drawing import Page, value_lines
from kvmform.view.event_words import bytes_text, duration_text
from kvmform.view.masks import after_unknown, mask_of, sensitive_mask, with_unknown, without_unknown
from kvmform.view.style import Style

PAGE = Page(Style(color=False), symbols=False, whole=True)


def shown(value, mask=False):
    return "\n".join(value_lines(difference(Pair(value, value, mask, mask), DYNAMIC), 0, PAGE))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (3, "3"),
        (1.5, "1.5"),
        (1e-7, "0.0000001"),
        ('a"b', '"a\\"b"'),
        ("ü", '"ü"'),
        ("\x1b[31m", '"\\x1b[31m"'),
        ([], "[]"),
        ({}, "{}"),
        ([1], "[\n    1,\n]"),
        ({"a": 1, "bc": "x"}, '{\n    a  = 1\n    bc = "x"\n}'),
        ({"a b": 1}, '{\n    "a b" = 1\n}'),
        ("one\ntwo\n", "<<-EOT\n    one\n    two\nEOT"),
        ("one\n\x1b[2J\n", "<<-EOT\n    one\n    \\x1b[2J\nEOT"),
        ('{"a":1.50}', "jsonencode(\n    {\n        a = 1.50\n    }\n)"),
        ("{}", "jsonencode({})"),
        ("{no json}", '"{no json}"'),
        ("<a c='1' b='2'><d/></a>", '<<-EOT\n    <a b="2" c="1">\n      <d/>\n    </a>\nEOT'),
        ("<no xml", '"<no xml"'),
    ],
)
def test_values_are_shown_as_one_would_write_them(value, text):
    assert shown(value) == text


def test_the_unknown_mask_leaves_known_attributes_out():
    value = {"a": 1, "b": Unknown(), "c": [{"d": Unknown(), "e": 2}]}
    assert after_unknown(value) == {"b": True, "c": [{"d": True}]}
    assert without_unknown(value) == {"a": 1, "c": [{"e": 2}]}
    assert with_unknown(without_unknown(value), after_unknown(value)) == value


def test_the_sensitive_mask_has_the_shape_of_the_value():
    assert sensitive_mask({"a": 1, "b": [{"c": 2}]}, [("b", 0, "c")]) == {"b": [{"c": True}]}
    assert sensitive_mask({"a": 1}, [()]) is True
    assert sensitive_mask({"a": [1, 2]}, []) == {"a": [False, False]}


@pytest.mark.parametrize(
    ("value", "mask", "text"),
    [
        ({"a": 1, "b": "x"}, {"b": True}, "{\n    a = 1\n    b = (sensitive value)\n}"),
        ({"a": {"b": "x"}}, {"a": True}, "{\n    a = (sensitive value)\n}"),
        ({"a": ["x", "y"]}, {"a": [False, True]}, '{\n    a = [\n        "x",\n        (sensitive value),\n    ]\n}'),
        ({"a": 1}, True, "(sensitive value)"),
        ({"a": 1}, False, "{\n    a = 1\n}"),
    ],
)
def test_of_a_value_only_what_is_sensitive_is_hidden(value, mask, text):
    assert shown(value, mask) == text


def test_what_is_sensitive_as_a_whole_is_so_in_each_part():
    assert mask_of(True, "a") is True
    assert mask_of({"a": [False, True]}, "b") is False
    assert mask_of([False, True], 1) is True
    assert mask_of([], 1) is False


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0s"), (59.9, "59s"), (60, "1m0s"), (3725, "1h2m5s")])
def test_durations(seconds, text):
    assert duration_text(seconds) == text


@pytest.mark.parametrize(("count", "text"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (2**31, "2.0 GiB")])
def test_bytes(count, text):
    assert bytes_text(count) == text
