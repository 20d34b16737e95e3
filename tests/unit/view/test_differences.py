"""What is the same, what differs, and that all of it, and nothing secret, is shown: for any values."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvmform.values.types import BOOL, DYNAMIC, NUMBER, STRING, ListType, MapType, SetType, TupleType, object_type
from kvmform.view.differences import ABSENT, Mark, Pair, difference
from kvmform.view.differences.sequences import pair_lines, pair_set, pair_up
from kvmform.view.drawing import Page, value_lines
from kvmform.view.escapes import quoted
from kvmform.view.masks import sensitive_mask, with_unknown
from kvmform.view.style import Style

PAGE = Page(Style(color=False))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12
)
KINDS = st.recursive(
    st.sampled_from([STRING, NUMBER, BOOL, DYNAMIC]),
    lambda inner: (
        st.builds(ListType, inner)
        | st.builds(SetType, inner)
        | st.builds(MapType, inner)
        | st.builds(lambda kinds: TupleType(tuple(kinds)), st.lists(inner, max_size=3))
        | st.builds(object_type, st.dictionaries(st.text(max_size=3), inner, max_size=3))
    ),
    max_leaves=5,
)
LINES = st.lists(st.sampled_from("abcdef"), max_size=12)
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What a terminal could take for a command; \\r is among it, \\t and the ends of lines are not."""


def shown(before, after, kind=DYNAMIC, was=False, will_be=False):
    return "\n".join(value_lines(difference(Pair(before, after, was, will_be), kind), 0, PAGE))


def longest(old, new):
    """The length of the longest common subsequence, by its definition."""
    lengths = [0] * (len(new) + 1)
    for ours in old:
        above, lengths = lengths, [0]
        for index, theirs in enumerate(new):
            lengths.append(above[index] + 1 if ours == theirs else max(lengths[-1], above[index + 1]))
    return lengths[-1]


@given(LINES, LINES)
@settings(deadline=None)
def test_of_two_texts_as_many_lines_stay_as_possible_and_none_is_lost(old, new):
    pairs = pair_lines(old, new)
    assert [i for i, _ in pairs if i is not None] == list(range(len(old)))
    assert [j for _, j in pairs if j is not None] == list(range(len(new)))
    same = sum(i is not None and j is not None and old[i] == new[j] for i, j in pairs)
    assert same == longest(old, new)


