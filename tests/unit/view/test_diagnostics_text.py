"""Diagnostics as people see them."""

from kvmform.diagnostics import FunctionCall, Source, error, warning
from kvmform.struct import replace
from kvmform.view.diagnostics_json import diagnostic_form, validation_document
from kvmform.view.diagnostics_text import consolidated, diagnostic_text, summaries_text
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


def test_the_sentences_of_a_box_fit_into_a_narrow_terminal():
    problem = error("Volume already exists", "The storage pool has it already. " * 5)
    told = diagnostic_text(diagnostic_form(problem), Style(color=False), 40).splitlines()
    assert 30 < max(map(len, told)) <= 40
    wide = diagnostic_text(diagnostic_form(problem), Style(color=False), 200).splitlines()
    assert 70 < max(map(len, wide)) <= 80


CALL = Source("main.tf", "locals {\n  é = substr(\n    local.words,\n    0)\n}\n")


def test_the_box_tells_what_was_called_and_the_values():
    start = CALL.text.index("local.words")
    signature = {
        "name": "substr",
        "params": [{"name": "str", "type": "string"}],
        "variadic_param": {"name": "rest", "type": "number"},
        "return_type": "string",
    }
    problem = replace(
        error("Invalid function argument", "string required.", CALL.range(start, start + 11)),
        context=CALL.range(CALL.text.index("substr"), CALL.text.index(")") + 1),
        values=(("local.words", "is list of string with 2 elements"),),
        function=FunctionCall("substr", signature),
    )
    form = diagnostic_form(problem)
    assert form["snippet"]["code"] == "  é = substr(\n    local.words,\n    0)"
    assert form["snippet"]["function_call"] == {"called_as": "substr", "signature": signature}
    assert diagnostic_text(form, Style(color=False)) == (
        "╷\n"
        "│ Error: Invalid function argument\n"
        "│\n"
        "│   on main.tf line 3, in locals:\n"
        "│    2:   é = substr(\n"
        "│    3:     local.words,\n"
        "│           ^^^^^^^^^^^\n"
        "│    4:     0)\n"
        "│     ├────────────────\n"
        "│     │ while calling substr(str, rest...)\n"
        "│     │ local.words is list of string with 2 elements\n"
        "│\n"
        "│ string required.\n"
        "╵\n"
    )


def test_offsets_are_bytes_and_columns_are_what_people_count_as_characters():
    source = Source("main.tf", 'x = "e\u0301世" + 1\n')
    start = source.text.index("1")
    form = diagnostic_form(error("S", "", source.range(start, start + 1)))
    assert form["range"]["start"] == {"line": 1, "column": 12, "byte": 15}
    assert (form["snippet"]["highlight_start_offset"], form["snippet"]["highlight_end_offset"]) == (15, 16)
    assert diagnostic_text(form, Style(color=False)).splitlines()[-2] == "│ " + " " * 18 + "^"


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


def test_warnings_that_are_alike_are_told_once_and_errors_each():
    given = [warning("W", "Why."), error("E"), warning("W", "Why."), warning("V"), error("E"), warning("W", "Else.")]
    assert [(each.summary, each.detail) for each in consolidated(given)] == [
        ("W", "Why.\n\n(and 2 more similar warnings elsewhere)"),
        ("E", ""),
        ("V", ""),
        ("E", ""),
    ]
    assert consolidated(given[2:5])[0].detail == "Why."
    assert consolidated([given[0], given[2]])[0].detail.endswith("(and one more similar warning elsewhere)")


def test_compact_warnings_have_a_line_each_with_the_first_place_and_how_many_more():
    given = [
        warning("Quoted references", "Take them away.", subject("memroy")),
        warning("No file", "Why."),
        warning("Quoted references", "Take them away.", subject("512")),
        warning("No file", "Why not."),
        warning("Nothing to replace", "Nothing."),
    ]
    assert summaries_text(given, Style(color=False)) == (
        "Warnings:\n"
        "\n"
        "- Quoted references\n"
        "  on main.tf line 2 (and 1 more)\n"
        "- No file (and 1 more)\n"
        "- Nothing to replace\n"
        "\n"
        "To see the full warning notes, run kvmform without -compact-warnings.\n"
    )
