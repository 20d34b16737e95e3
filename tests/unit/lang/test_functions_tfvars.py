"""The functions of Terraform's built-in provider, as Terraform 1.11 answers."""

from __future__ import annotations

import pytest
from function_calls import assert_fails, assert_gives, value

from kvmform.values.model import Unknown
from kvmform.values.types import STRING

PREFIX = "provider::terraform::"


def test_a_variables_file_is_written_in_canonical_form():
    given = """{
      a = 1, b = "x\\"$${y}", c = [1, true, null], d = { e = "f", "g h" = {} }, "if" = 1, z = toset(["q"]), n = 1.5,
      h = "line\\nb\\n"
    }"""
    assert value(f"{PREFIX}encode_tfvars({given})") == (
        'a = 1\nb = "x\\"$${y}"\nc = [1, true, null]\nd = {\n  e     = "f"\n  "g h" = {}\n}\n'
        'h  = "line\\nb\\n"\nif = 1\nn  = 1.5\nz  = ["q"]\n'
    )


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (
            '{ a = [1, "2", tolist(["x"])], "b c" = true, é = null }',
            '{\n  a     = [1, "2", ["x"]]\n  "b c" = true\n  é     = null\n}',
        ),
        ('"a\\n$${b}%%{c}\\t\\"\\\\é\\u0001"', '"a\\n$${b}%%{c}\\t\\"\\\\é\\u0001"'),
        ("tomap({})", "{}"),
        ("toset([2, 1])", "[1, 2]"),
        ("{ a = {}, b = [], c = [[1], [2]] }", "{\n  a = {}\n  b = []\n  c = [[1], [2]]\n}"),
        ('{ "1a" = 1, "a-b" = 2, "a.b" = 3, "for" = 5 }', '{\n  "1a"  = 1\n  a-b   = 2\n  "a.b" = 3\n  for   = 5\n}'),
        ("-0.5", "-0.5"),
    ],
)
def test_a_value_is_written_as_an_expression(given: str, text: str):
    assert value(f"{PREFIX}encode_expr({given})") == text


def test_what_is_not_known_yet_is_not_written_yet():
    later = Unknown(STRING, not_null=True)
    assert value(f"{PREFIX}encode_expr([later])", later=later) == later
    assert value(f"{PREFIX}encode_tfvars({{ a = later }})", later=later) == later


def test_a_variables_file_is_read():
    call = PREFIX + 'decode_tfvars("a = 1\\nb = [1, \\"x\\"]\\nc = { d = null }\\n")'
    assert_gives(call, '{ a = 1, b = [1, "x"], c = { d = null } }')


@pytest.mark.parametrize(
    ("call", "because"),
    [
        ("encode_tfvars([1])", "must be an object whose attribute names"),
        ('encode_tfvars({ "a b" = 1 })', 'invalid variable name "a b"'),
        ("encode_expr(null)", "argument must not be null"),
        ('decode_tfvars("a = ")', "invalid tfvars syntax: <decode_tfvars argument>:1,5: Missing expression"),
        ('decode_tfvars("a = b")', 'invalid expression for variable "a"'),
        ('decode_tfvars("a = upper(1)")', "Functions may not be called here"),
        ('decode_tfvars("a {\\n}\\n")', 'Unexpected "a" block'),
        ("encode_exp(1)", 'Did you mean "provider::terraform::encode_expr"?'),
    ],
)
def test_what_can_not_be_written_or_read(call: str, because: str):
    assert_fails(PREFIX + call, because)
