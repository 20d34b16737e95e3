"""`templatefile` and `templatestring`."""

from __future__ import annotations

import pytest
from function_calls import LATER, assert_fails, failure, value

from kvmform.values.equality import equal
from kvmform.values.marks import marks_in
from kvmform.values.model import SENSITIVE, UNKNOWN, Unknown
from kvmform.values.types import STRING


@pytest.fixture
def templates(tmp_path):
    """Writes a template and gives the directory it is in."""

    def write(text: str, name: str = "user-data.yml") -> str:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return str(tmp_path)

    return write


@pytest.mark.parametrize(
    ("text", "variables", "expected"),
    [
        ("no variables, $${none}\n", "{}", "no variables, ${none}\n"),
        ("hostname: ${name}\n", '{ name = "web" }', "hostname: web\n"),
        ("%{ for k in keys ~}\n- ${k}\n%{ endfor ~}\n", '{ keys = ["a", "b"] }', "- a\n- b\n"),
        ('${join(",", [for k, v in hosts : "${k}=${v}"])}', "{ hosts = tomap({ a = 1 }) }", "a=1"),
        ("%{ if big }big%{ else }small%{ endif }", "{ big = false }", "small"),
        ("${list}", "{ list = [1] }", (1,)),
        ("é ${x}", 'tomap({ x = "y" })', "é y"),
    ],
)
def test_templatefile(templates, text, variables, expected):
    directory = templates(text)
    assert equal(value(f'templatefile("user-data.yml", {variables})', directory=directory), expected)


@pytest.mark.parametrize(
    ("text", "call", "because"),
    [
        ("${a}${b}", 'templatefile("t", { a = 1 })', 'vars map does not contain key "b", referenced at t:1,7'),
        ("${[for x in l : x + y]}", 'templatefile("t", { l = [] })', 'does not contain key "y"'),
        ("%{ for i, x in l }${i}${z}%{ endfor }", 'templatefile("t", { l = [] })', 'does not contain key "z"'),
        ("${path.module}", 'templatefile("t", {})', 'does not contain key "path"'),
        ("", 'templatefile("t", [1])', "invalid vars value: must be a map"),
        ("", 'templatefile("t", { "a b" = 1 })', 'invalid template variable name "a b": must start with a letter'),
        ("", 'templatefile("t", { "-a" = 1 })', 'invalid template variable name "-a"'),
        ("", 'templatefile("t", null)', "argument must not be null"),
        ("", 'templatefile("nosuch", {})', 'no file exists at "nosuch"'),
        ("${", 'templatefile("t", {})', "failed: t:1,"),
        ("\n${upper(1, 2)}", 'templatefile("t", {})', "failed: t:2,12: Too many function arguments; Function"),
        (
            '${templatefile("t", {})}',
            'templatefile("t", {})',
            "cannot recursively call templatefile from inside another",
        ),
    ],
)
def test_templates_that_fail(templates, text, call, because):
    directory = templates(text, "t")
    assert_fails(call, because, directory=directory)


def test_what_is_wrong_with_the_variables_is_pointed_at_there(templates):
    directory = templates("${a}", "t")
    assert failure('templatefile("t", {})', directory=directory).subject.text == "{"
    assert failure('templatefile("nosuch", {})').subject.text == "nosuch"


@pytest.mark.parametrize(
    ("text", "call", "because"),
    [
        ("", 'templatefile("nosuch", { a = sensitive("hunter2") })', 'no file exists at "nosuch"'),
        ("${", 'templatefile("t", { a = sensitive("hunter2") })', "t:1,"),
        ("${b}", 'templatefile("t", { a = sensitive("hunter2") })', 'does not contain key "b"'),
    ],
)
def test_what_is_wrong_with_a_template_is_told_when_variables_are_sensitive(templates, text, call, because):
    directory = templates(text, "t")
    assert_fails(call, because, directory=directory)


