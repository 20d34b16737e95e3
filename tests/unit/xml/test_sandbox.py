"""A user's own template: strict, and out of reach of everything but its values."""

import pytest

from kvmform.diagnostics import DiagnosticError
from kvmform.xml.sandbox import check_user_template, markup, render_user_template

VALUES = {"name": "a<b", "memory": 512, "disks": [{"file": "/x", "xml": markup("<disk/>")}]}


def detail_of(text, values=VALUES):
    with pytest.raises(DiagnosticError) as caught:
        render_user_template(text, values)
    return caught.value.diagnostics[0].detail


def test_values_are_escaped_and_xml_is_not():
    text = "<d>{{ name }}|{{ memory * 1024 }}{{ '-' * 2 }}|"
    text += "{% for disk in disks %}{{ disk.xml }}{{ disk.file }}{% endfor %}</d>"
    assert render_user_template(text, VALUES) == "<d>a&lt;b|524288--|<disk/>/x</d>"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<d>\n{{ nmae }}</d>", "Line 2: there is no value nmae"),
        ("<d>\n{% if %}", "Line 2: "),
        ("\n\n{{ disks[0].nothing }}", "Line 3: "),
        ("\n{{ memory + 'x' }}", "Line 2: "),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{% include '/etc/passwd' %}", "/etc/passwd"),
        ("{% import 'os' as os %}", "os"),
        ("{% extends 'x' %}", "x"),
        ("{{ name.__class__.__mro__ }}", "unsafe"),
        ("{{ disks.append(1) }}", "append"),
        ("{{ cycler.__init__.__globals__ }}", "unsafe"),
        ("{% for a in range(10000000) %}x{% endfor %}", "Range too big"),
        ("{{ 'x' * 9999999 }}", "* makes more than a template may"),
        ("{{ 9 ** 9 ** 9 }}", "** makes more than a template may"),
        ("{% for a in range(90000) %}{{ 'x' * 99 }}{% endfor %}", "more than 4194304 characters"),
    ],
)
def test_what_it_can_not_do_is_told(text, words):
    assert words in detail_of(text)


def test_it_takes_no_more_than_its_time(monkeypatch):
    monkeypatch.setattr("kvmform.xml.sandbox._SECONDS", 0.1)
    assert "more than 0.1 seconds" in detail_of(
        "{% for a in many %}{% for b in many %}{% for c in many %}x{% endfor %}{% endfor %}{% endfor %}",
        {"many": list(range(1000))},
    )


def test_names_are_checked_without_values():
    check_user_template("{{ a }}{% set b = 1 %}{{ b }}", {"a"})
    with pytest.raises(DiagnosticError):
        check_user_template("{{ a }}", {"b"})
