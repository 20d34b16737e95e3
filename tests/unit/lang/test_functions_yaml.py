"""`yamlencode` and `yamldecode`."""

from __future__ import annotations

import pytest
import yaml
from function_calls import LATER, assert_fails, assert_gives, value

from kvmform.lang.functions import yaml_writing
from kvmform.values.equality import equal
from kvmform.values.model import UNKNOWN, Unknown
from kvmform.values.number import INFINITY, NEGATIVE_INFINITY
from kvmform.values.types import STRING

LONG = "runcmd: [ sh, -c, echo that this line is longer than the eighty columns of libyaml and so is broken in two ]"


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ('{ b = [1, "a", true, null], a = {} }', '"a": {}\n"b":\n- 1\n- "a"\n- true\n- null\n'),
        ("[[1, 2], [], { a = [3] }]", '- - 1\n  - 2\n- []\n- "a":\n  - 3\n'),
        ('tomap({ "1" = "yes" })', '"1": "yes"\n'),
        ('toset(["b", "a"])', '- "a"\n- "b"\n'),
        ('"a"', '"a"\n'),
        ('""', '""\n'),
        ("1.5", "1.5\n...\n"),
        ("null", "null\n...\n"),
        ("false", "false\n...\n"),
        ("1 / 0", "+Inf\n...\n"),
        ("-1 / 0", "-Inf\n...\n"),
        ('{ a = "#!/bin/sh\\necho hi\\n" }', '"a": |\n  #!/bin/sh\n  echo hi\n'),
        ('{ a = "x\\ny" }', '"a": |-\n  x\n  y\n'),
        ('{ a = " x\\n\\n" }', '"a": |2+\n   x\n\n'),
        ('"the end...\\n"', "|\n  the end...\n"),
        ('{ a = "x\\n\\n", b = "..." }', '"a": |+\n  x\n\n"b": "..."\n'),
        ('["x \\ny", "tab\\there\\nx"]', '- "x \\ny"\n- "tab\\there\\nx"\n'),
        ('{ a = "é \\"q\\" \\\\ \\u0007 \\u00a0" }', '"a": "é \\"q\\" \\\\ \\a \u00a0"\n'),
        ("1e30", "1" + "0" * 30 + "\n...\n"),
    ],
)
def test_yamlencode(expression, text):
    assert value(f"yamlencode({expression})") == text


@pytest.mark.skipif(not yaml.__with_libyaml__, reason="PyYAML was built without libyaml")
def test_long_lines_are_broken_as_libyaml_does():
    written = value("yamlencode({ a = x })", x=LONG)
    assert written.splitlines() == [f'"a": "{LONG[: LONG.index(" and so")]}', '  and so is broken in two ]"']


def test_without_libyaml_the_meaning_is_the_same(monkeypatch):
    monkeypatch.setattr(yaml_writing, "DUMPER", yaml.SafeDumper)
    document = value("{ a = [x, 1], b = { c = null } }", x=LONG)
    assert yaml.safe_load(yaml_writing.write_document(document)) == {"a": [LONG, 1], "b": {"c": None}}


