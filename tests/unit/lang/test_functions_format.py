"""`format` and `formatlist`, and numbers as text."""

from __future__ import annotations

import pytest
from function_calls import LATER, assert_fails, assert_gives, failure, value

from kvmform.lang.functions.numerals import decimal_text, exponent_text, general_text, integer_text
from kvmform.values.model import UNKNOWN, Unknown
from kvmform.values.number import INFINITY, NEGATIVE_INFINITY, divide, parse_number
from kvmform.values.types import DYNAMIC, STRING, ListType


@pytest.mark.parametrize(
    ("template", "arguments", "expected"),
    [
        ("plain %% sign", "", "plain % sign"),
        ("%s-%s", '"a", 2', "a-2"),
        ("%s %s", "1.5, true", "1.5 true"),
        ("é%sé", '"x"', "éxé"),
        ("%v|%v|%v", '"a", 1000000, true', "a|1e+06|true"),
        ("%v", '[1, "a", tostring(null)]', '[1,"a",null]'),
        ("%v", '{ b = 1, a = "<" }', '{"a":"\\u003c","b":1}'),
        ("%#v", '"a"', '"a"'),
        ("%v", "tostring(null)", "null"),
        ("%v %v", "1 / 0, -1 / 0", "+Inf -Inf"),
        ("%q", '"a\\"<é"', '"a\\"\\u003cé"'),
        ("%t", '"true"', "true"),
        ("%5t", "false", "false"),
        ("%d|%5d|%-5d|%05d|%+d|% d", "1, 2, 3, 4, 5, 6", "1|    2|3    |00004|+5| 6"),
        ("%b %o %x %X", "5, 8, 255, 255", "101 10 ff FF"),
        ("%#b %#o %#x %#X", "5, 8, 255, 255", "0b101 010 0xff 0XFF"),
        ("%x %d", "-255, -7", "-ff -7"),
        ("%.5d|%8.3d|%08.3d|%.0d", "42, 42, 42, 0", "00042|     042|     042|"),
        ("%d", '"12"', "12"),
        ("%d", "1e30", "1" + "0" * 30),
        ("%f|%.2f|%.0f|%.0f", "1 / 3, 1.005, 2.5, 3.5", "0.333333|1.00|2|4"),
        ("%8.2f|%-8.2f|%08.2f|%+.1f", "3.14159, 3.14159, -3.14159, 2", "    3.14|3.14    |-0003.14|+2.0"),
        ("%e|%.2E|%e", "123456, 0.00012, 0", "1.234560e+05|1.20E-04|0.000000e+00"),
        ("%g|%g|%G|%.3g|%g", "100000, 1e21, 1e21, 1234567, 0.00001", "100000|1e+21|1E+21|1.23e+06|1e-05"),
        ("%f|%+06e", "1 / 0, -1 / 0", "+Inf|  -Inf"),
        ("%5s|%-5s|%05s|%.2s|%.s", '"a", "b", "c", "déf", "xyz"', "    a|b    |0000c|dé|xyz"),
        ("%4s|", '"🇩🇪"', "   🇩🇪|"),
        ("%[2]s %[1]s %s", '"a", "b"', "b a b"),
        ("%[1]d%[1]d", "5", "55"),
        ("%-4[2]d|%[1]s", '"a", 3', "3   |a"),
    ],
)
def test_format(template, arguments, expected):
    call = f'format("{template}"{", " + arguments if arguments else ""})'
    assert value(call) == expected


@pytest.mark.parametrize(
    ("call", "because"),
    [
        ('format("%s")', 'not enough arguments for "%s" at 0: need index 1 but have 0 total'),
        ('format("a %s %s", 1)', 'not enough arguments for "%s" at 5: need index 2 but have 1 total'),
        ('format("%[3]s", "a")', "need index 3 but have 1 total"),
        ('format("%s", 1, 2)', "too many arguments; only 1 used by format string"),
        ('format("a", 1)', "too many arguments; no verbs in format string"),
        ('format("%d", 1.5)', "an integer is required"),
        ('format("%d", 1 / 0)', "an integer is required"),
        ('format("%d", "x")', 'unsupported value for "%d" at 0: number required'),
        ('format("%s", [1])', "string required"),
        ('format("%t", 1)', "bool required"),
        ('format("%s", tostring(null))', "null value cannot be formatted"),
        ('format("%z", 1)', "unsupported format verb 'z' in \"%z\" at offset 0"),
        ('format("ab%", 1)', "the verb at offset 2 is not complete"),
        ('format("%5é", 1)', "unrecognized format character 'é' at offset 2"),
        ('format("%[0]s", 1)', "unrecognized format character '['"),
        ('format("%9999999d", 1)', "is above 1000000"),
        ('format("%v", [1 / 0])', "cannot serialize infinity as JSON"),
    ],
)
def test_wrong_formats(call, because):
    assert_fails(call, because)