@given(VALUES.filter(lambda value: isinstance(value, list)), VALUES.filter(lambda value: isinstance(value, list)))
@settings(deadline=None)
def test_no_element_is_lost_in_any_order(old, new):
    for pairs in (pair_set(old, new), pair_up(old, new, lambda _old, _new: True)):
        assert sorted(i for i, _ in pairs if i is not None) == list(range(len(old)))
        assert sorted(j for _, j in pairs if j is not None) == list(range(len(new)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([str(number) for number in range(6000)], [str(number) for number in range(5999, -1, -1)] + ["end"]),
        (["", "x"] * 3000, ["x", "", ""] * 2000),
        ([str(number // 3) for number in range(6000)], [str(number // 2) for number in range(6001)]),
    ],
    ids=["turned round", "all alike", "a few of each"],
)
def test_long_texts_are_compared_in_little_time(old, new, cpu_seconds):
    """Terraform compares each line with each: 36 million times here."""
    few, many = (cpu_seconds(lambda part=part: pair_lines(old[:part], [*new[:part], "z"])) for part in (1500, 6000))
    assert many < 12 * max(few, 0.02)


@pytest.fixture
def cpu_seconds():
    import time

    def measured(work):
        begun = time.process_time()
        work()
        return time.process_time() - begun

    return measured


@given(VALUES)
@settings(deadline=None)
def test_what_is_the_same_is_so(value):
    assert difference(Pair(value, value), DYNAMIC).mark is Mark.SAME


@given(VALUES | st.just(ABSENT), VALUES | st.just(ABSENT), KINDS)
@settings(max_examples=200, deadline=None)
def test_any_two_values_can_be_shown_whatever_type_they_should_have(before, after, kind):
    text = shown(before, after, kind)
    assert not UNSEEN.search(text)


def leaves(value, path=()):
    match value:
        case dict():
            return {key: leaf for name, item in value.items() for key, leaf in leaves(item, (*path, name)).items()}
        case list():
            return {key: leaf for index, item in enumerate(value) for key, leaf in leaves(item, (*path, index)).items()}
    return {path: value}


WORDS = st.integers(0, 10**6).map(lambda number: f"w{number}w")
WORDY = st.recursive(WORDS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(WORDS, inner, max_size=4))


@given(WORDY, WORDY)
@settings(deadline=None)
def test_every_leaf_that_differs_is_shown(before, after):
    text = shown(before, after)
    old, new = leaves(before), leaves(after)
    for path, leaf in new.items():
        if isinstance(leaf, str) and leaf not in old.values():
            assert quoted(leaf) in text, path
    for path, leaf in old.items():
        if isinstance(leaf, str) and leaf not in new.values():
            assert quoted(leaf) in text, path


@given(WORDY, WORDY, st.data())
@settings(deadline=None)
def test_nothing_that_is_sensitive_is_shown(before, after, data):
    secrets = []

    def hidden(value):
        """The value with secrets in it, and the paths to them."""
        paths = []

        def planted(part, path):
            if data.draw(st.integers(0, 3)) == 0:
                paths.append(path)
                secrets.append("hush")
                return data.draw(st.sampled_from(["hush", ["hush"], {"hush": "hush"}, "one\nhush", '{"a": "hush"}']))
            match part:
                case dict():
                    return {name: planted(item, (*path, name)) for name, item in part.items()}
                case list():
                    return [planted(item, (*path, index)) for index, item in enumerate(part)]
            return part

        return planted(value, ()), paths

    (old, ours), (new, theirs) = hidden(before), hidden(after)
    assert "hush" not in shown(old, new, DYNAMIC, sensitive_mask(old, ours), sensitive_mask(new, theirs))


@pytest.mark.parametrize(
    ("before", "after", "kind", "text"),
    [
        (
            ["a", "b"],
            ["b", "c"],
            SetType(STRING),
            '[\n      - "a",\n      + "c",\n        # (1 unchanged element hidden)\n    ]',
        ),
        ({"a": "1"}, {"a": "2"}, MapType(STRING), '{\n      ~ "a" = "1" -> "2"\n    }'),
        ({"a": "1"}, {}, MapType(STRING), '{\n      - "a" = "1" -> null\n    }'),
        ({"日本": 1, "a": 1}, {"日本": 2, "a": 2}, DYNAMIC, "{\n      ~ a    = 1 -> 2\n      ~ 日本 = 1 -> 2\n    }"),
        ("a\nb", "a\nb\n", STRING, "<<-EOT # whitespace changes\n        # (2 unchanged lines hidden)\n    EOT"),
        ("a\n b\n", "a\n  b\n", STRING, "<<-EOT # whitespace changes\n        a\n      -  b\n      +   b\n    EOT"),
        ("a\r\nb\n", "a\nb\n", STRING, "<<-EOT # whitespace changes\n      - a\\r\n      + a\n        b\n    EOT"),
        ("x", "x\ny", STRING, "<<-EOT\n        x\n      + y\n    EOT"),
        (
            '<a><b x="1" y="2"/></a>',
            "<a>\n<b y='2' x='3'></b></a>",
            STRING,
            '<<-EOT\n        <a>\n      -   <b x="1" y="2"/>\n      +   <b x="3" y="2"/>\n        </a>\n    EOT',
        ),
        (
            '<a x="1" y="2"><b/></a>',
            "<a y='2' x='1'>\n  <b/>\n</a>",
            STRING,
            "<<-EOT # whitespace changes\n        # (3 unchanged lines hidden)\n    EOT",
        ),
        ("<a>\n", "<a>\n<", STRING, "<<-EOT\n        <a>\n      + <\n    EOT"),
    ],
)
def test_what_differs_is_shown_by_the_parts(before, after, kind, text):
    assert shown(before, after, kind) == text


def test_of_a_long_text_only_what_is_near_to_a_change_is_shown():
    before = [f"line {number}" for number in range(1000)]
    after = [*before[:500], "new", *before[500:990], *before[991:]]
    lines = shown("\n".join(before), "\n".join(after)).split("\n")
    assert [line.strip() for line in lines] == [
        "<<-EOT",
        "# (497 unchanged lines hidden)",
        *before[497:500],
        "+ new",
        *before[500:503],
        "# (484 unchanged lines hidden)",
        *before[987:990],
        "- line 990",
        *before[991:994],
        "# (6 unchanged lines hidden)",
        "EOT",
    ]


def test_what_is_known_after_apply_is_shown_with_what_it_was():
    after = with_unknown({"a": None, "b": [None, 2]}, {"a": True, "b": [True, False]})
    assert shown({"a": 1, "b": [1, 2]}, after) == (
        "{\n      ~ a = 1 -> (known after apply)\n      ~ b = [\n          ~ 1 -> (known after apply),\n"
        "            2,\n        ]\n    }"
    )


@pytest.mark.parametrize("sensitive", [False, True])
def test_what_is_nested_deeper_than_anyone_reads_is_told_in_one_line(sensitive):
    value: object = "hush"
    mask: object = sensitive
    for _ in range(300):
        value, mask = {"a": value}, {"a": mask}
    text = shown(value, {**value, "b": 1}, was=mask, will_be=mask)
    assert "hush" not in text
    text = shown(ABSENT, value, will_be=mask)
    assert ("hush" in text) is not sensitive
    assert len(text.splitlines()) < 200
    nested = "[" * 300 + "]" * 300
    assert shown(ABSENT, nested) == quoted(nested)