def test_what_is_wrong_inside_of_a_template_is_not_told_when_variables_are_sensitive(templates):
    directory = templates("${parseint(a, 10)}", "t")
    detail = failure('templatefile("t", { a = sensitive("hunter2") })', directory=directory).detail
    assert "hunter2" not in detail
    assert "an argument is sensitive" in detail
    assert "nosuch" not in failure('templatefile(sensitive("nosuch"), {})', directory=directory).detail


def test_a_name_with_a_hyphen_or_underscore_is_a_variable(templates):
    directory = templates("${my-name}${_x}", "t")
    assert value('templatefile("t", { my-name = "a", _x = "b" })', directory=directory) == "ab"


def test_unknown_variables_make_unknown_texts(templates):
    directory = templates("name: ${x}", "t")
    result = value('templatefile("t", { x = x })', directory=directory, x=LATER)
    assert result == Unknown(STRING, not_null=True, prefix="name: ")
    assert value('templatefile("t", x)', directory=directory, x=UNKNOWN) == UNKNOWN
    assert value("templatefile(x, {})", x=LATER) == UNKNOWN


def test_secret_variables_make_secret_texts(templates):
    directory = templates("${x}", "t")
    assert marks_in(value('templatefile("t", { x = sensitive("s") })', directory=directory)) == {SENSITIVE}
    assert marks_in(value('templatefile(sensitive("t"), { x = 1 })', directory=directory)) == {SENSITIVE}


@pytest.mark.parametrize("reference", ["t", "d.text", 'd["text"]', "l[0]"])
def test_templatestring_renders_what_it_is_referred_to(reference):
    text = "Hello, ${name}!"
    names = {"t": text, "d": {"text": text}, "l": (text,)}
    assert value(f'templatestring({reference}, {{ name = "web" }})', **names) == "Hello, web!"


def test_templatestring_always_makes_a_string():
    assert value("templatestring(t, { x = true })", t="${x}") == "true"
    assert_fails("templatestring(t, { x = [1] })", "invalid template result: string required", t="${x}")


@pytest.mark.parametrize(
    ("call", "because"),
    [
        ('templatestring("Hi, $${name}", {})', "does not support providing a literal template"),
        ('templatestring("Hi, ${t}", {})', "does not support providing a literal template"),
        ('templatestring("${t}", {})', "write the reference expression directly"),
        ("templatestring(upper(t), {})", "must be a direct reference to a single string from elsewhere"),
        ("templatestring(l[n], {})", "must be a direct reference"),
        ("templatestring(n, {})", "invalid template value: a string is required"),
        ("templatestring(l, {})", "invalid template value: a string is required"),
        ("templatestring(nothing, {})", "invalid template value: a string is required"),
        ("templatestring(t, {})", 'vars map does not contain key "name"'),
        ("templatestring(t, 1)", "invalid vars value: must be a map"),
        ("templatestring(t, null)", "argument must not be null"),
        ("templatestring(bad, {})", "invalid template: <templatestring argument>:1,"),
        ("templatestring(nested, { t = t })", "cannot recursively call templatestring from inside another"),
        ("templatestring(t)", 'Missing value for "vars"'),
    ],
)
def test_wrong_uses_of_templatestring(call, because):
    names = {"t": "${name}", "l": ("x",), "n": 0, "bad": "${", "nothing": None, "nested": "${templatestring(t, {})}"}
    assert_fails(call, because, **names)


def test_templatestring_of_what_is_unknown_or_secret():
    assert value("templatestring(t, {})", t=LATER) == Unknown(STRING, not_null=True)
    assert value("templatestring(t, x)", t="a", x=UNKNOWN) == Unknown(STRING, not_null=True)
    assert value("templatestring(t, { x = x })", t="a${x}", x=LATER).type == STRING
    rendered = value('templatestring(d.t, { x = sensitive("s") })', d={"t": "${x}"})
    assert marks_in(rendered) == {SENSITIVE}
