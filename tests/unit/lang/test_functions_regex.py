"""Functions with regular expressions, and their translation from RE2."""

from __future__ import annotations

import pytest
from function_calls import LATER, assert_fails, assert_gives, failure, value

from kvmform.lang.functions.character_class import complement
from kvmform.lang.functions.re2 import PatternError, compile_pattern
from kvmform.values.model import UNKNOWN, Unknown
from kvmform.values.types import DYNAMIC, STRING, ListType, TupleType, object_type


def found(pattern: str, text: str) -> list[str]:
    """All that a pattern matches."""
    return [match[0] for match in compile_pattern(pattern).matches(text)]


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("b+", "abbab", ["bb", "b"]),
        ("a.c", "a\nc abc", ["abc"]),
        ("(?s)a.c", "a\nc", ["a\nc"]),
        ("^b$", "a\nb", []),
        ("(?m)^b$", "a\nb", ["b"]),
        ("a$", "a\n", []),
        (r"\Aa\z", "a", ["a"]),
        ("(?i)straSSE|K", "STRASSE \u212a", ["STRASSE", "\u212a"]),
        ("a(?i)b|c", "aB C", ["aB", "C"]),
        ("(?i:a)b", "Ab AB", ["Ab"]),
        ("(?i)a(?-i)b", "Ab AB", ["Ab"]),
        ("(a(?i)b)c", "aBc aBC", ["aBc"]),
        ("a+?", "aa", ["a", "a"]),
        ("(?U)a+", "aa", ["a", "a"]),
        ("(?U)a+?", "aa", ["aa"]),
        ("a{2}", "aaaa", ["aa", "aa"]),
        ("a{1,2}?", "aa", ["a", "a"]),
        ("a{,2}", "a{,2}", ["a{,2}"]),
        ("a{", "a{", ["a{"]),
        (r"\d+", "\u06612", ["2"]),
        (r"\w+", "éa_1", ["a_1"]),
        (r"\s", "\u00a0\v ", [" "]),
        (r"\D", "1é", ["é"]),
        (r"[^\W_]+", "_ab", ["ab"]),
        (r"\bfoo\b", "foo éfooé", ["foo", "foo"]),
        (r"\Boo", "foo", ["oo"]),
        ("[[:alpha:]]+", "1aé", ["a"]),
        ("[[:^digit:]x]+", "1ax", ["ax"]),
        ("[]a]+", "a]", ["a]"]),
        ("[^]a]", "]b", ["b"]),
        ("[a-]+", "a-b", ["a-"]),
        ("[a-c-]+", "b-d", ["b-"]),
        ("[.[&~]+", "a.[&~", [".[&~"]),
        (r"[\x41-\x{43}\101]", "B", ["B"]),
        (r"\pL+", "1äß", ["äß"]),
        (r"\p{Greek}+|\P{L}", "aΩ1", ["Ω", "1"]),
        (r"\p{^Lu}", "Aa", ["a"]),
        (r"[\p{Lu}\d]+", "aA1", ["A1"]),
        (r"\p{Any}", "é", ["é"]),
        (r"\Qa.b\E+", "a.bb a+b", ["a.bb"]),
        (r"\Q[", "[", ["["]),
        (r"\a\f\n\r\t\v\.\_\07", "\a\f\n\r\t\v._\a", ["\a\f\n\r\t\v._\a"]),
        (r"(?:a|ab)(?:c|bcd)", "abcd", ["abcd"]),
        ("a*", "baac", ["", "aa", ""]),
        ("", "ab", ["", "", ""]),
        ("x|", "xx", ["x", "x"]),
        ("é", "é", ["é"]),
    ],
)
def test_re2_syntax(pattern, text, matches):
    assert found(pattern, text) == matches


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        ")",
        "a)",
        "[",
        "[a",
        "[a-",
        "[z-a]",
        "[[:nosuch:]]",
        "*",
        "a|*",
        "(+)",
        "a**",
        "a*+",
        "a??+",
        "a{2}{3}",
        "a{2,1}",
        "a{1001}",
        "a(?=b)",
        "a(?!b)",
        "(?<=a)b",
        "(?<!a)b",
        "(?>a)",
        "(?#a)",
        "(?x)a",
        "(?)",
        r"(a)\1",
        r"\Z",
        r"\C",
        r"\k",
        r"\é",
        r"\x4",
        r"\x{110000}",
        "\\",
        "[\\",
        r"\p{Nosuch}",
        "(?P<a-b>x)",
        "(?P<>x)",
        "(?P<n>a)(?P<n>b)",
    ],
)
def test_what_re2_does_not_know_is_refused(pattern):
    with pytest.raises(PatternError):
        compile_pattern(pattern)


