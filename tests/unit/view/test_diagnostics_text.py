"""Diagnostics as people see them."""

from kvmform.diagnostics import Source, error
from kvmform.view.diagnostics_json import diagnostic_form, validation_document
from kvmform.view.diagnostics_text import diagnostic_text
from kvmform.view.style import Style

SOURCE = Source("main.tf", 'resource "libvirt_domain" "web" {\n  memroy = 512\n}\n')


def subject(word):
    start = SOURCE.text.index(word)
    return SOURCE.range(start, start + len(word))


def test_the_box_has_place_caret_and_way_out():
    problem = error("Unsupported argument", 'Did you mean "memory"?', subject("memroy"), address="libvirt_domain.web")
    assert diagnostic_text(diagnostic_form(problem), Style(color=False)) == (
        "╷\n"
        "│ Error: Unsupported argument\n"
        "│\n"
        "│   with libvirt_domain.web,\n"
        '│   on main.tf line 2, in resource "libvirt_domain" "web":\n'
        "│    2:   memroy = 512\n"
        "│         ^^^^^^\n"
        "│\n"
        '│ Did you mean "memory"?\n'
        "╵\n"
    )


def test_without_detail_only_the_summary_is_shown():
    assert diagnostic_text(diagnostic_form(error("Cancelled")), Style(color=False)) == "╷\n│ Error: Cancelled\n╵\n"


def test_long_sentences_are_wrapped_and_listings_are_not():
    listing = "  " + "x" * 90
    text = diagnostic_text(diagnostic_form(error("S", "word " * 40 + "\n" + listing)), Style(color=False))
    assert listing in text
    assert max(len(line) for line in text.splitlines() if "xxx" not in line) <= 80


def test_the_range_of_a_diagnostic_counts_lines_columns_and_bytes():
    form = diagnostic_form(error("S", "", subject("512")))
    assert form["range"]["start"] == {"line": 2, "column": 12, "byte": 45}
    assert form["snippet"]["highlight_start_offset"] == 11
    assert form["snippet"]["highlight_end_offset"] == 14


def test_the_validation_document_counts():
    document = validation_document([error("A"), error("B")])
    assert (document["valid"], document["error_count"], document["warning_count"]) == (False, 2, 0)


def test_colour_is_only_written_where_it_is_wanted():
    form = diagnostic_form(error("S"))
    assert "\033[" not in diagnostic_text(form, Style(color=False))
    assert "\033[" in diagnostic_text(form, Style(color=True))
