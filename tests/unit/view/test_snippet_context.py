"""What a message says that a place is inside of."""

from __future__ import annotations

import json

import pytest

from kvmform.diagnostics import Source, error
from kvmform.lang.json_syntax import parse_json_config
from kvmform.view.diagnostics_json import diagnostic_form

TEXT = """\
top = 1
resource "libvirt_domain" "w\\"eb" {
  disk {
    size = 10
  }
}
locals { a = 1 }
"""


def form(text, part, filename="main.tf", occurrence=0):
    source = Source(filename, text)
    start = -1
    for _ in range(occurrence + 1):
        start = text.index(part, start + 1)
    return diagnostic_form(error("Wrong", "", source.range(start, start + len(part))))["snippet"]


@pytest.mark.parametrize(
    ("part", "context"),
    [
        ("top", None),
        ("resource", None),
        ("libvirt_domain", 'resource "libvirt_domain" "w\\"eb"'),
        ("10", 'resource "libvirt_domain" "w\\"eb"'),
        ("locals", None),
        ("a = 1", "locals"),
    ],
)
def test_it_is_the_top_level_block_round_the_place_before(part, context):
    assert form(TEXT, part)["context"] == context


def test_a_file_that_can_not_be_read_whole_has_contexts_too():
    assert form('block "x" {\n  a = )\n', ")")["context"] == 'block "x"'


def test_in_json_it_is_the_path():
    text = json.dumps({"resource": {"libvirt_domain": {"web": [{"disk": {"size": "${var.x}"}}]}}})
    body, problems = parse_json_config(text, "main.tf.json")
    assert not problems
    disk = body.blocks[0].body.attributes["disk"].expression
    snippet = diagnostic_form(error("Wrong", "", disk.items[0].value.range))["snippet"]
    assert snippet["context"] == "resource.libvirt_domain.web[0].disk"


def test_the_lines_go_to_where_the_range_ends():
    source = Source("main.tf", "a = 1 +\nb = 2\n")
    assert diagnostic_form(error("Wrong", "", source.range(7, 8)))["snippet"]["code"] == "a = 1 +\nb = 2"


def test_at_the_end_of_the_file_there_is_no_further_line():
    source = Source("main.tf", "a = \n")
    assert diagnostic_form(error("Wrong", "", source.range(4, 5)))["snippet"]["code"] == "a = "