def test_groups_are_numbered_and_named():
    assert compile_pattern("(a)(?:b)(?P<n>c)(?<m>d)").names == (None, "n", "m")


def test_complement_covers_all_else():
    assert complement([(5, 7), (9, 9)]) == [(0, 4), (8, 8), (10, 0x10FFFF)]
    assert complement([(0, 7)]) == [(8, 0x10FFFF)]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('regex("[a-z]+", "12ab cd")', '"ab"'),
        ('regex("([a-z]+)-(\\\\d+)", "vm-12")', '["vm", "12"]'),
        ('regex("(?P<name>[a-z]+)-(?<nr>\\\\d+)", "vm-12")', '{ name = "vm", nr = "12" }'),
        ('regex("(a)(b)?", "a")', '["a", tostring(null)]'),
        ('regexall("\\\\d", "1a2")', 'tolist(["1", "2"])'),
        ('regexall("(\\\\d)(x)?", "1x2")', 'tolist([["1", "x"], ["2", tostring(null)]])'),
        ('length(regexall("x", "abc"))', "0"),
        ('replace("a.b.c", ".", "-")', '"a-b-c"'),
        ('replace("abc", "", "-")', '"-a-b-c-"'),
        ('replace("vm 12 vm 3", "/[0-9]+/", "<$0>")', '"vm <12> vm <3>"'),
        ('replace("a-b", "/(\\\\w)-(\\\\w)/", "$2$1$$")', '"ba$"'),
        ('replace("a-b", "/(?P<x>a)/", "$${x}$${nosuch}|$x|$1x|$01|$9")', '"a|a|||-b"'),
        ('replace("ab", "/x*/", "-")', '"-a-b-"'),
        ('replace("a", "/a/", "$")', '"$"'),
        ('replace("a/b", "/", "-")', '"a-b"'),
        ('replace("ab", "//", "-")', '"-a-b-"'),
    ],
)
def test_regex_functions(call, expected):
    assert_gives(call, expected)


@pytest.mark.parametrize(
    ("call", "because"),
    [
        ('regex("x", "a")', "pattern did not match any part of the given string"),
        ('regex("a(?=b)", "ab")', "invalid or unsupported Perl syntax"),
        ('regex("(a)(?P<x>b)", "ab")', "cannot mix both named and unnamed capture groups"),
        ('replace("a", "/(/", "")', "missing closing )"),
    ],
)
def test_wrong_patterns(call, because):
    assert_fails(call, because)


def test_a_wrong_pattern_of_regex_is_the_argument_s_fault():
    assert failure('regex("[", "a")').subject.text == "["
    assert failure('replace("a", "/[/", "")').subject.text == "replace("


def test_the_type_of_a_match_is_known_with_the_pattern():
    assert value('regex("(a)", x)', x=LATER) == Unknown(TupleType((STRING,)), not_null=True)
    assert value('regex("(?P<n>a)", x)', x=LATER) == Unknown(object_type({"n": STRING}), not_null=True)
    assert value('regexall("a", x)', x=LATER) == Unknown(ListType(STRING), not_null=True)
    assert value('regex(x, "a")', x=LATER) == UNKNOWN
    assert value('regexall(x, "a")', x=LATER) == Unknown(ListType(DYNAMIC), not_null=True)
