"""Templates are strict and escape what they print."""

import sys

import jinja2
import pytest

from kvmform.xml import template
from kvmform.xml.document import Document
from kvmform.xml.template import render


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Makes a package whose only template has this text; gives its name."""

    def make(text, **more):
        folder = tmp_path / "templates_under_test"
        folder.mkdir()
        (folder / "__init__.py").touch()
        for name, content in {"main": text, **more}.items():
            (folder / f"{name}.xml.j2").write_text(content)
        monkeypatch.syspath_prepend(str(tmp_path))
        return folder.name

    template._environment.cache_clear()
    yield make
    sys.modules.pop("templates_under_test", None)
    template._environment.cache_clear()


def test_values_are_escaped(package):
    name = "a&b<'\">"
    text = render(package("<a n='{{ name }}'>{{ name }}</a>"), "main.xml.j2", {"name": name})
    document = Document.parse(text)
    assert document.get("@n") == document.root.text == name


def test_lines_of_statements_leave_no_trace(package):
    text = render(package("<a>\n  {% if x is not none %}\n  <x/>\n  {% endif %}\n</a>\n"), "main.xml.j2", {"x": None})
    assert text == "<a>\n</a>\n"


def test_bools_are_printed_as_words(package):
    assert render(package("{{ x | yes_no }} {{ x | on_off }}"), "main.xml.j2", {"x": True}) == "yes on"


@pytest.mark.parametrize("value", [None, True, False])
def test_printing_none_or_a_bool_is_an_error(package, value):
    with pytest.raises(TypeError, match="bug"):
        render(package("{{ x }}"), "main.xml.j2", {"x": value})


def test_an_unknown_name_is_an_error(package):
    with pytest.raises(jinja2.UndefinedError):
        render(package("{{ nmae }}"), "main.xml.j2", {"name": "x"})


def test_a_template_may_include_another(package):
    name = package("{% include 'templates_under_test:part.xml.j2' %}", part="<part/>")
    assert render(name, "main.xml.j2", {}) == "<part/>"