def test_a_surplus_argument_is_pointed_at():
    assert failure('format("%s", 1, 2)').subject.text == "2"


def test_text_in_front_of_the_first_verb_is_known_before_its_argument():
    assert value('format("web-%s", x)', x=LATER) == Unknown(STRING, not_null=True, prefix="web-")
    assert value('format("%s", [x])', x=LATER) == Unknown(STRING, not_null=True)


def test_an_untyped_null_makes_the_result_unknown_as_in_terraform():
    assert value('format("%v", null)') == UNKNOWN


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('formatlist("vm-%s", ["a", "b"])', 'tolist(["vm-a", "vm-b"])'),
        ('formatlist("%s-%d", "x", tolist([1, 2]))', 'tolist(["x-1", "x-2"])'),
        ('formatlist("%s%s", toset(["b", "a"]), ["1", "2"])', 'tolist(["a1", "b2"])'),
        ('formatlist("%s", "a")', 'tolist(["a"])'),
        ('formatlist("a")', 'tolist(["a"])'),
        ('formatlist("%s", [])', 'formatlist("%s", tolist([]))'),
        ('formatlist("%v", { a = 1 })', 'tolist(["{\\"a\\":1}"])'),
    ],
)
def test_formatlist(call, expected):
    assert_gives(call, expected)


def test_formatlist_failures():
    assert_fails('formatlist("%s%s", [1], [1, 2])', "argument 2 has length 2, which is inconsistent with argument 1 of")
    assert_fails('formatlist("%d", [1, "x"])', 'error on format iteration 1: unsupported value for "%d"')


def test_formatlist_of_what_is_not_known():
    texts = value('formatlist("%s", ["a", x])', x=LATER).items
    assert texts == ("a", Unknown(STRING, not_null=True))
    unknown_list = Unknown(ListType(STRING), not_null=True)
    assert value('formatlist("%s", x)', x=unknown_list) == unknown_list
    assert value('formatlist("%s%s", x, [1])', x=unknown_list) == unknown_list
    assert value('formatlist("%s", [x])', x=Unknown(DYNAMIC)).items == (Unknown(STRING, not_null=True),)


def test_integers_in_other_bases():
    assert integer_text(-255, "x") == ("-", "0x", "ff")
    assert integer_text(parse_number("1e200"), "d") == ("", "", "1" + str(int(parse_number_exactly("1e200")))[1:])
    assert integer_text(parse_number("0.5"), "d") is None
    assert integer_text(INFINITY, "d") is None


def parse_number_exactly(text: str) -> int:
    """The whole number that a large number of 512 bits really is."""
    number = parse_number(text)
    assert not isinstance(number, int)
    return number.mantissa << (number.exponent or 0)


def test_numbers_are_rounded_half_to_even_on_their_exact_value():
    assert decimal_text(parse_number("0.125"), 2) == ("", "0.12")
    assert decimal_text(parse_number("-0.375"), 2) == ("-", "0.38")
    assert exponent_text(parse_number("0.00015"), 0) == ("", "2e-04")
    assert decimal_text(parse_number("1e200"), 1) == ("", f"{parse_number_exactly('1e200')}.0")
    assert decimal_text(NEGATIVE_INFINITY, 2) == ("-", "Inf")
    assert exponent_text(INFINITY, 2) == ("", "Inf")


@pytest.mark.parametrize(
    ("number", "precision", "text"),
    [
        ("0", None, "0"),
        ("123456.5", None, "123456.5"),
        ("1234567.5", None, "1.2345675e+06"),
        ("0.0001", None, "0.0001"),
        ("0.00001234", None, "1.234e-05"),
        ("100", 2, "1e+02"),
        ("100", 3, "100"),
        ("99.96", 3, "100"),
        ("1.50", 5, "1.5"),
    ],
)
def test_the_general_form_is_the_shorter_one(number, precision, text):
    assert general_text(parse_number(number), precision) == ("", text)


def test_a_number_keeps_all_digits_that_tell_it():
    _, third = general_text(divide(1, 3), None)
    assert third == f"0.{'3' * 154}5"