def test_a_document_that_is_not_known_in_full_is_unknown():
    assert value("yamlencode([x])", x=LATER) == Unknown(STRING)
    assert value("yamldecode(x)", x=LATER) == UNKNOWN


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: [x, 'y', \"z\\n\"]\n", '{ a = 1, b = ["x", true, "z\\n"] }'.replace("true", '"y"')),
        ("- 1\n- {a: b}\n- - 2\n", '[1, { a = "b" }, [2]]'),
        ("--- a\n", '"a"'),
        ("[yes, No, on, OFF, y, N, true, False]", "[true, false, true, false, true, false, true, false]"),
        ("['yes', \"no\", oFF]", '["yes", "no", "oFF"]'),
        ("[~, null, Null, NULL, '']", '[null, null, null, null, ""]'),
        ("a:\n", "{ a = null }"),
        (
            "[1, -2, +3, 017, 0o17, 0x1F, 1.5, .5, 5., 1e3, -1.5e-3]",
            "[1, -2, 3, 17, 15, 31, 1.5, 0.5, 5, 1000, -0.0015]",
        ),
        (
            "[1_000, 0b11, -0x1F, '1', 12:30, 1.2.3, +, -, 1e]",
            '["1_000", "0b11", "-0x1F", "1", "12:30", "1.2.3", "+", "-", "1e"]',
        ),
        ("12345678901234567890", "12345678901234567890"),
        ("[2001-12-14, 2001-1-2 3:4:5]", '["2001-12-14T00:00:00Z", "2001-01-02T03:04:05Z"]'),
        ("[2001-12-14t21:59:43.1-05:00, 2001-12-14T1:2:3Z]", '["2001-12-14T21:59:43-05:00", "2001-12-14T01:02:03Z"]'),
        (
            "[2001-13-14, 2001-12-14T1:2:3, 2001-12-14 1:2:3Z]",
            '["2001-13-14", "2001-12-14T1:2:3", "2001-12-14 1:2:3Z"]',
        ),
        ("a: |\n  yes\n  x\nb: >-\n  p\n  q\nc: |-\n  yes\n", '{ a = "yes\\nx\\n", b = "p q", c = "yes" }'),
        ("1: a\ntrue: b\n1.50: c\n", '{ "1" = "a", "true" = "b", "1.5" = "c" }'),
        ("a: 1\na: 2\n", "{ a = 2 }"),
        ("a: &x [1]\nb: *x\n", "{ a = [1], b = [1] }"),
        ("a: &x {k: v}\nb:\n  k: w\n  <<: *x\n  z: 1\n", '{ a = { k = "v" }, b = { k = "v", z = 1 } }'),
        ("!!map {a: !!seq [!!str 5]}", '{ a = ["5"] }'),
        ("[!!int 5, !!float 1_000, !!float 0x1F, !!bool yes, !!null x, !!int '5']", '[5, 1000, 31, true, null, "5"]'),
        ("[!!timestamp 2001-01-01, !!binary aGk=, !!str ]", '["2001-01-01T00:00:00Z", "aGk=", ""]'),
        ("e\u0301: e\u0301", '{ é = "é" }'),
    ],
)
def test_yamldecode(text, expected):
    assert_gives("yamldecode(x)", expected, x=text)


def test_infinite_words():
    assert equal(value("yamldecode(x)", x="[.inf, +.INF, -.Inf]"), (INFINITY, INFINITY, NEGATIVE_INFINITY))


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("", "the text has no document"),
        ("# only a comment\n", "the text has no document"),
        ("--- 1\n--- 2\n", "only a single document is allowed"),
        ("%YAML 1.2\n---\na: 1\n", "found incompatible YAML document"),
        ("[a, b", "did not find expected ',' or ']'"),
        ("a: b: c", "on line 1, column 5: mapping values are not allowed in this context"),
        ("a: *x", 'reference to undefined anchor "x"'),
        ("&a [*a]", 'cannot refer to anchor "a" from inside its own definition'),
        ("? [a]\n: b\n", "only strings are allowed as mapping keys"),
        ("null: 1", "mapping key cannot be null"),
        ("<<: 1", "cannot merge number into mapping"),
        (".nan", "floating point NaN is not supported"),
        ("!foo x", 'unsupported tag "!foo"'),
        ("!!set {a}", "can't interpret mapping as tag:yaml.org,2002:set"),
        ("!!omap [a: 1]", "can't interpret sequence as tag:yaml.org,2002:omap"),
        ("!!int x", 'cannot parse "x" as tag:yaml.org,2002:int'),
        ("!!bool x", 'cannot parse "x" as tag:yaml.org,2002:bool'),
        ("!!timestamp x", 'cannot parse "x" as tag:yaml.org,2002:timestamp'),
        ("!!binary '!'", "not valid base64"),
        ("a: \x01", "control characters are not allowed"),
        ("[" * 5000 + "]" * 5000, "too many lists and maps inside each other"),
    ],
)
def test_what_has_no_value(text, because):
    assert_fails("yamldecode(x)", because, x=text)
